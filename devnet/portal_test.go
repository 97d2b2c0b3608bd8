package devnet

import (
	"encoding/binary"
	"math/big"
	"slices"
	"testing"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/common/hexutil"
	"github.com/ethereum/go-ethereum/core/types"

	"headwatch/contracts"
)

// A contract's deposit comes from its alias, whose key nobody has.
func TestThePortalAliasesContracts(t *testing.T) {
	t.Parallel()
	s := still(t, 0)
	s.second()
	call := depositCall(t, s.Market(), 200_000, selector("pause()"))
	hash := s.send(s.l1Node(), GuardianKey(), types.DynamicFeeTx{Data: callOnce(portalAddress, call)})
	s.second()
	receipt, err := s.l1.TransactionReceipt(t.Context(), hash)
	s.must(err)
	offset := new(big.Int).SetBytes(common.FromHex("0x1111000000000000000000000000000000001111"))
	want := common.BigToAddress(offset.Add(offset, receipt.ContractAddress.Big()))
	if len(receipt.Logs) != 1 || common.BytesToAddress(receipt.Logs[0].Topics[1][:]) != want {
		t.Errorf("logs %+v, want them from %s", receipt.Logs, want)
	}
}

// callOnce is a contract that makes one call in its constructor.
func callOnce(to common.Address, data []byte) []byte {
	size := binary.BigEndian.AppendUint16(nil, uint16(len(data)))
	code := slices.Concat(
		[]byte{0x61}, size, []byte{0x61, 0, 0, 0x60, 0, 0x39}, // codecopy(0, at, size)
		[]byte{0x60, 0, 0x60, 0, 0x61}, size, []byte{0x60, 0, 0x60, 0, 0x73}, to[:], []byte{0x5a, 0xf1, 0x00}, // call
	)
	binary.BigEndian.PutUint16(code[4:], uint16(len(code)))
	return append(code, data...)
}

func TestThePortalRefusesWhatTheRealOneRefuses(t *testing.T) {
	t.Parallel()
	s := still(t, 0)
	s.second()
	portal := parseABI(t, contracts.DevPortal())
	somebody := common.Address{1}
	for name, tc := range map[string]struct {
		to       common.Address
		gas      uint64
		creation bool
		size     int
		want     string
	}{
		"enough gas for 100 bytes":   {somebody, 25_000, false, 100, ""},
		"a gas too little":           {somebody, 24_999, false, 100, "OptimismPortal_GasLimitTooLow"},
		"the most calldata":          {somebody, 4_821_000, false, 120_000, ""},
		"a byte too many":            {somebody, 4_821_040, false, 120_001, "OptimismPortal_CalldataTooLarge"},
		"a creation":                 {common.Address{}, 100_000, true, 0, ""},
		"a creation with a target":   {somebody, 100_000, true, 0, "OptimismPortal_BadTarget"},
		"all gas of a block":         {somebody, 20_000_000, false, 0, ""},
		"more than all gas of those": {somebody, 20_000_001, false, 0, "OutOfGas"},
	} {
		data, err := portal.Pack("depositTransaction", tc.to, new(big.Int), tc.gas, tc.creation, make([]byte, tc.size))
		s.must(err)
		got := ""
		msg := map[string]any{"from": address(GuardianKey()), "to": portalAddress, "data": hexutil.Bytes(data)}
		if err := s.l1.Client().CallContext(t.Context(), new(hexutil.Bytes), "eth_call", msg, "latest"); err != nil {
			got = revertName(t, portal, err)
		}
		if got != tc.want {
			t.Errorf("%s: %q, want %q", name, got, tc.want)
		}
	}
}

// The fee of the deposit market moves as OP's specification says: elasticity 10, denominator 8, at least 1 gwei.
func TestThePortalMetersItsGas(t *testing.T) {
	t.Parallel()
	s := still(t, 0)
	s.second()
	params := func() (baseFee, bought uint64) {
		t.Helper()
		slot, err := s.l1.StorageAt(t.Context(), portalAddress, common.Hash{}, nil)
		s.must(err)
		return new(big.Int).SetBytes(slot[16:]).Uint64(), binary.BigEndian.Uint64(slot[8:16])
	}
	buy := func(gas uint64) *types.Receipt {
		t.Helper()
		hash := s.send(s.l1Node(), GuardianKey(), types.DynamicFeeTx{To: &portalAddress, Data: depositCall(t, common.Address{1}, gas, nil), Gas: 16_000_000})
		s.sealOnL1()
		receipt, err := s.l1.TransactionReceipt(t.Context(), hash)
		s.must(err)
		return receipt
	}
	small := buy(200_000)
	if fee, bought := params(); fee != 1e9 || bought != 200_000 || small.GasUsed < 195_000 || small.GasUsed > 230_000 {
		t.Errorf("a small deposit: fee %d, bought %d, used %d", fee, bought, small.GasUsed)
	}
	large := buy(10_000_000)
	if fee, bought := params(); fee != 1e9 || bought != 10_000_000 || large.GasUsed < 10_000_000 || large.GasUsed > 10_100_000 {
		t.Errorf("a large deposit: fee %d, bought %d, used %d", fee, bought, large.GasUsed)
	}
	buy(100_000)
	if fee, _ := params(); fee != 1.5e9 { // five times the target: by (5-1)/8
		t.Errorf("after a large deposit: fee %d", fee)
	}
	s.sealOnL1()
	buy(100_000)
	if fee, _ := params(); fee != 1_156_640_625 { // less 0.95/8 for the small one, less 1/8 for the empty block
		t.Errorf("after a small deposit and a block without: fee %d", fee)
	}
}
