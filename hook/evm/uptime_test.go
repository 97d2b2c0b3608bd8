package evm

import (
	"context"
	"encoding/hex"
	"math/big"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ethereum/go-ethereum"
	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/core/types"
	"github.com/ethereum/go-ethereum/crypto"

	"headwatch"
	"headwatch/config"
	"headwatch/contracts"
	"headwatch/devnet"
)

// feedStage is a stage with a feed on L2, a contract that heeds it, and a circuit whose state the test sets.
type feedStage struct {
	*stage
	feed, consumer common.Address
	hooked         *config.Hook

	mu     sync.Mutex
	signal headwatch.Signal
}

const (
	feedLease = 30 * time.Second
	feedGrace = 3 // seconds
)

func newFeedStage(t *testing.T) *feedStage {
	t.Helper()
	f := &feedStage{stage: newStage(t)}
	owner, updater := crypto.PubkeyToAddress(f.key.PublicKey), crypto.PubkeyToAddress(devnet.GuardianKey().PublicKey)
	f.feed = *f.transact(t, nil, append(append(contracts.HeadwatchUptimeFeed().Bytecode, words(owner, updater)...), numberWord(uint64(feedLease/time.Second))...)).contract
	f.consumer = *f.transact(t, nil, append(append(contracts.GracePeriodConsumer().Bytecode, words(f.feed)...), numberWord(feedGrace)...)).contract
	f.config.Chains[0].Portal = f.Portal().Hex()
	f.config.Signers[0].Key = config.NewSecret(hex.EncodeToString(crypto.FromECDSA(devnet.GuardianKey())))
	f.config.API.Lease = config.Duration(time.Minute)
	f.config.Circuits = []config.Circuit{{Name: "lending", Chain: "l2", Hooks: []string{"uptime"}}}
	f.config.Hooks = append(f.config.Hooks, config.Hook{
		Name: "uptime", Kind: config.HookUptimeFeed, Mode: config.ModeArmed, Chain: "l2", Via: config.ViaL1Deposit, To: f.feed.Hex(),
		Signer: "guardian", MaxFee: 300, ReplaceAfter: config.Duration(4 * time.Second), Confirmations: 2,
		ConfirmWithin: config.Duration(3 * time.Minute), Lease: config.Duration(feedLease),
	})
	f.hooked = &f.config.Hooks[0]
	return f
}

// decide sets the state of the circuit.
func (f *feedStage) decide(seq uint64, state headwatch.State) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.signal = headwatch.Signal{Circuit: "lending", Chain: "l2", State: state, Seq: seq, ValidUntil: time.Now().Add(time.Hour)}
	if seq > 1 {
		f.signal.Since = time.Now()
	}
}

// open makes the hook as the program does at its start.
func (f *feedStage) open(t *testing.T) *Uptime {
	t.Helper()
	d := f.log()
	d.Signals = func(time.Duration) []headwatch.Signal {
		f.mu.Lock()
		defer f.mu.Unlock()
		return []headwatch.Signal{f.signal}
	}
	u, err := NewUptime(*f.hooked, d)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// run lets the hook keep its lease until the process dies.
func (f *feedStage) run(t *testing.T, u *Uptime) (die func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() {
		if err := u.Run(ctx); err != nil {
			t.Error(err)
		}
	})
	die = sync.OnceFunc(func() { cancel(); running.Wait() })
	t.Cleanup(die)
	return die
}

func (f *feedStage) answer(t *testing.T) FeedState {
	t.Helper()
	return f.at(t, nil)
}

func (f *feedStage) at(t *testing.T, block *big.Int) FeedState {
	t.Helper()
	out, err := f.eth.CallContract(t.Context(), ethereum.CallMsg{To: &f.feed, Data: packCall("latestRoundData()")}, block)
	if err != nil {
		t.Fatal(err)
	}
	s, err := ParseFeed(out)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// until waits for the feed to say a status.
func (f *feedStage) until(t *testing.T, down bool) FeedState {
	t.Helper()
	for end := time.Now().Add(60 * time.Second); time.Now().Before(end); f.next() {
		if s := f.answer(t); s.Down == down {
			return s
		}
	}
	t.Fatalf("the feed does not say down: %t", down)
	return FeedState{}
}

// refusal is what the consumer says to somebody who would liquidate.
func (f *feedStage) refusal(t *testing.T) string {
	t.Helper()
	_, err := f.eth.CallContract(t.Context(), ethereum.CallMsg{To: &f.consumer, Data: packCall("requireSequencerUp()")}, nil)
	if err == nil {
		return ""
	}
	return err.Error()
}

// word delivers what a decision makes the hook say.
func (f *feedStage) word(t *testing.T, u *Uptime, kind headwatch.StepKind, seq uint64, since time.Time) string {
	t.Helper()
	n := headwatch.Notice{
		Incident: "lending-1", Step: seq, Kind: kind, Since: since, Transition: headwatch.Transition{Circuit: "lending", Seq: seq, At: time.Now()},
	}
	for end := time.Now().Add(90 * time.Second); time.Now().Before(end); f.next() {
		detail, over, err := attemptOf(t, u, n)
		if over {
			if err != nil {
				t.Errorf("%s: %v", kind, err)
			}
			return detail
		}
	}
	t.Fatalf("%s: not over in 90 s", kind)
	return ""
}

// A whole outage on real chains: up, renewed, down since the stall began in the first block of the deposit's epoch, up again, and
// down by itself when the process is dead.
func TestAFeedGoesDownWithTheChainAndUpWithIt(t *testing.T) {
	t.Parallel()
	f := newFeedStage(t)
	if s := f.answer(t); !s.Down {
		t.Fatal("a feed begins down")
	}
	u := f.open(t)
	f.decide(1, headwatch.Closed)
	die := f.run(t, u)
	first := f.until(t, false)

	f.StopL2()
	stopped, err := f.eth.BlockByNumber(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	stall := time.Unix(int64(stopped.Time()), 0)
	f.decide(2, headwatch.Open)
	var down sync.WaitGroup
	var detail string
	down.Go(func() { detail = f.word(t, u, headwatch.StepTrip, 2, stall) })
	for len(f.book.drafts(t, legL1)) < 2 {
		f.next()
	}
	for end := f.height(t, "l1") + 4; f.height(t, "l1") < end; f.next() { // L1 goes on
	}
	f.ResumeL2(0)
	down.Wait()
	s := f.answer(t)
	if !s.Down || !s.StartedAt.Equal(stall) || !strings.Contains(detail, "in effect: l1-deposit in block") {
		t.Errorf("%+v, want down since %s: %s", s, stall, detail)
	}
	if why := f.refusal(t); !strings.Contains(why, "revert") {
		t.Errorf("the consumer goes on: %q", why)
	}
	f.lands(t, stopped.NumberU64())

	f.decide(3, headwatch.Closed)
	f.word(t, u, headwatch.StepResolve, 3, stall)
	up := f.answer(t)
	if up.Down || !up.StartedAt.After(stall) || !up.StartedAt.After(first.StartedAt) {
		t.Errorf("%+v after the circuit closed", up)
	}
	for end := time.Now().Add(30 * time.Second); f.refusal(t) != "" && time.Now().Before(end); f.next() {
	}
	if why := f.refusal(t); why != "" {
		t.Errorf("the consumer waits after the grace period: %s", why)
	}

	for time.Now().Before(up.UpdatedAt.Add(feedLease + 4*time.Second)) {
		if s := f.answer(t); s.Down || !s.StartedAt.Equal(up.StartedAt) {
			t.Fatalf("the lease is not kept: %+v", s)
		}
		f.next()
	}
	die()
	if s := f.until(t, true); s.StartedAt.Sub(s.UpdatedAt) != feedLease {
		t.Errorf("a dead process: %+v", s)
	}
	for _, r := range f.book.reports {
		if r.What != "feed down" {
			t.Errorf("told of %+v", r)
		}
	}
}

// lands looks for the first block after the chain's stop that says down: it must be that of the deposit, and one of those that the
// chain had missed.
func (f *feedStage) lands(t *testing.T, stopped uint64) {
	t.Helper()
	all, err := f.Deposits()
	if err != nil {
		t.Fatal(err)
	}
	landed := all[len(all)-1].Block
	if !f.at(t, new(big.Int).SetUint64(landed)).Down || f.at(t, new(big.Int).SetUint64(landed-1)).Down {
		t.Errorf("the deposit is in block %d, and the feed goes down in another", landed)
	}
	block, err := f.eth.BlockByNumber(t.Context(), new(big.Int).SetUint64(landed))
	if err != nil {
		t.Fatal(err)
	}
	before := slices.IndexFunc(block.Transactions(), func(tx *types.Transaction) bool { return tx.Hash() == all[len(all)-1].StandIn })
	if landed <= stopped || before < 0 || before > 1 { // what says which L1 block it is comes first
		t.Errorf("block %d after %d: %d transactions before the deposit", landed, stopped, before)
	}
}

// The process dies after a renewal is on L1 and before anything else. The next one sends nothing new.
func TestARenewalIsNotSentTwiceByACrash(t *testing.T) {
	t.Parallel()
	f := newFeedStage(t)
	f.decide(1, headwatch.Closed)
	u := f.open(t)
	for len(f.book.drafts(t, legL1)) == 0 {
		u.keepLease(t.Context())
		f.next()
	}
	after := f.open(t)
	die := f.run(t, after)
	f.until(t, false)
	die()
	for after.keepLease(t.Context()) == after.pace { // until it has nothing more to do
		f.next()
	}
	if drafts := f.book.drafts(t, legL1); len(drafts) != 1 || drafts[0].Nonce != 0 {
		t.Errorf("%d transactions", len(drafts))
	}
}

// A circuit is tripped again while the last "up" is on its way to a chain that stands still: what is said last stands.
func TestTheLastWordStands(t *testing.T) {
	t.Parallel()
	f := newFeedStage(t)
	f.decide(1, headwatch.Closed)
	u := f.open(t)
	f.run(t, u)
	f.until(t, false)
	f.StopL2()
	stall := time.Now()
	var all sync.WaitGroup
	for seq, kind := range []headwatch.StepKind{headwatch.StepTrip, headwatch.StepResolve, headwatch.StepTrip} {
		seq := uint64(seq + 2)
		f.decide(seq, map[bool]headwatch.State{true: headwatch.Open, false: headwatch.Closed}[kind == headwatch.StepTrip])
		all.Go(func() { f.word(t, u, kind, seq, stall) })
		for len(f.book.drafts(t, legL1)) < int(seq) {
			f.next()
		}
	}
	f.ResumeL2(0)
	all.Wait()
	if s := f.answer(t); !s.Down {
		t.Errorf("%+v", s)
	}
	for _, r := range f.book.reports {
		if r.Kind.Urgent() {
			t.Errorf("told of %+v", r)
		}
	}
}

func TestAWordIsBegunOnlyWhileItIsTrue(t *testing.T) {
	now := time.Now()
	for _, c := range []struct {
		name  string
		down  bool
		state headwatch.State
		seq   uint64 // of the state; the word's is 5
		fresh bool
		why   string
		never bool
	}{
		{"down while it is open", true, headwatch.Open, 5, true, "", false},
		{"down before the state is known", true, headwatch.StateUnknown, 0, false, "", false},
		{"down on probation", true, headwatch.HalfOpen, 6, true, "", false},
		{"down after it closed", true, headwatch.Closed, 7, true, "the circuit is closed by now: nothing was sent", true},
		{"up while it is closed", false, headwatch.Closed, 5, true, "", false},
		{"up after a warning", false, headwatch.Closed, 6, true, "", false},
		{"up by old news", false, headwatch.Closed, 5, false, "it is not known yet whether the circuit is closed", false},
		{"up before the state is known", false, headwatch.StateUnknown, 0, false, "it is not known yet whether the circuit is closed", false},
		{"up after it opened again", false, headwatch.Open, 6, true, "the circuit is open by now: nothing was sent", true},
	} {
		u := &Uptime{circuit: "lending", Hook: &Hook{deps: Deps{Config: &config.Config{}, Signals: func(time.Duration) []headwatch.Signal {
			s := headwatch.Signal{Circuit: "lending", State: c.state, Seq: c.seq}
			if c.fresh {
				s.ValidUntil = now.Add(time.Minute)
			}
			return []headwatch.Signal{{Circuit: "other"}, s}
		}}}}
		why, never := u.withhold(saying{seq: 5, down: c.down})
		if why != c.why || never != c.never {
			t.Errorf("%s: %q, %t", c.name, why, never)
		}
	}
}

func TestARenewalIsKnownByItsKey(t *testing.T) {
	for key, want := range map[string]saying{
		"lease-up-7-1795253666":   {key: "lease-up-7-1795253666", seq: 7},
		"lease-down-8-1795253666": {key: "lease-down-8-1795253666", seq: 8, down: true},
	} {
		if got, ok := renewed(key); !ok || got.key != want.key || got.seq != want.seq || got.down != want.down {
			t.Errorf("%s: %+v", key, got)
		}
	}
	for _, key := range []string{"", "lending-1-7", "lease-", "lease-up", "lease-1-2", "lease-up-x-1"} {
		if got, ok := renewed(key); ok {
			t.Errorf("%s: %+v", key, got)
		}
	}
}
