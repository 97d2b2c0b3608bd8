package evm

import (
	"context"
	"math/big"
	"slices"
	"sync"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/common/hexutil"
	"github.com/ethereum/go-ethereum/core/types"
	"github.com/ethereum/go-ethereum/crypto"
)

// counts are what a node says of an account's nonces.
type counts struct {
	latest  uint64 // used at its head
	pending uint64 // with what waits in its pool
	deep    uint64 // used in a block with as many confirmations as were asked for
}

// census is what the nodes of a chain say of an account and of some transactions.
type census struct {
	Head     uint64 // that a majority has reached
	Latest   uint64
	Pending  uint64
	Deep     uint64
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
		Latest:   middle(replies, func(v said) *big.Int { return new(big.Int).SetUint64(v.latest) }).Uint64(),
		Deep:     middle(replies, func(v said) *big.Int { return new(big.Int).SetUint64(v.deep) }).Uint64(),
		Pending:  free(replies, func(v said) uint64 { return max(v.pending, v.latest) }),
		Receipts: map[common.Hash]confirmed{},
	}
	for i, tx := range txs {
		if r, ok := agreed(replies, func(v said) *types.Receipt { return v.receipts[i] }); ok {
			c.Receipts[tx] = r
		}
	}
	return c, nil
}

// receipts asks for transactions alone.
func (s *Nodes) receipts(ctx context.Context, txs ...common.Hash) (census, error) {
	return s.look(ctx, common.Address{}, 1, txs)
}

func heads[T any](replies []reply[T]) []uint64 {
	all := make([]uint64, len(replies))
	for i, r := range replies {
		all[i] = r.head
	}
	return all
}

// reached gives the number that more than half of some voices reach, 0 when they are too few.
func reached(voices int, numbers []uint64) uint64 {
	if len(numbers) <= voices/2 {
		return 0
	}
	slices.Sort(numbers)
	slices.Reverse(numbers)
	return numbers[voices/2]
}

// free gives the next nonce of an account: the highest that the operators say, or with three and more the highest that two of
// them reach. One that is too high would wait for ever behind a nonce that nobody sends, so one liar must not choose it.
func free[T any](replies []reply[T], of func(T) uint64) uint64 {
	all := make([]uint64, len(replies))
	for i, r := range replies {
		all[i] = of(r.value)
	}
	slices.Sort(all)
	if len(all) > 2 {
		return all[len(all)-2]
	}
	return all[len(all)-1]
}

// agreed gives the receipt that more than half of the replies have.
func agreed[T any](replies []reply[T], of func(T) *types.Receipt) (confirmed, bool) {
	depths := map[common.Hash][]uint64{}
	for _, r := range replies {
		receipt := of(r.value)
		if receipt == nil || receipt.BlockNumber == nil || !receipt.BlockNumber.IsUint64() {
			continue
		}
		number := receipt.BlockNumber.Uint64()
		id := identity(receipt)
		depths[id] = append(depths[id], max(r.head, number)-number+1)
	}
	for _, r := range replies {
		if receipt := of(r.value); receipt != nil && receipt.BlockNumber != nil {
			if d := depths[identity(receipt)]; len(d) > len(replies)/2 {
				return confirmed{receipt, reached(len(replies), d)}, true
			}
		}
	}
	return confirmed{}, false
}

// identity is the same for two receipts that say the same.
func identity(r *types.Receipt) common.Hash {
	parts := [][]byte{r.TxHash[:], r.BlockHash[:], r.BlockNumber.Bytes(), {byte(r.Status)}}
	for _, log := range r.Logs {
		parts = append(parts, log.Address[:], log.Data, []byte{byte(log.Index >> 8), byte(log.Index)})
		for _, topic := range log.Topics {
			parts = append(parts, topic[:])
		}
	}
	return crypto.Keccak256Hash(parts...)
}
