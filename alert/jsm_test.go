package alert

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"headwatch"
	"headwatch/config"
	"headwatch/delivery"
	"headwatch/delivery/deliverytest"
)

func TestWhatJiraIsAsked(t *testing.T) {
	for _, c := range []struct {
		golden, path string
		n            headwatch.Notice
	}{
		{"jsm-trip.json", "/jsm/v2/alerts", lately(headwatch.StepTrip)},
		{"jsm-ack.json", "/jsm/v2/alerts/base-lending-7/acknowledge?identifierType=alias", lately(headwatch.StepAck)},
		{"jsm-recover.json", "/jsm/v2/alerts/base-lending-7/notes?identifierType=alias", lately(headwatch.StepRecover)},
		{"jsm-resolve.json", "/jsm/v2/alerts/base-lending-7/close?identifierType=alias", lately(headwatch.StepResolve)},
	} {
		s, all := told(t, config.AlertJSM, deps, func(c *config.Alert) { c.URL = config.NewSecret(c.URL.Reveal() + "/jsm") })
		if _, err := s.Send(t.Context(), s.Route(), c.n); err != nil {
			t.Fatal(err)
		}
		got := (*all)[0]
		if len(*all) != 1 || got.path != c.path || got.authorization != "GenieKey planted-genie-key" {
			t.Errorf("%s: %d requests, the first to %s with %s", c.golden, len(*all), got.path, got.authorization)
		}
		golden(t, c.golden, indented(t, got.body))
	}
}

// A create with the alias of an open alert changes nothing that is seen: what is new is a note.
func TestWhatIsNewOfAnOpenAlertIsANote(t *testing.T) {
	page := headwatch.Step{At: deliverytest.Start.Add(time.Minute), Kind: headwatch.StepPage, Level: headwatch.LevelPage}
	s, all := told(t, config.AlertJSM, withIncidents(deps, page), nil)
	if _, err := s.Send(t.Context(), s.Route(), lately(headwatch.StepTrip)); err != nil {
		t.Fatal(err)
	}
	if len(*all) != 2 || !strings.HasSuffix((*all)[1].path, "/notes?identifierType=alias") {
		t.Errorf("%d requests", len(*all))
	}
}

func TestJiraIsToldFromItsRungOn(t *testing.T) {
	s, all := told(t, config.AlertJSM, deps, nil)
	if detail, err := s.Send(t.Context(), s.Route(), lately(headwatch.StepWarn)); err != nil || detail != delivery.NotTold || len(*all) != 0 {
		t.Errorf("%s, %v", detail, err)
	}
}

func TestThePriorityIsThatOfTheRung(t *testing.T) {
	for want, n := range map[string]headwatch.Notice{
		"P3": lately(headwatch.StepWarn), "P2": lately(headwatch.StepPage), "P1": deliverytest.Report(headwatch.ReportFailed, "ops"),
	} {
		j := &jsm{}
		if got := j.alert("x", n).Priority; got != want {
			t.Errorf("%s: got %s, want %s", n.Kind, got, want)
		}
	}
}

func TestTheMessageIsCutInRunes(t *testing.T) {
	n := lately(headwatch.StepTrip)
	n.Transition.Circuit = strings.Repeat("🚨שלום", 60)
	got := (&jsm{}).alert("x", n)
	if utf8.RuneCountInString(got.Message) != maxJSMMessage || !strings.HasPrefix(got.Message, "TRIP 🚨שלום") || !utf8.ValidString(got.Message) {
		t.Errorf("%d characters: %s", utf8.RuneCountInString(got.Message), got.Message)
	}
}

// HTML is heeded in a message there, and details over 8,000 characters are refused with all the rest.
func TestAnAlertInJiraIsInertAndKeepsToWhatItTakes(t *testing.T) {
	long := strings.Repeat("😀", 1000)
	n := lately(headwatch.StepEscalate)
	n.Escalation = &headwatch.Escalation{Kind: headwatch.StepEscalate, Policy: "all", Why: long}
	n.Transition.Actor, n.Transition.Reason, n.Mark = "<b>"+long, long, headwatch.MarkDrill
	n.Transition.Cause.Findings[1].Detail = long
	s, all := told(t, config.AlertJSM, withIncidents(deps), nil)
	if _, err := s.Send(t.Context(), s.Route(), n); err != nil {
		t.Fatal(err)
	}
	var got jsmAlert
	if err := json.Unmarshal((*all)[0].body, &got); err != nil {
		t.Fatal(err)
	}
	total := 0
	for name, value := range got.Details {
		total += units(name) + units(value)
	}
	if strings.Contains(got.Message, "<") || total > 8000 || total < 2000 {
		t.Errorf("details of %d, message %q", total, got.Message)
	}
}
