package incident

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"headwatch"
)

// ackFor is how long an acknowledgement holds when neither it nor a policy says so.
const ackFor = time.Hour

// acknowledged folds an acknowledgement in. One for an incident that is over changes nothing.
func (b *Book) acknowledged(a headwatch.Action, p pass) []headwatch.Notice {
	r, ok := b.open[a.Incident]
	if !ok {
		return nil
	}
	holds := cmp.Or(a.For, ackFor)
	if courses := b.courses(r); len(courses) > 0 {
		holds = cmp.Or(a.For, courses[0].policy.AckFor, ackFor)
	}
	r.AckedBy, r.AckedAt, r.AckedUntil = a.Actor, a.At, a.At.Add(holds)
	r.add(headwatch.Step{At: a.At, Kind: headwatch.StepAck, Level: r.Level, Actor: a.Actor, Reason: a.Reason})
	return r.to(slices.Sorted(maps.Keys(r.alerts)), r.beside(a.At, a.Actor, a.Reason), besides|p.seq, headwatch.StepAck, p)
}

// worsens reports whether a decision makes the incident worse than it is.
func (r *record) worsens(t headwatch.Transition, kind headwatch.StepKind) bool {
	return t.Level > r.Level || kind == headwatch.StepRelapse
}

// void ends an acknowledgement because the incident got worse: whoever has it in hand took something smaller. It gives what is to be
// said of it, nil when there was none; it is no event of its own, so it has no number.
func (r *record) void(at time.Time, why string) *headwatch.Escalation {
	if r.AckedBy == "" {
		return nil
	}
	e := &headwatch.Escalation{
		Incident: r.ID, Circuit: r.Circuit, Kind: headwatch.StepUnack, At: at,
		Why: "the acknowledgement of " + r.AckedBy + " is void: " + why,
	}
	r.release(e)
	return e
}

// release ends an acknowledgement, and escalation starts anew.
func (r *record) release(e *headwatch.Escalation) {
	r.AckedBy, r.AckedAt, r.AckedUntil = "", time.Time{}, time.Time{}
	r.Rings++
	r.restart(e.At)
	r.addClocked(e)
}
