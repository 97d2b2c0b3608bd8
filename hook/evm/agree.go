package evm

import (
	"math/big"
	"slices"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/core/types"
	"github.com/ethereum/go-ethereum/crypto"
)

// majority gives the value that more than half of the replies have.
func majority[T comparable](replies []reply[T]) (T, bool) {
	count := map[T]int{}
	for _, r := range replies {
		count[r.value]++
		if count[r.value] > len(replies)/2 {
			return r.value, true
		}
	}
	var none T
	return none, false
}

// middle gives the middle one of some numbers, of two middle ones the higher: one liar moves it no further than to the next
// honest number.
func middle[T any](replies []reply[T], of func(T) *big.Int) *big.Int {
	all := make([]*big.Int, 0, len(replies))
	for _, r := range replies {
		if v := of(r.value); v != nil {
			all = append(all, v)
		}
	}
	if len(all) == 0 {
		return nil
	}
	slices.SortFunc(all, (*big.Int).Cmp)
	return all[len(all)/2]
}

func numbers[T any](replies []reply[T], of func(T) uint64) []uint64 {
	all := make([]uint64, len(replies))
	for i, r := range replies {
		all[i] = of(r.value)
	}
	return all
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
		if !sound(receipt) {
			continue
		}
		number := receipt.BlockNumber.Uint64()
		id := identity(receipt)
		depths[id] = append(depths[id], max(r.head, number)-number+1)
	}
	for _, r := range replies {
		if receipt := of(r.value); sound(receipt) {
			if d := depths[identity(receipt)]; len(d) > len(replies)/2 {
				return confirmed{receipt, reached(len(replies), d)}, true
			}
		}
	}
	return confirmed{}, false
}

// sound reports whether a node's receipt has what is read of it.
func sound(r *types.Receipt) bool {
	return r != nil && r.BlockNumber != nil && r.BlockNumber.IsUint64() && !slices.Contains(r.Logs, nil)
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
