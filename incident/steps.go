package incident

import (
	"maps"
	"slices"
	"time"

	"headwatch"
)

// kindOf says what a transition means to those who are told.
func kindOf(t headwatch.Transition) headwatch.StepKind {
	switch {
	case t.Level == headwatch.LevelNone:
		return headwatch.StepResolve
	case t.From != t.To && t.To == headwatch.HalfOpen:
		return headwatch.StepRecover
	case t.From == headwatch.HalfOpen && t.To == headwatch.Open:
		return headwatch.StepRelapse
	case t.From != t.To && t.To == headwatch.Open:
		return headwatch.StepTrip
	case t.Actor != headwatch.Watchdog:
		return headwatch.StepHold
	case t.Level == headwatch.LevelWarn:
		return headwatch.StepWarn
	default:
		return headwatch.StepPage
	}
}

// rung reports whether a step climbs the ladder: it is told to whoever listens from its level on, told before or not.
func rung(k headwatch.StepKind) bool {
	return k == headwatch.StepWarn || k == headwatch.StepPage || k == headwatch.StepTrip
}

// began is what an incident began with, and when that was: the oldest finding of what it is about, or the transition itself
// when a person tripped a quiet circuit.
func began(t headwatch.Transition, plan Plan) (time.Time, *headwatch.Trigger) {
	f := t.Cause.Find(plan.causes(t.Told)...)
	if f == nil || !f.Since.Before(t.At) {
		return t.At, nil
	}
	return f.Since, &headwatch.Trigger{
		Condition: f.Condition, Endpoint: f.Endpoint, Hook: f.Hook, Operator: plan.Operators[f.Endpoint], Hint: t.Cause.Hint,
	}
}

// causes gives the conditions that an incident is about: what trips, or what is only told.
func (p Plan) causes(told bool) []headwatch.Condition {
	if told {
		return p.Tell
	}
	return p.On
}

// listening gives the alert channels that are told of everything from a level on.
func (p Plan) listening(level headwatch.Level) []string {
	var names []string
	for _, c := range p.Alerts {
		if c.From <= level {
			names = append(names, c.Name)
		}
	}
	return names
}

// tellHooks gives the notices of a step for hooks. Of a trip that one of them never heard, it hears nothing else. No silence holds
// back what a person trips: who orders that knows what is planned.
func (b *Book) tellHooks(r *record, t headwatch.Transition, kind headwatch.StepKind, p pass) []headwatch.Notice {
	switch kind {
	case headwatch.StepTrip, headwatch.StepRecover, headwatch.StepRelapse, headwatch.StepResolve:
	default:
		return nil
	}
	if t.Actor == headwatch.Configuration {
		return nil // nobody has seen that the chain is well
	}
	told := slices.Sorted(maps.Keys(r.hooks))
	notices := r.to(told, t, t.Seq, kind, p)
	if kind == headwatch.StepTrip || kind == headwatch.StepRelapse && r.unfired {
		r.unfired = t.Actor == headwatch.Watchdog && b.holds(r, t.At)
		if !r.unfired {
			notices = append(notices, b.fire(r, t, t.Seq, p)...)
		}
	}
	return notices
}

// fire tells hooks of a trip that they have not heard of.
func (b *Book) fire(r *record, t headwatch.Transition, step uint64, p pass) []headwatch.Notice {
	fresh := slices.DeleteFunc(slices.Clone(b.plan(r.Circuit).Hooks), func(h string) bool { return r.hooks[h] })
	slices.Sort(fresh)
	if p.tell {
		for _, h := range fresh {
			r.hooks[h] = true
		}
	}
	return r.to(fresh, t, step, headwatch.StepTrip, p)
}

// tellPeople gives the notices of a step for people. One that makes an acknowledgement void without climbing the ladder says that
// instead: it rings, and says both.
func (b *Book) tellPeople(r *record, t headwatch.Transition, kind headwatch.StepKind, void *headwatch.Escalation, p pass) []headwatch.Notice {
	var joined []headwatch.Notice
	if rung(kind) || kind == headwatch.StepRelapse {
		_, joined = b.spread(r, t.At, kind, b.plan(t.Circuit).listening(t.Level), p)
	}
	said := spoken(kind, void)
	notices := r.to(slices.Sorted(maps.Keys(r.alerts)), t, t.Seq, said, p)
	for i := range notices {
		if said != kind {
			notices[i].Escalation = void
		}
	}
	return append(notices, joined...)
}

// spoken is the kind of a step as people are told of it, where it makes an acknowledgement void or not.
func spoken(kind headwatch.StepKind, void *headwatch.Escalation) headwatch.StepKind {
	if void != nil && !rung(kind) {
		return headwatch.StepUnack
	}
	return kind
}

// to makes a notice of a step for each of the channels, in their order.
func (r *record) to(channels []string, t headwatch.Transition, step uint64, kind headwatch.StepKind, p pass) []headwatch.Notice {
	if !p.tell {
		return nil
	}
	var notices []headwatch.Notice
	for _, c := range channels {
		if !r.hooks[c] {
			r.ring(c, kind, t.At)
		}
		notices = append(notices, r.notice(t, step, kind, c))
	}
	return notices
}

// ring keeps that an alert channel was told.
func (r *record) ring(channel string, kind headwatch.StepKind, at time.Time) {
	r.alerts[channel] = true
	if kind.Opens() {
		r.rang[channel] = at
	}
}

// beside is the newest decision as everything is shown that is none.
func (r *record) beside(at time.Time, actor, reason string) headwatch.Transition {
	t := r.last
	t.From, t.At, t.Actor, t.Reason = t.To, at, actor, reason
	return t
}

func (r *record) notice(t headwatch.Transition, step uint64, kind headwatch.StepKind, channel string) headwatch.Notice {
	return headwatch.Notice{
		Incident: r.ID, Step: step, Kind: kind, Channel: channel, DedupKey: r.ID, Opened: r.Opened, Since: r.Since,
		Trigger: r.began, Transition: t, Peak: max(r.Peak, t.Level), Relapses: r.Relapses,
		Rings: r.Rings, AckedBy: r.AckedBy, AckedUntil: r.AckedUntil,
	}
}
