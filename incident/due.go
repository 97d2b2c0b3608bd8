package incident

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"headwatch"
)

// maxDue bounds what Due gives at once. What is left is due in the next call.
const maxDue = 1000

// task is what the clock will bring about in an incident, and when. make says what exactly, at the time that it is given.
type task struct {
	at   time.Time
	make func(now time.Time) headwatch.Escalation
}

// Due gives what has become due by now, in order. It changes nothing: each counts when it is applied, out of the journal. What could
// not be told while nobody asked is due once, not for every time that was missed.
func (b *Book) Due(now time.Time) []headwatch.Escalation {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.partial {
		return nil
	}
	var due []headwatch.Escalation
	b.foresee(now, func(e headwatch.Escalation, _ []headwatch.Notice) { due = append(due, e) })
	return due
}

// foresee gives what has become due by now, in order, and what follows from each: one may make another one due, or needless. It
// changes nothing.
func (b *Book) foresee(now time.Time, give func(headwatch.Escalation, []headwatch.Notice)) {
	known := map[string]task{}
	if r, t := b.first(now, known); r == nil || t.at.After(now) {
		return
	}
	work := b.copy()
	clear(known)
	for range maxDue {
		r, t := work.first(now, known)
		if r == nil || t.at.After(now) {
			return
		}
		e := t.make(now)
		e.Incident, e.Circuit, e.N, e.At = r.ID, r.Circuit, r.n+1, now
		give(e, work.escalated(e, pass{unrecorded | e.N, true}))
		for _, id := range append([]string{r.ID, r.Beneath}, r.Bears...) {
			delete(known, id)
		}
	}
}

// Next gives when Due next gives something, if no event comes before: now when it does already, zero for never.
func (b *Book) Next(now time.Time) time.Time {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.partial {
		return time.Time{}
	}
	_, t := b.first(now, map[string]task{})
	return t.at
}

// copy gives a Book with open incidents that may change without those of this one.
func (b *Book) copy() *Book {
	c := &Book{
		plan: b.plan, roster: b.roster, open: make(map[string]*record, len(b.open)), silences: b.silences, direct: maps.Clone(b.direct),
	}
	for id, r := range b.open {
		c.open[id] = r.clone()
	}
	return c
}

// first gives the earliest task of all open incidents, none of them before now; nil when there is none. What is known of an incident
// is not reckoned again.
func (b *Book) first(now time.Time, known map[string]task) (*record, task) {
	var of *record
	var first task
	for _, id := range slices.Sorted(maps.Keys(b.open)) {
		r := b.open[id]
		t, ok := known[id]
		if !ok {
			t = b.next(r, now)
			known[id] = t
		}
		if t.make != nil && (of == nil || t.at.Before(first.at)) {
			of, first = r, t
		}
	}
	return of, first
}

// next gives the earliest task of an incident; without make when there is none.
func (b *Book) next(r *record, now time.Time) task {
	var next task
	for _, t := range b.tasks(r, now) {
		if t.at.Before(now) {
			t.at = now
		}
		if next.make == nil || t.at.Before(next.at) {
			next = t
		}
	}
	return next
}

// tasks gives what the clock will bring about in an incident as it stands now. Of what is due at the same time the first comes first.
func (b *Book) tasks(r *record, now time.Time) []task {
	tasks := b.hushes(r, now)
	if r.Silenced == "" && b.pending(r) && !(r.after != "" && r.last.To == headwatch.HalfOpen) {
		tasks = append(tasks, task{r.ready, func(at time.Time) headwatch.Escalation { return b.releases(r, at) }})
	}
	switch {
	case b.held(r), b.pending(r): // first those hear of it who are to know it without any escalation
	case r.onProbation(): // it is over, or is told again, soon
	case r.AckedBy != "":
		tasks = append(tasks, task{r.AckedUntil, func(time.Time) headwatch.Escalation {
			return headwatch.Escalation{
				Kind: headwatch.StepUnack, Channels: slices.Sorted(maps.Keys(r.alerts)),
				Why: "the acknowledgement of " + r.AckedBy + " expired",
			}
		}})
	default:
		tasks = append(tasks, b.steps(r, now)...)
	}
	return tasks
}

// onProbation reports whether all that an incident is about has ended, as far as the circuit knows: nobody is called for what is over. Who
// falls back is told of that, and the steps that came due meanwhile are told then.
func (r *record) onProbation() bool {
	return !r.last.Told && r.last.To == headwatch.HalfOpen && len(r.Bears) == 0
}

// hushes gives the next beginning or end of a silence that concerns an incident.
func (b *Book) hushes(r *record, now time.Time) []task {
	silences := b.meant(r)
	for _, at := range append([]time.Time{now}, turns(silences, now)...) {
		q := longest(silences, at)
		switch {
		case q != nil && q.ID != r.Silenced:
			return []task{{at, func(time.Time) headwatch.Escalation {
				return headwatch.Escalation{Kind: headwatch.StepSilence, Silence: q.ID, Why: q.why()}
			}}}
		case q == nil && r.Silenced != "", r.unfired && r.last.To == headwatch.Open && !b.holds(r, at):
			return []task{{at, func(at time.Time) headwatch.Escalation { return b.releases(r, at) }}}
		}
	}
	return nil
}

// releases is the end of what held an incident back: those are told who have not been, and hooks that may know by now.
func (b *Book) releases(r *record, at time.Time) headwatch.Escalation {
	e := headwatch.Escalation{Kind: headwatch.StepRelease, Silence: r.Silenced}
	switch {
	case r.Silenced != "":
		e.Why = "silence " + r.Silenced + " is over, and it lasts"
	case r.after != "":
		e.Cause, e.Why = r.after, "its cause, incident "+r.after+", is over, and it lasts"
	default:
		e.Why = "nothing holds it back any more, and it lasts"
	}
	if b.silence(r, at) == nil {
		e.Channels = b.owed(r)
	}
	if r.unfired && r.last.To == headwatch.Open && !b.holds(r, at) {
		for _, h := range b.plan(r.Circuit).Hooks {
			if !r.hooks[h] {
				e.Channels = append(e.Channels, h)
			}
		}
	}
	slices.Sort(e.Channels)
	return e
}

// steps gives the steps of the policies that are to come.
func (b *Book) steps(r *record, now time.Time) []task {
	var tasks []task
	for _, c := range b.courses(r) {
		for i, s := range c.policy.Steps {
			told, since := r.told[stair{c.policy.Name, i}], later(c.rose[s.From], r.anew)
			due := since.Add(s.After)
			if told.count > 0 {
				due = told.at.Add(s.Every)
			}
			if c.rose[s.From].IsZero() || told.count > 0 && s.Every == 0 {
				continue
			}
			at := s.allowed(b.roster, later(due, now))
			if at.IsZero() {
				continue
			}
			tasks = append(tasks, task{at, func(now time.Time) headwatch.Escalation {
				e := headwatch.Escalation{
					Kind: headwatch.StepEscalate, Policy: c.policy.Name, Step: i, Round: told.count,
					Why: fmt.Sprintf("nobody has acknowledged it for %s", headwatch.Brief(now.Sub(since).Round(time.Second))),
				}
				e.Channels, e.OnCall = b.roster.Reach(s.Tell, now)
				if told.count == 0 && s.After == 0 {
					e.Why = "at once"
					e.Channels = slices.DeleteFunc(e.Channels, func(c string) bool { return !r.rang[c].Before(since) }) // by what it follows from
				}
				return e
			}})
		}
	}
	return tasks
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
