package explain

import (
	"fmt"
	"strings"
	"time"

	"headwatch"
)

// hints is where the cause lies, for people.
var hints = map[headwatch.Hint]string{
	headwatch.HintUnsafe:    "the sequencer: the safe head goes on",
	headwatch.HintSafe:      "the batcher or the derivation: the unsafe head goes on",
	headwatch.HintBoth:      "the whole chain: the unsafe and the safe head both stand",
	headwatch.HintThrottled: "perhaps on purpose: the safe head is so far behind that the unsafe head may be held back",
	headwatch.HintEmpty:     "the sequencer: its blocks come without users' transactions",
	headwatch.HintAPI:       "the API: the chain itself lives",
	headwatch.HintProvider:  "one endpoint: the others are well",
	headwatch.HintOperator:  "one operator: the endpoints of the others are well",
	headwatch.HintL1:        "the layer 1: it stands still",
	headwatch.HintUs:        "our own network, clock or machine",
}

// phases is what a chain does, for people.
var phases = map[headwatch.Phase]string{
	headwatch.Unknown:    "no verdict",
	headwatch.Live:       "live",
	headwatch.Slow:       "slow",
	headwatch.Empty:      "blocks come, but users' transactions do not get in",
	headwatch.Stalled:    "stalled",
	headwatch.CatchingUp: "catching up, which is not yet recovery",
}

// namesake is the condition that says the same as a phase.
var namesake = map[headwatch.Phase][]headwatch.Condition{
	headwatch.Slow:    {headwatch.UnsafeHeadSlow},
	headwatch.Empty:   {headwatch.UserTxsMissing},
	headwatch.Stalled: {headwatch.UnsafeHeadStalled, headwatch.L1HeadStalled, headwatch.APIStale},
}

// verdict is the verdict on a chain in one sentence. Lead is the finding that matters most, or nil.
func verdict(chain string, a *headwatch.Assessment, lead *headwatch.Finding) string {
	said := phases[a.Phase]
	same := a.Find(namesake[a.Phase]...)
	if same != nil {
		said += " for " + Span(a.At.Sub(same.Since))
	}
	switch {
	case a.At.IsZero():
		said += " yet: nothing has been assessed since the start"
	case lead == nil && a.Phase == headwatch.Unknown && a.Head == nil:
		said += " yet: no endpoint has named a head"
	case lead == nil && a.Phase == headwatch.Unknown:
		said += " yet: whether the head moves takes a moment to see"
	case lead == nil && a.Head != nil:
		said += ", " + agreed(a)
	case lead == nil || same != nil && same.Condition == lead.Condition:
	case a.Phase == headwatch.Unknown:
		said = held(a, lead)
		if lead.Detail != "" {
			said += ": " + lead.Detail
		}
	case a.Phase == headwatch.Live:
		said += ", but " + held(a, lead)
	default:
		said += ", and " + held(a, lead)
	}
	if hint := hints[a.Hint]; hint != "" {
		said += "; " + hint
	}
	return chain + ": " + said
}

// Now says in one sentence how a chain was last assessed.
func Now(a *headwatch.Assessment) string {
	lead := a.Find(namesake[a.Phase]...)
	if a.Phase == headwatch.Unknown {
		lead = a.Find(headwatch.Blind)
	}
	return verdict(a.Chain, a, lead)
}

func held(a *headwatch.Assessment, f *headwatch.Finding) string {
	return Words(f.Condition) + Place(f.Endpoint, f.Hook) + " for " + Span(a.At.Sub(f.Since))
}

// Place says, after a condition, which endpoint or hook it is about; "" for the whole chain.
func Place(endpoint, hook string) string {
	switch {
	case endpoint != "":
		return " at " + endpoint
	case hook != "":
		return " (" + hook + ")"
	}
	return ""
}

// agreed says where the chain is; "" when nobody knows.
func agreed(a *headwatch.Assessment) string {
	if a.Head == nil {
		return ""
	}
	return fmt.Sprintf("head %d of age %s", a.Head.Number, Span(a.At.Sub(a.Head.Time)))
}

// Words writes the name of a condition, a phase or a state as people do.
func Words(name any) string { return strings.ReplaceAll(fmt.Sprint(name), "_", " ") }

// Span writes a duration to the second.
func Span(d time.Duration) string { return headwatch.Brief(d.Round(time.Second)) }

// Stamp writes an instant to the second, in UTC.
func Stamp(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05 UTC") }

// Decided says what a decision did, and who took it if it was a person.
func Decided(t *headwatch.Transition) string {
	text := t.To.String()
	if t.From != t.To {
		text = t.From.String() + " -> " + text
	}
	if t.HeldUntil.After(t.At) {
		text += ", held until " + Stamp(t.HeldUntil)
	}
	if t.Latched {
		text += ", latched"
	}
	level := t.Level.String()
	if t.Told {
		level += " (only told)"
	}
	text += fmt.Sprintf("  level %s  chain %s", level, t.Cause.Phase)
	if t.Actor != headwatch.Watchdog {
		text += fmt.Sprintf("  by %s: %s", t.Actor, t.Reason)
	}
	return text
}
