package evm

import (
	"context"
	"slices"
	"sync"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/common/hexutil"
	"github.com/ethereum/go-ethereum/core/types"
)

// counts are what a node says of an account's nonces.
type counts struct {
	latest  uint64 // used at its head
	pending uint64 // with what waits in its pool
	deep    uint64 // used in a block with as many confirmations as were asked for
}

// plausible is how many more transactions of an account one node may know than another.
const plausible = 16

// census is what the nodes of a chain say of an account and of some transactions.
type census struct {
	Head     uint64 // that a majority has reached
	Latest   uint64 // the same
	Pending  uint64
	Disputed bool                      // Pending is the word of one of two operators against the other, and a third did not answer
	Deep     uint64                    // that more than half of all operators say, those that are silent too: it ends a delivery
	Receipts map[common.Hash]confirmed // those that a majority has
}

// confirmed is a receipt that a majority of the operators that answer has, word for word.
type confirmed struct {
	*types.Receipt
	Depth uint64 // that a majority of them has
}

// look asks for an account's nonces and for transactions, of each node after its head: what it says is at least that new.
func (s *Nodes) look(ctx context.Context, account common.Address, confirmations uint64, txs []common.Hash) (census, error) {
	type said struct {
		counts
		receipts []*types.Receipt // one for each of txs
	}
	replies, err := poll(ctx, s, func(ctx context.Context, n *node, head uint64) (said, error) {
		v := said{receipts: make([]*types.Receipt, len(txs))}
		errs := make([]error, 3+len(txs))
		var asking sync.WaitGroup
		deep := head + 1 - min(confirmations, head+1)
		for i, at := range []string{"latest", "pending", hexutil.EncodeUint64(deep)} {
			into := []*uint64{&v.latest, &v.pending, &v.deep}[i]
			asking.Go(func() { errs[i] = n.get(ctx, (*hexutil.Uint64)(into), "eth_getTransactionCount", account, at) })
		}
		for i, tx := range txs {
			asking.Go(func() { errs[3+i] = n.get(ctx, &v.receipts[i], "eth_getTransactionReceipt", tx) })
		}
		asking.Wait()
		for _, err := range errs {
			if err != nil {
				return v, err
			}
		}
		return v, nil
	})
	if err != nil {
		return census{}, err
	}
	c := census{
		Head:     reached(len(replies), heads(replies)),
		Latest:   reached(len(replies), numbers(replies, func(v said) uint64 { return v.latest })),
		Deep:     reached(s.peers, numbers(replies, func(v said) uint64 { return v.deep })),
		Pending:  free(replies, func(v said) uint64 { return max(v.pending, v.latest) }),
		Receipts: map[common.Hash]confirmed{},
	}
	next := numbers(replies, func(v said) uint64 { return max(v.pending, v.latest) })
	c.Disputed = s.peers > 2 && len(next) == 2 && slices.Max(next)-slices.Min(next) > plausible
	for i, tx := range txs {
		if r, ok := agreed(replies, func(v said) *types.Receipt { return v.receipts[i] }); ok {
			c.Receipts[tx] = r
		}
	}
	return c, nil
}
