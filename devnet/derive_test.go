package devnet

import (
	"math/big"
	"slices"
	"strings"
	"testing"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/common/hexutil"
	"github.com/ethereum/go-ethereum/core/types"
	"github.com/ethereum/go-ethereum/crypto"
	"github.com/ethereum/go-ethereum/params"

	"headwatch/contracts"
)

// script puts the calls to the market into one line: block+index, method, and ! for a revert.
func (s *stillNet) script(from uint64) string {
	s.t.Helper()
	calls, err := s.MarketCalls(from)
	s.must(err)
	var out []string
	for _, c := range calls {
		word := hexutil.EncodeUint64(c.Block)[2:] + "." + hexutil.EncodeUint64(uint64(c.Index))[2:] + " " + c.Method
		if c.Deposit {
			word += "*"
		}
		if !c.OK {
			word += "!"
		}
		out = append(out, word)
	}
	return strings.Join(out, ", ")
}

// A deposit is behind the system's transaction and before all users', in the first block of its epoch, with or without
// other transactions in the block.
func TestADepositComesBeforeTheUsersOfItsEpoch(t *testing.T) {
	t.Parallel()
	for _, empty := range []bool{false, true} {
		s := still(t, 2)
		s.second()
		s.EmptyBlocks(empty)
		s.must(s.trade())
		s.deposit(GuardianKey(), s.Market(), selector("pause()"))
		s.second()
		s.EmptyBlocks(false)
		s.sealOnL2() // of the same epoch
		s.second()
		want := "2.1 pause*, 2.2 trade!, 2.3 trade!"
		if empty {
			want = "2.1 pause*, 3.1 trade!, 3.2 trade!"
		}
		if got := s.script(1); got != want {
			t.Errorf("empty %v: %s, want %s", empty, got, want)
		}
	}
}

// The outage that the whole product is about. Users who waited in the pool are first, the pause is where L1 put it, and
// everybody after it is refused.
func TestAPauseSentThroughL1LandsAmongTheBlocksThatWereMissed(t *testing.T) {
	t.Parallel()
	s := still(t, 2)
	s.second()
	s.second()

	s.must(s.trade()) // and the sequencer stops
	stopped := s.clock
	for range 3 {
		s.sealOnL1()
	}
	s.deposit(GuardianKey(), s.Market(), selector("pause()"))
	for range 4 {
		s.sealOnL1()
	}
	for range 7 { // it returns, and back-fills
		s.sealOnL2()
		s.must(s.trade())
	}
	want := "3.1 trade, 3.2 trade, 4.1 trade, 4.2 trade, 5.1 trade, 5.2 trade, 6.1 pause*, 6.2 trade!, 6.3 trade!, " +
		"7.1 trade!, 7.2 trade!, 8.1 trade!, 8.2 trade!, 9.1 trade!, 9.2 trade!"
	if got := s.script(1); got != want {
		t.Fatalf("got %s\nwant %s", got, want)
	}
	calls, err := s.MarketCalls(1)
	s.must(err)
	pause := slices.IndexFunc(calls, func(c MarketCall) bool { return c.Method == "pause" })
	if got := calls[pause]; uint64(got.Time.Unix()) != stopped+4 || got.From != address(GuardianKey()) {
		t.Errorf("paused by %s, %d s after the stop", got.From, got.Time.Unix()-int64(stopped))
	}
}

func TestADepositIsFoundByTheHashThatAnOPStackChainGivesIt(t *testing.T) {
	t.Parallel()
	s := still(t, 0)
	s.second()
	l1Hash := s.deposit(GuardianKey(), s.Market(), selector("pause()"))
	s.second()
	l1, err := s.l1.TransactionReceipt(t.Context(), l1Hash)
	s.must(err)
	tx, err := decodeDeposit(l1.Logs[0])
	s.must(err)

	receipt, err := s.l2.TransactionReceipt(t.Context(), tx.hash())
	s.must(err)
	if receipt.TxHash != tx.hash() || receipt.Type != depositTxType || receipt.Status != 1 || receipt.TransactionIndex != 1 ||
		receipt.EffectiveGasPrice.Sign() != 0 || len(receipt.Logs) != 1 || receipt.Logs[0].TxHash != tx.hash() {
		t.Errorf("receipt %+v, logs %+v", receipt, receipt.Logs)
	}
	var byHash struct {
		Hash, SourceHash, BlockHash common.Hash
		Type, Nonce                 hexutil.Uint64
		From                        common.Address
	}
	s.must(s.rpc.CallContext(t.Context(), &byHash, "eth_getTransactionByHash", tx.hash()))
	if byHash.Hash != tx.hash() || byHash.SourceHash != tx.Source || byHash.Type != depositTxType || byHash.From != address(GuardianKey()) || byHash.BlockHash != receipt.BlockHash {
		t.Errorf("transaction %+v", byHash)
	}
	var raw map[string]any
	s.must(s.rpc.CallContext(t.Context(), &raw, "eth_getTransactionReceipt", common.Hash{1}))
	s.must(s.rpc.CallContext(t.Context(), &byHash, "eth_getTransactionByHash", common.Hash{1}))
	if raw != nil {
		t.Errorf("a receipt of nothing: %v", raw)
	}
	all, err := s.Deposits()
	s.must(err)
	if len(all) != 1 || all[0].Hash != tx.hash() || all[0].L1Tx != l1Hash || all[0].Block != receipt.BlockNumber.Uint64() || all[0].Refused != "" {
		t.Errorf("deposits %+v", all)
	}
	// The stand-in is an ordinary transaction, which geth's own service still serves.
	if other, pending, err := s.l2.TransactionByHash(t.Context(), all[0].StandIn); err != nil || pending || other.Gas() != 200_000 {
		t.Errorf("stand-in %v, %v", other, err)
	}
}

// The direct transaction of a depositor loses its nonce to the deposit, as it does on an OP Stack chain.
func TestADepositTakesTheNonceOfADirectTransaction(t *testing.T) {
	t.Parallel()
	s := still(t, 0)
	s.second()
	direct := s.send(s.Net.l2[0].node, GuardianKey(), types.DynamicFeeTx{To: new(s.Market()), Data: selector("pause()"), GasTipCap: big.NewInt(50 * params.GWei)})
	s.deposit(GuardianKey(), s.Market(), selector("pause()"))
	s.second()
	s.second()
	if got := s.script(1); got != "2.1 pause*" {
		t.Errorf("got %s", got)
	}
	if _, err := s.l2.TransactionReceipt(t.Context(), direct); err == nil {
		t.Error("the direct transaction was executed too")
	}
}

func TestDepositsOfOneEpochKeepTheirOrder(t *testing.T) {
	t.Parallel()
	s := still(t, 0)
	s.second()
	s.deposit(GuardianKey(), s.Market(), selector("pause()"))
	s.sealOnL1()
	// L1's miner orders by tip: both of the first account come after that of the second.
	for _, d := range []struct {
		of, method string
	}{{"guardian", "trade()"}, {"guardian", "pause()"}, {"funded", "unpause()"}} {
		tip := int64(2)
		if d.of == "funded" {
			tip = 3
		}
		s.send(s.l1Node(), devKey(d.of), types.DynamicFeeTx{
			To: &portalAddress, Data: depositCall(t, s.Market(), 200_000, selector(d.method)), GasTipCap: big.NewInt(tip * params.GWei),
		})
	}
	s.sealOnL1()
	s.sealOnL2()
	s.sealOnL2()
	if got := s.script(1); got != "2.1 pause*, 3.1 unpause*, 3.2 trade*, 3.3 pause*" {
		t.Errorf("got %s", got)
	}
}

func TestADepositThatCannotBeSignedIsLeftOutAndSaid(t *testing.T) {
	t.Parallel()
	s := still(t, 0)
	s.second()
	s.deposit(crowdKey(), s.Market(), selector("pause()"))
	rich := new(big.Int).Mul(big.NewInt(2_000_000), big.NewInt(params.Ether))
	call, err := parseABI(t, contracts.DevPortal()).Pack("depositTransaction", s.Market(), rich, uint64(200_000), false, []byte{})
	s.must(err)
	s.send(s.l1Node(), GuardianKey(), types.DynamicFeeTx{To: &portalAddress, Data: call})
	s.deposit(GuardianKey(), s.Market(), selector("pause()"))
	s.second()
	all, err := s.Deposits()
	s.must(err)
	if len(all) != 3 || !strings.Contains(all[0].Refused+all[1].Refused, "no key of "+address(crowdKey()).Hex()) ||
		!strings.Contains(all[0].Refused+all[1].Refused, "insufficient funds") || all[2].Refused != "" {
		t.Errorf("deposits %+v", all)
	}
	if got := s.script(1); got != "2.1 pause*" {
		t.Errorf("got %s", got)
	}
}

func TestTheAttributesAreKeptWhereContractsReadThem(t *testing.T) {
	t.Parallel()
	s := still(t, 0)
	s.second()
	s.second()
	s.sealOnL2()
	block := &deployed{s, l1AttributesAddress, parseABI(t, contracts.DevL1Block())}
	l1 := s.l1Node().head()
	for method, want := range map[string]any{
		"number": l1.NumberU64(), "timestamp": l1.Time(), "hash": [32]byte(l1.Hash()), "sequenceNumber": uint64(1),
	} {
		if got, reverted := block.read(method); reverted != "" || got[0] != want {
			t.Errorf("%s: %v %s, want %v", method, got, reverted, want)
		}
	}
}

func TestOnlyTheGuardianPausesAndOnlyTheAdminResumes(t *testing.T) {
	t.Parallel()
	s := still(t, 0)
	for _, step := range []struct {
		who, method, want string
	}{
		{"funded", "pause()", "!"},
		{"guardian", "trade()", ""},
		{"guardian", "pause()", ""},
		{"guardian", "pause()", "!"},
		{"guardian", "trade()", "!"},
		{"guardian", "unpause()", "!"},
		{"funded", "unpause()", ""},
		{"guardian", "trade()", ""},
	} {
		s.send(s.sequencer, devKey(step.who), types.DynamicFeeTx{To: new(s.Market()), Data: selector(step.method)})
		s.send(s.l1Node(), devKey(step.who), types.DynamicFeeTx{To: new(s.Market()), Data: selector(step.method)})
		block := s.second()
		calls, err := s.MarketCalls(block.NumberU64())
		s.must(err)
		if len(calls) != 1 || calls[0].OK != (step.want == "") {
			t.Errorf("%s %s on L2: %+v", step.who, step.method, calls)
		}
		head := s.l1Node().head()
		if got := s.l1Node().chain.GetReceiptsByHash(head.Hash()); len(got) != 1 || (got[0].Status == 1) != (step.want == "") {
			t.Errorf("%s %s on L1: %+v", step.who, step.method, got)
		}
	}
}

func TestAStandInDiffersFromEveryOther(t *testing.T) {
	tx := &depositTx{Value: new(big.Int), Gas: 21_000, Source: crypto.Keccak256Hash([]byte("one"))}
	other := *tx
	other.Source = crypto.Keccak256Hash([]byte("two"))
	if tx.standIn(GuardianKey(), 7).Hash() == other.standIn(GuardianKey(), 7).Hash() {
		t.Error("two deposits share a stand-in")
	}
}
