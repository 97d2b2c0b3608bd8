// Package headwatch holds the words that every other package speaks: heads, observations, assessments, transitions,
// notices. It has types, their names and their encodings, and nothing else: no clock, no network, no decision, no import
// outside the standard library.
//
// One observation travels through the program in these words:
//
//	endpoint -> Observation -> View -> Assessment -> Transition -> journal -> Notice -> hook | alert | subscriber
//
// Zero means unknown. Absent is a nil pointer or a missing key, never the number 0.
package headwatch

import "time"

// Tag names one of the heads that a chain has at any instant.
type Tag uint8

// The heads of an L2. Unsafe is the sequencer's tip (block tag "latest"), Safe is derived from batches that are on L1,
// Finalized from batches on finalized L1, Proven has a validity proof on L1 (ZK rollups only). Invariant of a sane chain:
// finalized <= proven <= safe <= unsafe, as far as each is known.
const (
	Unsafe Tag = iota + 1
	Safe
	Finalized
	Proven
)

// Head is one block as a watchdog needs it.
type Head struct {
	Number  uint64    `json:"number"`
	Hash    string    `json:"hash"`
	Parent  string    `json:"parent,omitempty"`
	Time    time.Time `json:"time"`               // the block's own timestamp
	UserTxs *int      `json:"user_txs,omitempty"` // transactions that users sent; nil when not counted
	GasUsed *uint64   `json:"gas_used,omitempty"` // by all of its transactions; nil when not said
}

// Observation is what one endpoint said at one instant. A failed poll is data: Err is set and Heads is empty.
type Observation struct {
	Chain    string
	Endpoint string
	At       time.Time // when the answer was complete here; carries the monotonic clock when live
	Latency  time.Duration
	Pushed   bool         // came by subscription, not by a poll
	Heads    map[Tag]Head // absent when not heard
	Origin   *Head        // L1 block that the unsafe head was built on; only Number is sure to be set
	HeadL1   *Head        // the rollup node's own L1 head
	Past     *Head        // the block that was asked for by number; nil when none was, or the endpoint does not have it
	Syncing  bool         // the node says that it is syncing
	ChainID  uint64       // verified on this connection; 0 when not asked or not answered
	Err      error        // a *Fault where the answer was bad; never holds a URL

	SafeOrigin *Head              // L1 block that the safe head was derived from; only Number and Hash are sure to be set
	Window     uint64             // sequencing window in L1 blocks, as the rollup node is configured; 0 when not heard
	Accounts   map[string]Account // accounts on this chain that were asked for, by address in lower case
	Alive      bool               // the sequencer itself answered, without a block: it refused the active probe, or its feed brought a message
	Reading    *Reading           // what an API endpoint said
	Date       time.Time          // the server's own clock, to the second; zero when it did not say
	Expires    time.Time          // when the server's certificate ends; zero without TLS
	Every      time.Duration      // how long until the next answer is due while all is well; 0 when that is the endpoint's interval

	// Hook names the hook that this is about instead of an endpoint: whether it would work if it had to fire now, nil in Err
	// for yes. Nothing else is set but Chain and At.
	Hook string
}

// Account is what an L1 knows of an address.
type Account struct {
	Balance *uint64 // in gwei; nil when not heard
	Nonce   *uint64 // transactions sent from it; nil when not heard
}

// Reading is one value that an API endpoint reports: a time of its own, or a counter. One of the two is set.
type Reading struct {
	Time  time.Time
	Count *uint64
}
