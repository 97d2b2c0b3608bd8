package evm

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"go.uber.org/zap"

	"headwatch"
	"headwatch/config"
	"headwatch/delivery"
)

const (
	ordersEvery = time.Second
	orderLapses = 10 * time.Minute // an order of which nothing was begun by then is not carried out any more

	resumption = "resume-" // begins the keys of errands that take a pause back: one for each order
)

// ErrNoResume is an order to take back what is not to be taken back now. Its text says why.
var ErrNoResume = errors.New("nothing is sent")

// ResumeName is what reports call that which an order brings about.
func ResumeName(a headwatch.Action) string { return "resume " + a.At.UTC().Format(time.TimeOnly) }

func resumeKey(a headwatch.Action) string { return fmt.Sprintf("%s%d", resumption, a.At.UnixNano()) }

// undone is an effect taken back.
type undone struct{ Effect }

func (u undone) Call(ctx context.Context, r Reader) (Call, error) { return u.Resume(ctx, r) }

func (u undone) Holds(ctx context.Context, r Reader) (bool, error) {
	there, err := u.Effect.Holds(ctx, r)
	return err == nil && !there, err
}

// newBack makes the hook that takes back what another did: with a signer of its own, and straight to a chain that is well. It is
// nil without a resume_signer.
func newBack(c config.Hook, d Deps) (*Hook, error) {
	if c.ResumeSigner == "" {
		return nil, nil
	}
	c.Signer, c.ResumeSigner, c.Via, c.GasLimit = c.ResumeSigner, "", config.ViaL2, 0
	h, err := New(c, d)
	if err != nil {
		return nil, fmt.Errorf("resume_signer: %w", err)
	}
	h.effect = undone{h.effect}
	return h, nil
}

// Resumable gives nil when an order to take the pause back would be carried out now. Its error wraps ErrNoResume.
func (h *Hook) Resumable(ctx context.Context) error {
	no := func(format string, args ...any) error {
		return fmt.Errorf("%w: "+format, append([]any{ErrNoResume}, args...)...)
	}
	if h.back == nil {
		return no("hook %s has no resume_signer; `headwatch hook resume %s` prints what to send", h.config.Name, h.config.Name)
	}
	if why := h.open(); why != "" {
		return no("%s", why)
	}
	if err := h.accounts.load(ctx); err != nil {
		return fmt.Errorf("read what is under way: %w", err)
	}
	if h.accounts.resuming(h.config.Name) {
		return no("an order before this one is still under way")
	}
	v, err := h.target.witness(ctx, h.effect)
	switch {
	case v.holds():
		return nil
	case err != nil:
		return no("the contract cannot be read: %v", err)
	}
	return no("the contract is not as the hook brings it: %s", v)
}

// open says why a circuit of the hook forbids to take the pause back; "" when all are known to be closed.
func (h *Hook) open() string {
	if h.deps.Signals == nil {
		return ""
	}
	known := map[string]headwatch.Signal{}
	for _, s := range h.deps.Signals(h.deps.Config.API.Lease.D()) {
		known[s.Circuit] = s
	}
	for _, c := range h.deps.Config.CircuitsWith(h.config.Name) {
		switch s := known[c.Name]; {
		case !s.ValidUntil.After(time.Now()):
			return fmt.Sprintf("it is not known whether circuit %s is closed", c.Name)
		case s.State != headwatch.Closed:
			return fmt.Sprintf("circuit %s is %s: it must be closed first, by itself or by `headwatch reset %s`", c.Name, s.State, c.Name)
		}
	}
	return ""
}

// Run carries out the orders to take the pause back that are on record, until ctx ends. Each is carried out once, however often
// the process dies.
func (h *Hook) Run(ctx context.Context) error {
	if h.back == nil || h.deps.Orders == nil || !h.config.Acts() {
		return nil
	}
	over := map[string]bool{}
	for {
		wait := ordersEvery
		for _, a := range h.deps.Orders(h.config.Name) {
			if key := resumeKey(a); !over[key] {
				over[key] = h.back.obey(ctx, a)
				wait = h.pace
			}
		}
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return nil
		}
	}
}

// obey makes one step towards an order being carried out and reports whether it is over. Nothing is begun while a circuit is open,
// or of an order that is old.
func (h *Hook) obey(ctx context.Context, a headwatch.Action) (over bool) {
	ctx, cancel := context.WithTimeout(ctx, cmp.Or(h.config.Timeout.D(), 15*time.Second))
	defer cancel()
	e := errand{
		key: resumeKey(a), effect: h.effect, memory: h.memory(resumeKey(a)), what: ResumeName(a), byHand: "resume",
		barred: func() bool { return h.open() != "" }, // a circuit may open while slow nodes are asked
		notice: headwatch.Notice{Incident: cmp.Or(a.Incident, resumeKey(a)), Transition: headwatch.Transition{Circuit: a.Circuit}},
	}
	underway, ended, err := h.accounts.begun(ctx, e.key, h.config.Name)
	switch {
	case err != nil:
		return false
	case ended:
		h.forget(e.key)
		return true
	case !underway:
		why := h.open()
		if age := time.Since(a.At); age > orderLapses {
			why = fmt.Sprintf("the order of %s is too old", a.At.UTC().Format(time.RFC3339))
		}
		if why != "" {
			detail := "nothing was sent: " + why
			return h.report(ctx, e, line{Kind: headwatch.ReportLapsed, Detail: detail}) == nil && h.finish(ctx, e, detail)
		}
	}
	detail, err := h.run(ctx, e)
	if bad, ok := errors.AsType[*delivery.Error](err); ok && bad.Permanent {
		return h.finish(ctx, e, bad.Detail)
	}
	return err == nil && h.finish(ctx, e, detail)
}

// finish puts the end of an order on record.
func (h *Hook) finish(ctx context.Context, e errand, detail string) bool {
	if h.accounts.end(ctx, e.key, h.config.Name) != nil {
		return false
	}
	h.forget(e.key)
	h.deps.Log.Info("an order to resume is over", zap.String("hook", h.config.Name), zap.String("order", e.what), zap.String("detail", detail))
	return true
}

// resuming reports whether an order to take a hook's pause back is under way. Everything is loaded.
func (a *Accounts) resuming(hook string) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.ContainsFunc(a.drafts, func(d draft) bool { return d.Hook == hook && strings.HasPrefix(d.Incident, resumption) })
}

// undoing reports whether an order to take back what a hook did is under way, or what another hook did to the same contract.
// Everything is loaded.
func (a *Accounts) undoing(c config.Hook) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.ContainsFunc(a.drafts, func(d draft) bool {
		o := a.config.Hook(d.Hook)
		return strings.HasPrefix(d.Incident, resumption) && o != nil && o.Chain == c.Chain && strings.EqualFold(o.To, c.To)
	})
}
