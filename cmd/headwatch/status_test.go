package main

import (
	"strings"
	"testing"
	"time"

	"headwatch"
)

// Whoever opens the status in an incident asks first whether the pause worked.
func TestTheStatusShowsWhatHooksOfAnOpenIncidentDo(t *testing.T) {
	at := time.Date(2026, 3, 1, 3, 12, 0, 0, time.UTC)
	steps := []headwatch.Step{
		{Report: &headwatch.Report{Kind: headwatch.ReportSent, Hook: "pause", At: at}},
		{Report: &headwatch.Report{Kind: headwatch.ReportEffective, Hook: "pause", At: at, Detail: "read back", Tx: "0x12"}},
		{Report: &headwatch.Report{Kind: headwatch.ReportAnnounced, Hook: "other", At: at, Until: at.Add(time.Minute)}},
	}
	s := status{Incidents: []headwatch.Incident{{ID: "open-1", Steps: steps}, {ID: "over-1", Steps: steps, Resolved: at}}}
	var out strings.Builder
	if err := s.print(&out, at); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"\nHOOK SAYS      2026-03-01 03:12:00Z  pause  effective: read back; transaction 0x12\n",
		"\nHOOK WAITS     other fires at 03:13:00Z in 1m; stop it: headwatch veto other --reason ...\n",
	} {
		if strings.Count(out.String(), want) != 1 {
			t.Errorf("not once: %q in\n%s", want, out.String())
		}
	}
}
