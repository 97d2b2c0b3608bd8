package headwatch

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
)

var update = flag.Bool("update", false, "write the golden files anew")

func at(s string) time.Time {
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		panic(err)
	}
	return t
}

func sample() Transition {
	number, txs := uint64(33792704), 0
	head := Head{
		Number: number, Hash: "0x7f3a", Parent: "0x7f39", Time: at("2025-08-05T06:19:15Z"), UserTxs: &txs,
	}
	return Transition{
		Circuit: "base-lending", Seq: 7, From: Closed, To: Open, At: at("2025-08-05T06:21:15.25Z"), Level: LevelTrip,
		Actor: Watchdog, Incident: "base-lending-20250805T061945Z", Since: at("2025-08-05T06:21:15.25Z"),
		Cause: Assessment{
			Chain: "base", At: at("2025-08-05T06:21:15.25Z"), Phase: Stalled, Head: &head, Advanced: at("2025-08-05T06:19:15.25Z"),
			Findings: []Finding{{
				Condition: UnsafeHeadStalled, Since: at("2025-08-05T06:19:15.25Z"), Value: 2 * time.Minute, Limit: 30 * time.Second,
				Votes: []Vote{
					{Endpoint: "a", Verdict: VoteStale, Number: &number, Age: 2 * time.Minute, Heard: at("2025-08-05T06:21:15Z")},
					{Endpoint: "b", Verdict: NoVote, Reason: "silent: timeout", Heard: at("2025-08-05T06:19:20Z")},
				},
			}},
		},
	}
}

// The documents that other programs read are what the golden files show, and come back as they went.
func TestDocuments(t *testing.T) {
	trip := sample()
	held := sample()
	held.From, held.Level, held.Actor, held.Reason = Open, LevelTrip, "alice", "vendor says it is back, I do not believe it"
	held.Latched, held.HeldUntil = true, at("2025-08-05T07:00:00Z")
	tests := []struct {
		name     string
		document any
	}{
		{"transition", trip},
		{"transition-held", held},
		{"signal", Signal{
			Circuit: "base-lending", Chain: "base", State: Open, Since: trip.At, Seq: 7, Phase: CatchingUp, Level: LevelTrip,
			ValidUntil: trip.At.Add(30 * time.Second), Reasons: []Condition{UnsafeHeadStalled}, Incident: trip.Incident,
		}},
		{"signal-quiet", Signal{
			Circuit: "base-lending", Chain: "base", State: Closed, Since: trip.Since, Phase: Live, ValidUntil: trip.At, Reasons: []Condition{},
		}},
		{"incident", Incident{
			ID: trip.Incident, Circuit: "base-lending", Chain: "base", Opened: at("2025-08-05T06:19:45.25Z"), Since: trip.Cause.Advanced,
			Level: LevelTrip, Peak: LevelTrip, Relapses: 1, AckedBy: "alice", AckedAt: at("2025-08-05T06:22:00Z"),
			Steps: []Step{{Seq: 7, At: trip.At, Kind: StepTrip, Level: LevelTrip, Actor: Watchdog}},
		}},
		{"notice", Notice{
			Incident: trip.Incident, Step: 7, Kind: StepTrip, Channel: "on-call", DedupKey: trip.Incident,
			Opened: at("2025-08-05T06:19:45.25Z"), Since: trip.Cause.Advanced, Transition: trip, Peak: LevelTrip, Unjournaled: true,
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := json.MarshalIndent(test.document, "", "  ")
			if err != nil {
				t.Fatal(err)
			}
			path := filepath.Join("testdata", test.name+".golden.json")
			if *update {
				if err := os.WriteFile(path, append(got, '\n'), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(append(got, '\n'), want) {
				t.Errorf("%s differs from what other programs rely on:\n%s", path, got)
			}
			back := reflect.New(reflect.TypeOf(test.document))
			if err := json.Unmarshal(want, back.Interface()); err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(back.Elem().Interface(), test.document) {
				t.Errorf("came back as %+v, was %+v", back.Elem(), test.document)
			}
		})
	}
}

func TestAnotherSchemaIsRefused(t *testing.T) {
	for _, into := range []any{new(Transition), new(Signal), new(Incident), new(Notice)} {
		err := json.Unmarshal([]byte(`{"schema":"headwatch.transition/v9"}`), into)
		if err == nil || !strings.Contains(err.Error(), "v9") {
			t.Errorf("%T took another version's document: %v", into, err)
		}
	}
}

func TestListsAreNeverNull(t *testing.T) {
	for _, document := range []any{Signal{}, Incident{}} {
		text, err := json.Marshal(document)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(text, []byte("null")) {
			t.Errorf("%T: %s", document, text)
		}
	}
}

func TestNamesComeBack(t *testing.T) {
	for v := range Open + 1 {
		text, _ := v.MarshalText()
		var back State
		if err := back.UnmarshalText(text); err != nil || back != v {
			t.Errorf("%s came back as %v, %v", text, back, err)
		}
	}
	var l Level
	if err := l.UnmarshalText([]byte("critical")); err == nil || !strings.Contains(err.Error(), "page") {
		t.Errorf("the error does not say what is possible: %v", err)
	}
}

func TestFindGivesTheOneThatHeldLongest(t *testing.T) {
	a := Assessment{Findings: []Finding{
		{Condition: Blind, Since: at("2025-08-05T06:01:00Z")},
		{Condition: EndpointLagging, Endpoint: "a", Since: at("2025-08-05T06:03:00Z")},
		{Condition: EndpointLagging, Endpoint: "b", Since: at("2025-08-05T06:02:00Z")},
	}}
	if f := a.Find(EndpointLagging); f == nil || f.Endpoint != "b" {
		t.Errorf("found %+v, want b", f)
	}
	if f := a.Find(ClockSkew); f != nil {
		t.Errorf("found %+v, want nothing", f)
	}
}
