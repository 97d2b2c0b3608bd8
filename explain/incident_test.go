package explain

import (
	"strings"
	"testing"
	"time"

	"headwatch"
)

func TestStepsInWords(t *testing.T) {
	on := &headwatch.Escalation{Kind: headwatch.StepEscalate, Policy: "nights", Step: 1, Channels: []string{"adas-phone", "pager"}, OnCall: []string{"ada"}, Why: "nobody has acknowledged it for 5m"}
	silence := &headwatch.Escalation{Silence: "s-1", Why: "silence s-1 of grace: the upgrade"}
	dependant := &headwatch.Dependant{Incident: "op-1", Circuit: "op"}
	for want, s := range map[string]headwatch.Step{
		"the pager rings": {Kind: headwatch.StepPage, Actor: headwatch.Watchdog},
		"the circuit opens, by ada: vendor says so": {Kind: headwatch.StepTrip, Actor: "ada", Reason: "vendor says so"},
		"in hand, by ada: on it":                    {Kind: headwatch.StepAck, Actor: "ada", Reason: "on it"},
		"noted, by ada: they are back":              {Kind: headwatch.StepNote, Actor: "ada", Reason: "they are back"},
		"nights, step 2: nobody has acknowledged it for 5m; told on adas-phone, pager; on call: ada": {Kind: headwatch.StepEscalate, Escalation: on},
		"silence s-1 of grace: the upgrade":                          {Kind: headwatch.StepSilence, Escalation: silence},
		"op follows from it: its incident op-1 is told here":         {Kind: headwatch.StepJoin, Dependant: dependant},
		"incident op-1 of op, which followed from it, is over":       {Kind: headwatch.StepLeave, Dependant: dependant},
		"pause effective: read back":                                 {Kind: headwatch.StepHook, Report: &headwatch.Report{Hook: "pause", Kind: headwatch.ReportEffective, Detail: "read back"}},
		"silence, by headwatch-2: silence s-1 of grace: the upgrade": {Kind: headwatch.StepSilence, Actor: "headwatch-2", Reason: "silence s-1 of grace: the upgrade"},
	} {
		if got := Told(&s); got != want {
			t.Errorf("%s: got %q, want %q", s.Kind, got, want)
		}
	}
}

func TestWhoHasAnIncidentInHand(t *testing.T) {
	now := time.Date(2026, 11, 21, 3, 10, 0, 0, time.UTC)
	acked := headwatch.Incident{AckedBy: "ada", AckedAt: now.Add(-time.Minute), AckedUntil: now.Add(time.Hour)}
	for name, c := range map[string]struct {
		i    headwatch.Incident
		at   time.Time
		want string
	}{
		"nobody":        {headwatch.Incident{}, now, "nobody has it in hand"},
		"somebody":      {acked, now, "ada has it in hand since 2026-11-21 03:09:00 UTC, until 2026-11-21 04:10:00 UTC (for 1h)"},
		"no longer":     {acked, now.Add(time.Hour), "nobody has it in hand"},
		"for who knows": {headwatch.Incident{AckedBy: "ada", AckedAt: now}, now, "ada has it in hand since 2026-11-21 03:10:00 UTC"},
	} {
		if got := Hand(&c.i, c.at); got != c.want {
			t.Errorf("%s: %s", name, got)
		}
	}
	held := Held(&headwatch.Incident{Silenced: "s-1", Beneath: "l1-1"})
	if !strings.Contains(held, "s-1") || !strings.Contains(held, "l1-1") || Held(&headwatch.Incident{}) != "" {
		t.Errorf("held: %q", held)
	}
}

func TestAnExplanationSaysWhoHasItInHand(t *testing.T) {
	f := stalled(after(95*time.Second), headwatch.LevelPage)
	f.Open = &headwatch.Incident{AckedBy: "ada", AckedAt: f.Asked.Add(-5 * time.Second), AckedUntil: f.Asked.Add(time.Hour), Silenced: "s-1"}
	e := New(f)
	if text := e.Text(); e.AckedBy != "ada" || !strings.Contains(text, "People    ada has it in hand since ") || !strings.Contains(text, "silenced by s-1") {
		t.Errorf("%+v\n%s", e, text)
	}
}
