package incident

import (
	"slices"

	"headwatch"
)

// escalated folds in what the clock brought about. It was due when it was written; by the time that the journal took it something
// else may have come before it: an acknowledgement, a silence, a cause, the end. Then it changes nothing and tells nobody, and what is
// still due has the next number.
func (b *Book) escalated(e headwatch.Escalation, p pass) []headwatch.Notice {
	r := b.open[e.Incident]
	if r == nil || e.N <= r.n {
		return nil
	}
	r.n = e.N
	switch e.Kind {
	case headwatch.StepSilence:
		if q := b.silence(r, e.At); q != nil && q.ID == e.Silence && q.ID != r.Silenced {
			r.Silenced = q.ID
			r.addClocked(&e)
		}
	case headwatch.StepRelease:
		return b.released(r, &e, p)
	case headwatch.StepUnack:
		if r.AckedBy != "" && !e.At.Before(r.AckedUntil) && !b.held(r) {
			r.release(&e)
			return b.clocked(r, &e, e.Channels, p)
		}
	case headwatch.StepEscalate:
		at := stair{e.Policy, e.Step}
		if r.AckedBy == "" && !b.held(r) && e.Round == r.told[at].count {
			r.told[at] = round{e.Round + 1, e.At}
			r.addClocked(&e)
			return b.followed(r, &e, p)
		}
	}
	return nil
}

// released tells what was held back, as it stands now. Hooks hear of a trip only while the circuit is open.
func (b *Book) released(r *record, e *headwatch.Escalation, p pass) []headwatch.Notice {
	hooks := b.plan(r.Circuit).Hooks
	people := slices.DeleteFunc(slices.Clone(e.Channels), func(c string) bool { return slices.Contains(hooks, c) })
	var notices []headwatch.Notice
	if r.unfired && r.last.To == headwatch.Open && !b.holds(r, e.At) {
		r.unfired = false
		t := r.opened
		t.At = e.At // a time in which it may be vetoed begins now
		notices = b.fire(r, t, besides|p.seq, p)
	}
	if b.silence(r, e.At) != nil {
		return notices
	}
	if r.Silenced != "" || len(people) > 0 {
		r.Silenced = ""
		r.restart(e.At)
		r.addClocked(e)
	}
	opened, joined := b.spread(r, e.At, headwatch.StepRelease, people, p)
	notices = append(notices, b.clocked(r, e, opened, p)...)
	return append(notices, joined...)
}

// clocked gives the notices of what the clock brought about. Who is told of it belongs to the incident from then on.
func (b *Book) clocked(r *record, e *headwatch.Escalation, channels []string, p pass) []headwatch.Notice {
	notices := r.to(channels, r.beside(e.At, headwatch.Watchdog, ""), besides|p.seq, e.Kind, p)
	for i := range notices {
		notices[i].Escalation = e
	}
	return notices
}

// held reports whether the escalation of an incident waits: for the end of a silence, or because its cause speaks for it.
func (b *Book) held(r *record) bool {
	cause := b.cause(r)
	return r.Silenced != "" || cause != nil && cause.Silenced == ""
}

// pending reports whether something that was held back is still to be told. An incident of which nobody at all has heard counts,
// whatever the reason: its journal may be of another configuration. Only Due asks for it: in the log the notices that say who was told may
// come after the event that is folded in.
func (b *Book) pending(r *record) bool {
	return (r.owes || len(r.alerts)+len(r.through) == 0) && len(b.owed(r)) > 0
}
