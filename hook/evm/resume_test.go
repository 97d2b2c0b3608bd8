package evm

import (
	"context"
	"encoding/hex"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ethereum/go-ethereum/crypto"

	"headwatch"
	"headwatch/config"
	"headwatch/contracts"
	"headwatch/devnet"
)

// resumeStage is a stage whose market one account may pause and another one resume.
type resumeStage struct {
	*stage
	hooked *config.Hook

	mu     sync.Mutex
	state  headwatch.State
	orders []headwatch.Action
}

func newResumeStage(t *testing.T) *resumeStage {
	t.Helper()
	s := &resumeStage{stage: newStage(t), state: headwatch.Open}
	admin, pauser := crypto.PubkeyToAddress(s.key.PublicKey), crypto.PubkeyToAddress(devnet.GuardianKey().PublicKey)
	s.market = *s.transact(t, nil, append(contracts.Market().Bytecode, words(admin, pauser)...)).contract
	s.fund(t, pauser)
	s.config.Signers[0].Key = config.NewSecret(hex.EncodeToString(crypto.FromECDSA(devnet.GuardianKey())))
	s.config.Signers = append(s.config.Signers, config.Signer{
		Name: "admin", Kind: config.SignerKey, Key: config.NewSecret(hex.EncodeToString(crypto.FromECDSA(s.key))),
	})
	s.config.API.Lease = config.Duration(time.Minute)
	s.config.Circuits = []config.Circuit{{Name: "lending", Chain: "l2", Hooks: []string{"pause"}}}
	s.hooked = s.hook("pause")
	s.hooked.ResumeSigner = "admin"
	return s
}

func (s *resumeStage) open(t *testing.T) *Hook {
	t.Helper()
	d := s.log()
	d.Signals = func(time.Duration) []headwatch.Signal {
		s.mu.Lock()
		defer s.mu.Unlock()
		return []headwatch.Signal{{Circuit: "lending", State: s.state, ValidUntil: time.Now().Add(time.Minute)}}
	}
	d.Orders = func(string) []headwatch.Action {
		s.mu.Lock()
		defer s.mu.Unlock()
		return slices.Clone(s.orders)
	}
	h, err := New(*s.hooked, d)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func (s *resumeStage) set(state headwatch.State, orders ...headwatch.Action) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.state, s.orders = state, orders
}

func (s *resumeStage) resumed(t *testing.T, h *Hook) bool {
	t.Helper()
	v, err := h.target.witness(t.Context(), h.back.effect)
	if err != nil {
		t.Fatal(err)
	}
	return v.needless()
}

// run carries out orders until the process dies.
func (s *resumeStage) run(t *testing.T, h *Hook) (die func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() {
		if err := h.Run(ctx); err != nil {
			t.Error(err)
		}
	})
	die = sync.OnceFunc(func() { cancel(); running.Wait() })
	t.Cleanup(die)
	return die
}

func TestAnOrderTakesAPauseBackOnce(t *testing.T) {
	t.Parallel()
	s := newResumeStage(t)
	h := s.open(t)
	refused := func(what string) {
		t.Helper()
		if err := h.Resumable(t.Context()); !errors.Is(err, ErrNoResume) || !strings.Contains(err.Error(), what) {
			t.Errorf("%v, want %q", err, what)
		}
	}
	refused("circuit lending is open: it must be closed first")
	s.set(headwatch.Closed)
	refused("the contract is not as the hook brings it")
	if _, err := s.deliver(t, h, trip("lending-1")); err != nil {
		t.Fatal(err)
	}
	if err := h.Resumable(t.Context()); err != nil {
		t.Error(err)
	}
	before := len(s.book.drafts(t, legL2))

	// The process dies when the first transaction is on record, and goes through the order again.
	order := headwatch.Action{Kind: headwatch.ActionResume, Hook: "pause", Circuit: "lending", Incident: "lending-1", Actor: "ada", At: time.Now()}
	s.EmptyBlocks(true)
	for end := time.Now().Add(30 * time.Second); len(s.book.drafts(t, legL2)) == before && time.Now().Before(end); s.next() {
		if h.back.obey(t.Context(), order) {
			t.Fatal("over before it was sent")
		}
	}
	refused("an order before this one is still under way")
	s.EmptyBlocks(false)
	h = s.open(t)
	s.set(headwatch.Closed, order)
	die := s.run(t, h)
	for end := time.Now().Add(60 * time.Second); !s.resumed(t, h) && time.Now().Before(end); s.next() {
	}
	for end := time.Now().Add(60 * time.Second); h.accounts.resuming("pause") && time.Now().Before(end); s.next() {
	}
	die()
	if !s.open(t).back.obey(t.Context(), order) {
		t.Error("the order is still on record, and not over for the next process")
	}
	all := s.book.drafts(t, legL2)[before:]
	admin := crypto.PubkeyToAddress(s.key.PublicKey)
	for _, d := range all {
		if d.From != admin || d.Nonce != all[0].Nonce {
			t.Errorf("a transaction of %s with nonce %d, after %d", d.From, d.Nonce, all[0].Nonce)
		}
	}
	if !s.resumed(t, h) || len(all) == 0 {
		t.Errorf("%d transactions, resumed: %t", len(all), s.resumed(t, h))
	}
	said := map[headwatch.ReportKind]int{}
	for _, r := range s.book.reports {
		if r.What == ResumeName(order) && r.Incident == "lending-1" {
			said[r.Kind]++
		}
	}
	if said[headwatch.ReportSent] != 1 || said[headwatch.ReportEffective] != 1 || len(said) != 2 {
		t.Errorf("told %v", said)
	}
	refused("the contract is not as the hook brings it")
}

func TestAnOrderLapses(t *testing.T) {
	t.Parallel()
	s := newResumeStage(t)
	h := s.open(t)
	for _, c := range []struct {
		state headwatch.State
		age   time.Duration
		want  string
	}{
		{headwatch.Open, 0, "nothing was sent: circuit lending is open"},
		{headwatch.HalfOpen, 0, "nothing was sent: circuit lending is half_open"},
		{headwatch.Closed, time.Hour, "is too old"},
	} {
		s.book.reports = nil
		s.set(c.state)
		if !h.back.obey(t.Context(), headwatch.Action{Kind: headwatch.ActionResume, Hook: "pause", At: time.Now().Add(-c.age)}) {
			t.Errorf("%s: it is not over", c.want)
		}
		if r := s.book.reports; len(r) != 1 || r[0].Kind != headwatch.ReportLapsed || !strings.Contains(r[0].Detail, c.want) {
			t.Errorf("%+v, want %q", r, c.want)
		}
	}
	if n := len(s.book.drafts(t, legL2)); n != 0 {
		t.Errorf("%d transactions", n)
	}
}

func TestNobodyResumesWithoutASignerForIt(t *testing.T) {
	h := &Hook{config: config.Hook{Name: "pause"}}
	if err := h.Resumable(t.Context()); !errors.Is(err, ErrNoResume) || !strings.Contains(err.Error(), "has no resume_signer") {
		t.Error(err)
	}
	if err := h.Run(t.Context()); err != nil {
		t.Error(err)
	}
}

// An order to take a pause back is signed, and the chain stands still before it lands: it will land in the first block when the chain
// is back. The next trip finds the contract paused, and pauses it again all the same.
func TestATripIsNotNeedlessWhileAPauseIsTakenBack(t *testing.T) {
	t.Parallel()
	s := newResumeStage(t)
	h := s.open(t)
	s.set(headwatch.Closed)
	if _, err := s.deliver(t, h, trip("lending-1")); err != nil {
		t.Fatal(err)
	}
	order := headwatch.Action{Kind: headwatch.ActionResume, Hook: "pause", Circuit: "lending", Incident: "lending-1", Actor: "ada", At: time.Now()}
	s.set(headwatch.Closed, order)
	s.EmptyBlocks(true)
	s.run(t, h)
	for end := time.Now().Add(30 * time.Second); !h.accounts.resuming("pause") && time.Now().Before(end); s.next() {
	}
	s.set(headwatch.Open, order)
	other := *s.hooked
	other.Name, other.ResumeSigner = "other", ""
	d := s.log()
	d.Accounts = h.accounts
	o, err := New(other, d)
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range []*Hook{h, o} {
		if why := h.Needless(t.Context(), trip("lending-2")); why != "" {
			t.Errorf("%s: needless: %s", h.config.Name, why)
		}
	}
	for begin := time.Now(); time.Since(begin) < s.hooked.ReplaceAfter.D()+3*time.Second; s.next() {
		if detail, over, err := attempt(t, h, trip("lending-2")); over {
			t.Fatalf("over: %q, %v", detail, err)
		}
	}
	s.EmptyBlocks(false)
	if detail, err := s.deliver(t, h, trip("lending-2")); err != nil || !strings.Contains(detail, "in effect: l2 in block") {
		t.Errorf("%q, %v", detail, err)
	}
	if s.pauses(t) != 2 || s.resumed(t, h) {
		t.Errorf("%d pauses, resumed: %t", s.pauses(t), s.resumed(t, h))
	}
}

// The circuit opens while the nodes are asked for what an order needs: nothing is begun.
func TestAnOrderIsNotBegunWhenTheCircuitOpensMeanwhile(t *testing.T) {
	t.Parallel()
	s := newResumeStage(t)
	g := newGate(t, s.L2()[0].HTTP)
	s.config.Chains[0].Endpoints = nil
	s.endpoint("gate", g.URL)
	h := s.open(t)
	if _, err := s.deliver(t, h, trip("lending-1")); err != nil {
		t.Fatal(err)
	}
	s.set(headwatch.Closed)
	g.answer(func(method string) (string, bool) {
		if method == "eth_estimateGas" {
			s.set(headwatch.Open)
		}
		return "", false
	})
	order := headwatch.Action{Kind: headwatch.ActionResume, Hook: "pause", Circuit: "lending", Incident: "lending-1", Actor: "ada", At: time.Now()}
	for end := time.Now().Add(30 * time.Second); !h.back.obey(t.Context(), order) && time.Now().Before(end); s.next() {
	}
	kinds := s.book.kinds("pause")
	if n := len(s.book.drafts(t, legL2)); n != 1 || kinds[len(kinds)-1] != headwatch.ReportLapsed {
		t.Errorf("%d transactions, reported %v", n, kinds)
	}
}
