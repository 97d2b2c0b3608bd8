// Package incident folds the journal into incidents and says which notices follow from each decision.
//
// It is a pure reducer: the same events give the same notices, so a process that died between a decision and its notices
// derives them again, and the journal refuses the ones that it has. It reads no clock, does no I/O, and words nothing.
package incident

import (
	"cmp"
	"maps"
	"slices"
	"sync"

	"headwatch"
)

// maxResolved bounds how many incidents that are over are kept in memory. The journal has them all.
const maxResolved = 200

// besides is where the steps begin that are no transitions, acknowledgements and reports: they are numbered by the journal,
// transitions by their circuit.
const besides = 1 << 40

// Book is the state of the fold. One goroutine applies events in the order of the journal; Incidents and Direct may be
// called from any.
type Book struct {
	plan func(circuit string) Plan

	mu       sync.Mutex
	open     map[string]*record // by incident
	resolved []*record          // oldest first
	applied  uint64             // the newest event that was applied, and what followed from it
	notices  []headwatch.Notice
}

// record is an incident and who has been told of it. Who was told is told the rest, even if the plan has changed, and of what a
// hook reports after the end.
type record struct {
	headwatch.Incident
	began  *headwatch.Trigger   // what it began with; nil when a person began it
	last   headwatch.Transition // the newest decision: what an acknowledgement is shown with
	hooks  map[string]bool
	alerts map[string]bool
}

// NewBook makes an empty Book. plan must give the same answer for a circuit throughout.
func NewBook(plan func(circuit string) Plan) *Book {
	return &Book{plan: plan, open: make(map[string]*record)}
}

// Apply folds one event in and returns the notices that follow from it, in a fixed order. The newest event may be applied
// again, when its notices could not be appended: it changes nothing, and the same notices follow.
func (b *Book) Apply(e headwatch.Event) []headwatch.Notice {
	b.mu.Lock()
	defer b.mu.Unlock()
	if e.Notice != nil {
		b.told(*e.Notice)
		return nil
	}
	if e.Seq != b.applied {
		b.applied, b.notices = e.Seq, b.fold(e, b.plan)
	}
	return slices.Clone(b.notices)
}

// Restore folds in an event that was applied before a restart. Who was told is what the notices in the log say, not what
// the plan says now: a channel that is new in it gets no resolve of a page that it never had.
func (b *Book) Restore(e headwatch.Event) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if e.Notice != nil {
		b.told(*e.Notice)
		return
	}
	b.fold(e, func(string) Plan { return Plan{} })
}

func (b *Book) fold(e headwatch.Event, tell func(circuit string) Plan) []headwatch.Notice {
	switch {
	case e.Transition != nil && e.Transition.Incident != "":
		return b.decided(*e.Transition, tell(e.Transition.Circuit))
	case e.Action != nil && e.Action.Kind == headwatch.ActionAck:
		return b.acknowledged(e.Seq, *e.Action)
	case e.Report != nil:
		return b.reported(e.Seq, *e.Report, tell(e.Report.Circuit))
	default:
		return nil
	}
}

// Direct gives the notices of a decision that the journal did not take, for people only: a pause fails closed. It changes
// nothing; the decision is applied when the journal has it.
func (b *Book) Direct(t headwatch.Transition) []headwatch.Notice {
	b.mu.Lock()
	defer b.mu.Unlock()
	if t.Incident == "" {
		return nil
	}
	kind, r := kindOf(t), b.find(t)
	var notices []headwatch.Notice
	for _, c := range b.plan(t.Circuit).Alerts {
		// At the end of an incident that rose unrecorded it is not known who was told: everybody is.
		if rung(kind) && c.From > t.Level {
			continue
		}
		n := r.notice(t, t.Seq, kind, c.Name)
		n.Unjournaled = true
		notices = append(notices, n)
	}
	return notices
}

// Incidents gives the open incidents and then those that are over, each newest first. The caller owns the result.
func (b *Book) Incidents() []headwatch.Incident {
	b.mu.Lock()
	defer b.mu.Unlock()
	all := make([]headwatch.Incident, 0, len(b.open)+len(b.resolved))
	for _, r := range b.open {
		all = append(all, r.shown())
	}
	slices.SortFunc(all, func(a, b headwatch.Incident) int {
		return cmp.Or(b.Opened.Compare(a.Opened), cmp.Compare(a.ID, b.ID))
	})
	for _, r := range slices.Backward(b.resolved) {
		all = append(all, r.shown())
	}
	return all
}

// shown is an incident as it is handed out: a copy, with who has been told.
func (r *record) shown() headwatch.Incident {
	i := r.Incident
	i.Steps, i.Told = slices.Clone(i.Steps), slices.Sorted(maps.Keys(r.alerts))
	return i
}

// decided folds a transition of an incident in, and tells those in the plan and those who were told before.
func (b *Book) decided(t headwatch.Transition, plan Plan) []headwatch.Notice {
	kind, r := kindOf(t), b.find(t)
	b.open[t.Incident] = r
	r.last, r.Level, r.Peak = t, t.Level, max(r.Peak, t.Level)
	if kind == headwatch.StepRelapse {
		r.Relapses++
	}
	r.Steps = append(r.Steps, headwatch.Step{Seq: t.Seq, At: t.At, Kind: kind, Level: t.Level, Actor: t.Actor, Reason: t.Reason})
	notices := r.notices(t, t.Seq, kind, plan)
	if kind == headwatch.StepResolve {
		r.Resolved = t.At
		delete(b.open, t.Incident)
		b.resolved = append(b.resolved, r)
		b.resolved = slices.Delete(b.resolved, 0, max(0, len(b.resolved)-maxResolved))
	}
	return notices
}

// acknowledged folds an acknowledgement in. One for an incident that is over changes nothing.
func (b *Book) acknowledged(seq uint64, a headwatch.Action) []headwatch.Notice {
	r, ok := b.open[a.Incident]
	if !ok {
		return nil
	}
	r.AckedBy, r.AckedAt = a.Actor, a.At
	r.Steps = append(r.Steps, headwatch.Step{At: a.At, Kind: headwatch.StepAck, Level: r.Level, Actor: a.Actor, Reason: a.Reason})
	t := r.last
	t.From, t.At, t.Actor, t.Reason = t.To, a.At, a.Actor, a.Reason
	return r.notices(t, besides|seq, headwatch.StepAck, Plan{})
}

// told keeps that a channel was told of an incident, as the log has it, and since when the incident was said to last.
func (b *Book) told(n headwatch.Notice) {
	r := b.known(n.Incident)
	if r == nil {
		return
	}
	r.Since, r.began = n.Since, n.Trigger
	if slices.Contains(b.plan(r.Circuit).Hooks, n.Channel) {
		r.hooks[n.Channel] = true
	} else {
		r.alerts[n.Channel] = true
	}
}

// known gives an incident that is in the book, open or over, or nil.
func (b *Book) known(id string) *record {
	if r, ok := b.open[id]; ok {
		return r
	}
	for _, r := range slices.Backward(b.resolved) {
		if r.ID == id {
			return r
		}
	}
	return nil
}

// find gives the open incident of a transition, or a new one that is not yet in the book.
func (b *Book) find(t headwatch.Transition) *record {
	if r, ok := b.open[t.Incident]; ok {
		return r
	}
	since, trigger := began(t, b.plan(t.Circuit))
	return &record{
		Incident: headwatch.Incident{
			ID: t.Incident, Circuit: t.Circuit, Chain: t.Cause.Chain, Opened: t.At, Since: since, Level: t.Level, Peak: t.Level,
		},
		began: trigger,
		hooks: make(map[string]bool), alerts: make(map[string]bool),
	}
}
