package devnet

import (
	"encoding/json"
	"math/big"
	"os"
	"slices"
	"testing"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/common/hexutil"
	"github.com/ethereum/go-ethereum/core/types"
)

func recorded(t *testing.T, file string, into any) {
	t.Helper()
	data, err := os.ReadFile("testdata/" + file)
	if err == nil {
		err = json.Unmarshal(data, into)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// The two files are of one deposit, as unmodified op-node and op-geth made it.
func TestADepositBecomesTheTransactionThatARealChainMadeOfIt(t *testing.T) {
	var logs []*types.Log
	recorded(t, "deposit_l1_logs.json", &logs)
	var want struct {
		Hash, SourceHash common.Hash
		From             common.Address
		To               *common.Address
		Gas              hexutil.Uint64
		Input            hexutil.Bytes
	}
	recorded(t, "deposit_l2_tx.json", &want)

	got, err := decodeDeposit(logs[0])
	if err != nil {
		t.Fatal(err)
	}
	if got.Source != want.SourceHash || got.hash() != want.Hash {
		t.Errorf("source %s, hash %s; want %s, %s", got.Source, got.hash(), want.SourceHash, want.Hash)
	}
	if got.From != want.From || *got.To != *want.To || got.Gas != uint64(want.Gas) || !slices.Equal(got.Data, want.Input) {
		t.Errorf("decoded %+v, want %+v", got, want)
	}
	if logs[0].Address != portalAddress {
		t.Errorf("emitted by %s, the net's portal is %s", logs[0].Address, portalAddress)
	}
}

func TestWhatIsNoDepositIsRefused(t *testing.T) {
	for name, spoil := range map[string]func(*types.Log){
		"another event":         func(l *types.Log) { l.Topics[0][0]++ },
		"a topic too few":       func(l *types.Log) { l.Topics = l.Topics[:3] },
		"a later version":       func(l *types.Log) { l.Topics[3][31] = 1 },
		"no data":               func(l *types.Log) { l.Data = nil },
		"data behind the data":  func(l *types.Log) { l.Data[31] = 64 },
		"a length beyond":       func(l *types.Log) { l.Data[62] = 1 },
		"an enormous length":    func(l *types.Log) { l.Data[32] = 0xff },
		"opaque data too short": func(l *types.Log) { l.Data[63] = 72 },
	} {
		var logs []*types.Log
		recorded(t, "deposit_l1_logs.json", &logs)
		spoil(logs[0])
		if got, err := decodeDeposit(logs[0]); err == nil {
			t.Errorf("%s: read %+v", name, got)
		}
	}
}

func FuzzDecodeDeposit(f *testing.F) {
	var logs []*types.Log
	data, err := os.ReadFile("testdata/deposit_l1_logs.json")
	if err != nil {
		f.Fatal(err)
	}
	if err := json.Unmarshal(data, &logs); err != nil {
		f.Fatal(err)
	}
	f.Add([]byte(logs[0].Data))
	f.Fuzz(func(t *testing.T, data []byte) {
		log := *logs[0]
		log.Data = data
		tx, err := decodeDeposit(&log)
		if err != nil {
			return
		}
		// What was read is what a portal would write, but for padding and for what it says of a creation.
		opaque := slices.Concat(common.BigToHash(tx.Mint).Bytes(), common.BigToHash(tx.Value).Bytes(), new(big.Int).SetUint64(tx.Gas).FillBytes(make([]byte, 8)))
		if got := data[64 : 64+72]; !slices.Equal(got, opaque) || len(tx.Data) > len(data)-64-73 {
			t.Errorf("read %+v of %x", tx, data)
		}
		tx.hash()
	})
}
