package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"headwatch"
	"headwatch/config"
)

const rehearsedConfig = `
[[chain]]
name = "one"
kind = "evm"
chain_id = 900
block_time = "2s"
[[chain.endpoint]]
url = "http://127.0.0.1:1"
[[circuit]]
name = "lending"
chain = "one"
on = ["l1_head_stalled"]
warn_after = "10s"
page_after = "20s"
trip_after = "30s"
recover_after = "5m"
hooks = ["makers"]
alerts = ["on-call", "chat", "terminal"]
escalation = "nights"
[[escalation]]
name = "nights"
[[escalation.step]]
tell = ["alice"]
after = "5m"
[[person]]
name = "alice"
tell = ["phone"]
[[alert]]
name = "phone"
kind = "webhook"
url = "%[1]s/phone"
secrets = ["whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3"]
[[hook]]
name = "makers"
kind = "webhook"
mode = "armed"
url = "%[1]s/hook"
secrets = ["whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3"]
[[alert]]
name = "on-call"
kind = "pagerduty"
url = "%[1]s"
routing_key = "0123456789abcdef0123456789abcdef"
[[alert]]
name = "chat"
kind = "webhook"
from = "warn"
url = "%[1]s/chat"
secrets = ["whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3"]
[[alert]]
name = "terminal"
kind = "console"
`

// gameDay is a street of receivers and a configuration that points at them.
type gameDay struct {
	config string
	answer func(path string) int

	mu       sync.Mutex
	requests []received
}

type received struct {
	path string
	body map[string]any
}

func newGameDay(t *testing.T) *gameDay {
	g := &gameDay{answer: func(string) int { return http.StatusAccepted }}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got := received{path: r.URL.Path}
		_ = json.Unmarshal(body, &got.body)
		g.mu.Lock()
		g.requests = append(g.requests, got)
		g.mu.Unlock()
		w.WriteHeader(g.answer(r.URL.Path))
		fmt.Fprintf(w, `{"status":"success","dedup_key":"%v"}`, got.body["dedup_key"])
	}))
	t.Cleanup(server.Close)
	g.config = filepath.Join(t.TempDir(), "config.toml")
	if err := os.WriteFile(g.config, fmt.Appendf(nil, rehearsedConfig, server.URL), 0o600); err != nil {
		t.Fatal(err)
	}
	return g
}

func (g *gameDay) drill(t *testing.T, args ...string) (code int, out, errs string) {
	t.Helper()
	var stdout, stderr safeBuffer
	args = append([]string{"headwatch", "drill", "lending", "--config", g.config, "--for", "10ms"}, args...)
	code = run(t.Context(), args, &stdout, &stderr)
	return code, stdout.String(), stderr.String()
}

// to gives what came on a path, of the pager the kinds of its events.
func (g *gameDay) to(path string) (all, keys []string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, r := range g.requests {
		if r.path != path {
			continue
		}
		kind, _ := r.body["event_action"].(string)
		if data, ok := r.body["data"].(map[string]any); ok {
			kind, _ = data["step"].(string)
		}
		all = append(all, kind)
		if key, ok := r.body["dedup_key"].(string); ok {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	return all, slices.Compact(keys)
}

func TestADrillGoesTheWholeWayAndLeavesNothingOpen(t *testing.T) {
	g := newGameDay(t)
	code, out, errs := g.drill(t, "--yes")
	if code != 0 {
		t.Fatalf("exit code %d: %s\n%s", code, errs, out)
	}
	events, keys := g.to("/v2/enqueue")
	if want := "trigger trigger resolve"; !strings.HasPrefix(strings.Join(events, " "), "trigger trigger ") || events[len(events)-1] != "resolve" || len(keys) != 1 || !strings.HasPrefix(keys[0], "drill-lending-") {
		t.Errorf("the pager got %q under %q, want %s under one key", events, keys, want)
	}
	for _, r := range g.requests {
		payload, pager := r.body["payload"].(map[string]any)
		data, chat := r.body["data"].(map[string]any)
		if pager && !strings.HasPrefix(fmt.Sprint(payload["summary"]), "DRILL: ") || chat && data["drill"] != true {
			t.Errorf("not marked: %v", r.body)
		}
	}
	if steps, _ := g.to("/chat"); strings.Join(steps, " ") != "warn page trip recover resolve" {
		t.Errorf("the chat got %q", steps)
	}
	if hooks, _ := g.to("/hook"); hooks != nil {
		t.Errorf("a drill called a hook: %q", hooks)
	}
	for _, want := range []string{"DRILL  CHANNEL", "on-call", "delivered", "hook makers kind webhook", "not called by a drill"} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is missing in\n%s", want, out)
		}
	}
}

func TestADrillAsksBeforePhonesRing(t *testing.T) {
	g := newGameDay(t)
	code, _, errs := g.drill(t) // nobody is at the terminal
	if code != exitUsage || !strings.Contains(errs, "on-call (pagerduty)") || !strings.Contains(errs, "nobody was told: confirm with --yes") {
		t.Errorf("exit code %d: %s", code, errs)
	}
	if len(g.requests) != 0 {
		t.Errorf("unasked: %v", g.requests)
	}
}

func TestADrillOfOneChannel(t *testing.T) {
	g := newGameDay(t)
	if code, out, errs := g.drill(t, "--yes", "--channel", "chat", "--json"); code != 0 {
		t.Fatalf("exit code %d: %s\n%s", code, errs, out)
	} else {
		var r rehearsal
		if err := json.Unmarshal([]byte(out), &r); err != nil || !r.Drill || len(r.Told) != 5 || len(r.Lost)+len(r.Left) != 0 {
			t.Errorf("%v: %s", err, out)
		}
	}
	if events, _ := g.to("/v2/enqueue"); events != nil {
		t.Errorf("the pager was told, too: %q", events)
	}
	if code, _, errs := g.drill(t, "--yes", "--channel", "cat"); code != exitUsage || !strings.Contains(errs, "channels that are: ") {
		t.Errorf("exit code %d: %s", code, errs)
	}
	if code, _, errs := g.drill(t, "--yes", "--send"); code != exitUsage || !strings.Contains(errs, "--send is for a hook") {
		t.Errorf("exit code %d: %s", code, errs)
	}
}

func TestADrillOfTheEscalation(t *testing.T) {
	g := newGameDay(t)
	if code, out, errs := g.drill(t, "--yes", "--channel", "chat"); code != 0 || !strings.Contains(out, "after 5m at level page without an acknowledgement: phone (on call: alice)") {
		t.Errorf("exit code %d: %s\n%s", code, errs, out)
	}
	if told, _ := g.to("/phone"); told != nil {
		t.Errorf("alice was told, unasked: %q", told)
	}
	if code, out, errs := g.drill(t, "--yes", "--escalation"); code != 0 {
		t.Errorf("exit code %d: %s\n%s", code, errs, out)
	}
	if told, _ := g.to("/phone"); strings.Join(told, " ") != "escalate recover resolve" {
		t.Errorf("alice was told %q", told)
	}
}

func TestADrillSaysWhichChannelFailed(t *testing.T) {
	g := newGameDay(t)
	g.answer = func(path string) int {
		if path == "/chat" {
			return http.StatusBadRequest
		}
		return http.StatusAccepted
	}
	code, out, errs := g.drill(t, "--yes")
	if code != exitError || !strings.Contains(errs, "failed: chat; ") || !strings.Contains(errs, "close it there by hand") || !strings.Contains(out, string(headwatch.Refused)) {
		t.Errorf("refused: exit code %d: %s\n%s", code, errs, out)
	}

	g = newGameDay(t)
	g.answer = func(path string) int {
		if path == "/v2/enqueue" {
			return http.StatusServiceUnavailable
		}
		return http.StatusAccepted
	}
	code, out, errs = g.drill(t, "--yes", "--wait", "100ms")
	if code != exitError || !strings.Contains(errs, "failed: on-call; ") || !strings.Contains(out, "http_5xx: 503") {
		t.Errorf("unavailable: exit code %d: %s\n%s", code, errs, out)
	}
}

// A drill marks all that it tells, under a key that no incident has.
func TestAllOfADrillIsMarked(t *testing.T) {
	g := newGameDay(t)
	cfg, err := config.Load(g.config)
	if err != nil {
		t.Fatal(err)
	}
	story := drillStory(cfg, cfg.Circuit("lending"), "drill-1", time.Now(), nil, nil)
	if len(story) < 12 {
		t.Fatalf("only %d notices", len(story))
	}
	for _, n := range story {
		if n.Mark != headwatch.MarkDrill || n.DedupKey != "drill-1" || n.Channel == "makers" {
			t.Errorf("%+v", n)
		}
	}
}
