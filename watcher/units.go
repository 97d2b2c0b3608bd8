package watcher

import (
	"strconv"
	"strings"
	"time"
)

// tariff is what a provider charges, in its own units.
type tariff struct {
	host   string            // the provider's hosts end with it
	other  uint64            // a call of a method that is not listed
	method map[string]uint64 // calls that cost something else
	pushed uint64            // a notification, whatever its size
	perKB  uint64            // a notification, for every 1,000 bytes
}

// plain is for a provider that is not listed, a node of one's own among them: a unit a call.
var plain = tariff{other: 1, pushed: 1}

// tariffs are the providers whose own tables could be read, in November 2026. The longer host stands first. Those that count
// one unit for each call of a full node need no row: Chainstack, Tenderly, Google's Blockchain RPC.
var tariffs = []tariff{
	// alchemy.com/docs/reference/compute-unit-costs: compute units. Subscriptions cost 0.04 for each byte.
	{host: ".alchemy.com", other: 20, perKB: 40, method: map[string]uint64{
		methodChainID: 0, methodSyncing: 0, methodSubscribe: 10, "eth_sendRawTransaction": 40,
	}},
	// docs.metamask.io/services/get-started/pricing/credit-cost: credits. 80 is what a method costs that the table does not
	// have; here it stands for every one, so that it is an upper bound.
	{host: ".infura.io", other: 80, pushed: 80, method: map[string]uint64{methodSubscribe: 5}},
	// quicknode.com/api-credits: one price for all methods of a chain. Every response on a WebSocket counts
	// (support.quicknode.com, "credits limited to X/sec").
	{host: ".celo-mainnet.quiknode.pro", other: 40, pushed: 40},
	{host: ".scroll-mainnet.quiknode.pro", other: 30, pushed: 30},
	{host: ".zksync-mainnet.quiknode.pro", other: 30, pushed: 30},
	{host: ".quiknode.pro", other: 20, pushed: 20},
	// ankr.com/docs/rpc-service/pricing: API credits.
	{host: ".ankr.com", other: 200, pushed: 100},
	// docs.nodereal.io/docs/compute-units-cus: compute units. It lists no price for notifications.
	{host: ".nodereal.io", other: 15, pushed: 15, method: map[string]uint64{
		methodChainID: 5, methodSyncing: 5, methodSubscribe: 10, "eth_getTransactionCount": 25, "eth_sendRawTransaction": 150,
	}},
}

// tariffOf gives what the provider at a host charges. The host may have a port.
func tariffOf(host string) tariff {
	host, _, _ = strings.Cut(strings.ToLower(host), ":")
	for _, t := range tariffs {
		if strings.HasSuffix("."+host, t.host) {
			return t
		}
	}
	return plain
}

func (t *tariff) call(method string) uint64 {
	if units, listed := t.method[method]; listed {
		return units
	}
	return t.other
}

func (t *tariff) notification(bytes int) uint64 {
	return t.pushed + uint64(bytes)*t.perKB/1000
}

func (t *tariff) calls(questions []question) (units uint64) {
	for _, q := range questions {
		units += t.call(q.method)
	}
	return units
}

// rate is what an endpoint costs in units a second when it is asked for the head this often, and for what changes slowly
// no more often than every L1 slot.
func rate(head, slow uint64, every time.Duration) float64 {
	return float64(head)/every.Seconds() + float64(slow)/max(every, l1Slot).Seconds()
}

// Grouped writes 1234567 as "1,234,567".
func Grouped(n uint64) string {
	digits := strconv.FormatUint(n, 10)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}
