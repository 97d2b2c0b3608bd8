package hook

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"headwatch"
)

// ErrNotNow is an order on a hook that does not wait for one.
var ErrNotNow = errors.New("it does not wait for an order")

// Order puts a veto or an approval on record with record, and gives it with the incident and circuit that it is about. Without
// an incident the hook may wait in one only. An order that is not possible wraps ErrNotNow, and its text says what is.
func (l *Ledger) Order(ctx context.Context, a headwatch.Action, record func(context.Context, headwatch.Action) error) (headwatch.Action, error) {
	l.deciding.Lock()
	defer l.deciding.Unlock()
	a, err := l.aim(a)
	if err != nil {
		return a, err
	}
	if err := record(ctx, a); err != nil {
		return a, err
	}
	l.Apply(headwatch.Event{Action: &a})
	return a, nil
}

// aim finds the incident of an order.
func (l *Ledger) aim(a headwatch.Action) (headwatch.Action, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	var waiting []string
	for k, x := range l.accounts {
		if k.hook == a.Hook && (a.Incident == "" || k.incident == a.Incident) && !l.over(k.incident, x.circuit) && x.waits() {
			waiting = append(waiting, k.incident)
		}
	}
	slices.Sort(waiting)
	switch len(waiting) {
	case 0:
		return a, fmt.Errorf("%w: %s", ErrNotNow, l.whyNot(a))
	case 1:
	default:
		return a, fmt.Errorf("%w alone: %s waits in %s; say in which (--incident)", ErrNotNow, a.Hook, strings.Join(waiting, " and "))
	}
	x := l.accounts[account{waiting[0], a.Hook}]
	a.Incident, a.Circuit = waiting[0], x.circuit
	if x.approval != nil && a.Kind == headwatch.ActionApprove {
		return a, fmt.Errorf("%w: %s has approved %s for %s already", ErrNotNow, x.approval.Actor, a.Hook, a.Incident)
	}
	return a, nil
}

// waits reports whether the hook has said that it waits, and nothing has ended that.
func (x *entry) waits() bool {
	_, fired := x.reports[headwatch.ReportFired]
	if x.veto != nil || !x.claimed.IsZero() || fired {
		return false
	}
	begun, waits := false, true
	for kind := range x.reports {
		begun = begun || kind.Waits()
		waits = waits && kind.Waits()
	}
	return !x.waited.IsZero() || begun && waits
}

// whyNot says why a hook does not wait, of the newest incident in which it had something to say.
func (l *Ledger) whyNot(a headwatch.Action) string {
	var newest *entry
	var of string
	for k, x := range l.accounts {
		if k.hook == a.Hook && (a.Incident == "" || k.incident == a.Incident) && !l.over(k.incident, x.circuit) && (newest == nil || x.newest().After(newest.newest())) {
			newest, of = x, k.incident
		}
	}
	if newest == nil {
		return a.Hook + " waits in no open incident; a hook in mode confirm waits after a trip, and one that its limits hold back"
	}
	if f, ok := newest.reports[headwatch.ReportFired]; ok {
		return fmt.Sprintf("%s has fired for %s at %s", a.Hook, of, f.At.UTC().Format(time.RFC3339))
	}
	switch {
	case newest.veto != nil:
		return fmt.Sprintf("%s was vetoed for %s by %s, and that is final: pause by hand, or trip again after a reset", a.Hook, of, newest.veto.Actor)
	case !newest.claimed.IsZero():
		return fmt.Sprintf("%s is about to fire for %s", a.Hook, of)
	}
	return fmt.Sprintf("%s has nothing to do for %s", a.Hook, of)
}
