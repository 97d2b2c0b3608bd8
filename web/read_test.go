package web

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"reflect"
	"testing"
	"testing/synctest"
	"time"

	"headwatch"
)

func TestHealthSaysOnlyThatTheProcessAnswers(t *testing.T) {
	w := newWorld()
	w.reasons = []string{"blind"}
	rec := w.ask(t, get("/healthz"))
	if rec.Code != http.StatusOK || rec.Body.String() != "ok\n" {
		t.Fatalf("%d %q", rec.Code, rec.Body)
	}
}

func TestReadinessGivesItsReasons(t *testing.T) {
	w := newWorld()
	w.reasons = []string{"chain base: last observation 40s ago", "channel on-call: oldest notice 6m"}
	rec := w.ask(t, get("/readyz"))
	want := `{"ready":false,"reasons":["chain base: last observation 40s ago","channel on-call: oldest notice 6m"]}` + "\n"
	if rec.Code != http.StatusServiceUnavailable || rec.Body.String() != want {
		t.Fatalf("%d %s", rec.Code, rec.Body)
	}

	rec = newWorld().ask(t, get("/readyz"))
	if rec.Code != http.StatusOK || rec.Body.String() != `{"ready":true}`+"\n" {
		t.Fatalf("%d %s", rec.Code, rec.Body)
	}
}

// The status is all that a load balancer or a bot looks at: it is 200 for a closed circuit under a running lease and for
// nothing else.
func TestCircuitStatusIsTheLease(t *testing.T) {
	tests := map[string]struct {
		state headwatch.State
		left  time.Duration // of the lease
		want  int
	}{
		"closed":                       {headwatch.Closed, time.Nanosecond, http.StatusOK},
		"closed, lease just over":      {headwatch.Closed, 0, http.StatusServiceUnavailable},
		"closed, lease long over":      {headwatch.Closed, -time.Hour, http.StatusServiceUnavailable},
		"half open":                    {headwatch.HalfOpen, time.Minute, http.StatusServiceUnavailable},
		"open":                         {headwatch.Open, time.Minute, http.StatusServiceUnavailable},
		"unknown":                      {headwatch.StateUnknown, time.Minute, http.StatusServiceUnavailable},
		"a state that is not invented": {headwatch.State(9), time.Minute, http.StatusServiceUnavailable},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld()
				sig := headwatch.Signal{Circuit: "lending", Chain: "base", State: tt.state, ValidUntil: time.Now().Add(tt.left)}
				w.signals = func() []headwatch.Signal { return []headwatch.Signal{{Circuit: "other"}, sig} }
				rec := w.ask(t, get("/v1/circuits/lending"))
				if rec.Code != tt.want {
					t.Fatalf("status %d, want %d", rec.Code, tt.want)
				}
				if got := rec.Header().Get("Cache-Control"); got != "no-store" {
					t.Fatalf("Cache-Control %q", got)
				}
				if tt.state == headwatch.State(9) {
					return // has no name to read back
				}
				var body headwatch.Signal
				if err := json.Unmarshal(rec.Body.Bytes(), &body); err != nil {
					t.Fatal(err)
				}
				if body.State != sig.State || !body.ValidUntil.Equal(sig.ValidUntil) || body.Circuit != "lending" {
					t.Fatalf("body %+v", body)
				}
			})
		})
	}
}

func TestALeaseRunsOutWhileNobodyRenewsIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		sig := lease("lending", headwatch.Closed)
		w.signals = func() []headwatch.Signal { return []headwatch.Signal{sig} }
		h := w.server(t).Handler()
		status := func() int {
			rec := httptest.NewRecorder()
			h.ServeHTTP(rec, get("/v1/circuits/lending"))
			return rec.Code
		}
		time.Sleep(30*time.Second - 1)
		if got := status(); got != http.StatusOK {
			t.Fatalf("within the lease: %d", got)
		}
		time.Sleep(time.Nanosecond)
		if got := status(); got != http.StatusServiceUnavailable {
			t.Fatalf("after the lease: %d", got)
		}
	})
}

func TestListsAreObjectsAndNeverNull(t *testing.T) {
	w := newWorld()
	for _, name := range []string{"chains", "circuits", "incidents", "hooks"} {
		rec := w.ask(t, get("/v1/"+name))
		if want := `{"` + name + `":[]}` + "\n"; rec.Code != http.StatusOK || rec.Body.String() != want {
			t.Errorf("%s: %d %s", name, rec.Code, rec.Body)
		}
		w.metrics = newWorld().metrics
	}
}

func TestListsHoldTheDocuments(t *testing.T) {
	now := time.Date(2025, 8, 5, 6, 7, 9, 0, time.UTC)
	newFilled := func() *world {
		w := newWorld()
		w.chains = []headwatch.ChainStatus{{
			Assessment: headwatch.Assessment{Chain: "base", At: now, Phase: headwatch.Live}, L1: "ethereum",
			Endpoints: []headwatch.EndpointStatus{{Name: "own", Host: "node.example:8545", Vote: headwatch.Vote{Endpoint: "own"}}},
		}}
		w.signals = func() []headwatch.Signal {
			return []headwatch.Signal{{Circuit: "lending", State: headwatch.Open, Since: now}}
		}
		w.incidents = []headwatch.Incident{{ID: "lending-12", Circuit: "lending", Opened: now, Peak: headwatch.LevelTrip}}
		w.hooks = []headwatch.HookStatus{{Name: "pause", Ready: new(true), Checked: now, Circuits: []string{"lending"}}}
		return w
	}
	var hooks struct{ Hooks []headwatch.HookStatus }
	var chains struct{ Chains []headwatch.ChainStatus }
	var circuits struct{ Circuits []headwatch.Signal }
	var incidents struct{ Incidents []headwatch.Incident }
	var one headwatch.Incident
	for path, into := range map[string]any{
		"/v1/chains": &chains, "/v1/circuits": &circuits, "/v1/incidents": &incidents, "/v1/incidents/lending-12": &one, "/v1/hooks": &hooks,
	} {
		rec := newFilled().ask(t, get(path))
		if err := json.Unmarshal(rec.Body.Bytes(), into); err != nil || rec.Code != http.StatusOK {
			t.Fatalf("%s: %d %s: %v", path, rec.Code, rec.Body, err)
		}
	}
	w := newFilled()
	if !reflect.DeepEqual(chains.Chains, w.chains) {
		t.Errorf("chains %+v", chains)
	}
	if !reflect.DeepEqual(hooks.Hooks, w.hooks) {
		t.Errorf("hooks %+v", hooks)
	}
	if got := circuits.Circuits; len(got) != 1 || got[0].State != headwatch.Open || !got[0].Since.Equal(now) {
		t.Errorf("circuits %+v", got)
	}
	if got := incidents.Incidents; len(got) != 1 || got[0].ID != "lending-12" || one.ID != "lending-12" || one.Peak != headwatch.LevelTrip {
		t.Errorf("incidents %+v, one %+v", got, one)
	}
}

func TestVersion(t *testing.T) {
	rec := newWorld().ask(t, get("/v1/version"))
	if rec.Code != http.StatusOK || rec.Body.String() != `{"version":"v1.2.3"}`+"\n" {
		t.Fatalf("%d %s", rec.Code, rec.Body)
	}
}
