package evm

import (
	"bytes"
	"encoding/json"
	"math/big"
	"os"
	"testing"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/common/hexutil"
	"github.com/ethereum/go-ethereum/core/types"
)

// The logs and transactions in testdata were made by unmodified op-node and op-geth.

func fixture(t testing.TB, name string, into any) {
	t.Helper()
	data, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, into); err != nil {
		t.Fatal(err)
	}
}

// derived is a deposit as op-geth shows it.
type derived struct {
	Hash       common.Hash     `json:"hash"`
	SourceHash common.Hash     `json:"sourceHash"`
	From       common.Address  `json:"from"`
	To         *common.Address `json:"to"`
	Mint       *hexutil.Big    `json:"mint"`
	Value      *hexutil.Big    `json:"value"`
	Gas        hexutil.Uint64  `json:"gas"`
	Input      hexutil.Bytes   `json:"input"`
}

func (d derived) deposit() Deposit {
	return Deposit{
		SourceHash: d.SourceHash, From: d.From, To: d.To, Mint: d.Mint.ToInt(), Value: d.Value.ToInt(), Gas: uint64(d.Gas), Data: d.Input,
	}
}

func recorded(t testing.TB) (*types.Log, derived) {
	t.Helper()
	var logs []*types.Log
	var tx derived
	fixture(t, "l1.TransactionDeposited.logs.json", &logs)
	fixture(t, "l2.forced_pause_deposit_tx.json", &tx)
	return logs[0], tx
}

func TestTheLogOfADepositTellsTheTransactionOnL2(t *testing.T) {
	log, want := recorded(t)
	got, err := DepositIn(log.Address, []*types.Log{{Address: log.Address}, log, {Topics: log.Topics}})
	if err != nil {
		t.Fatal(err)
	}
	if got.SourceHash != want.SourceHash || got.From != want.From || *got.To != *want.To || got.Mint != nil || got.Value.Sign() != 0 ||
		got.Gas != uint64(want.Gas) || !bytes.Equal(got.Data, want.Input) {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if got.Hash() != want.Hash {
		t.Errorf("hash %s, want %s", got.Hash(), want.Hash)
	}
}

func TestTheHashIsThatOfOpGethForTheAttributesToo(t *testing.T) {
	var answer struct{ Result derived }
	fixture(t, "op-geth.l1_attributes_tx.json", &answer)
	tx := answer.Result
	if got := tx.deposit().Hash(); got != tx.Hash {
		t.Errorf("hash %s, want %s", got, tx.Hash)
	}
	// setL1BlockValues(number, timestamp, basefee, hash, sequenceNumber, ...): the source is domain 1 of the L1 block.
	args := tx.Input[4:]
	sequence := new(big.Int).SetBytes(args[4*32 : 5*32]).Uint64()
	if got := sourceHash(1, common.BytesToHash(args[3*32:4*32]), sequence); got != tx.SourceHash {
		t.Errorf("source hash %s, want %s", got, tx.SourceHash)
	}
}

// The call that made the recorded log, written out by hand from the ABI.
func TestADepositCallIsPackedAsThePortalReadsIt(t *testing.T) {
	log, tx := recorded(t)
	got := DepositCall(log.Address, Call{To: *tx.To, Data: tx.Input, Text: "pause()"}, uint64(tx.Gas))
	want := "0xe9e05c42" +
		"0000000000000000000000008464135c8f25da09e49bc8782676a84730c318bc" +
		"0000000000000000000000000000000000000000000000000000000000000000" +
		"0000000000000000000000000000000000000000000000000000000000030d40" +
		"0000000000000000000000000000000000000000000000000000000000000000" +
		"00000000000000000000000000000000000000000000000000000000000000a0" +
		"0000000000000000000000000000000000000000000000000000000000000004" +
		"8456cb5900000000000000000000000000000000000000000000000000000000"
	if hexutil.Encode(got.Data) != want || got.To != log.Address || got.Value != nil || got.Text != "deposit pause()" {
		t.Errorf("got %s to %s, value %v, %q", hexutil.Encode(got.Data), got.To, got.Value, got.Text)
	}
}

func TestAValueIsMinted(t *testing.T) {
	got := DepositCall(common.Address{1}, Call{To: common.Address{2}, Value: big.NewInt(7)}, 0)
	if got.Value.Int64() != 7 || new(big.Int).SetBytes(got.Data[4+32:4+64]).Int64() != 7 {
		t.Errorf("got %+v", got)
	}
}

func TestThePortalSellsWhatACallBuys(t *testing.T) {
	for _, c := range []struct {
		data      int
		gas, want uint64
	}{
		{0, 0, 21_000},
		{4, 0, 21_160},
		{4, 200_000, 200_000},
		{100, 21_000, 25_000},
	} {
		call := DepositCall(common.Address{}, Call{Data: make([]byte, c.data)}, c.gas)
		if got := new(big.Int).SetBytes(call.Data[4+64 : 4+96]).Uint64(); got != c.want {
			t.Errorf("%d bytes with %d gas: %d, want %d", c.data, c.gas, got, c.want)
		}
	}
}

func TestALogThatIsNoDepositIsRefused(t *testing.T) {
	for name, spoil := range map[string]func(*types.Log){
		"removed":               func(l *types.Log) { l.Removed = true },
		"another event":         func(l *types.Log) { l.Topics[0][0]++ },
		"no version":            func(l *types.Log) { l.Topics = l.Topics[:3] },
		"a later version":       func(l *types.Log) { l.Topics[3][31] = 1 },
		"no data":               func(l *types.Log) { l.Data = nil },
		"data cut off":          func(l *types.Log) { l.Data = l.Data[:len(l.Data)-1] },
		"a word too few":        func(l *types.Log) { l.Data = l.Data[:len(l.Data)-32] },
		"a word too many":       func(l *types.Log) { l.Data = append(l.Data, make([]byte, 32)...) },
		"another offset":        func(l *types.Log) { l.Data[31] = 64 },
		"a huge length":         func(l *types.Log) { l.Data[32] = 1 },
		"opaque data too short": func(l *types.Log) { l.Data[63] = 72 },
	} {
		log, _ := recorded(t)
		spoil(log)
		if d, err := ParseDeposit(log); err == nil {
			t.Errorf("%s: taken as %+v", name, d)
		}
	}
}

func TestATransactionHasOneDepositOfThisPortal(t *testing.T) {
	log, _ := recorded(t)
	if _, err := DepositIn(log.Address, []*types.Log{log, log}); err == nil {
		t.Error("two are taken for one")
	}
	if _, err := DepositIn(common.Address{1}, []*types.Log{log}); err == nil {
		t.Error("that of another portal is taken")
	}
}

// What is read is what was written: packing a read deposit again gives the log's own bytes.
func FuzzParseDeposit(f *testing.F) {
	log, _ := recorded(f)
	f.Add(log.Data, uint(0))
	f.Add([]byte{}, uint(3))
	f.Fuzz(func(t *testing.T, data []byte, index uint) {
		d, err := ParseDeposit(&types.Log{Topics: log.Topics, Data: data, Index: index})
		if err != nil {
			return
		}
		creation := []byte{data[2*32+72]}
		opaque := bytes.Join([][]byte{amountWord(d.Mint), amountWord(d.Value), numberWord(d.Gas)[24:], creation, d.Data}, nil)
		if again := append(numberWord(32), bytesTail(opaque)...); !bytes.Equal(again[:64+len(opaque)], data[:64+len(opaque)]) || len(again) != len(data) {
			t.Errorf("read %+v of %x", d, data)
		}
		if (d.To == nil) != (creation[0] != 0) || d.Hash() == (common.Hash{}) {
			t.Errorf("read %+v of %x", d, data)
		}
	})
}
