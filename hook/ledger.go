package hook

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"headwatch"
)

// remembered is how long a firing is kept in memory after its incident was over: longer than any cooldown may be.
const remembered = 40 * 24 * time.Hour

// ErrNotNow is an order on a hook that does not wait for one.
var ErrNotNow = errors.New("it does not wait for an order")

// Ledger is the fold of the journal that says which hooks wait and which have fired. It reads no clock.
//
// What changes a hook's fate, its firing or a person's order, is decided and put on record under one lock: of two hooks that
// want the last firing of the day one gets it, and no veto that is on record is followed by a firing.
type Ledger struct {
	deciding sync.Mutex

	mu       sync.Mutex
	accounts map[account]*entry
	circuits map[string]headwatch.Transition // the newest of each
}

type account struct{ incident, hook string }

// entry is what is known of one hook in one incident.
type entry struct {
	circuit, chain string
	reports        map[headwatch.ReportKind]headwatch.Report
	veto, approval *headwatch.Action

	// claimed is when the hook tried to put its firing on record. That may have gone well without an answer, so it counts as a
	// firing for as long as the process lives, also when the incident was over before another try.
	claimed time.Time
}

// NewLedger makes an empty Ledger. Before a hook uses it, it must have been given every report and order of the journal, and the
// newest transition of each circuit.
func NewLedger() *Ledger {
	return &Ledger{accounts: make(map[account]*entry), circuits: make(map[string]headwatch.Transition)}
}

// Apply folds one event of the journal in. An event may come again, and a transition may come after a newer one.
func (l *Ledger) Apply(e headwatch.Event) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case e.Transition != nil:
		l.decided(*e.Transition)
	case e.Report != nil && e.Report.What != "":
		// It is not about what a trip made the hook do.
	case e.Report != nil:
		// The journal has one of each kind. It may be another than the one that took its place here while it did not answer.
		r := *e.Report
		x := l.entry(r.Incident, r.Hook, r.Circuit)
		x.reports[r.Kind] = r
		if r.Kind == headwatch.ReportFired {
			x.chain = r.Chain
		}
	case e.Action != nil && e.Action.Hook != "":
		a := e.Action
		x := l.entry(a.Incident, a.Hook, a.Circuit)
		if a.Kind == headwatch.ActionVeto && x.veto == nil {
			x.veto = a
		}
		if a.Kind == headwatch.ActionApprove && x.approval == nil {
			x.approval = a
		}
	}
}

func (l *Ledger) decided(t headwatch.Transition) {
	if t.Seq <= l.circuits[t.Circuit].Seq {
		return
	}
	t.Cause = headwatch.Assessment{} // it is large, and not needed
	l.circuits[t.Circuit] = t
	maps.DeleteFunc(l.accounts, func(a account, x *entry) bool {
		return l.over(a.incident, x.circuit) && t.At.Sub(x.newest()) > remembered
	})
}

// reported keeps a report that was appended to the journal, unless the journal has shown another one.
func (l *Ledger) reported(r headwatch.Report) {
	l.mu.Lock()
	defer l.mu.Unlock()
	x := l.entry(r.Incident, r.Hook, r.Circuit)
	if _, known := x.reports[r.Kind]; !known {
		x.reports[r.Kind] = r
	}
}

func (l *Ledger) entry(incident, hook, circuit string) *entry {
	a := account{incident, hook}
	if l.accounts[a] == nil {
		l.accounts[a] = &entry{circuit: circuit, reports: make(map[headwatch.ReportKind]headwatch.Report)}
	}
	return l.accounts[a]
}

// over reports whether an incident has ended. One of a circuit that nothing is known of has: without proof nothing fires.
func (l *Ledger) over(incident, circuit string) bool {
	t := l.circuits[circuit]
	return t.Incident != incident || t.Level == headwatch.LevelNone
}

// standing is where a hook is in an incident.
type standing struct {
	over           bool
	fired          bool
	reports        map[headwatch.ReportKind]headwatch.Report
	veto, approval *headwatch.Action
}

func (l *Ledger) standing(incident, hook, circuit string) standing {
	l.mu.Lock()
	defer l.mu.Unlock()
	s := standing{over: l.over(incident, circuit)}
	if x := l.accounts[account{incident, hook}]; x != nil {
		_, s.fired = x.reports[headwatch.ReportFired]
		s.reports, s.veto, s.approval = maps.Clone(x.reports), x.veto, x.approval
	}
	return s
}

// denied says which limit forbids a hook to fire at an instant, and when it will not any more; "" when none does.
func (l *Ledger) denied(r headwatch.Report, lim limits) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return lim.denied(r, l.firings(r))
}

// firings gives the firings besides that of r, oldest first.
func (l *Ledger) firings(r headwatch.Report) []firing {
	var all []firing
	for a, x := range l.accounts {
		if a == (account{r.Incident, r.Hook}) || x.spared() {
			continue
		}
		if f, fired := x.reports[headwatch.ReportFired]; fired {
			all = append(all, firing{a, x.chain, f.At})
		} else if !x.claimed.IsZero() {
			all = append(all, firing{a, x.chain, x.claimed})
		}
	}
	slices.SortFunc(all, func(a, b firing) int { return a.at.Compare(b.at) })
	return all
}

// spared reports whether the hook, once let through, found nothing to do and sent nothing.
func (x *entry) spared() bool {
	_, needless := x.reports[headwatch.ReportNeedless]
	_, sent := x.reports[headwatch.ReportSent]
	_, deposited := x.reports[headwatch.ReportDeposited]
	return needless && !sent && !deposited
}

// errChanged says that something has happened since the hook was looked at.
var errChanged = errors.New("its standing has changed")

// fire puts a firing on record, when it is still allowed; lim is nil for one that a person approved. A limit that forbids it
// is why. After an error it may be on record or not: call it again.
func (l *Ledger) fire(ctx context.Context, r headwatch.Report, lim *limits, record func(context.Context, headwatch.Report) error) (why string, err error) {
	l.deciding.Lock()
	defer l.deciding.Unlock()
	if why, err := l.claim(r, lim); why != "" || err != nil {
		return why, err
	}
	if err := record(ctx, r); err != nil {
		return "", err
	}
	l.reported(r)
	return "", nil
}

func (l *Ledger) claim(r headwatch.Report, lim *limits) (why string, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	x := l.entry(r.Incident, r.Hook, r.Circuit)
	if x.veto != nil || l.over(r.Incident, r.Circuit) {
		return "", errChanged
	}
	if lim != nil {
		if why := lim.denied(r, l.firings(r)); why != "" {
			return why, nil
		}
	}
	x.chain, x.claimed = r.Chain, r.At
	return "", nil
}

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
	waits := x.veto == nil && x.claimed.IsZero()
	begun := false
	for kind := range x.reports {
		begun = begun || kind.Waits()
		waits = waits && kind.Waits()
	}
	return begun && waits
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

func (x *entry) newest() time.Time {
	at := x.claimed
	for _, r := range x.reports {
		if r.At.After(at) {
			at = r.At
		}
	}
	return at
}
