package evm

import (
	"encoding/hex"
	"math/big"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/crypto"
	"github.com/ethereum/go-ethereum/params"

	"headwatch"
	"headwatch/config"
	"headwatch/devnet"
)

// overL1 is a stage whose hook goes through the portal to the net's own market.
func overL1(t *testing.T, via string) (*stage, *config.Hook) {
	t.Helper()
	s := newStage(t)
	s.market = s.Market()
	s.config.Chains[0].Portal = s.Portal().Hex()
	s.config.Signers[0].Key = config.NewSecret(hex.EncodeToString(crypto.FromECDSA(devnet.GuardianKey())))
	c := s.hook("pause")
	c.Via = via
	return s, c
}

// until makes attempts until something has been reported.
func until(t *testing.T, s *stage, h *Hook, kind headwatch.ReportKind) {
	t.Helper()
	for end := time.Now().Add(60 * time.Second); !slices.Contains(s.book.kinds("pause"), kind); s.next() {
		if _, over, err := attempt(t, h, trip("i")); over || time.Now().After(end) {
			t.Fatalf("no report %s: over %t, %v, reported %v", kind, over, err, s.book.kinds("pause"))
		}
	}
}

func TestAPauseThroughL1LandsWhenTheChainReturns(t *testing.T) {
	t.Parallel()
	s, c := overL1(t, config.ViaL1Deposit)
	c.ConfirmWithin = config.Duration(2 * time.Second) // what waits for L2 has no limit
	s.StopL2()
	for _, e := range s.L2() { // not even its nodes are there
		if err := s.SetFault(e.Name, devnet.Refuse); err != nil {
			t.Fatal(err)
		}
	}
	h := s.open(t, c, nil)
	until(t, s, h, headwatch.ReportDeposited)
	for _, e := range s.L2() {
		if err := s.SetFault(e.Name, devnet.Pass); err != nil {
			t.Fatal(err)
		}
	}
	for end := s.height(t, "l1") + 4; s.height(t, "l1") < end; s.next() {
		if _, over, err := attempt(t, h, trip("i")); over {
			t.Fatalf("over while L2 is down: %v", err)
		}
	}
	s.ResumeL2(0)
	detail, err := s.deliver(t, s.open(t, c, nil), trip("i"))
	if err != nil || !strings.Contains(detail, "in effect: l1-deposit in block") {
		t.Errorf("%q, %v", detail, err)
	}
	if s.pauses(t) != 1 || len(s.book.drafts(t, legL1)) != 1 || len(s.book.drafts(t, legL2)) != 0 {
		t.Errorf("%d pauses, %d drafts", s.pauses(t), len(s.book.drafts(t, legL1)))
	}
	want := []headwatch.ReportKind{headwatch.ReportSent, headwatch.ReportDeposited, headwatch.ReportEffective}
	if got := slices.DeleteFunc(s.book.kinds("pause"), func(k headwatch.ReportKind) bool { return k == headwatch.ReportUnconfirmed }); !slices.Equal(got, want) {
		t.Errorf("reported %v", got)
	}
}

func TestBothWaysHaveOneEffect(t *testing.T) {
	t.Parallel()
	s, c := overL1(t, config.ViaBoth)
	s.StopL2()
	h := s.open(t, c, nil)
	until(t, s, h, headwatch.ReportDeposited)
	s.ResumeL2(0)
	if detail, err := s.deliver(t, h, trip("i")); err != nil || !strings.Contains(detail, "in effect") {
		t.Errorf("%q, %v", detail, err)
	}
	if s.pauses(t) != 1 || len(s.book.drafts(t, legL1)) != 1 || len(s.book.drafts(t, legL2)) != 1 {
		t.Errorf("%d pauses, %d and %d drafts", s.pauses(t), len(s.book.drafts(t, legL1)), len(s.book.drafts(t, legL2)))
	}
}

// The deposit is taken out of L1 again, and forgotten, before it has its confirmations.
func TestAnL1ReorganisationThatRemovesTheDepositIsFollowed(t *testing.T) {
	t.Parallel()
	s, c := overL1(t, config.ViaL1Deposit)
	c.Confirmations = 3
	h := s.open(t, c, nil)
	for len(h.l1see(t)) == 0 {
		if _, over, err := attempt(t, h, trip("i")); over {
			t.Fatalf("over: %v", err)
		}
		s.next()
	}
	if err := s.ReorgL1(2, true); err != nil {
		t.Fatal(err)
	}
	detail, err := s.deliver(t, h, trip("i"))
	if err != nil || !strings.Contains(detail, "in effect: l1-deposit") {
		t.Errorf("%q, %v", detail, err)
	}
	drafts := s.book.drafts(t, legL1)
	for _, d := range drafts {
		if d.Nonce != drafts[0].Nonce {
			t.Errorf("nonces %d and %d", drafts[0].Nonce, d.Nonce)
		}
	}
	if s.pauses(t) != 1 {
		t.Errorf("%d pauses", s.pauses(t))
	}
}

// l1see gives what is in a block of what is kept for L1.
func (h *Hook) l1see(t *testing.T) []confirmed {
	t.Helper()
	drafts, err := h.accounts.kept(t.Context(), "i", h.config.Name, legL1)
	if err != nil || len(drafts) == 0 {
		return nil
	}
	c, err := h.l1.nodes.look(t.Context(), watchman, 1, []common.Hash{drafts[len(drafts)-1].hash})
	if err != nil {
		t.Fatal(err)
	}
	var all []confirmed
	for _, r := range c.Receipts {
		all = append(all, r)
	}
	return all
}

// A crowd outbids the deposit: it is offered more, with the same nonce, until it gets in.
func TestAFeeSpikeOnL1IsOutbid(t *testing.T) {
	t.Parallel()
	s, c := overL1(t, config.ViaL1Deposit)
	if err := s.SpikeL1(12, big.NewInt(3*params.GWei)); err != nil {
		t.Fatal(err)
	}
	if _, err := s.deliver(t, s.open(t, c, nil), trip("i")); err != nil {
		t.Fatal(err)
	}
	drafts := s.book.drafts(t, legL1)
	for _, d := range drafts {
		if d.Nonce != drafts[0].Nonce || d.Max.ToInt().Cmp(limit(c.MaxFee)) > 0 {
			t.Errorf("draft %d has nonce %d and offers %s", d.Number, d.Nonce, d.Max)
		}
	}
	if s.pauses(t) != 1 {
		t.Errorf("%d pauses", s.pauses(t))
	}
}

// Nobody configured a portal: a rollup endpoint names it. One that is configured and that it denies is told while all is well,
// because the portal of another chain takes deposits too.
func TestThePortalIsAskedFor(t *testing.T) {
	t.Parallel()
	s, c := overL1(t, config.ViaL1Deposit)
	s.config.Chains[0].Portal = ""
	d := s.log()
	if _, err := New(*c, d); err == nil || !strings.Contains(err.Error(), "set the chain's portal") {
		t.Errorf("%v", err)
	}
	s.config.Chains[0].Endpoints = append(s.config.Chains[0].Endpoints, config.Endpoint{
		Name: "rollup", URL: config.NewSecret(s.L2()[0].Rollup), Serves: config.ServesRollup, Operator: "rollup",
	})
	if all, err := Transactions(t.Context(), s.config, *c, Handover{}); err != nil || all[0].To != s.Portal().Hex() {
		t.Errorf("handed over: %+v, %v", all, err)
	}
	if _, err := s.deliver(t, s.open(t, c, nil), trip("i")); err != nil {
		t.Fatal(err)
	}
	if s.pauses(t) != 1 {
		t.Errorf("%d pauses", s.pauses(t))
	}
	s.config.Chains[0].Portal = basePortal
	if err := s.open(t, c, nil).Ready(t.Context()); err == nil || !strings.Contains(err.Error(), "is configured as "+basePortal) {
		t.Errorf("with the portal of another chain: %v", err)
	}
}

// On Arbitrum L1 carries what was signed for L2. The inbox of this test is a plain account, and the test does what nitro would do.
func TestArbitrumCarriesWhatWasSignedForIt(t *testing.T) {
	t.Parallel()
	s, c := overL1(t, config.ViaL1Deposit)
	s.config.Chains[0].Kind, s.config.Chains[0].Inbox = config.KindArbitrum, "0x4Dbd4fc535Ac27206064B68FfCf827b0A60BAB3f"
	h := s.open(t, c, nil)
	until(t, s, h, headwatch.ReportDeposited)
	l1, l2 := s.book.drafts(t, legL1), s.book.drafts(t, legL2)
	if len(l1) != 1 || len(l2) != 1 || !strings.Contains(hex.EncodeToString(l1[0].Raw), hex.EncodeToString(l2[0].Raw)) {
		t.Fatalf("%d drafts on L1 and %d on L2", len(l1), len(l2))
	}
	if nonce, err := s.eth.PendingNonceAt(t.Context(), l2[0].From); err != nil || nonce != l2[0].Nonce {
		t.Fatalf("it went to L2 by itself: %d, %v", nonce, err)
	}
	tx, err := l2[0].transaction()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.eth.SendTransaction(t.Context(), tx); err != nil {
		t.Fatal(err)
	}
	if detail, err := s.deliver(t, h, trip("i")); err != nil || !strings.Contains(detail, "in effect: l2 in block") {
		t.Errorf("%q, %v", detail, err)
	}
}

// Everything is remembered that the way through L1 needs of L2: readiness has asked for it.
func TestReadinessRemembersTheGasForTheWorstDay(t *testing.T) {
	t.Parallel()
	s, c := overL1(t, config.ViaL1Deposit)
	h := s.open(t, c, nil)
	if err := h.Ready(t.Context()); err != nil {
		t.Log(err) // whatever it finds
	}
	for _, e := range s.L2() {
		if err := s.SetFault(e.Name, devnet.Refuse); err != nil {
			t.Fatal(err)
		}
	}
	if gas, err := h.estimate(t.Context(), Call{}); err != nil || gas == spareGas || gas < 21_000 {
		t.Errorf("%d gas, %v", gas, err)
	}
}

// Nobody can see whether a deposit is in effect: people are told, also after a restart, and it is not the end.
func TestADepositThatNobodyCanSeeIsTold(t *testing.T) {
	t.Parallel()
	s, c := overL1(t, config.ViaL1Deposit)
	c.ConfirmWithin = config.Duration(5 * time.Second)
	for _, e := range s.L2() {
		if err := s.SetFault(e.Name, devnet.Refuse); err != nil {
			t.Fatal(err)
		}
	}
	until(t, s, s.open(t, c, nil), headwatch.ReportDeposited)
	until(t, s, s.open(t, c, nil), headwatch.ReportUnconfirmed)
	s.book.mu.Lock()
	told := s.book.reports[len(s.book.reports)-1].Detail
	s.book.mu.Unlock()
	if !strings.Contains(told, "it cannot be seen whether it is in effect") {
		t.Errorf("told %q", told)
	}
	for _, e := range s.L2() {
		if err := s.SetFault(e.Name, devnet.Pass); err != nil {
			t.Fatal(err)
		}
	}
	if detail, err := s.deliver(t, s.open(t, c, nil), trip("i")); err != nil || !strings.Contains(detail, "in effect") {
		t.Errorf("%q, %v", detail, err)
	}
}
