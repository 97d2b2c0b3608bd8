package evm

import (
	"bytes"
	"math"
	"math/big"
	"testing"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/params"
	"pgregory.net/rapid"
)

func gwei(n int64) *big.Int { return new(big.Int).Mul(big.NewInt(n), big.NewInt(params.GWei)) }

func TestThePriceOfDepositsFollowsDemand(t *testing.T) {
	for _, c := range []struct {
		name   string
		m      Metering
		block  uint64
		fee    *big.Int
		bought uint64
	}{
		{"the same block keeps both", Metering{gwei(5), 7, 100}, 100, gwei(5), 7},
		{"a block before it changes nothing", Metering{gwei(5), 7, 100}, 99, gwei(5), 7},
		{"at the target it stays", Metering{gwei(8), 2_000_000, 100}, 101, gwei(8), 0},
		{"sold out: nine eighths more", Metering{gwei(8), 20_000_000, 100}, 101, gwei(17), 0},
		{"nothing sold: an eighth less", Metering{gwei(8), 0, 100}, 101, gwei(7), 0},
		{"and an eighth for each empty block after it", Metering{gwei(64), 2_000_000, 100}, 103, gwei(49), 0},
		{"never below 1 gwei", Metering{gwei(1), 0, 100}, 101, gwei(1), 0},
		{"however long", Metering{new(big.Int).Lsh(big.NewInt(1), 127), 0, 100}, math.MaxUint64, gwei(1), 0},
	} {
		got := c.m.At(c.block)
		if got.BaseFee.Cmp(c.fee) != 0 || got.Bought != c.bought || got.Block != max(c.block, c.m.Block) {
			t.Errorf("%s: %+v", c.name, got)
		}
	}
}

func TestADepositBurnsGasOnL1(t *testing.T) {
	for _, c := range []struct {
		fee, base *big.Int
		want      uint64
	}{
		{gwei(1), gwei(1), 200_000},
		{gwei(1), gwei(20), 10_000},
		{gwei(3), big.NewInt(5), 600_000}, // a base fee below 1 gwei counts as 1 gwei
		{gwei(3), nil, 600_000},
		{new(big.Int).Lsh(big.NewInt(1), 127), gwei(1), math.MaxUint64},
	} {
		if got := (Metering{BaseFee: c.fee}).Burn(200_000, c.base); got != c.want {
			t.Errorf("%v at %v: %d, want %d", c.fee, c.base, got, c.want)
		}
	}
}

func TestTheGasOfADepositSurvivesARise(t *testing.T) {
	call := Call{Data: make([]byte, 260)}
	const fixed = 21_000 + 40*260
	for _, c := range []struct {
		name string
		m    Metering
		base *big.Int
		want uint64
	}{
		// 1 gwei grows by 17/8 three times: 9.595703125 gwei.
		{"a quiet market, cheap L1", Metering{gwei(1), 0, 1}, gwei(1), fixed + 1_919_140},
		// The base fee of 100 gwei falls to 66.99...: the burn is less than the work.
		{"a quiet market, dear L1", Metering{gwei(1), 0, 1}, gwei(100), fixed + 120_000},
		{"a dear market, never over the limit of a transaction", Metering{gwei(50), 2_000_000, 9}, gwei(1), params.MaxTxGas},
	} {
		got, err := c.m.DepositGas(call, 200_000, 10, c.base)
		if err != nil || got != c.want {
			t.Errorf("%s: %d, %v, want %d", c.name, got, err, c.want)
		}
	}
	for name, c := range map[string]struct {
		fee int64
		gas uint64
	}{"more than a block sells": {1, 20_000_001}, "more than a transaction may burn": {500, 200_000}} {
		if got, err := (Metering{BaseFee: gwei(c.fee), Bought: 2_000_000, Block: 9}).DepositGas(call, c.gas, 10, gwei(1)); err == nil {
			t.Errorf("%s: %d", name, got)
		}
	}
}

// Whatever three blocks of others do to the market, the gas suffices.
func TestNoThreeBlocksBeatTheGasLimit(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := Metering{BaseFee: big.NewInt(rapid.Int64Range(params.GWei, 5*params.GWei).Draw(t, "fee")), Block: 100}
		base := big.NewInt(rapid.Int64Range(0, 50*params.GWei).Draw(t, "base"))
		gas := rapid.Uint64Range(21_000, 300_000).Draw(t, "gas")
		limit, err := m.DepositGas(Call{}, gas, 101, base)
		if err != nil {
			t.Fatal(err)
		}
		m = m.At(101)
		for i := range 3 {
			m.Bought = rapid.Uint64Range(0, 20_000_000).Draw(t, "bought")
			m = m.At(uint64(102 + i))
			base = new(big.Int).Sub(base, new(big.Int).Quo(base, big.NewInt(rapid.Int64Range(8, 100).Draw(t, "fall"))))
			if burn := m.Burn(gas, base); burn > limit-21_000 && limit < params.MaxTxGas {
				t.Fatalf("%d burned of %d", burn, limit)
			}
		}
	})
}

func TestParamsAreThreeWords(t *testing.T) {
	portal := common.Address{1}
	if c := MeteringCall(portal); c.To != portal || !bytes.Equal(c.Data, []byte{0xcf, 0xf0, 0xab, 0x96}) {
		t.Errorf("%+v", c)
	}
	out := bytes.Join([][]byte{amountWord(gwei(3)), numberWord(200_000), numberWord(42)}, nil)
	if m, err := ParseMetering(out); err != nil || m.BaseFee.Cmp(gwei(3)) != 0 || m.Bought != 200_000 || m.Block != 42 {
		t.Errorf("%+v, %v", m, err)
	}
	for _, wrong := range [][]byte{nil, out[:95], append(out, 0), append(numberWord(1), bytes.Repeat([]byte{0xff}, 64)...)} {
		if m, err := ParseMetering(wrong); err == nil {
			t.Errorf("%x is read as %+v", wrong, m)
		}
	}
}

func TestL1BlockTellsItsNumber(t *testing.T) {
	if c := OriginCall(); c.To != common.HexToAddress("0x4200000000000000000000000000000000000015") || !bytes.Equal(c.Data, []byte{0x83, 0x81, 0xf5, 0x8a}) {
		t.Errorf("%+v", c)
	}
	if n, err := ParseOrigin(numberWord(45)); err != nil || n != 45 {
		t.Errorf("%d, %v", n, err)
	}
	for _, wrong := range [][]byte{nil, {1}, append([]byte{1}, make([]byte, 31)...)} {
		if n, err := ParseOrigin(wrong); err == nil {
			t.Errorf("%x is read as %d", wrong, n)
		}
	}
}
