package evm

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/ethereum/go-ethereum/common"

	"headwatch"
	"headwatch/config"
	"headwatch/delivery"
	"headwatch/hook/evm/signer"
)

// Hook brings a contract into a state and says so when it has read it back. It is a delivery.Sender whose Send is one step of a
// reconciliation: it looks at what is kept and at the chain, does the next right thing, and is under way until there is nothing
// more to do. So a crash is but another attempt.
type Hook struct {
	config   config.Hook
	deps     Deps
	accounts *Accounts
	effect   Effect
	recall   *recall // what effect reads to make its call
	signer   signer.Signer
	target   *Nodes // of the contract's chain
	l2, l1   *leg   // nil for a way that is not taken
	over     *over1 // nil without l1
	back     *Hook  // takes back what this one did; nil when nobody may
	pace     time.Duration

	mu    sync.Mutex
	gas   uint64             // the newest estimate of the call on its chain; 0 for none
	alive time.Time          // since when the contract's chain is seen to seal blocks again; zero before
	down  time.Time          // when it was last seen not to
	begun map[string]*memory // by incident
}

// patience bounds what is asked of the contract's chain before anything is sent: on the day that counts it may be gone. Slow nodes
// say what they have to say within it.
const patience = nodePatience

// New makes a hook of kind evm. It opens the signer and connects to nothing. Its errors show no secret.
func New(c config.Hook, d Deps) (*Hook, error) {
	effect, err := NewEffect(c)
	if err != nil {
		return nil, err
	}
	if d.Accounts == nil {
		d.Accounts = NewAccounts(d.Config, d.Journal)
	}
	h := &Hook{config: c, deps: d, accounts: d.Accounts, effect: effect, begun: map[string]*memory{}}
	chain := d.Config.Chain(c.Chain)
	if chain == nil {
		return nil, fmt.Errorf("no chain is named %q", c.Chain)
	}
	if h.target, err = d.Accounts.Nodes(c.Chain); err != nil {
		return nil, err
	}
	if h.signer, err = d.Accounts.Signer(c.Signer); err != nil {
		return nil, err
	}
	if h.back, err = newBack(c, d); err != nil {
		return nil, err
	}
	h.recall = newRecall(h.target)
	h.pace = min(max(chain.BlockTime.D()/2, time.Second), 6*time.Second)
	wrapped := chain.Kind == config.KindArbitrum && c.Via != config.ViaL2 // then L1 carries what was signed for L2
	if c.Via != config.ViaL1Deposit || wrapped {
		h.l2 = h.newLeg(legL2, h.target)
		h.l2.silent = c.Via == config.ViaL1Deposit
	}
	if c.Via != config.ViaL2 {
		l1, err := d.Accounts.Nodes(chain.L1)
		if err != nil {
			return nil, fmt.Errorf("the L1 of %s: %w", chain.Name, err)
		}
		if h.over, err = newOver1(l1, h.target); err != nil {
			return nil, err
		}
		h.l1 = h.newLeg(legL1, l1)
	}
	return h, nil
}

func (h *Hook) newLeg(name string, on *Nodes) *leg {
	return &leg{
		name: name, hook: h.config.Name, nodes: on, signer: h.signer, accounts: h.accounts,
		rules: rules{
			Replace:       h.config.ReplaceAfter.D(),
			Confirmations: uint64(max(h.config.Confirmations, 1)),
			MaxFee:        limit(h.config.MaxFee),
		},
		sent: map[common.Hash]time.Time{}, used: map[common.Hash]time.Time{}, told: map[common.Hash]error{}, over: map[common.Hash]bool{},
		count: func(result string) {
			if h.deps.Transaction != nil {
				h.deps.Transaction(h.config.Name, name, result)
			}
		},
	}
}

// Route implements delivery.Sender: what must not change during an incident is in the transactions that are kept.
func (h *Hook) Route() json.RawMessage { return nil }

// Preview implements delivery.Previewer.
func (h *Hook) Preview(n headwatch.Notice) string {
	if n.Kind != headwatch.StepTrip {
		return "dry run: nothing is sent for this step"
	}
	what := cmp.Or(h.config.Call, h.config.Preset)
	if len(h.config.Args) > 0 {
		what += " with " + strings.Join(h.config.Args, ", ")
	}
	return fmt.Sprintf("dry run: would call %s at %s on %s via %s, from %s", what, h.config.To, h.config.Chain, h.config.Via, h.signer.Address())
}

// Needless says why nothing needs to be sent for an incident; "" when it has to be, also when that cannot be found out.
func (h *Hook) Needless(ctx context.Context, n headwatch.Notice) string {
	e := errand{key: n.Incident, effect: h.effect}
	if n.Kind != headwatch.StepTrip || h.underway(ctx, e) || h.accounts.undoing(h.config) {
		return ""
	}
	v, err := h.target.witness(ctx, e.effect)
	if err != nil || !v.needless() {
		return ""
	}
	return "it is in effect already: " + v.String()
}

// underway reports whether anything is kept for an errand, also when that cannot be read.
func (h *Hook) underway(ctx context.Context, e errand) bool {
	underway, _, err := h.accounts.begun(ctx, e.key, h.config.Name)
	return underway || err != nil
}

// Begun implements hook.Beginner.
func (h *Hook) Begun(ctx context.Context, incident string) (bool, error) {
	underway, ended, err := h.accounts.begun(ctx, incident, h.config.Name)
	return underway || ended, err
}

// Send implements delivery.Sender.
func (h *Hook) Send(ctx context.Context, _ json.RawMessage, n headwatch.Notice) (string, error) {
	switch n.Kind {
	case headwatch.StepTrip:
		return h.run(ctx, h.errand(n))
	case headwatch.StepRelapse:
		return h.relapse(ctx, n)
	case headwatch.StepRecover, headwatch.StepResolve:
		return "nothing is sent: `headwatch hook resume " + h.config.Name + "` prints what takes it back", nil
	}
	return "nothing is sent for this step", nil
}

// errand is one thing to be brought about: for every key there is one nonce a leg.
type errand struct {
	key    string // of what is kept: the incident's, when there is one errand an incident
	notice headwatch.Notice
	effect Effect
	memory *memory
	holds  func() bool                     // it is there already, and nobody says otherwise; false when that does not come out soon
	blind  func() bool                     // whether what the contract says proves nothing now; nil for never
	barred func() bool                     // whether it must not begin now; nil for never. It is asked last
	byHand string                          // the command that prints it; empty for calldata
	what   string                          // reports call it so; empty for a pause
	tells  func(headwatch.ReportKind) bool // whether people are told; nil for of everything
}

func (h *Hook) errand(n headwatch.Notice) errand {
	return errand{
		key: n.Incident, notice: n, effect: h.effect, memory: h.memory(n.Incident),
		// An order to take the pause before back may wait in a mempool of the chain that stands still.
		blind: func() bool { return h.accounts.undoing(h.config) },
	}
}

// run makes one step towards the contract being there. What has come to its end is not begun again: the process may have died
// before it was recorded that the notice was delivered.
func (h *Hook) run(ctx context.Context, e errand) (string, error) {
	if _, ended, err := h.accounts.begun(ctx, e.key, h.config.Name); err == nil && ended {
		h.forget(e.key)
		return "it came to its end before headwatch started: its reports say how", nil
	}
	h.accounts.follow(e.key, h.config.Name)
	var v verdict
	var err error
	read, blind, effect := make(chan struct{}), e.blind, e.effect
	go func() {
		defer close(read)
		v, err = h.read(ctx, blind, effect)
	}()
	soon := time.After(patience)
	e.holds = sync.OnceValue(func() bool {
		select {
		case <-read:
			return v.needless()
		case <-soon:
			return false
		}
	})
	h.begin(ctx, e)
	ways := h.ways(ctx, e)
	<-read
	if !slices.ContainsFunc(ways, func(w way) bool { return w.Begun }) && v.needless() && !h.underway(ctx, e) {
		detail := "it is in effect already: " + v.String() + "; nothing was sent"
		return detail, h.report(ctx, e, line{Kind: headwatch.ReportNeedless, Detail: detail})
	}
	s := scene{ByHand: cmp.Or(e.byHand, "calldata"), Limit: h.config.ConfirmWithin.D(), Verdict: v, Ways: ways}
	h.complain(e, s.Ways, err)
	t := h.judge(s, e.memory)
	for _, l := range t.Lines {
		if err := h.report(ctx, e, l); err != nil {
			return "", err
		}
	}
	if t.Ending == notYet {
		return "", &delivery.Error{Reason: delivery.ReasonUnderway, Underway: true, RetryAfter: h.pace, Detail: t.Detail}
	}
	if err := h.accounts.end(ctx, e.key, h.config.Name); err != nil {
		return "", &delivery.Error{Reason: delivery.ReasonJournal, Detail: "the end could not be recorded"}
	}
	h.forget(e.key)
	if t.Ending == badly {
		return "", &delivery.Error{Reason: delivery.ReasonChain, Permanent: true, Detail: t.Detail}
	}
	return t.Detail, nil
}

// read asks whether the contract is there, where that proves something.
func (h *Hook) read(ctx context.Context, blind func() bool, e Effect) (verdict, error) {
	if blind != nil && blind() {
		return verdict{peers: h.target.peers}, nil
	}
	return h.target.witness(ctx, e)
}

// judge tells a scene. That somebody else did it is believed at the second look only: a node may have a block before its receipts.
func (h *Hook) judge(s scene, m *memory) story {
	h.mu.Lock()
	defer h.mu.Unlock()
	s.Now, s.Decided = time.Now(), m.began
	t := s.tell()
	foreign := false
	for _, l := range t.Lines {
		foreign = foreign || l.Kind == headwatch.ReportForeign
	}
	again := m.foreign
	m.foreign = foreign
	if foreign && !again {
		return story{}
	}
	return t
}

// relapse looks whether the contract is still there.
func (h *Hook) relapse(ctx context.Context, n headwatch.Notice) (string, error) {
	v, err := h.target.witness(ctx, h.effect)
	switch {
	case v.refuted(0):
		detail := "the circuit is open again and the contract is no longer as it was to be: " + v.String() + "; nothing is sent a second time"
		return detail, h.report(ctx, h.errand(n), line{Kind: headwatch.ReportUndone, Detail: detail})
	case v.holds():
		return "still in effect: " + v.String() + "; nothing was sent", nil
	case err != nil:
		return "", &delivery.Error{Reason: delivery.ReasonChain, Detail: err.Error()}
	}
	return "", &delivery.Error{Reason: delivery.ReasonChain, Detail: "the contract could not be read: " + v.String()}
}
