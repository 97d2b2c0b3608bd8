package alert

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"pgregory.net/rapid"

	"headwatch"
	"headwatch/delivery"
	"headwatch/delivery/deliverytest"
)

var testWriter = writer{deps, "https://runbooks.example.org/base"}

// cases are the messages that the golden file shows.
func cases() []headwatch.Notice {
	var all []headwatch.Notice
	for _, kind := range []headwatch.StepKind{
		headwatch.StepWarn, headwatch.StepPage, headwatch.StepTrip, headwatch.StepAck, headwatch.StepHold,
		headwatch.StepRecover, headwatch.StepRelapse, headwatch.StepResolve, headwatch.StepEscalate, headwatch.StepUnack, headwatch.StepRelease,
		headwatch.StepJoin, headwatch.StepLeave,
	} {
		all = append(all, deliverytest.Notice(kind, "ops"))
	}
	manual := deliverytest.Notice(headwatch.StepTrip, "ops")
	manual.Transition.Actor, manual.Transition.Reason = "alice", "an exploit is running"
	reset := deliverytest.Notice(headwatch.StepResolve, "ops")
	reset.Transition.Actor, reset.Transition.Reason = "alice", "false alarm"
	latched := deliverytest.Notice(headwatch.StepTrip, "ops")
	latched.Transition.Latched = true
	unjournaled := deliverytest.Notice(headwatch.StepTrip, "ops")
	unjournaled.Unjournaled = true
	endpoint := deliverytest.Notice(headwatch.StepWarn, "ops")
	endpoint.Transition.Cause.Findings = endpoint.Transition.Cause.Findings[:1]
	bare := headwatch.Notice{Kind: headwatch.StepPage, Incident: "x-1"}
	bare.Transition.Circuit, bare.Transition.Cause.Chain = "x", "base"
	hook := deliverytest.Notice(headwatch.StepPage, "ops")
	hook.Trigger = &headwatch.Trigger{Condition: headwatch.HookNotReady, Hook: "pause-pool"}
	hook.Transition.Told, hook.Transition.Cause.Findings = true, []headwatch.Finding{{
		Condition: headwatch.HookNotReady, Hook: "pause-pool", Since: hook.Since, Value: time.Minute, Detail: "the account may not call pause()",
	}}
	ready := deliverytest.Notice(headwatch.StepResolve, "ops")
	ready.Trigger, ready.Transition.Told, ready.Transition.From, ready.Peak, ready.Relapses = hook.Trigger, true, headwatch.Closed, headwatch.LevelPage, 0
	reachable := ready
	reachable.Trigger = &headwatch.Trigger{Condition: headwatch.EndpointUnreachable, Endpoint: "alchemy"}
	all = append(all, hook, ready, reachable)
	for _, kind := range headwatch.ReportKinds() {
		all = append(all, deliverytest.Report(kind, "ops"))
	}
	again := deliverytest.Report(headwatch.ReportUndone, "ops")
	again.Report.Until, again.Report.Detail = again.Report.At.Add(2*time.Minute), "it fires unless somebody vetoes it"
	for _, m := range []headwatch.Mark{headwatch.MarkTest, headwatch.MarkDrill} {
		n := deliverytest.Notice(headwatch.StepPage, "ops")
		n.Mark = m
		all = append(all, n)
	}
	atOnce := deliverytest.Notice(headwatch.StepEscalate, "ops")
	e := *atOnce.Escalation
	e.At, e.Step, e.Round, e.Why = atOnce.Transition.Cause.At, 0, 0, ""
	atOnce.Escalation, atOnce.Transition.At = &e, e.At
	held := deliverytest.Notice(headwatch.StepRecover, "ops")
	held.AckedBy, held.AckedUntil, held.Relapses = "alice", held.Transition.At.Add(time.Hour), 2
	relapsed := deliverytest.Notice(headwatch.StepRelapse, "ops")
	relapsed.Relapses = 2
	all = append(all, atOnce, held, relapsed)
	return append(all, again, manual, reset, latched, unjournaled, endpoint, bare)
}

func TestMessagesAreTheGoldenOnes(t *testing.T) {
	var b bytes.Buffer
	for _, n := range cases() {
		fmt.Fprintln(&b, testWriter.message(n).plain())
	}
	fmt.Fprint(&b, testWriter.coalesced(deliverytest.Notice(headwatch.StepPage, "ops"), deliverytest.Notice(headwatch.StepResolve, "ops")).plain())
	golden(t, "messages.txt", b.Bytes())
}

func TestFactsComeInTheOrderInWhichTheyAreNeeded(t *testing.T) {
	var labels []string
	for _, f := range testWriter.message(deliverytest.Notice(headwatch.StepTrip, "ops")).facts {
		labels = append(labels, f.label)
	}
	if got := strings.Join(labels, " "); got != "Done Do Ack Since Evidence Look" {
		t.Errorf("got %s", got)
	}
}

func TestWithoutAdviceHooksAndLinkTheRestIsStillSaid(t *testing.T) {
	got := writer{}.message(deliverytest.Notice(headwatch.StepTrip, "ops")).plain()
	for _, want := range []string{"TRIP base-lending", "Evidence: the sequencer: the safe head goes on; 2 of 3", "Done: circuit open\n", "Look: incident base-lending-7\n"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is not in\n%s", want, got)
		}
	}
}

// hostile gives a notice in which every text that comes from outside is wild.
func hostile(t *rapid.T) headwatch.Notice {
	text := rapid.OneOf(
		rapid.String(),
		rapid.StringOfN(rapid.SampledFrom([]rune("👩‍👩‍👧‍👦🇺🇳🏴e\u0301a\u0328\u0304क्षִשאבجدن\u202e\u200f")), 0, 1500, -1),
		rapid.Just("<!channel> <https://evil.example|click> & \x1b[2J\r\n\u202e"),
		rapid.Map(rapid.IntRange(0, 3000), func(n int) string { return strings.Repeat("&", n) }),
	)
	n := rapid.SampledFrom(cases()).Draw(t, "case")
	n.Transition.Cause = deliverytest.Notice(headwatch.StepTrip, "ops").Transition.Cause
	if n.Report != nil {
		n.Report.Hook, n.Report.Detail, n.Report.Tx = text.Draw(t, "hook"), text.Draw(t, "report"), text.Draw(t, "transaction")
		n.Report.Actor, n.Report.Chain = text.Draw(t, "who"), text.Draw(t, "where")
	}
	if e := n.Escalation; e != nil {
		wild := *e
		wild.Policy, wild.Why, wild.OnCall = text.Draw(t, "policy"), text.Draw(t, "clause"), []string{text.Draw(t, "on call"), "x"}
		n.Escalation = &wild
	}
	if d := n.Dependant; d != nil {
		wild := *d
		wild.Incident, wild.Circuit, wild.Chain = text.Draw(t, "dependant"), text.Draw(t, "its circuit"), text.Draw(t, "its chain")
		n.Dependant = &wild
	}
	n.AckedBy = text.Draw(t, "acked by")
	n.Incident, n.Unjournaled = text.Draw(t, "incident"), rapid.Bool().Draw(t, "unjournaled")
	tr := &n.Transition
	tr.Circuit, tr.Actor, tr.Reason, tr.Cause.Chain = text.Draw(t, "circuit"), text.Draw(t, "actor"), text.Draw(t, "reason"), text.Draw(t, "chain")
	for i := range tr.Cause.Findings {
		f := &tr.Cause.Findings[i]
		f.Detail, f.Endpoint = text.Draw(t, "detail"), ""
		for j := range f.Votes {
			f.Votes[j].Endpoint, f.Votes[j].Reason = text.Draw(t, "endpoint"), text.Draw(t, "why")
		}
	}
	return n
}

func TestAMessageIsCleanAndBoundedWhateverItTells(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := testWriter.message(hostile(t))
		if utf8.RuneCountInString(m.headline) > maxHeadline || delivery.Clean(m.headline, maxHeadline) != m.headline {
			t.Fatalf("headline %q", m.headline)
		}
		if len(m.facts) > 10 {
			t.Fatalf("%d facts", len(m.facts))
		}
		for _, f := range m.facts {
			if utf8.RuneCountInString(f.text) > maxFact || delivery.Clean(f.text, maxFact) != f.text {
				t.Fatalf("%s: %q", f.label, f.text)
			}
		}
	})
}
