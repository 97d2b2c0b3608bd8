package watcher

import (
	"context"
	"encoding/json"
	"math"
	"math/big"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/core/types"
	"github.com/ethereum/go-ethereum/crypto"
	"github.com/ethereum/go-ethereum/ethclient"

	"headwatch"
	"headwatch/config"
	"headwatch/devnet"
)

var batcherParams = []json.RawMessage{raw(batcherAddress), raw("latest")}

func TestABalanceIsReadInGwei(t *testing.T) {
	for text, want := range map[string]uint64{
		`"0x0"`:                               0,
		`"0x3b9ac9ff"`:                        0, // a wei less than a gwei
		`"0x3b9aca00"`:                        1,
		`"0x6f05b59d3b20000"`:                 500_000_000,
		`"0x06F05b59d3b20000"`:                500_000_000,
		`"0x` + strings.Repeat("f", 64) + `"`: math.MaxUint64,
	} {
		var o headwatch.Observation
		if err := decodeAnswer(l1Chain, methodBalance, batcherParams, json.RawMessage(text), &o); err != nil {
			t.Errorf("%s: %v", text, err)
		} else if a := o.Accounts[batcherAddress]; a.Balance == nil || *a.Balance != want || a.Nonce != nil {
			t.Errorf("%s: %+v, want %d", text, a, want)
		}
	}
}

func TestWhatIsNoAccountIsAFault(t *testing.T) {
	for _, method := range []string{methodBalance, methodNonce} {
		for text, want := range map[string]headwatch.FaultKind{
			``: headwatch.FaultNull, `null`: headwatch.FaultNull, `"0x"`: headwatch.FaultBadHead, `"0x-1"`: headwatch.FaultBadHead, `"0x+1"`: headwatch.FaultBadHead,
			`"0x0_1"`: headwatch.FaultBadHead, `"0x` + strings.Repeat("f", 65) + `"`: headwatch.FaultBadHead, `"1e9"`: headwatch.FaultBadHead, `{}`: headwatch.FaultBadHead,
		} {
			var o headwatch.Observation
			err := decodeAnswer(l1Chain, method, batcherParams, json.RawMessage(text), &o)
			wantFault(t, err, want)
			if o.Accounts != nil {
				t.Errorf("%s %s: %+v", method, text, o.Accounts)
			}
		}
		for _, params := range [][]json.RawMessage{nil, {raw(batcherAddress)}, {raw(batcherAddress), raw("pending")}, {raw("x"), raw("latest")}, {raw(true), raw("latest")}} {
			err := decodeAnswer(l1Chain, method, params, json.RawMessage(`"0x1"`), new(headwatch.Observation))
			wantFault(t, err, headwatch.FaultOther)
		}
	}
}

func TestARecordedAccountIsHeard(t *testing.T) {
	all, err := records(t, strings.NewReader(
		`{"t_ms":1,"endpoint":"l1","method":"eth_getBalance","params":["0x5050F69a9786F081509234F1a7F4684b5E5b76C9","latest"],"result":"0x3b9aca00"}`+"\n"+
			`{"t_ms":2,"endpoint":"l1","method":"eth_getTransactionCount","params":["`+batcherAddress+`","latest"],"result":"0x10"}`,
	))
	if err != nil {
		t.Fatal(err)
	}
	balance, nonce := all[0].Observation(l1Chain), all[1].Observation(l1Chain)
	if balance.Err != nil || *balance.Accounts[batcherAddress].Balance != 1 || nonce.Err != nil || *nonce.Accounts[batcherAddress].Nonce != 16 {
		t.Errorf("heard %+v and %+v", balance, nonce)
	}
}

func FuzzAccount(f *testing.F) {
	f.Add([]byte(`"0x6f05b59d3b20000"`))
	fuzzAnswer(f, methodBalance, batcherParams)
}

// A real node of a layer 1 tells of an account before and after it sent something.
func TestARealNodeTellsOfAnAccount(t *testing.T) {
	net, err := devnet.New(devnet.Config{L1BlockTime: time.Second})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() {
		if err := net.Run(ctx); err != nil {
			t.Error(err)
		}
	})
	defer running.Wait()
	defer cancel()

	sealed := make(chan struct{}, 1024)
	net.OnBlock(func(b devnet.Block) {
		if b.Endpoint == "l1" {
			sealed <- struct{}{}
		}
	})
	address := crypto.PubkeyToAddress(devnet.FundedKey().PublicKey)
	lower := strings.ToLower(address.Hex())
	e := config.Endpoint{Name: "l1", URL: config.NewSecret(net.L1().HTTP), Timeout: config.Duration(5 * time.Second)}
	ask := func() headwatch.Account {
		t.Helper()
		p := newHTTPProber(l1Chain, e, evm(l1Chain), nil)
		p.accounts = askAccounts([]string{lower})
		o := p.probe(t.Context(), true)
		a := o.Accounts[lower]
		if o.Err != nil || a.Balance == nil || a.Nonce == nil || o.Date.IsZero() {
			t.Fatalf("heard %+v", o)
		}
		return a
	}
	if a := ask(); *a.Balance != 1_000_000e9 || *a.Nonce != 0 {
		t.Errorf("at first %d gwei and nonce %d", *a.Balance, *a.Nonce)
	}
	client, err := ethclient.Dial(net.L1().HTTP)
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	id := big.NewInt(devnet.L1ChainID)
	tx := types.MustSignNewTx(devnet.FundedKey(), types.LatestSignerForChainID(id), &types.DynamicFeeTx{
		ChainID: id, Gas: 21000, GasFeeCap: big.NewInt(100e9), GasTipCap: big.NewInt(1e9), To: &common.Address{1}, Value: big.NewInt(5e17),
	})
	if err := client.SendTransaction(t.Context(), tx); err != nil {
		t.Fatal(err)
	}
	for range 10 {
		<-sealed
		if a := ask(); *a.Nonce == 1 {
			if *a.Balance >= 999_999_500_000_000 || *a.Balance < 999_999_400_000_000 {
				t.Errorf("after half an ether %d gwei", *a.Balance)
			}
			return
		}
	}
	t.Error("the transaction was never sealed")
}

// An endpoint is asked for one account in an L1 slot. Forty accounts still have their turn before an answer is too old.
func TestEveryAccountHasItsTurn(t *testing.T) {
	all, now := askAccounts(make([]string, 40)), time.Now()
	asked := make(map[*question]time.Time)
	for range 1000 {
		if q := dueAccount(all, now); q != nil {
			if last, ok := asked[&q[0]]; ok && now.Sub(last) >= accountFor {
				t.Fatalf("an account was asked for again after %v", now.Sub(last))
			}
			asked[&q[0]] = now
		}
		now = now.Add(l1Slot)
	}
	for i := range all {
		if gone := now.Sub(asked[&all[i].questions[0]]); gone >= accountFor {
			t.Errorf("account %d: asked for %v ago", i, gone)
		}
	}
}
