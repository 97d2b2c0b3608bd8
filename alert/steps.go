package alert

import (
	"fmt"
	"strings"
	"time"

	"headwatch"
	"headwatch/explain"
)

// atOnce is how long after the decision that it follows from an escalation may be told and still be the first word of it.
const atOnce = 10 * time.Second

// clocked is the headline of a step that the clock brought about.
func clocked(n headwatch.Notice) (word, text string) {
	text = what(n) + held(n)
	switch n.Kind {
	case headwatch.StepEscalate:
		if d := n.Dependant; d != nil {
			text += fmt.Sprintf(", and with it %s at %s", d.Circuit, strings.ToUpper(d.Level.String()))
		}
		if first(n) {
			return strings.ToUpper(n.Transition.Level.String()), text
		}
		return "STILL OPEN, NOBODY HAS ACKNOWLEDGED", text
	case headwatch.StepUnack:
		word = "NO LONGER IN HAND"
	case headwatch.StepRelease:
		word = "STILL OPEN"
	}
	if n.Escalation != nil && n.Escalation.Why != "" {
		text += "; " + n.Escalation.Why
	}
	return word, text
}

// first says whether an escalation is told together with what it escalates: nobody could have acknowledged that yet.
func first(n headwatch.Notice) bool {
	e, decided := n.Escalation, n.Transition.Cause.At
	return e != nil && e.Round == 0 && !decided.IsZero() && e.At.Sub(decided) < atOnce
}

// now says how the chain is as the message is written, where that tells of something older: of what nobody decided anew, or late.
func (w writer) now(n headwatch.Notice) string {
	if w.deps.Chain == nil || n.Mark != "" {
		return ""
	}
	a := w.deps.Chain(n.Transition.Cause.Chain)
	if a == nil || a.At.Sub(n.Transition.Cause.At) < atOnce {
		return ""
	}
	return explain.Now(a)
}

// joined is the headline of an incident that turned out to be a consequence of the one that is told of, or is none any more. It
// is all that a pager shows, so it names both.
func joined(n headwatch.Notice) string {
	d, cause := n.Dependant, n.Transition.Circuit+": "+what(n)+held(n)
	if n.Kind == headwatch.StepLeave {
		return fmt.Sprintf("OVER %s: its incident is over; the cause is not: %s", d.Circuit, cause)
	}
	failing := d.Chain + " fails"
	if t := d.Trigger; t != nil {
		failing = d.Chain + " " + explain.Words(t.Condition) + explain.Place(t.Endpoint, t.Hook)
	}
	return fmt.Sprintf("ALSO %s %s: %s, as a consequence of %s", strings.ToUpper(d.Level.String()), d.Circuit, failing, cause)
}

// beneath says what there is to know of a dependant beside its headline.
func (w writer) beneath(n headwatch.Notice) string {
	d := n.Dependant
	if d == nil || n.Kind == headwatch.StepLeave {
		return ""
	}
	text := fmt.Sprintf("incident %s of %s, at %s", d.Incident, d.Circuit, d.Level)
	if w.deps.Hooks != nil && d.Level == headwatch.LevelTrip {
		if hooks := w.deps.Hooks(d.Circuit); len(hooks) > 0 {
			text += "; hooks: " + strings.Join(hooks, ", ")
		}
	}
	return text + "; told here and not by itself for as long as the cause lasts"
}

// escalated says by which rule people are told, how often it was told, and who is on call.
func escalated(e *headwatch.Escalation) string {
	if e == nil || e.Kind != headwatch.StepEscalate {
		return ""
	}
	text := fmt.Sprintf("%s, step %d", e.Policy, e.Step+1)
	switch {
	case e.Round == 1:
		text += ", told once before"
	case e.Round > 1:
		text += fmt.Sprintf(", told %d times before", e.Round)
	}
	if e.Why != "" {
		text += ": " + e.Why
	}
	if len(e.OnCall) > 0 {
		text += "; on call: " + strings.Join(e.OnCall, ", ")
	}
	return text
}

// inHand says who answers for the incident, and until when.
func inHand(n headwatch.Notice) string {
	if n.AckedBy == "" || n.Kind == headwatch.StepResolve {
		return ""
	}
	if n.AckedUntil.IsZero() {
		return n.AckedBy
	}
	return fmt.Sprintf("%s until %s; you are told again then, or as soon as it gets worse", n.AckedBy, explain.Stamp(n.AckedUntil))
}

// acknowledge says how to take an incident in hand, to those who are told of something that nobody has.
func (w writer) acknowledge(n headwatch.Notice) string {
	if n.AckedBy != "" || n.Mark == headwatch.MarkTest || !n.Kind.Opens() && n.Kind != headwatch.StepRelapse {
		return ""
	}
	text := fmt.Sprintf("headwatch ack %s --reason ...", n.Transition.Circuit)
	if w.deps.AckLink != nil {
		if link := w.deps.AckLink(n); link != "" {
			return link + " or " + text // who has a phone in the hand has no shell
		}
	}
	return text
}

// marked says what a mark means; "" without one.
func marked(m headwatch.Mark) string {
	switch m {
	case "":
		return ""
	case headwatch.MarkTest:
		return "nothing of this has happened; it shows that this channel works"
	case headwatch.MarkDrill:
		return "nothing of this has happened; it is practice, and no hook sends anything"
	}
	return "nothing of this has happened"
}

// paused names the hooks whose pause is in effect when an incident ends: a closed circuit must not be taken for an open contract.
func (w writer) paused(n headwatch.Notice) string {
	if n.Kind != headwatch.StepResolve || w.deps.Incidents == nil {
		return ""
	}
	var still []string
	for _, i := range w.deps.Incidents() {
		if i.ID != n.Incident {
			continue
		}
		newest := map[string]*headwatch.Report{}
		var hooks []string
		for _, s := range i.Steps {
			if r := s.Report; r != nil && r.What == "" {
				if newest[r.Hook] == nil {
					hooks = append(hooks, r.Hook)
				}
				newest[r.Hook] = r
			}
		}
		for _, h := range hooks {
			switch newest[h].Kind {
			case headwatch.ReportEffective, headwatch.ReportForeign, headwatch.ReportNeedless:
				still = append(still, fmt.Sprintf("%s (headwatch hook resume %s prints what takes it back)", h, h))
			}
		}
	}
	return strings.Join(still, ", ")
}
