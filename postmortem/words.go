package postmortem

import (
	"fmt"
	"strings"

	"headwatch"
	"headwatch/explain"
)

// decisions is what a decision did, for people.
var decisions = map[headwatch.StepKind]string{
	headwatch.StepWarn:    "warning",
	headwatch.StepPage:    "page",
	headwatch.StepTrip:    "trip: the circuit is open",
	headwatch.StepRecover: "back: the circuit is on probation",
	headwatch.StepRelapse: "relapse: the circuit is open again",
	headwatch.StepResolve: "resolved: the circuit is closed",
	headwatch.StepHold:    "hold",
}

// orders is how a person says what they decided.
var orders = map[headwatch.StepKind]string{
	headwatch.StepTrip:    string(headwatch.ActionTrip),
	headwatch.StepResolve: string(headwatch.ActionReset),
	headwatch.StepHold:    string(headwatch.ActionHold),
}

// began says in one clause what an incident began with.
func began(t *headwatch.Transition, trigger *headwatch.Trigger) string {
	switch {
	case trigger != nil:
		return t.Cause.Chain + " " + explain.Words(trigger.Condition) + explain.Place(trigger.Endpoint, trigger.Hook)
	case t.Actor != headwatch.Watchdog:
		return "by order of " + t.Actor
	}
	return t.Cause.Chain + " " + explain.Words(t.Cause.Phase)
}

func decided(kind headwatch.StepKind, t *headwatch.Transition, trigger *headwatch.Trigger) string {
	text := decisions[kind]
	if text == "" {
		text = string(kind)
	}
	if kind == headwatch.StepResolve && t.To != headwatch.Closed {
		text = "resolved" // what is only told ends while the circuit goes its own way
	}
	switch c := lead(t, trigger); {
	case t.Actor != headwatch.Watchdog:
		text += ", by order: " + t.Reason
	case c != nil:
		text += ", " + explain.Words(c.Condition) + explain.Place(c.Endpoint, c.Hook) + " for " + explain.Span(t.At.Sub(c.Since))
	default:
		text += ", " + explain.Words(t.Cause.Phase)
	}
	if t.HeldUntil.After(t.At) {
		text += "; held until " + explain.Stamp(t.HeldUntil)
	}
	if t.Latched {
		text += "; stays open until somebody resets it"
	}
	return text
}

func (o Order) text() string {
	text := o.Kind
	if o.Hook != "" {
		text += " " + o.Hook
	}
	if o.For > 0 {
		text += " for " + explain.Span(o.For)
	}
	if o.Via != "" {
		text += " via " + o.Via
	}
	return text + ": " + o.Reason
}

func reporting(r *headwatch.Report) string {
	return "hook " + r.Hook + " " + strings.TrimSpace(r.What+" "+string(r.Kind)) + ": " + r.Detail
}

func escalating(e *headwatch.Escalation) string {
	text := string(e.Kind) + ": " + e.Why
	if len(e.Channels) > 0 {
		text += "; told: " + strings.Join(e.Channels, ", ")
	}
	if len(e.OnCall) > 0 {
		text += "; on call: " + strings.Join(e.OnCall, ", ")
	}
	return text
}

func joining(kind headwatch.StepKind, d *headwatch.Dependant) string {
	text := fmt.Sprintf("%s: %s of circuit %s is a consequence and is told here", kind, d.Incident, d.Circuit)
	if kind == headwatch.StepLeave {
		text = fmt.Sprintf("%s: %s of circuit %s, a consequence, is over", kind, d.Incident, d.Circuit)
	}
	return text
}
