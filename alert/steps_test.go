package alert

import (
	"strings"
	"testing"

	"headwatch"
	"headwatch/delivery/deliverytest"
	"headwatch/explain"
)

func TestWhoIsToldOfSomethingThatNobodyHasIsToldHowToTakeIt(t *testing.T) {
	w := writer{deps: Deps{
		AckLink: func(n headwatch.Notice) string { return "https://watch.example.org/ack/" + n.Incident },
		Page:    func(incident string) string { return "https://watch.example.org/incidents/" + incident },
	}, link: "https://runbooks.example.org/base"}
	for _, kind := range []headwatch.StepKind{headwatch.StepPage, headwatch.StepEscalate, headwatch.StepUnack, headwatch.StepJoin, headwatch.StepRelapse} {
		text := w.message(deliverytest.Notice(kind, "ops")).plain()
		for _, want := range []string{
			"  Ack: https://watch.example.org/ack/base-lending-7 or headwatch ack base-lending --reason ...\n",
			"  Look: incident base-lending-7, https://watch.example.org/incidents/base-lending-7, https://runbooks.example.org/base\n",
		} {
			if !strings.Contains(text, want) {
				t.Errorf("%s: %q is not in\n%s", kind, want, text)
			}
		}
	}
	inHand := deliverytest.Notice(headwatch.StepTrip, "ops")
	inHand.AckedBy = "alice"
	test := deliverytest.Notice(headwatch.StepPage, "ops")
	test.Mark = headwatch.MarkTest
	for _, n := range []headwatch.Notice{
		inHand, test, deliverytest.Notice(headwatch.StepRecover, "ops"), deliverytest.Notice(headwatch.StepAck, "ops"),
		deliverytest.Notice(headwatch.StepResolve, "ops"), deliverytest.Notice(headwatch.StepLeave, "ops"),
	} {
		if text := w.message(n).plain(); strings.Contains(text, "Ack: ") {
			t.Errorf("%s asks for an acknowledgement:\n%s", n.Kind, text)
		}
	}
}

// Who is called again, or late, reads how the chain is now, and of when the evidence is.
func TestWhatIsToldOfSomethingOlderSaysHowItIsNow(t *testing.T) {
	n := deliverytest.Notice(headwatch.StepEscalate, "ops")
	at := n.Transition.Cause.At
	seen := headwatch.Assessment{Chain: "base", Phase: headwatch.Live, At: at.Add(atOnce), Head: &headwatch.Head{Number: 7, Time: at}}
	w := writer{deps: Deps{Chain: func(string) *headwatch.Assessment { return &seen }}}
	for _, want := range []string{"; as of " + explain.Stamp(at) + "\n", "\n  Now: base: live, head 7 of age 10s\n"} {
		if text := w.message(n).plain(); !strings.Contains(text, want) {
			t.Errorf("%q is not in\n%s", want, text)
		}
	}
	seen.At = at.Add(atOnce - 1)
	old := seen
	for name, chain := range map[string]func(string) *headwatch.Assessment{
		"what is told at once": func(string) *headwatch.Assessment { return &old },
		"no such chain":        func(string) *headwatch.Assessment { return nil },
	} {
		w.deps.Chain = chain
		if text := w.message(n).plain(); strings.Contains(text, "Now: ") || strings.Contains(text, "as of") {
			t.Errorf("%s:\n%s", name, text)
		}
	}
}

// Everything that is not in earnest says so in its first word and in its first fact, also what a late channel is told.
func TestAMarkComesFirst(t *testing.T) {
	for _, n := range cases() {
		for _, m := range []headwatch.Mark{headwatch.MarkTest, headwatch.MarkDrill} {
			n.Mark = m
			for _, got := range []message{testWriter.message(n), testWriter.coalesced(n, n)} {
				if !strings.HasPrefix(got.headline, string(m)+": ") || got.facts[0].label != string(m) || !strings.HasPrefix(got.facts[0].text, "nothing of this has happened") {
					t.Errorf("%s %s: got\n%s", m, n.Kind, got.plain())
				}
			}
		}
	}
}

func TestTheEndOfAnIncidentNamesThePausesThatItLeaves(t *testing.T) {
	resolve := deliverytest.Notice(headwatch.StepResolve, "ops")
	report := func(hook string, kind headwatch.ReportKind, what string) headwatch.Step {
		return headwatch.Step{Kind: headwatch.StepHook, Report: &headwatch.Report{Hook: hook, Kind: kind, What: what}}
	}
	w := writer{deps: Deps{Incidents: func() []headwatch.Incident {
		return []headwatch.Incident{
			{ID: "another", Steps: []headwatch.Step{report("not-ours", headwatch.ReportEffective, "")}},
			{ID: resolve.Incident, Steps: []headwatch.Step{
				{Kind: headwatch.StepTrip},
				report("pool", headwatch.ReportSent, ""), report("vault", headwatch.ReportEffective, ""), report("pool", headwatch.ReportEffective, ""),
				report("vault", headwatch.ReportUndone, ""), report("feed", headwatch.ReportEffective, "uptime feed"), report("router", headwatch.ReportFailed, ""),
			}},
		}
	}}}
	const want = "  Still paused: pool (headwatch hook resume pool prints what takes it back)\n"
	if text := w.message(resolve).plain(); !strings.Contains(text, want) {
		t.Errorf("%q is not in\n%s", want, text)
	}
	if text := w.message(deliverytest.Notice(headwatch.StepRecover, "ops")).plain(); strings.Contains(text, "Still paused") {
		t.Errorf("said before the end:\n%s", text)
	}
}

// Who is called by the escalation of a consequence must see in the first line why it was he.
func TestAnEscalationOfAConsequenceNamesIt(t *testing.T) {
	n := deliverytest.Notice(headwatch.StepEscalate, "ops")
	n.Dependant = &headwatch.Dependant{Incident: "op-1", Circuit: "op-perps", Chain: "op", Level: headwatch.LevelTrip}
	text := testWriter.message(n).plain()
	headline, _, _ := strings.Cut(text, "\n")
	if !strings.HasSuffix(headline, ", and with it op-perps at TRIP") || !strings.Contains(text, "incident op-1 of op-perps, at trip") {
		t.Errorf("got\n%s", text)
	}
}
