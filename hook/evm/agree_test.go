package evm

import (
	"math/big"
	"testing"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/core/types"
	"pgregory.net/rapid"
)

func replies[T any](values ...T) []reply[T] {
	all := make([]reply[T], len(values))
	for i, v := range values {
		all[i] = reply[T]{node: &node{name: string(rune('a' + i))}, value: v}
	}
	return all
}

func TestOneLiarChoosesNoNonce(t *testing.T) {
	of := func(v uint64) uint64 { return v }
	for _, tc := range []struct {
		said []uint64
		want uint64
	}{
		{[]uint64{5}, 5}, {[]uint64{5, 6}, 6}, {[]uint64{5, 6, 6}, 6}, {[]uint64{5, 5, 9999}, 5}, {[]uint64{5, 6, 9999}, 6}, {[]uint64{0, 6, 6}, 6},
	} {
		if got := free(replies(tc.said...), of); got != tc.want {
			t.Errorf("%v give %d, want %d", tc.said, got, tc.want)
		}
	}
}

func TestTheMiddleIsOfTheHonest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		honest := rapid.SliceOfN(rapid.Int64Range(100, 200), 2, 5).Draw(t, "honest")
		lies := rapid.SliceOfN(rapid.Int64(), 0, len(honest)-1).Draw(t, "lies")
		got := middle(replies(append(honest, lies...)...), big.NewInt).Int64()
		if got < 100 || got > 200 {
			t.Fatalf("the middle is %d", got)
		}
	})
	if got := middle(replies(1, 2), func(int) *big.Int { return nil }); got != nil {
		t.Errorf("nothing said gives %d", got)
	}
}

func TestAMajorityIsMoreThanHalf(t *testing.T) {
	if v, ok := majority(replies("a", "b", "a")); v != "a" || !ok {
		t.Errorf("%q, %t", v, ok)
	}
	for _, split := range [][]string{{"a", "b"}, {"a", "b", "c"}, {}} {
		if v, ok := majority(replies(split...)); ok {
			t.Errorf("%v give %q", split, v)
		}
	}
}

func TestAReceiptNeedsAMajorityAndItsDepth(t *testing.T) {
	receipt := func(block byte) *types.Receipt {
		return &types.Receipt{Status: 1, BlockHash: common.Hash{block}, BlockNumber: big.NewInt(10)}
	}
	of := func(r *types.Receipt) *types.Receipt { return r }
	at := func(r []reply[*types.Receipt], heads ...uint64) []reply[*types.Receipt] {
		for i := range r {
			r[i].head = heads[i]
		}
		return r
	}
	for name, tc := range map[string]struct {
		replies []reply[*types.Receipt]
		depth   uint64 // 0 for no receipt
	}{
		"all":                      {at(replies(receipt(1), receipt(1), receipt(1)), 12, 11, 10), 2},
		"two of three":             {at(replies(receipt(1), receipt(1), nil), 12, 11, 12), 2},
		"one of three":             {at(replies(receipt(1), nil, nil), 12, 12, 12), 0},
		"of two blocks":            {at(replies(receipt(1), receipt(2)), 12, 12), 0},
		"of a liar with a head":    {at(replies(receipt(1), receipt(1), receipt(1)), 9999, 10, 10), 1},
		"before its block is ours": {at(replies(receipt(1)), 9), 1},
	} {
		r, ok := agreed(tc.replies, of)
		if ok != (tc.depth > 0) || r.Depth != tc.depth {
			t.Errorf("%s: depth %d, %t", name, r.Depth, ok)
		}
	}
	forged := receipt(1)
	forged.Logs = []*types.Log{{Address: common.Address{1}}}
	if _, ok := agreed(replies(receipt(1), forged), of); ok {
		t.Error("two receipts with other logs are one")
	}
}

func TestAVerdictNeedsMoreThanHalfOfAllOperators(t *testing.T) {
	for name, tc := range map[string]struct {
		v                               verdict
		holds, needless, since, refuted bool // of block 10
	}{
		"all":                {verdict{3, []uint64{10, 11, 12}, nil}, true, true, true, false},
		"one of three":       {verdict{3, []uint64{12}, nil}, false, false, false, false},
		"one says otherwise": {verdict{3, []uint64{12, 12}, []uint64{9}}, true, false, true, false},
		"from before":        {verdict{3, []uint64{9, 9, 12}, nil}, true, true, false, false},
		"none":               {verdict{3, nil, []uint64{10, 10, 9}}, false, false, false, true},
		"half":               {verdict{2, []uint64{10}, []uint64{10}}, false, false, false, false},
	} {
		if tc.v.holds() != tc.holds || tc.v.needless() != tc.needless || tc.v.since(10) != tc.since || tc.v.refuted(10) != tc.refuted {
			t.Errorf("%s: holds %t, needless %t, since %t, refuted %t", name, tc.v.holds(), tc.v.needless(), tc.v.since(10), tc.v.refuted(10))
		}
	}
}
