package web

import (
	"errors"
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"net/http"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"

	"headwatch"
	"headwatch/config"
)

var update = flag.Bool("update", false, "write the golden files")

var watched = &config.Config{
	Chains:   []config.Chain{{Name: "base", Endpoints: []config.Endpoint{{Name: "own"}, {Name: "provider"}}}},
	Circuits: []config.Circuit{{Name: "lending", Chain: "base"}},
	Hooks:    []config.Hook{{Name: "pause", Mode: config.ModeConfirm}},
	Alerts:   []config.Alert{{Name: "on-call"}},
}

// stalled is a world in the middle of an outage.
func stalled() *world {
	now := time.Now()
	w := newWorld()
	w.metrics = NewMetrics(watched)
	w.chains = []headwatch.ChainStatus{{
		Assessment: headwatch.Assessment{
			Chain: "base", At: now, Phase: headwatch.Stalled,
			Findings: []headwatch.Finding{
				{Condition: headwatch.UnsafeHeadStalled, Since: now.Add(-2 * time.Minute)},
				{Condition: headwatch.EndpointUnreachable, Since: now.Add(-3 * time.Minute), Endpoint: "provider"},
			},
		},
		Endpoints: []headwatch.EndpointStatus{
			{
				Name: "own", Host: "node.example:8545", Heard: now.Add(-time.Second), Advanced: now.Add(-2 * time.Minute),
				Head: &headwatch.Head{Number: 33792704, Time: now.Add(-2*time.Minute - 500*time.Millisecond)},
				Safe: &headwatch.Head{Number: 33792600, Time: now.Add(-4 * time.Minute)}, Every: 2 * time.Second,
				Usage: headwatch.Usage{Requests: 7, Calls: 19, Sent: 2048, Received: 65536, Units: 380, Today: 80, Budget: 500},
			},
			{Name: "provider", Host: "rpc.example", Fault: headwatch.FaultTimeout},
		},
	}}
	w.signals = func() []headwatch.Signal {
		sig := lease("lending", headwatch.Open)
		sig.Level = headwatch.LevelTrip
		return []headwatch.Signal{sig}
	}
	w.incidents = []headwatch.Incident{
		{ID: "lending-2", Circuit: "lending", AckedBy: "ada", AckedUntil: now.Add(time.Hour), Silenced: "s-1", Steps: []headwatch.Step{
			{Kind: headwatch.StepHook, Report: &headwatch.Report{Kind: headwatch.ReportAnnounced, Hook: "pause", Until: now.Add(100 * time.Second)}},
			{Kind: headwatch.StepHook, Report: &headwatch.Report{Kind: headwatch.ReportWithheld, Hook: "halt"}},
			{Kind: headwatch.StepHook, Report: &headwatch.Report{Kind: headwatch.ReportUndone, Hook: "freeze", Until: now.Add(200 * time.Second)}},
		}},
		{ID: "lending-1", Circuit: "lending", Resolved: now.Add(-time.Hour), AckedBy: "ada", Silenced: "s-1"},
	}
	w.silences = []headwatch.Silence{{Starts: now}, {Starts: now.Add(time.Hour)}, {Starts: now.Add(2 * time.Hour)}}
	w.hooks = []headwatch.HookStatus{{Name: "bot"}, {Name: "pause", Ready: new(false), Checked: now.Add(-time.Minute), Why: "its account is empty"}}
	w.oldest = map[string]time.Time{"on-call": now.Add(-30 * time.Second)}
	w.watchdog = headwatch.WatchdogStatus{
		Assessment: headwatch.Assessment{Chain: headwatch.Watchdog, At: now, Phase: headwatch.Live, Findings: []headwatch.Finding{
			{Condition: headwatch.ChannelFailing, Endpoint: "on-call", Since: now.Add(-30 * time.Second)},
			{Condition: headwatch.ChannelFailing, Endpoint: "chat", Since: now.Add(-40 * time.Second)},
		}},
		Heartbeats: []headwatch.HeartbeatStatus{
			{Name: "outside", Sent: 9, Failed: 1, Last: now.Add(-20 * time.Second)},
			{Name: "second", Failed: 2, Unwell: []string{"journal: no space left on device"}},
		},
		Peers: []headwatch.PeerStatus{{Name: "other", Seen: now.Add(-3 * time.Second)}, {Name: "never"}},
	}

	m := w.metrics
	m.Observed(headwatch.Observation{Chain: "base", Endpoint: "own", Latency: 20 * time.Millisecond})
	m.Observed(headwatch.Observation{Chain: "base", Endpoint: "own", Pushed: true})
	m.Observed(headwatch.Observation{Chain: "base", Endpoint: "provider", Latency: time.Second, Err: fmt.Errorf("poll: %w", &headwatch.Fault{Kind: headwatch.FaultTimeout})})
	m.Decided(headwatch.Transition{Circuit: "lending", From: headwatch.Closed, To: headwatch.Open, Level: headwatch.LevelTrip}, 2*time.Millisecond, nil)
	m.Attempt("on-call", "timeout")
	m.Attempt("on-call", "")
	m.Reported(headwatch.Report{Kind: headwatch.ReportAnnounced, Hook: "pause"})
	m.Finished(headwatch.Delivery{Channel: "on-call", Outcome: headwatch.Delivered, Decided: now.Add(-2 * time.Second), At: now})
	return w
}

// scrape gives the metrics of headwatch itself, without those of the runtime and the process.
func scrape(t *testing.T, w *world) string {
	t.Helper()
	rec := w.ask(t, get("/metrics"))
	if rec.Code != http.StatusOK || !strings.Contains(rec.Body.String(), "\ngo_goroutines ") || !strings.Contains(rec.Body.String(), "\nprocess_") {
		t.Fatalf("%d %s", rec.Code, rec.Body)
	}
	var own strings.Builder
	for line := range strings.Lines(rec.Body.String()) {
		if strings.HasPrefix(strings.TrimPrefix(strings.TrimPrefix(line, "# HELP "), "# TYPE "), "headwatch_") {
			own.WriteString(line)
		}
	}
	return own.String()
}

func TestMetricsAreTheDocumentedOnes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const golden = "testdata/metrics.golden"
		got := strings.ReplaceAll(scrape(t, stalled()), runtime.Version(), "go1.x")
		if *update {
			if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(golden)
		if err != nil {
			t.Fatal(err)
		}
		if got != string(want) {
			t.Fatalf("the metrics differ from %s; see the difference with -update and version control:\n%s", golden, got)
		}
	})
}

func TestMetricsFollowTheConventions(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := stalled()
		w.server(t)
		problems, err := testutil.GatherAndLint(w.metrics.registry)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range problems {
			t.Errorf("%s: %s", p.Metric, p.Text)
		}
	})
}

func TestAScrapeShowsWhatItCan(t *testing.T) {
	w := newWorld()
	twice := headwatch.EndpointStatus{Name: "own"}
	w.chains = []headwatch.ChainStatus{{Assessment: headwatch.Assessment{Chain: "base"}, Endpoints: []headwatch.EndpointStatus{twice, twice}}}
	if got := scrape(t, w); !strings.Contains(got, `headwatch_chain_phase{chain="base",phase="unknown"} 1`) {
		t.Fatalf("one bad metric hides the others:\n%s", got)
	}
}

func TestCountsOfKnownThingsBeginAtZero(t *testing.T) {
	w := newWorld()
	w.metrics = NewMetrics(watched)
	got := scrape(t, w)
	for _, series := range []string{
		`headwatch_observations_total{chain="base",endpoint="own",source="poll"} 0`,
		`headwatch_observations_total{chain="base",endpoint="provider",source="push"} 0`,
		`headwatch_poll_duration_seconds_count{chain="base"} 0`,
		`headwatch_transitions_total{circuit="lending",from="closed",level="trip",to="open"} 0`,
		`headwatch_deliveries_total{channel="pause",outcome="dry_run"} 0`,
		`headwatch_delivery_attempts_total{channel="on-call"} 0`,
		`headwatch_delivery_dwell_seconds_count{channel="on-call"} 0`,
		`headwatch_journal_append_failures_total 0`,
		`headwatch_unjournaled_total 0`,
	} {
		if !strings.Contains(got, series+"\n") {
			t.Errorf("no %s", series)
		}
	}
	if strings.Contains(got, "delivery_oldest") {
		t.Error("an oldest notice where there is none")
	}
}

func TestACircuitWhoseLeaseRanOutIsUnknown(t *testing.T) {
	w := newWorld()
	w.signals = func() []headwatch.Signal {
		return []headwatch.Signal{{Circuit: "lending", State: headwatch.Closed, ValidUntil: time.Now().Add(-1)}}
	}
	got := scrape(t, w)
	for _, series := range []string{`{circuit="lending",state="closed"} 0`, `{circuit="lending",state="unknown"} 1`} {
		if !strings.Contains(got, "headwatch_circuit_state"+series+"\n") {
			t.Errorf("no circuit_state%s in\n%s", series, got)
		}
	}
}

func TestADecisionIsCountedWhetherJournaledOrNot(t *testing.T) {
	m := NewMetrics(watched)
	trip := headwatch.Transition{Circuit: "lending", From: headwatch.Closed, To: headwatch.Open, Level: headwatch.LevelTrip}
	m.Decided(trip, time.Millisecond, errors.New("no space left"))
	m.Appended(time.Millisecond, errors.New("no space left"))
	m.Appended(time.Millisecond, nil)
	for name, got := range map[string][2]float64{
		"transitions": {testutil.ToFloat64(m.transitions.WithLabelValues("lending", "closed", "open", "trip")), 1},
		"failures":    {testutil.ToFloat64(m.appendFailures), 2},
		"unjournaled": {testutil.ToFloat64(m.unjournaled), 1},
	} {
		if got[0] != got[1] {
			t.Errorf("%s: %v, want %v", name, got[0], got[1])
		}
	}
}

func TestOnlyWhatWasAcceptedHasADwell(t *testing.T) {
	m := NewMetrics(watched)
	now := time.Now()
	for _, o := range outcomes {
		m.Reported(headwatch.Report{Kind: headwatch.ReportAnnounced, Hook: "pause"})
		m.Finished(headwatch.Delivery{Channel: "on-call", Outcome: o, Decided: now.Add(-3 * time.Second), At: now})
		if got := testutil.ToFloat64(m.deliveries.WithLabelValues("on-call", string(o))); got != 1 {
			t.Errorf("%s: %v", o, got)
		}
	}
	want := "headwatch_delivery_dwell_seconds_sum{channel=\"on-call\"} 3\nheadwatch_delivery_dwell_seconds_count{channel=\"on-call\"} 1\n"
	w := newWorld()
	w.metrics = m
	if got := scrape(t, w); !strings.Contains(got, want) {
		t.Errorf("no %s in\n%s", want, got)
	}
}

func TestLabelsHoldOnlyWords(t *testing.T) {
	for reason, want := range map[string]string{
		"timeout": "timeout", "http_5xx": "http_5xx",
		"Timeout": "other", "dial tcp 10.0.0.1:443": "other", "https://hooks.example/T0/B0/key": "other",
		strings.Repeat("a", 33): "other", "gone\n": "other",
	} {
		m := NewMetrics(watched)
		m.Attempt("on-call", reason)
		if got := testutil.ToFloat64(m.failures.WithLabelValues("on-call", want)); got != 1 {
			t.Errorf("reason %q is not counted as %q", reason, want)
		}
	}

	m := NewMetrics(watched)
	m.Observed(headwatch.Observation{Chain: "base", Endpoint: "own", Err: errors.New("dial https://rpc.example/key")})
	if got := testutil.ToFloat64(m.faults.WithLabelValues("base", "own", "other")); got != 1 {
		t.Errorf("an error that is no fault is counted %v times as other", got)
	}
}

// The lists in labels.go are the constants of the root package: a constant that is added there must be added here.
func TestLabelsCoverTheWords(t *testing.T) {
	words := constants(t, "../event.go", "../condition.go", "../fault.go")
	for typ, have := range map[string][]string{
		"Condition": names(slices.Concat(conditions, headwatch.WatchdogConditions())), "Outcome": names(outcomes),
	} {
		want := words[typ]
		slices.Sort(have)
		slices.Sort(want)
		if len(want) == 0 || !slices.Equal(have, want) {
			t.Errorf("%s: have %q, want %q", typ, have, want)
		}
	}
	// The next value of an enumeration has a number for a name.
	for _, beyond := range []string{
		headwatch.Phase(len(phases)).String(), headwatch.State(len(states)).String(), headwatch.Level(len(levels)).String(),
	} {
		if _, err := strconv.Atoi(beyond); err != nil {
			t.Errorf("%q has no series", beyond)
		}
	}
}

func names[S ~string](all []S) (names []string) {
	for _, s := range all {
		names = append(names, string(s))
	}
	return names
}

// constants gives the string constants of Go files by the name of their type.
func constants(t *testing.T, files ...string) map[string][]string {
	t.Helper()
	found := map[string][]string{}
	for _, file := range files {
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(f, func(n ast.Node) bool {
			spec, ok := n.(*ast.ValueSpec)
			if !ok {
				return true
			}
			typ, typed := spec.Type.(*ast.Ident)
			if !typed || len(spec.Values) != 1 {
				return true
			}
			if lit, ok := spec.Values[0].(*ast.BasicLit); ok && lit.Kind == token.STRING {
				value, _ := strconv.Unquote(lit.Value)
				found[typ.Name] = append(found[typ.Name], value)
			}
			return true
		})
	}
	return found
}
