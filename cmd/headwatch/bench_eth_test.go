package main

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/ethereum/go-ethereum/rpc"
)

// playedEth is what a chain answers. The rpc server calls its methods by their names.
type playedEth struct{ chain *playedChain }

// ChainId serves eth_chainId.
func (e playedEth) ChainId() string { return fmt.Sprintf("0x%x", e.chain.ID) }

// Syncing serves eth_syncing.
func (playedEth) Syncing() bool { return false }

// GetTransactionByBlockNumberAndIndex serves the method of that name, and knows no transaction.
func (playedEth) GetTransactionByBlockNumberAndIndex(_, _ string) *struct{} { return nil }

// GetBlockByNumber serves the method of that name.
func (e playedEth) GetBlockByNumber(tag string, _ bool) json.RawMessage {
	e.chain.mu.Lock()
	n := e.chain.number
	e.chain.mu.Unlock()
	switch tag {
	case "safe":
		n -= 20
	case "finalized":
		n -= 400
	}
	return json.RawMessage("{" + e.chain.header(n) + transactions + "}")
}

// NewHeads serves eth_subscribe.
func (e playedEth) NewHeads(ctx context.Context) (*rpc.Subscription, error) {
	notifier, ok := rpc.NotifierFromContext(ctx)
	if !ok {
		return nil, rpc.ErrNotificationsUnsupported
	}
	sub := notifier.CreateSubscription()
	e.chain.mu.Lock()
	defer e.chain.mu.Unlock()
	e.chain.subs = append(e.chain.subs, func(header json.RawMessage) { _ = notifier.Notify(sub.ID, header) })
	return sub, nil
}

// header has all that a real one has.
func (c *playedChain) header(n uint64) string {
	return fmt.Sprintf(`"number":"0x%x","hash":%q,"parentHash":%q,"timestamp":"0x%x",`, n, c.hash(n), c.hash(n-1), c.time(n).Unix()) + restOfHeader
}

func (c *playedChain) hash(n uint64) string { return fmt.Sprintf("0x%048x%016x", c.ID, n) }

// A block has 200 hashes of transactions, and 15 KB with them.
var (
	noHash       = `"0x` + strings.Repeat("0", 64) + `"`
	transactions = `,"transactions":[` + strings.Join(slices.Repeat([]string{noHash}, 200), ",") + `]`
	restOfHeader = `"baseFeePerGas":"0x40921f0","blobGasUsed":"0x0","difficulty":"0x0","excessBlobGas":"0x0","extraData":"0x",` +
		`"gasLimit":"0x1c9c380","gasUsed":"0x5948","logsBloom":"0x` + strings.Repeat("0", 512) + `",` +
		`"miner":"0x4200000000000000000000000000000000000011","mixHash":` + noHash + `,"nonce":"0x0000000000000000",` +
		`"parentBeaconBlockRoot":` + noHash + `,"receiptsRoot":` + noHash + `,"sha3Uncles":` + noHash + `,"stateRoot":` + noHash +
		`,"transactionsRoot":` + noHash + `,"withdrawalsRoot":` + noHash
)
