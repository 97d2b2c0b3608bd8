package hook

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"
	"sync"
	"time"

	"headwatch"
)

// remembered is how long a firing is kept in memory after its incident was over: longer than any cooldown may be.
const remembered = 40 * 24 * time.Hour

// Ledger is the fold of the journal that says which hooks wait and which have fired. It reads no clock.
//
// What changes a hook's fate, its firing or a person's order, is decided and put on record under one lock: of two hooks that
// want the last firing of the day one gets it, and no veto that is on record is followed by a firing.
type Ledger struct {
	deciding sync.Mutex

	mu       sync.Mutex
	accounts map[account]*entry
	circuits map[string]headwatch.Transition // the newest of each
	resumes  []headwatch.Action              // the newest orders to take a pause back, oldest first
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

	// waited is when the hook last said that it waits, with a report or without; zero when it does not.
	waited time.Time
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
	case e.Action != nil && e.Action.Kind == headwatch.ActionResume:
		l.resume(*e.Action)
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
	if t.Told {                      // whoever wants the circuit as it is still does
		t.Actor = cmp.Or(l.circuits[t.Circuit].Actor, t.Actor)
	}
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
	if x.waited = r.At; !r.Waits() {
		x.waited = time.Time{}
	}
}

// waits keeps that a hook waits, for the orders that people may give it.
func (l *Ledger) waits(incident, hook, circuit string, at time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.entry(incident, hook, circuit).waited = at
}

// newest gives the newest transition of a circuit, without its cause, and of one that only tells, with the actor of the one before.
func (l *Ledger) newest(circuit string) headwatch.Transition {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.circuits[circuit]
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
	on, _ := t.Standing()
	return on.Incident != incident
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

// spared reports whether the hook, once let through, found nothing to do or was too late, and sent nothing. That it found
// nothing to do before it was let through says nothing of what it does now.
func (x *entry) spared() bool {
	needless, spared := x.reports[headwatch.ReportNeedless]
	if fired, is := x.reports[headwatch.ReportFired]; is {
		spared = spared && !needless.At.Before(fired.At)
	} else {
		spared = spared && !needless.At.Before(x.claimed)
	}
	_, lapsed := x.reports[headwatch.ReportLapsed]
	_, sent := x.reports[headwatch.ReportSent]
	_, deposited := x.reports[headwatch.ReportDeposited]
	return (spared || lapsed) && !sent && !deposited
}

// errChanged says that something has happened since the hook was looked at.
var errChanged = errors.New("its standing has changed")

// fire puts a firing on record, when it is still allowed; lim is nil for one that a person approved. A limit that forbids it
// is why. After an error it may be on record or not: call it again.
func (l *Ledger) fire(ctx context.Context, r headwatch.Report, lim *limits, record func(context.Context, headwatch.Report) error) (why string, err error) {
	l.deciding.Lock()
	defer l.deciding.Unlock()
	if err := ctx.Err(); err != nil { // waiting for its turn took all the time: it claims nothing
		return "", err
	}
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

func (x *entry) newest() time.Time {
	at := x.claimed
	if x.waited.After(at) {
		at = x.waited
	}
	for _, r := range x.reports {
		if r.At.After(at) {
			at = r.At
		}
	}
	return at
}
