package evm

import (
	"math/big"
	"testing"

	"pgregory.net/rapid"
)

func TestTheMarketIsTwiceTheBaseFeeAndATip(t *testing.T) {
	for _, tc := range []struct {
		base, tip int64 // in gwei; no tip is -1
		want      fees
	}{
		{10, 2, fees{inGwei(2), inGwei(22)}},
		{0, 0, fees{leastTip, leastTip}},
		{10, -1, fees{leastTip, new(big.Int).Add(inGwei(20), leastTip)}},
	} {
		tip := inGwei(tc.tip)
		if tc.tip < 0 {
			tip = nil
		}
		if got := market(inGwei(tc.base), tip); got.Tip.Cmp(tc.want.Tip) != 0 || got.Max.Cmp(tc.want.Max) != 0 {
			t.Errorf("base %d and tip %d give %v", tc.base, tc.tip, got)
		}
	}
}

func TestFeesAreCutAtTheCap(t *testing.T) {
	f, capped := fees{inGwei(400), inGwei(1000)}.within(inGwei(300))
	if !capped || f.Tip.Cmp(inGwei(300)) != 0 || f.Max.Cmp(inGwei(300)) != 0 {
		t.Errorf("%v, %t", f, capped)
	}
	if f, capped := (fees{inGwei(1), inGwei(300)}).within(inGwei(300)); capped || f.Max.Cmp(inGwei(300)) != 0 {
		t.Errorf("%v, %t", f, capped)
	}
}

// geth's legacypool asks for a tenth more of both, rounded down; the others for no more.
func TestAReplacementIsTakenByNodesAndStaysUnderTheCap(t *testing.T) {
	wei := func(t *rapid.T, name string) *big.Int { return big.NewInt(rapid.Int64Range(0, 400e9).Draw(t, name)) }
	rapid.Check(t, func(t *rapid.T) {
		most := wei(t, "most")
		tip := lower(wei(t, "tip"), most)
		old := fees{tip, lower(new(big.Int).Add(tip, wei(t, "above")), most)}
		next, ok := old.replace(market(wei(t, "base"), wei(t, "advice")), most)
		if !ok {
			if tenthMore(old.Max).Cmp(most) <= 0 && tenthMore(old.Tip).Cmp(tenthMore(old.Max)) <= 0 {
				t.Fatalf("%v is not replaced under %s", old, most)
			}
			return
		}
		for _, pair := range [][2]*big.Int{{old.Tip, next.Tip}, {old.Max, next.Max}} {
			threshold := new(big.Int).Div(new(big.Int).Mul(pair[0], big.NewInt(110)), big.NewInt(100))
			if pair[1].Cmp(threshold) < 0 {
				t.Fatalf("%s after %s", pair[1], pair[0])
			}
		}
		if next.Max.Cmp(most) > 0 || next.Tip.Cmp(next.Max) > 0 {
			t.Fatalf("%v over %s", next, most)
		}
	})
}
