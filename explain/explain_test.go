package explain

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"reflect"
	"testing"
	"time"
	"unicode/utf8"

	"headwatch"
	"headwatch/config"
)

var update = flag.Bool("update", false, "write the golden files anew")

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
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

// began is when the head of the scenes last rose.
var began = time.Date(2026, 11, 21, 15, 46, 41, 0, time.UTC)

const tip = 33_792_704

func after(d time.Duration) time.Time { return began.Add(d) }

func advice(c headwatch.Condition) string {
	return "What to do about " + Words(c) + " is a sentence, and one that is long enough to need a second line."
}

func circuit() config.Circuit {
	return config.Circuit{
		Name: "base-lending", Chain: "base",
		On:        []headwatch.Condition{headwatch.UnsafeHeadStalled, headwatch.SafeHeadStalled},
		Tell:      []headwatch.Condition{headwatch.Blind},
		WarnAfter: seconds(30), PageAfter: seconds(90), TripAfter: seconds(150), RecoverAfter: seconds(300), Rearm: config.RearmAuto,
	}
}

func seconds(n int) config.Duration { return config.Duration(time.Duration(n) * time.Second) }

func chain() config.Chain {
	c := config.Chain{Name: "base", L1: "ethereum", Quorum: 2, StaleAfter: seconds(30)}
	for _, e := range [][2]string{{"own", "us"}, {"vendor-1", "vendor"}, {"vendor-2", "vendor"}, {"public", "base.org"}} {
		c.Endpoints = append(c.Endpoints, config.Endpoint{Name: e[0], Operator: e[1]})
	}
	return c
}

// status is what an endpoint says at an instant, when it holds the tip and was heard a second ago.
func status(name string, at time.Time, v headwatch.Verdict, reason string) headwatch.EndpointStatus {
	number := uint64(tip)
	heard := at.Add(-time.Second)
	return headwatch.EndpointStatus{
		Name: name, Host: name + ".example.org", Latency: 84 * time.Millisecond, Heard: heard,
		Vote: headwatch.Vote{Endpoint: name, Verdict: v, Reason: reason, Number: &number, Age: at.Sub(began) + 2*time.Second, Heard: heard},
	}
}

// scene is the well chain at an instant: what the others are changed from.
func scene(at time.Time) Facts {
	f := Facts{Circuit: circuit(), Chain: chain(), Asked: at, Advice: advice}
	f.Assessment = headwatch.Assessment{
		Chain: "base", At: at, Phase: headwatch.Live, Advanced: began, Head: &headwatch.Head{Number: tip, Hash: "0x01", Time: began.Add(-2 * time.Second)},
	}
	f.Signal = headwatch.Signal{
		Circuit: "base-lending", Chain: "base", State: headwatch.Closed, Since: began.Add(-50 * time.Hour), Phase: headwatch.Live,
		ValidUntil: at.Add(30 * time.Second),
	}
	for _, name := range []string{"own", "vendor-1", "vendor-2", "public"} {
		f.Endpoints = append(f.Endpoints, status(name, at, headwatch.VoteLive, ""))
	}
	l1 := headwatch.Assessment{Chain: "ethereum", At: at, Advanced: at.Add(-4 * time.Second), Head: &headwatch.Head{Number: 23_712_345, Time: at.Add(-8 * time.Second)}}
	f.Witness = NewWitness(config.Chain{Name: "ethereum", StaleAfter: seconds(60)}, l1, at)
	return f
}

// stalled is the chain at an instant when it has stood still since began.
func stalled(at time.Time, level headwatch.Level) Facts {
	f := scene(at)
	f.Endpoints = nil
	for _, name := range []string{"own", "vendor-1"} {
		f.Endpoints = append(f.Endpoints, status(name, at, headwatch.VoteStale, ""))
	}
	f.Endpoints = append(f.Endpoints, status("vendor-2", at, headwatch.VoteStale, "behind the agreed head"))
	out := headwatch.EndpointStatus{Name: "public", Host: "mainnet.base.org", Fault: headwatch.FaultTimeout, Heard: at.Add(-time.Minute)}
	out.Vote = headwatch.Vote{Endpoint: "public", Reason: "silent: timeout", Heard: out.Heard}
	f.Endpoints = append(f.Endpoints, out)
	f.Assessment.Phase, f.Assessment.Hint = headwatch.Stalled, headwatch.HintUnsafe
	f.Assessment.Findings = []headwatch.Finding{
		{Condition: headwatch.EndpointUnreachable, Endpoint: "public", Since: out.Heard, Value: time.Minute, Limit: 30 * time.Second, Detail: "timeout"},
		{Condition: headwatch.UnsafeHeadStalled, Since: began, Value: at.Sub(began), Limit: 30 * time.Second},
	}
	for _, e := range f.Endpoints {
		f.Assessment.Findings[1].Votes = append(f.Assessment.Findings[1].Votes, e.Vote)
	}
	f.Signal.Phase, f.Signal.Level, f.Signal.Incident = headwatch.Stalled, level, "base-lending-20261121T154639Z"
	if level == headwatch.LevelNone {
		f.Signal.Incident = ""
	}
	if level == headwatch.LevelTrip {
		f.Signal.State, f.Signal.Since = headwatch.Open, after(150*time.Second)
	}
	return f
}

// recovering is the chain live again, an hour later, with its circuit in a state.
func recovering(state headwatch.State, level headwatch.Level) Facts {
	at := after(time.Hour)
	f := scene(at)
	f.Assessment.Head.Time, f.Assessment.Advanced = at.Add(-2*time.Second), at
	for i := range f.Endpoints {
		f.Endpoints[i].Vote.Age = 2 * time.Second
	}
	f.Signal.State, f.Signal.Level, f.Signal.Incident = state, level, "base-lending-20261121T154639Z"
	f.Signal.Since, f.Signal.Well = at.Add(-80*time.Second), at.Add(-80*time.Second)
	return f
}

func past() Explanation {
	f := stalled(after(30*time.Second), headwatch.LevelWarn)
	t := headwatch.Transition{
		Circuit: "base-lending", Seq: 4, From: headwatch.Closed, To: headwatch.Closed, At: after(30 * time.Second), Level: headwatch.LevelWarn,
		Cause: f.Assessment, Actor: headwatch.Watchdog, Incident: f.Signal.Incident, Since: f.Signal.Since,
	}
	page, trip, reset := t, t, t
	page.Seq, page.At, page.Level = 5, after(90*time.Second), headwatch.LevelPage
	trip.Seq, trip.At, trip.Level, trip.To = 6, after(150*time.Second), headwatch.LevelTrip, headwatch.Open
	reset.Seq, reset.At, reset.Level, reset.From = 7, after(200*time.Second), headwatch.LevelNone, headwatch.Open
	reset.Actor, reset.Reason = "alice", "the vendor confirms that it is back"
	p := Past{Decision: t, Followed: []headwatch.Transition{bare(&page), bare(&trip), bare(&reset)}}
	return p.Explain(Facts{Circuit: circuit(), Chain: chain(), Asked: after(45 * time.Second), Advice: advice})
}

// scenes is every situation that the golden files show.
func scenes() map[string]Explanation {
	warned := stalled(after(72*time.Second), headwatch.LevelWarn)
	held := stalled(after(170*time.Second), headwatch.LevelPage)
	held.Signal.HeldUntil = after(10 * time.Minute)
	latched := recovering(headwatch.Open, headwatch.LevelTrip)
	latched.Signal.Latched = true

	halfOpen := recovering(headwatch.HalfOpen, headwatch.LevelTrip)
	fallingBack := recovering(headwatch.HalfOpen, headwatch.LevelTrip)
	fallingBack.Signal.Well = time.Time{}
	fallingBack.Assessment.Hint = headwatch.HintSafe
	fallingBack.Assessment.Findings = []headwatch.Finding{{
		Condition: headwatch.SafeHeadStalled, Since: fallingBack.Assessment.At.Add(-20 * time.Second), Value: 15 * time.Minute, Limit: 10 * time.Minute,
		Detail: "block 33792000 waits for its batch",
	}}

	blind := stalled(after(60*time.Second), headwatch.LevelNone)
	blind.Assessment.Phase, blind.Assessment.Hint = headwatch.Unknown, headwatch.HintUs
	blind.Assessment.Findings = []headwatch.Finding{{
		Condition: headwatch.Blind, Since: began, Value: time.Minute, Limit: 30 * time.Second,
		Detail: "the head stands still, but so does the L1 as seen from here",
	}}
	blind.Witness.Moves, blind.Witness.Advanced, blind.Witness.Age = false, began.Add(-5*time.Second), 70*time.Second

	out := scene(after(2 * time.Second))
	out.Endpoints[3] = stalled(after(2*time.Second), headwatch.LevelNone).Endpoints[3]
	out.Assessment.Findings = stalled(after(2*time.Second), headwatch.LevelNone).Assessment.Findings[:1]

	started := scene(began)
	started.Assessment = headwatch.Assessment{Chain: "base", At: began}
	for i := range started.Endpoints {
		name := started.Endpoints[i].Name
		started.Endpoints[i] = headwatch.EndpointStatus{Name: name, Host: name + ".example.org", Vote: headwatch.Vote{Endpoint: name, Reason: "has named no head"}}
	}
	started.Witness = NewWitness(config.Chain{Name: "ethereum"}, headwatch.Assessment{}, began)
	before := started
	before.Assessment, before.Signal = headwatch.Assessment{}, headwatch.Signal{}

	dead := scene(after(2 * time.Second))
	dead.Asked = after(80 * time.Second)

	return map[string]Explanation{
		"well":         New(scene(after(2 * time.Second))),
		"warned":       New(warned),
		"tripped":      New(stalled(after(170*time.Second), headwatch.LevelTrip)),
		"held":         New(held),
		"half-open":    New(halfOpen),
		"falling-back": New(fallingBack),
		"recovering":   New(recovering(headwatch.Closed, headwatch.LevelPage)),
		"latched":      New(latched),
		"blind":        New(blind),
		"one-out":      New(out),
		"started":      New(started),
		"before":       New(before),
		"dead":         New(dead),
		"past":         past(),
	}
}

func TestTextsAreTheGoldenOnes(t *testing.T) {
	for name, e := range scenes() {
		text := e.Text()
		golden(t, name+".txt", []byte(text))
		for line := range bytes.Lines([]byte(text)) {
			if n := utf8.RuneCount(bytes.TrimRight(line, "\n")); n > columns {
				t.Errorf("%s: a line has %d columns: %s", name, n, line)
			}
		}
	}
}

// The document is what the golden files show, and comes back as it went.
func TestDocument(t *testing.T) {
	all := scenes()
	for _, name := range []string{"warned", "half-open", "past"} {
		e := all[name]
		text, err := json.MarshalIndent(e, "", "  ")
		if err != nil {
			t.Fatal(err)
		}
		golden(t, name+".golden.json", append(text, '\n'))
		var back Explanation
		if err := json.Unmarshal(text, &back); err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(back, e) {
			t.Errorf("%s came back as %+v, was %+v", name, back, e)
		}
	}
}
