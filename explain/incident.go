package explain

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"headwatch"
)

// Told says in one clause what a step of an incident was.
func Told(s *headwatch.Step) string {
	switch s.Kind {
	case headwatch.StepWarn:
		return "people are told in time"
	case headwatch.StepPage:
		return "the pager rings"
	case headwatch.StepTrip:
		return ordered(s, "the circuit opens")
	case headwatch.StepRecover:
		return ordered(s, "the chain is back, on probation")
	case headwatch.StepRelapse:
		return ordered(s, "it fell back: the circuit opens again")
	case headwatch.StepResolve:
		return ordered(s, "over")
	case headwatch.StepAck:
		return ordered(s, "in hand")
	case headwatch.StepHold:
		return ordered(s, "no automatic change for a while")
	case headwatch.StepNote:
		return ordered(s, "noted")
	case headwatch.StepHook:
		if r := s.Report; r != nil {
			return strings.TrimSpace(r.Hook+" "+r.What) + " " + Words(r.Kind) + ": " + r.Detail
		}
	case headwatch.StepJoin:
		if d := s.Dependant; d != nil {
			return d.Circuit + " follows from it: its incident " + d.Incident + " is told here"
		}
	case headwatch.StepLeave:
		if d := s.Dependant; d != nil {
			return "incident " + d.Incident + " of " + d.Circuit + ", which followed from it, is over"
		}
	case headwatch.StepEscalate, headwatch.StepUnack, headwatch.StepSilence, headwatch.StepRelease:
		if e := s.Escalation; e != nil {
			return escalated(e)
		}
	}
	return ordered(s, Words(s.Kind))
}

// ordered adds who did it, where a person did, and why.
func ordered(s *headwatch.Step, what string) string {
	if s.Actor == "" || s.Actor == headwatch.Watchdog {
		return what
	}
	return fmt.Sprintf("%s, by %s: %s", what, s.Actor, s.Reason)
}

// escalated says what the clock brought about, and who is told.
func escalated(e *headwatch.Escalation) string {
	text := e.Why
	if e.Kind == headwatch.StepEscalate {
		text = fmt.Sprintf("%s, step %d: %s", e.Policy, e.Step+1, text)
	}
	if len(e.Channels) > 0 {
		text += "; told on " + strings.Join(e.Channels, ", ")
	}
	if len(e.OnCall) > 0 {
		text += "; on call: " + strings.Join(e.OnCall, ", ")
	}
	return text
}

// Hand says who has an incident in hand, as of an instant.
func Hand(i *headwatch.Incident, now time.Time) string {
	if !InHand(i, now) {
		return "nobody has it in hand"
	}
	text := fmt.Sprintf("%s has it in hand since %s", i.AckedBy, Stamp(i.AckedAt))
	if !i.AckedUntil.IsZero() {
		text += fmt.Sprintf(", until %s (for %s)", Stamp(i.AckedUntil), Span(i.AckedUntil.Sub(now)))
	}
	return text
}

// InHand reports whether somebody has an incident in hand at an instant.
func InHand(i *headwatch.Incident, now time.Time) bool {
	return i.AckedBy != "" && (i.AckedUntil.IsZero() || now.Before(i.AckedUntil))
}

// WorseSince reports whether an incident climbed or was told anew after an instant: who acknowledged before that knew of something
// smaller.
func WorseSince(i *headwatch.Incident, at time.Time) bool {
	return slices.ContainsFunc(i.Steps, func(s headwatch.Step) bool {
		switch s.Kind {
		case headwatch.StepWarn, headwatch.StepPage, headwatch.StepTrip, headwatch.StepRelapse, headwatch.StepUnack:
			return s.At.After(at)
		}
		return false
	})
}

// Held says why people hear nothing new of an incident, beside that somebody has it in hand; "" when nothing holds it back.
func Held(i *headwatch.Incident) string {
	switch {
	case i.Silenced != "" && i.Beneath != "":
		return "silenced by " + i.Silenced + "; told in its cause's incident " + i.Beneath
	case i.Silenced != "":
		return "silenced by " + i.Silenced
	case i.Beneath != "":
		return "told in its cause's incident " + i.Beneath
	}
	return ""
}
