package delivery_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"headwatch"
	"headwatch/delivery"
	"headwatch/delivery/deliverytest"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func TestTheIDTellsNoticesApart(t *testing.T) {
	n := deliverytest.Notice(headwatch.StepTrip, "bot")
	seen := map[string]bool{delivery.ID(n): true}
	for _, change := range []func(*headwatch.Notice){
		func(n *headwatch.Notice) { n.Incident += "1" },
		func(n *headwatch.Notice) { n.Step++ },
		func(n *headwatch.Notice) { n.Channel += "1" },
	} {
		other := n
		change(&other)
		if id := delivery.ID(other); seen[id] || strings.Contains(id, ".") {
			t.Errorf("id %q", id)
		} else {
			seen[id] = true
		}
	}
	later := n
	later.Transition.At = later.Transition.At.Add(time.Hour)
	if delivery.ID(later) != delivery.ID(n) {
		t.Error("the id depends on more than incident, step and channel")
	}
}

func TestDocumentIsTheGoldenOne(t *testing.T) {
	for _, n := range []headwatch.Notice{
		deliverytest.Notice(headwatch.StepTrip, "bot"), deliverytest.Notice(headwatch.StepResolve, "bot"),
		deliverytest.Notice(headwatch.StepHold, "bot"), deliverytest.Report(headwatch.ReportAnnounced, "bot"),
		deliverytest.Notice(headwatch.StepEscalate, "bot"), deliverytest.Notice(headwatch.StepJoin, "bot"), deliverytest.Notice(headwatch.StepAck, "bot"),
	} {
		kind := n.Kind
		got, err := json.MarshalIndent(delivery.NewDocument("test."+string(kind), n), "", "  ")
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, '\n')
		path := filepath.Join("testdata", "document-"+string(kind)+".json")
		if *update {
			if err := os.WriteFile(path, got, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%s: got\n%s", path, got)
		}
	}
}

func TestTheCauseIsTheFindingThatTheIncidentBeganWith(t *testing.T) {
	at := func(minutes int) time.Time { return deliverytest.Start.Add(time.Duration(minutes) * time.Minute) }
	find := func(c headwatch.Condition, endpoint string, since int) headwatch.Finding {
		return headwatch.Finding{Condition: c, Endpoint: endpoint, Since: at(since)}
	}
	hook := headwatch.Finding{Condition: headwatch.HookNotReady, Hook: "pause", Since: at(0)}
	about := headwatch.Notice{Since: at(0), Trigger: &headwatch.Trigger{Condition: hook.Condition, Hook: hook.Hook}}
	about.Transition.Cause.Findings = []headwatch.Finding{find("stall", "", -1), {Condition: hook.Condition, Hook: "other"}, hook}
	if f := delivery.Cause(about); f == nil || f.Hook != "pause" {
		t.Errorf("got %+v, want the hook that the incident began with", f)
	}
	for name, tc := range map[string]struct {
		findings []headwatch.Finding
		want     headwatch.Condition
	}{
		"none":                  {nil, ""},
		"began with it":         {[]headwatch.Finding{find("older", "", -5), find("x", "a", 0), find("cause", "", 0)}, "cause"},
		"else the longest held": {[]headwatch.Finding{find("newer", "", 2), find("longest", "", 1)}, "longest"},
		"chain over endpoint":   {[]headwatch.Finding{find("x", "a", -9), find("chain", "", 3), find("y", "b", -9)}, "chain"},
		"only endpoints":        {[]headwatch.Finding{find("x", "a", 1), find("y", "b", 0)}, "y"},
	} {
		n := headwatch.Notice{Since: at(0)}
		n.Transition.Cause.Findings = tc.findings
		var got headwatch.Condition
		if f := delivery.Cause(n); f != nil {
			got = f.Condition
		}
		if got != tc.want {
			t.Errorf("%s: got %q, want %q", name, got, tc.want)
		}
	}
}
