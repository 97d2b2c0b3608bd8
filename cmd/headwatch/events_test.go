package main

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"headwatch"
)

func TestWhatEventsSayOfHooks(t *testing.T) {
	at := time.Date(2026, 3, 1, 3, 12, 0, 0, time.UTC)
	for want, data := range map[string]any{
		"pause  veto for i-1 by ada: a planned upgrade": headwatch.Action{At: at, Kind: headwatch.ActionVeto, Hook: "pause", Incident: "i-1", Actor: "ada", Reason: "a planned upgrade"},
		"pause  resume by ada: prices are fresh":        headwatch.Action{At: at, Kind: headwatch.ActionResume, Circuit: "c", Hook: "pause", Actor: "ada", Reason: "prices are fresh"},
		"pause  effective in i-1: read back; transaction 0x12": headwatch.Report{
			At: at, Kind: headwatch.ReportEffective, Hook: "pause", Incident: "i-1", Detail: "read back", Tx: "0x12",
		},
		"pause  resume 03:11:58 effective in i-1: read back": headwatch.Report{
			At: at, Kind: headwatch.ReportEffective, Hook: "pause", Incident: "i-1", Detail: "read back", What: "resume 03:11:58",
		},
	} {
		e := event{Kind: "report"}
		if _, ok := data.(headwatch.Action); ok {
			e.Kind = "action"
		}
		e.Data, _ = json.Marshal(data)
		var out strings.Builder
		if err := printEvent(&out, e); err != nil || out.String() != "     0  2026-03-01 03:12:00.000Z  "+want+"\n" {
			t.Errorf("got %q, %v, want %q", out.String(), err, want)
		}
	}
}
