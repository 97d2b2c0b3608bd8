// Package incident folds the journal into incidents and says which notices follow from each event, and what the clock brings about.
//
// It is a pure reducer: the same events give the same notices, so a process that died between an event and its notices
// derives them again, and the journal refuses the ones that it has. It reads no clock and does no I/O: what time alone brings
// about is an event too, which Due gives when it is asked about an instant, and which counts from when the journal has it.
package incident

import (
	"cmp"
	"maps"
	"slices"
	"sync"
	"time"

	"headwatch"
)

// maxResolved bounds how many incidents that are over are kept in memory. The journal has them all.
const maxResolved = 200

// besides is where the steps begin that are no transitions: they are numbered by the journal, transitions by their circuit.
const besides = 1 << 40

// unrecorded is where the steps begin, among those, that the journal did not take.
const unrecorded = 1 << 39

// Book is the state of the fold. One goroutine applies events in the order of the journal; everything else may be called from any.
type Book struct {
	plan    func(circuit string) Plan
	roster  Roster
	changed chan struct{}

	mu       sync.Mutex
	partial  bool               // what was applied before a restart is not all there yet
	open     map[string]*record // by incident
	resolved []*record          // oldest first
	silences map[string]*quiet  // by id
	folded   uint64             // the newest event that was folded in, applied or restored
	applied  uint64             // the newest event that was applied, and what followed from it
	notices  []headwatch.Notice
	waiting  []headwatch.Transition       // those that were told without the journal and are not folded in
	direct   map[string]map[string]uint64 // by incident and channel: the first decision that it was told of without the journal
}

// record is an incident and who has been told of it. Who was told is told the rest, even if the plan has changed, and of what a
// hook reports after the end.
type record struct {
	headwatch.Incident
	began  *headwatch.Trigger   // what it began with; nil when a person began it
	last   headwatch.Transition // the newest decision: what every other step is shown with
	opened headwatch.Transition // the newest one that opened the circuit
	hooks  map[string]bool
	alerts map[string]bool      // told of it, and to be told of its end
	rang   map[string]time.Time // when each of them was last told in a way that rings

	through map[string]headwatch.Level // who was told of it by the cause that it is beneath, and which rung
	joined  headwatch.Level            // the rung at which that cause last named it
	owes    bool                       // somebody was not told of it by itself: a silence or a cause held that back
	after   string                     // the cause that it was beneath before
	ready   time.Time                  // not before is told what that cause held back
	unfired bool                       // a silence held back its trip from hooks

	n    uint64                             // of the newest Escalation
	rose [headwatch.LevelTrip + 1]time.Time // when it, or what it bears, came to each rung
	anew time.Time                          // escalation counts from here, where that is later
	told map[stair]round                    // by step of a policy, since then
}

// round is how often a step of a policy was told, and when the last time.
type round struct {
	count int
	at    time.Time
}

// NewBook makes an empty Book. plan must give the same answer for a circuit throughout.
func NewBook(plan func(circuit string) Plan) *Book {
	return &Book{
		plan: plan, roster: plain{}, changed: make(chan struct{}, 1),
		open: make(map[string]*record), silences: make(map[string]*quiet), direct: make(map[string]map[string]uint64),
	}
}

// Consult sets who knows people, rotas and hours, before the book is used. Without a Roster the names in a policy are alert channels,
// and it is always within hours and never.
func (b *Book) Consult(r Roster) { b.roster = r }

// Changed gives a channel that holds something whenever an event was folded in since it was last received from. It is for one reader.
func (b *Book) Changed() <-chan struct{} { return b.changed }

// pass is the folding in of one event.
type pass struct {
	seq  uint64
	tell bool // false when the event was applied before a restart: who was told is what the notices in the log say
}

// Apply folds one event in and returns the notices that follow from it, in a fixed order. The newest event may be applied
// again, when its notices could not be appended: it changes nothing, and the same notices follow.
func (b *Book) Apply(e headwatch.Event) []headwatch.Notice {
	b.mu.Lock()
	defer b.mu.Unlock()
	defer b.poke()
	if e.Notice != nil {
		b.heard(*e.Notice)
		return nil
	}
	if e.Seq != b.applied {
		b.applied, b.notices = e.Seq, b.fold(e, pass{e.Seq, true})
	}
	return slices.Clone(b.notices)
}

// Restore folds in an event that was applied before a restart. Who was told is what the notices in the log say, not what
// the plan says now: a channel that is new in it gets no resolve of a page that it never had.
func (b *Book) Restore(e headwatch.Event) {
	b.mu.Lock()
	defer b.mu.Unlock()
	defer b.poke()
	if e.Notice != nil {
		b.heard(*e.Notice)
		return
	}
	b.partial = true
	b.fold(e, pass{e.Seq, false})
}

// Restored says that everything was restored. Between the first Restore and this nothing is due: the log may say that it was told.
func (b *Book) Restored() {
	b.mu.Lock()
	defer b.mu.Unlock()
	defer b.poke()
	b.partial = false
}

func (b *Book) poke() {
	select {
	case b.changed <- struct{}{}:
	default:
	}
}

func (b *Book) fold(e headwatch.Event, p pass) []headwatch.Notice {
	b.folded = e.Seq
	switch {
	case e.Transition != nil && e.Transition.Incident != "":
		return b.decided(*e.Transition, p)
	case e.Report != nil:
		return b.reported(*e.Report, p)
	case e.Escalation != nil:
		return b.escalated(*e.Escalation, p)
	case e.Action != nil:
		switch a := *e.Action; a.Kind {
		case headwatch.ActionAck:
			return b.acknowledged(a, p)
		case headwatch.ActionNote:
			b.noted(a)
		case headwatch.ActionSilence, headwatch.ActionUnsilence:
			b.silenced(a)
		}
	}
	return nil
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
	i.Steps, i.Bears, i.Told = slices.Clone(i.Steps), slices.Clone(i.Bears), slices.Sorted(maps.Keys(r.alerts))
	return i
}

// decided folds a transition of an incident in, and tells those in the plan and those who were told before.
func (b *Book) decided(t headwatch.Transition, p pass) []headwatch.Notice {
	kind, r, known := kindOf(t), b.find(t), b.open[t.Incident] != nil
	worse := known && r.worsens(t, kind)
	b.open[t.Incident] = r
	r.last, r.Level, r.Peak = t, t.Level, max(r.Peak, t.Level)
	r.rise(t.Level, t.At)
	if t.From != t.To && t.To == headwatch.Open {
		r.opened = t
	}
	if kind == headwatch.StepRelapse {
		r.Relapses++
	}
	r.add(headwatch.Step{Seq: t.Seq, At: t.At, Kind: kind, Level: t.Level, Actor: t.Actor, Reason: t.Reason})
	if rung(kind) {
		b.hush(r, t.At)
	}
	if p.tell {
		b.own(r, t, kind)
		b.waiting = slices.DeleteFunc(b.waiting, func(w headwatch.Transition) bool { return w.Circuit == t.Circuit && w.Seq <= t.Seq })
	}
	var void *headwatch.Escalation
	if worse {
		void = r.void(t.At, fallen[kind])
	}
	notices := b.tellHooks(r, t, kind, p)
	if !known {
		notices = append(notices, b.place(r, t.At, p)...)
	}
	notices = append(notices, b.tellPeople(r, t, kind, void, p)...)
	if kind == headwatch.StepResolve {
		notices = append(notices, b.leave(r, t.At, p)...)
		notices = append(notices, b.close(r, t.At, p)...)
	}
	return notices
}

// fallen says how an incident got worse.
var fallen = map[headwatch.StepKind]string{
	headwatch.StepPage: "it came to page", headwatch.StepTrip: "the circuit tripped", headwatch.StepRelapse: "it fell back",
}

// close takes an incident that is over out of the open ones, and what it bore stands by itself.
func (b *Book) close(r *record, at time.Time, p pass) []headwatch.Notice {
	r.Resolved, r.Silenced = at, ""
	delete(b.open, r.ID)
	delete(b.direct, r.ID)
	b.resolved = append(b.resolved, r)
	b.resolved = slices.Delete(b.resolved, 0, max(0, len(b.resolved)-maxResolved))
	return b.free(r, at, p)
}

// noted adds what a person has to say to the timeline of an incident, open or over.
func (b *Book) noted(a headwatch.Action) {
	if r := b.known(a.Incident); r != nil {
		r.add(headwatch.Step{At: a.At, Kind: headwatch.StepNote, Level: r.Level, Actor: a.Actor, Reason: a.Reason})
	}
}

// heard keeps that a channel was told of an incident, as the log has it, and since when the incident was said to last.
func (b *Book) heard(n headwatch.Notice) {
	r := b.known(n.Incident)
	if r == nil {
		return
	}
	r.Since, r.began = n.Since, n.Trigger
	if b.counted(r, n.Step) {
		r.Rings = max(r.Rings, n.Rings) // another configuration may have told more than this one would
	}
	if plan := b.plan(r.Circuit); slices.Contains(plan.Hooks, n.Channel) || slices.Contains(plan.Known, n.Channel) {
		r.hooks[n.Channel] = true
		return
	}
	r.ring(n.Channel, n.Kind, n.Transition.At)
	if (n.Kind == headwatch.StepJoin || n.Kind == headwatch.StepEscalate) && n.Dependant != nil {
		if d := b.open[n.Dependant.Incident]; d != nil && d.Beneath == r.ID {
			d.through[n.Channel] = max(d.through[n.Channel], n.Dependant.Level)
		}
	}
}

// counted reports whether the event of a step of an incident was folded in. Of the newest event before a crash some notices may be in
// the log, and the event is yet to be applied.
func (b *Book) counted(r *record, step uint64) bool {
	if step&besides != 0 {
		return step&^besides <= b.folded
	}
	return step <= r.last.Seq
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
		hooks: make(map[string]bool), alerts: make(map[string]bool), rang: make(map[string]time.Time),
		through: make(map[string]headwatch.Level), told: make(map[stair]round),
	}
}

// clone gives a record that may change without this one.
func (r *record) clone() *record {
	c := *r
	c.Steps, c.Bears = slices.Clone(r.Steps), slices.Clone(r.Bears)
	c.hooks, c.alerts, c.rang = maps.Clone(r.hooks), maps.Clone(r.alerts), maps.Clone(r.rang)
	c.through, c.told = maps.Clone(r.through), maps.Clone(r.told)
	return &c
}
