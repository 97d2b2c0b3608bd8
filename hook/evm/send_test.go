package evm

import (
	"encoding/hex"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ethereum/go-ethereum"
	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/crypto"

	"headwatch"
	"headwatch/config"
	"headwatch/contracts"
	"headwatch/delivery"
	"headwatch/devnet"
)

func ethereumQuery(of common.Address, topic common.Hash) ethereum.FilterQuery {
	return ethereum.FilterQuery{Addresses: []common.Address{of}, Topics: [][]common.Hash{{topic}}}
}

func TestAPauseLandsOnceAndIsReadBack(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	h := s.open(t, s.hook("pause"), nil)
	n := trip("i-1")
	if why := h.Needless(t.Context(), n); why != "" {
		t.Errorf("needless: %s", why)
	}
	detail, err := s.deliver(t, h, n)
	if err != nil || !strings.Contains(detail, "in effect: l2 in block") {
		t.Errorf("%q, %v", detail, err)
	}
	if got := s.book.kinds("pause"); !slices.Equal(got, []headwatch.ReportKind{headwatch.ReportSent, headwatch.ReportEffective}) {
		t.Errorf("reported %v", got)
	}
	if got := len(s.book.drafts(t, legL2)); got != 1 || s.pauses(t) != 1 {
		t.Errorf("%d drafts, %d pauses", got, s.pauses(t))
	}
	if s.counted["l2 signed"] != 1 || s.counted["l2 accepted"] == 0 || s.counted["l2 landed"] != 1 {
		t.Errorf("counted %v", s.counted)
	}

	// A second incident finds it done.
	if why := h.Needless(t.Context(), trip("i-2")); !strings.Contains(why, "in effect already: ") { // of three operators, or of the first two on a busy machine
		t.Errorf("needless: %q", why)
	}
	if detail, err := s.deliver(t, h, trip("i-2")); err != nil || !strings.Contains(detail, "nothing was sent") {
		t.Errorf("%q, %v", detail, err)
	}
	if s.pauses(t) != 1 || len(s.book.drafts(t, legL2)) != 1 {
		t.Error("it was sent again")
	}
}

func TestTwoHooksShareAnAccount(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	first := s.market
	s.hook("one")
	other := contracts.Market()
	account := crypto.PubkeyToAddress(s.key.PublicKey)
	s.market = *s.transact(t, nil, append(other.Bytecode, words(account, account)...)).contract
	s.hook("two")
	accounts := NewAccounts(s.config, s.book)
	one, two := s.open(t, &s.config.Hooks[0], accounts), s.open(t, &s.config.Hooks[1], accounts)
	var both sync.WaitGroup
	for _, h := range []*Hook{one, two} {
		both.Go(func() {
			for range 100 {
				if _, over, err := attempt(t, h, trip("i")); over {
					if err != nil {
						t.Error(err)
					}
					return
				}
				s.next()
			}
			t.Error("not over")
		})
	}
	both.Wait()
	drafts := s.book.drafts(t, legL2)
	nonces := map[uint64]string{}
	for _, d := range drafts {
		if hook, taken := nonces[d.Nonce]; taken && hook != d.Hook {
			t.Errorf("nonce %d is of %s and %s", d.Nonce, hook, d.Hook)
		}
		nonces[d.Nonce] = d.Hook
	}
	second := s.market
	if s.market = first; s.pauses(t) != 1 {
		t.Errorf("%d pauses of the first", s.pauses(t))
	}
	if s.market = second; s.pauses(t) != 1 {
		t.Errorf("%d pauses of the second", s.pauses(t))
	}
}

// A crash is another process on the same journal.
func TestACrashResendsTheSameTransaction(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	c := s.hook("pause")
	s.EmptyBlocks(true)
	for range 4 {
		if _, over, err := attempt(t, s.open(t, c, nil), trip("i")); over {
			t.Fatalf("over: %v", err)
		}
	}
	before := s.book.drafts(t, legL2)
	s.EmptyBlocks(false)
	if _, err := s.deliver(t, s.open(t, c, nil), trip("i")); err != nil {
		t.Fatal(err)
	}
	for _, d := range s.book.drafts(t, legL2) {
		if d.Nonce != before[0].Nonce {
			t.Errorf("nonces %d and %d", before[0].Nonce, d.Nonce)
		}
	}
	if s.pauses(t) != 1 {
		t.Errorf("%d pauses", s.pauses(t))
	}
	// The delivery was recorded as over before another crash: a repeated notice sends nothing.
	if detail, err := s.deliver(t, s.open(t, c, nil), trip("i")); err != nil || !strings.Contains(detail, "came to its end") {
		t.Errorf("%q, %v", detail, err)
	}
	if s.pauses(t) != 1 {
		t.Errorf("%d pauses", s.pauses(t))
	}
}

func TestWithoutARecordNothingIsSent(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	h := s.open(t, s.hook("pause"), nil)
	s.book.fails = errors.New("disk full")
	if _, over, err := attempt(t, h, trip("i")); over || err == nil {
		t.Errorf("over %t, %v", over, err)
	}
	nonce, err := s.eth.PendingNonceAt(t.Context(), crypto.PubkeyToAddress(s.key.PublicKey))
	if err != nil || nonce != 1 || len(s.book.kinds("pause")) != 0 {
		t.Errorf("nonce %d, %v, reports %v", nonce, err, s.book.kinds("pause"))
	}
	if _, err := s.deliver(t, h, trip("i")); err != nil {
		t.Error(err)
	}
}

// While blocks come without users' transactions, the offer rises with the same nonce.
func TestAnUnminedPauseIsReplacedWithTheSameNonce(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	h := s.open(t, s.hook("pause"), nil)
	s.EmptyBlocks(true)
	for end := time.Now().Add(30 * time.Second); len(s.book.drafts(t, legL2)) < 3; s.next() {
		if _, over, err := attempt(t, h, trip("i")); over || time.Now().After(end) {
			t.Fatalf("over: %v; %d drafts", err, len(s.book.drafts(t, legL2)))
		}
	}
	s.EmptyBlocks(false)
	if _, err := s.deliver(t, h, trip("i")); err != nil {
		t.Fatal(err)
	}
	drafts := s.book.drafts(t, legL2)
	for i, d := range drafts[1:] {
		if d.Nonce != drafts[0].Nonce || d.Max.ToInt().Cmp(tenthMore(drafts[i].Max.ToInt())) < 0 || d.Tip.ToInt().Cmp(tenthMore(drafts[i].Tip.ToInt())) < 0 {
			t.Errorf("draft %d has nonce %d and offers %s after %s", d.Number, d.Nonce, d.Max, drafts[i].Max)
		}
	}
	if s.pauses(t) != 1 {
		t.Errorf("%d pauses", s.pauses(t))
	}
}

// All endpoints take the transaction and forget it, until one does not.
func TestWhatWasForgottenIsSentAgain(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.config.Chains[0].Endpoints = nil
	var gates []*gate
	for _, e := range s.L2() {
		g := newGate(t, e.HTTP)
		g.answer(func(method string) (string, bool) {
			return `"result":"0x` + strings.Repeat("00", 32) + `"`, method == "eth_sendRawTransaction"
		})
		gates = append(gates, g)
		s.endpoint(e.Name, g.URL)
	}
	h := s.open(t, s.hook("pause"), nil)
	for gates[1].count()["eth_sendRawTransaction"] < 2 {
		if _, over, err := attempt(t, h, trip("i")); over {
			t.Fatalf("over: %v", err)
		}
		s.next()
	}
	gates[1].answer(nil)
	if _, err := s.deliver(t, h, trip("i")); err != nil {
		t.Fatal(err)
	}
	if s.pauses(t) != 1 {
		t.Errorf("%d pauses", s.pauses(t))
	}
}

func TestALiarDoesNotMakeUsBelieveThatItIsPaused(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.config.Chains[0].Endpoints = nil
	for i, e := range s.L2() {
		url := e.HTTP
		if i == 0 {
			liar := newGate(t, e.HTTP)
			liar.answer(func(method string) (string, bool) {
				switch method {
				case "eth_call":
					return `"result":"0x` + strings.Repeat("00", 31) + `01"`, true
				case "eth_blockNumber":
					return `"result":"0xffffff"`, true
				case "eth_getTransactionCount":
					return `"result":"0xffff"`, true
				case "eth_sendRawTransaction":
					return `"error":{"code":-32000,"message":"nonce too low"}`, true
				}
				return "", false
			})
			url = liar.URL
		}
		s.endpoint(e.Name, url)
	}
	h := s.open(t, s.hook("pause"), nil)
	if why := h.Needless(t.Context(), trip("i")); why != "" {
		t.Errorf("needless: %s", why)
	}
	if _, err := s.deliver(t, h, trip("i")); err != nil {
		t.Fatal(err)
	}
	if s.pauses(t) != 1 {
		t.Errorf("%d pauses", s.pauses(t))
	}
}

func TestNothingIsSentToAnotherChain(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.config.Chains[0].ChainID = 8453
	h := s.open(t, s.hook("pause"), nil)
	_, over, err := attempt(t, h, trip("i"))
	if over || err == nil || len(s.book.drafts(t, legL2)) != 0 {
		t.Errorf("over %t, %v", over, err)
	}
	if got := h.memory("i").trouble; !strings.Contains(got, "is of another chain: 901, not 8453") {
		t.Errorf("trouble %q", got)
	}
}

// An account without funds is named, and the pause lands once it has some.
func TestAnUnfundedAccountIsNamed(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	poor, err := crypto.GenerateKey()
	if err != nil {
		t.Fatal(err)
	}
	s.config.Signers[0].Key = config.NewSecret(hex.EncodeToString(crypto.FromECDSA(poor)))
	account := crypto.PubkeyToAddress(poor.PublicKey)
	s.market = *s.transact(t, nil, append(contracts.Market().Bytecode, words(account, account)...)).contract
	c := s.hook("pause")
	c.ConfirmWithin = config.Duration(time.Second)
	h := s.open(t, c, nil)
	for !slices.Contains(s.book.kinds("pause"), headwatch.ReportUnconfirmed) {
		if _, over, err := attempt(t, h, trip("i")); over {
			t.Fatalf("over: %v", err)
		}
		s.next()
	}
	if detail := s.book.reports[0].Detail; !strings.Contains(detail, account.Hex()+" has not enough for gas") {
		t.Errorf("told %q", detail)
	}
	s.fund(t, account)
	if _, err := s.deliver(t, h, trip("i")); err != nil {
		t.Fatal(err)
	}
	want := []headwatch.ReportKind{headwatch.ReportUnconfirmed, headwatch.ReportSent, headwatch.ReportEffective}
	if got := s.book.kinds("pause"); !slices.Equal(got, want) {
		t.Errorf("reported %v", got)
	}
}

func TestACallThatWouldRevertIsNotSent(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	stranger, err := crypto.GenerateKey()
	if err != nil {
		t.Fatal(err)
	}
	s.config.Signers[0].Key = config.NewSecret(hex.EncodeToString(crypto.FromECDSA(stranger)))
	h := s.open(t, s.hook("pause"), nil)
	_, err = s.deliver(t, h, trip("i"))
	if e, ok := errors.AsType[*delivery.Error](err); !ok || !e.Permanent || !strings.Contains(e.Detail, "would revert") {
		t.Errorf("%v", err)
	}
	if got := s.book.kinds("pause"); !slices.Equal(got, []headwatch.ReportKind{headwatch.ReportFailed}) || len(s.book.drafts(t, legL2)) != 0 {
		t.Errorf("reported %v", got)
	}
}

// Somebody else's transaction takes the nonce before ours, which no node ever got.
func TestANonceThatAStrangerUsedIsTheEnd(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	g := newGate(t, s.L2()[0].HTTP)
	g.answer(func(method string) (string, bool) {
		return `"error":{"code":-32000,"message":"txpool is full"}`, method == "eth_sendRawTransaction"
	})
	s.config.Chains[0].Endpoints = nil
	s.endpoint("gate", g.URL)
	h := s.open(t, s.hook("pause"), nil)
	if _, over, err := attempt(t, h, trip("i")); over {
		t.Fatal(err)
	}
	s.transact(t, &common.Address{1}, nil)
	_, err := s.deliver(t, h, trip("i"))
	if e, ok := errors.AsType[*delivery.Error](err); !ok || !e.Permanent || !strings.Contains(e.Detail, "another transaction used nonce") {
		t.Errorf("%v", err)
	}
	if got := s.book.kinds("pause"); !slices.Equal(got, []headwatch.ReportKind{headwatch.ReportFailed}) || s.counted["l2 lost"] != 1 {
		t.Errorf("reported %v, counted %v", got, s.counted)
	}
}

// Ours waits while the admin pauses: people are told, and ours is followed to its end.
func TestSomebodyElsePauses(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	poor, err := crypto.GenerateKey()
	if err != nil {
		t.Fatal(err)
	}
	watchdog := crypto.PubkeyToAddress(poor.PublicKey)
	s.fund(t, watchdog)
	s.transact(t, &s.market, append(crypto.Keccak256([]byte("grantRole(bytes32,address)"))[:4],
		append(crypto.Keccak256([]byte("PAUSER_ROLE")), words(watchdog)...)...))
	s.config.Signers[0].Key = config.NewSecret(hex.EncodeToString(crypto.FromECDSA(poor)))
	g := newGate(t, s.L2()[0].HTTP)
	g.answer(func(method string) (string, bool) {
		return `"result":"0x` + strings.Repeat("00", 32) + `"`, method == "eth_sendRawTransaction"
	})
	s.config.Chains[0].Endpoints = nil
	s.endpoint("gate", g.URL)
	h := s.open(t, s.hook("pause"), nil)
	if _, over, err := attempt(t, h, trip("i")); over {
		t.Fatal(err)
	}
	s.transact(t, &s.market, crypto.Keccak256([]byte("pause()"))[:4])
	for !slices.Contains(s.book.kinds("pause"), headwatch.ReportForeign) {
		if _, over, err := attempt(t, h, trip("i")); over {
			t.Fatalf("over: %v", err)
		}
		s.next()
	}
	g.answer(nil)
	detail, err := s.deliver(t, h, trip("i"))
	if err != nil || !strings.Contains(detail, "not by ours: l2: it reverted in block") {
		t.Errorf("%q, %v", detail, err)
	}
	if s.pauses(t) != 1 {
		t.Errorf("%d pauses", s.pauses(t))
	}
}

func TestAReorganisationIsFollowed(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	c := s.hook("pause")
	c.Confirmations = 3
	h := s.open(t, c, nil)
	landed := func() bool { return s.pauses(t) == 1 }
	for !landed() {
		if _, over, err := attempt(t, h, trip("i")); over {
			t.Fatalf("over: %v", err)
		}
		s.next()
	}
	if err := s.Reorg(1); err != nil {
		t.Fatal(err)
	}
	if _, err := s.deliver(t, h, trip("i")); err != nil {
		t.Fatal(err)
	}
	if s.pauses(t) != 1 {
		t.Errorf("%d pauses", s.pauses(t))
	}
}

func TestARelapseFindsThePauseUndone(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	h := s.open(t, s.hook("pause"), nil)
	if _, err := s.deliver(t, h, trip("i")); err != nil {
		t.Fatal(err)
	}
	relapse := trip("i")
	relapse.Kind = headwatch.StepRelapse
	if detail, err := s.deliver(t, h, relapse); err != nil || !strings.Contains(detail, "still in effect") {
		t.Errorf("%q, %v", detail, err)
	}
	s.transact(t, &s.market, crypto.Keccak256([]byte("unpause()"))[:4])
	s.height(t, "l2-c") // the last endpoint to follow
	if detail, err := s.deliver(t, h, relapse); err != nil || !strings.Contains(detail, "no longer") {
		t.Errorf("%q, %v", detail, err)
	}
	if got := s.book.kinds("pause"); !slices.Contains(got, headwatch.ReportUndone) {
		t.Errorf("reported %v", got)
	}
	resolve := trip("i")
	resolve.Kind = headwatch.StepResolve
	if detail, err := s.deliver(t, h, resolve); err != nil || !strings.Contains(detail, "headwatch hook resume pause") {
		t.Errorf("%q, %v", detail, err)
	}
}

// Two of three nodes hang: the pause is out within one attempt, and is called effective once two can be asked.
func TestNodesThatHangDoNotHoldUpAPause(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	h := s.open(t, s.hook("pause"), nil)
	for _, name := range []string{"l2-a", "l2-c"} {
		if err := s.SetFault(name, devnet.Hang); err != nil {
			t.Fatal(err)
		}
	}
	begin := time.Now()
	if _, over, err := attempt(t, h, trip("i")); over {
		t.Fatalf("over: %v", err)
	}
	if got := s.book.kinds("pause"); !slices.Equal(got, []headwatch.ReportKind{headwatch.ReportSent}) || time.Since(begin) > 12*time.Second {
		t.Errorf("reported %v after %v", got, time.Since(begin))
	}
	for s.pauses(t) == 0 {
		s.next()
	}
	if _, over, err := attempt(t, h, trip("i")); over {
		t.Errorf("one of three operators is believed: %v", err)
	}
	if err := s.SetFault("l2-a", devnet.Pass); err != nil {
		t.Fatal(err)
	}
	if _, err := s.deliver(t, h, trip("i")); err != nil {
		t.Error(err)
	}
}

// The hook has another signer after a restart: what the old one signed is followed, and nothing is signed by the new one.
func TestWhatIsKeptStaysWithItsAccount(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	c := s.hook("pause")
	s.EmptyBlocks(true)
	if _, over, err := attempt(t, s.open(t, c, nil), trip("i")); over {
		t.Fatalf("over: %v", err)
	}
	s.config.Signers[0].Key = config.NewSecret(hex.EncodeToString(crypto.FromECDSA(devnet.GuardianKey())))
	h := s.open(t, c, nil)
	for !strings.Contains(h.memory("i").trouble, "another key now") {
		if _, over, err := attempt(t, h, trip("i")); over {
			t.Fatalf("over: %v", err)
		}
		s.next()
	}
	s.EmptyBlocks(false)
	if _, err := s.deliver(t, h, trip("i")); err != nil {
		t.Fatal(err)
	}
	if len(s.book.drafts(t, legL2)) != 1 || s.pauses(t) != 1 {
		t.Errorf("%d drafts, %d pauses", len(s.book.drafts(t, legL2)), s.pauses(t))
	}
}

// A node says a wrong nonce: one of two operators is not enough to give up.
func TestOneOfTwoOperatorsDoesNotMakeUsGiveUp(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	honest, liar := newGate(t, s.L2()[0].HTTP), newGate(t, s.L2()[1].HTTP)
	full := func(method string) (string, bool) {
		return `"error":{"code":-32000,"message":"txpool is full"}`, method == "eth_sendRawTransaction"
	}
	honest.answer(full)
	liar.answer(full)
	s.config.Chains[0].Endpoints = nil
	s.endpoint("honest", honest.URL)
	s.endpoint("liar", liar.URL)
	h := s.open(t, s.hook("pause"), nil)
	if _, over, err := attempt(t, h, trip("i")); over {
		t.Fatal(err)
	}
	liar.answer(func(method string) (string, bool) {
		if method == "eth_getTransactionCount" {
			return `"result":"0xff"`, true
		}
		return full(method)
	})
	for end := time.Now().Add(2*h.l2.rules.Replace + 2*time.Second); time.Now().Before(end); s.next() {
		if _, over, err := attempt(t, h, trip("i")); over {
			t.Fatalf("gave up: %v, %v", err, s.book.kinds("pause"))
		}
	}
	honest.answer(nil)
	for s.pauses(t) == 0 { // with a lie about the nonce it is not seen, and it lands all the same
		if _, over, err := attempt(t, h, trip("i")); over && err != nil {
			t.Fatal(err)
		}
		s.next()
	}
}

// The process dies again and again before anything can be kept: people hear of it all the same, and nothing has begun.
func TestACrashLoopIsLate(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	g := newGate(t, s.L2()[0].HTTP)
	g.answer(func(string) (string, bool) { return `"error":{"code":-32000,"message":"busy"}`, true })
	s.config.Chains[0].Endpoints = nil
	s.endpoint("gate", g.URL)
	c := s.hook("pause")
	c.ConfirmWithin = config.Duration(time.Second)
	for end := time.Now().Add(10 * time.Second); !slices.Contains(s.book.kinds("pause"), headwatch.ReportUnconfirmed); s.next() {
		h := s.open(t, c, nil)
		if _, over, err := attempt(t, h, trip("i")); over || time.Now().After(end) {
			t.Fatalf("over %t, %v, reported %v", over, err, s.book.kinds("pause"))
		}
		if begun, err := h.Begun(t.Context(), "i"); begun || err != nil {
			t.Fatalf("begun %t, %v", begun, err)
		}
	}
	g.answer(nil)
	if _, err := s.deliver(t, s.open(t, c, nil), trip("i")); err != nil {
		t.Fatal(err)
	}
	for _, h := range []*Hook{s.open(t, c, nil), s.open(t, c, nil)} { // what has ended has begun, too
		if begun, err := h.Begun(t.Context(), "i"); !begun || err != nil {
			t.Errorf("begun %t, %v", begun, err)
		}
	}
}

// An endpoint that serves sequencer is handed the transaction and asked nothing.
func TestTheSequencerGetsItDirectly(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	node, sequencer := newGate(t, s.L2()[0].HTTP), newGate(t, s.L2()[1].HTTP)
	node.answer(func(method string) (string, bool) {
		return `"error":{"code":-32000,"message":"not here"}`, method == "eth_sendRawTransaction"
	})
	s.config.Chains[0].Endpoints = nil
	s.endpoint("node", node.URL)
	s.endpoint("sequencer", sequencer.URL)
	s.config.Chains[0].Endpoints[1].Serves = config.ServesSequencer
	if _, err := s.deliver(t, s.open(t, s.hook("pause"), nil), trip("i")); err != nil {
		t.Fatal(err)
	}
	if asked := sequencer.count(); len(asked) != 1 || asked["eth_sendRawTransaction"] == 0 || s.pauses(t) != 1 {
		t.Errorf("asked %v, %d pauses", asked, s.pauses(t))
	}
}
