package alert

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"headwatch"
	"headwatch/delivery"
	"headwatch/explain"
)

const (
	maxHeadline = 500  // runes
	maxFact     = 1000 // runes
)

// message is a notice in words. It is made once; a channel only arranges it and keeps to its own limits. All texts are
// clean lines.
type message struct {
	headline string // what stopped
	facts    []fact // who has it, what was done, what to do: a phone shows no more; then since when, how sure we are, where to look
}

type fact struct{ label, text string }

// The labels of the facts that hold links. What they say comes from the configuration and from here, never from a stranger.
const (
	look = "Look"
	ack  = "Ack"
)

// links says whether what looks like a link in a fact is one.
func (f fact) links() bool { return f.label == look || f.label == ack }

// writer makes messages.
type writer struct {
	deps Deps
	link string
}

func (w writer) message(n headwatch.Notice) message {
	m := message{headline: headline(n)}
	m.add(string(n.Mark), marked(n.Mark))
	if n.Unjournaled {
		m.headline = "NOT IN THE JOURNAL: " + m.headline
		m.add("Warning", "the journal refused this decision: a restart will not know of it")
	}
	m.headline = delivery.Clean(mark(n)+m.headline, maxHeadline)
	if t := n.Transition; ordered(t) && n.Report == nil {
		m.add("By", fmt.Sprintf("%s: %s", t.Actor, t.Reason))
	}
	m.add("In hand", inHand(n))
	evidence, now := explain.Evidence(&n.Transition.Cause, delivery.Cause(n)), w.now(n)
	if evidence != "" && now != "" {
		evidence += "; as of " + explain.Stamp(n.Transition.Cause.At)
	}
	m.add("Now", now)
	if n.Report != nil {
		m.add("Hook", acted(n.Report)) // nothing is done yet where it waits
		m.add("Do", remedy(n.Report))
	} else {
		m.add("Done", w.done(n))
		m.add("Still paused", w.paused(n))
	}
	if cause := delivery.Cause(n); cause != nil && n.Kind != headwatch.StepResolve && n.Report == nil && w.deps.Advice != nil {
		m.add("Do", w.deps.Advice(cause.Condition))
	}
	m.add(ack, w.acknowledge(n))
	m.add("Since", since(n))
	m.add("Escalation", escalated(n.Escalation))
	m.add("Evidence", evidence)
	if n.Report == nil {
		m.add("Beneath", w.beneath(n))
	}
	m.add(look, w.look(n))
	return m
}

// coalesced is the message for an incident that was over before its trigger could be told.
func (w writer) coalesced(trigger, resolve headwatch.Notice) message {
	m := w.message(resolve)
	m.headline = delivery.Clean(fmt.Sprintf("%sMISSED AND OVER %s: %s and recovered while this channel was unreachable, %s, peak %s",
		mark(resolve), resolve.Transition.Circuit, what(trigger), lasted(resolve), resolve.Peak), maxHeadline)
	return m
}

// look says where there is more: the incident, its page, the runbook.
func (w writer) look(n headwatch.Notice) string {
	where := []string{"incident " + n.Incident}
	if w.deps.Page != nil {
		where = append(where, w.deps.Page(n.Incident))
	}
	where = append(where, w.link)
	return strings.Join(slices.DeleteFunc(where, func(s string) bool { return s == "" }), ", ")
}

// mark is what every headline begins with that is not in earnest.
func mark(n headwatch.Notice) string {
	if n.Mark == "" {
		return ""
	}
	return string(n.Mark) + ": "
}

func (m *message) add(label, text string) {
	if text = delivery.Clean(text, maxFact); text != "" {
		m.facts = append(m.facts, fact{label, text})
	}
}

// plain is the message as a block of text.
func (m message) plain() string {
	var b strings.Builder
	b.WriteString(m.headline)
	b.WriteByte('\n')
	for _, f := range m.facts {
		fmt.Fprintf(&b, "  %s: %s\n", f.label, f.text)
	}
	return b.String()
}

// headline says what stopped, or what became of it.
func headline(n headwatch.Notice) string {
	if n.Report != nil {
		return reported(n)
	}
	t := n.Transition
	said := func(word, text string) string { return fmt.Sprintf("%s %s: %s", word, t.Circuit, text) }
	switch n.Kind {
	case headwatch.StepTrip, headwatch.StepWarn, headwatch.StepPage:
		return said(strings.ToUpper(string(n.Kind)), what(n)+held(n))
	case headwatch.StepRelapse:
		return said("RELAPSE", what(n)+held(n)+", open again"+nth(n.Relapses))
	case headwatch.StepRecover:
		return said("RECOVERING", t.Cause.Chain+" is back, on probation: not closed yet"+relapses(n.Relapses))
	case headwatch.StepResolve:
		return said("RESOLVED", fmt.Sprintf("%s after %s, peak %s%s", became(n), lasted(n), n.Peak, relapses(n.Relapses)))
	case headwatch.StepAck:
		return said("ACKNOWLEDGED", cmp.Or(n.AckedBy, t.Actor)+" has it in hand")
	case headwatch.StepHold:
		return said("HOLD", "no automatic change before "+explain.Stamp(t.HeldUntil))
	case headwatch.StepEscalate, headwatch.StepUnack, headwatch.StepRelease:
		return said(clocked(n))
	case headwatch.StepJoin, headwatch.StepLeave:
		if n.Dependant != nil {
			return joined(n)
		}
	}
	return said(strings.ToUpper(string(n.Kind)), what(n))
}

// relapses says how often the chain fell back before it was over.
func relapses(count int) string {
	switch count {
	case 0:
		return ""
	case 1:
		return ", 1 relapse"
	default:
		return fmt.Sprintf(", %d relapses", count)
	}
}

// nth says which relapse this is, from the second on.
func nth(count int) string {
	if count < 2 {
		return ""
	}
	return fmt.Sprintf(", relapse %d", count)
}

// what says in one clause what is wrong.
func what(n headwatch.Notice) string {
	cause, t := delivery.Cause(n), n.Transition
	switch {
	case ordered(t):
		return "by order of " + t.Actor
	case cause == nil:
		return t.Cause.Chain + " " + explain.Words(t.Cause.Phase)
	}
	return subject(t) + explain.Words(cause.Condition) + explain.Place(cause.Endpoint, cause.Hook)
}

// subject is what a headline is about before it says what is wrong: the chain. Of headwatch itself it says nothing, because the
// circuit's name has said it.
func subject(t headwatch.Transition) string {
	if t.Cause.Chain == headwatch.Watchdog {
		return ""
	}
	return t.Cause.Chain + " "
}

// held says how long it has been so.
func held(n headwatch.Notice) string {
	cause := delivery.Cause(n)
	if cause == nil || ordered(n.Transition) {
		return ""
	}
	if cause.Condition == headwatch.Restarted {
		return " after " + explain.Span(n.Transition.At.Sub(cause.Since)) + " in which nobody watched"
	}
	return " for " + explain.Span(n.Transition.At.Sub(cause.Since))
}

// became says how an incident ended: by itself, or by a person whatever the chain does. Of what was only told the chain says
// nothing: it may have been live all the time.
func became(n headwatch.Notice) string {
	t := n.Transition
	switch {
	case ordered(t):
		return what(n)
	case !t.Told || n.Trigger == nil:
		return t.Cause.Chain + " " + explain.Words(t.Cause.Phase)
	case n.Trigger.Hook != "":
		return "hook " + n.Trigger.Hook + " is ready again"
	case n.Trigger.Condition == headwatch.Restarted:
		return "watching again"
	default:
		return subject(t) + explain.Words(n.Trigger.Condition) + explain.Place(n.Trigger.Endpoint, "") + " is over"
	}
}

// ordered says whether a person took the decision.
func ordered(t headwatch.Transition) bool { return t.Actor != "" && t.Actor != headwatch.Watchdog }

// since says when it began and how long ago that was, or how long it lasted.
func since(n headwatch.Notice) string {
	if n.Since.IsZero() {
		return ""
	}
	if n.Kind == headwatch.StepResolve {
		return fmt.Sprintf("%s until %s (%s)", explain.Stamp(n.Since), explain.Stamp(n.Transition.At), lasted(n))
	}
	return fmt.Sprintf("%s (%s)", explain.Stamp(n.Since), lasted(n))
}

// done says what became of the circuit, and which hooks it has.
func (w writer) done(n headwatch.Notice) string {
	t := n.Transition
	if t.Circuit == headwatch.Watchdog {
		return "" // it never opens, and fires nothing
	}
	text := "circuit " + explain.Words(t.To)
	switch {
	case t.Latched:
		text += ", stays open until somebody resets it"
	case !t.HeldUntil.IsZero():
		text += ", held until " + explain.Stamp(t.HeldUntil)
	case n.Peak < headwatch.LevelTrip && t.To == headwatch.Closed && !t.Told: // beside what is told, another incident may have fired one
		return text + ", no hook has fired"
	}
	if w.deps.Hooks != nil && n.Peak == headwatch.LevelTrip {
		if hooks := w.deps.Hooks(t.Circuit); len(hooks) > 0 {
			text += "; hooks: " + strings.Join(hooks, ", ")
		}
	}
	return text
}

func lasted(n headwatch.Notice) string { return explain.Span(n.Transition.At.Sub(n.Since)) }
