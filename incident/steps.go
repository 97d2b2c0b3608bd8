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
	causes := plan.On
	if t.Told {
		causes = plan.Tell
	}
	f := t.Cause.Find(causes...)
	if f == nil || !f.Since.Before(t.At) {
		return t.At, nil
	}
	return f.Since, &headwatch.Trigger{Condition: f.Condition, Endpoint: f.Endpoint, Hook: f.Hook}
}

// notices gives what is to be told of a step, hooks first, and keeps who it is told to.
func (r *record) notices(t headwatch.Transition, step uint64, kind headwatch.StepKind, plan Plan) []headwatch.Notice {
	switch {
	case kind == headwatch.StepTrip:
		for _, h := range plan.Hooks {
			r.hooks[h] = true
		}
		fallthrough
	case rung(kind):
		for _, c := range plan.Alerts {
			if c.From <= t.Level {
				r.alerts[c.Name] = true
			}
		}
	}
	var notices []headwatch.Notice
	if kind == headwatch.StepTrip || kind == headwatch.StepRecover || kind == headwatch.StepRelapse || kind == headwatch.StepResolve {
		for _, h := range slices.Sorted(maps.Keys(r.hooks)) {
			notices = append(notices, r.notice(t, step, kind, h))
		}
	}
	for _, c := range slices.Sorted(maps.Keys(r.alerts)) {
		notices = append(notices, r.notice(t, step, kind, c))
	}
	return notices
}

func (r *record) notice(t headwatch.Transition, step uint64, kind headwatch.StepKind, channel string) headwatch.Notice {
	return headwatch.Notice{
		Incident: r.ID, Step: step, Kind: kind, Channel: channel, DedupKey: r.ID, Opened: r.Opened, Since: r.Since,
		Trigger: r.began, Transition: t, Peak: max(r.Peak, t.Level), Relapses: r.Relapses,
	}
}
