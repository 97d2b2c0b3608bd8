package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"headwatch"
	"headwatch/config"
)

// pagerFor makes a configuration with a pager that answers as told and a chat that always takes, and gives what both received.
func pagerFor(t *testing.T, answer func(event map[string]any) int) (file string, received func() []map[string]any) {
	t.Helper()
	var mu sync.Mutex
	var all []map[string]any
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var event map[string]any
		if err := json.NewDecoder(r.Body).Decode(&event); err != nil {
			t.Error(err)
		}
		mu.Lock()
		defer mu.Unlock()
		all = append(all, event)
		if r.URL.Path == "/chat" {
			_, _ = io.WriteString(w, "ok")
			return
		}
		w.WriteHeader(answer(event))
		_, _ = io.WriteString(w, `{"status":"said"}`)
	}))
	t.Cleanup(server.Close)
	file = filepath.Join(t.TempDir(), "config.toml")
	text := fmt.Sprintf(`
[[chain]]
preset = "base"
l1 = "ethereum"
[[chain.endpoint]]
url = "http://127.0.0.1:1"
[[chain]]
preset = "ethereum"
[[chain.endpoint]]
url = "http://127.0.0.1:2"
[[circuit]]
name = "lending"
chain = "base"
alerts = ["pager", "chat"]
[[alert]]
name = "pager"
kind = "pagerduty"
from = "trip"
url = %q
routing_key = "0123456789abcdef0123456789abcdef"
[[alert]]
name = "chat"
kind = "slack"
url = %q
`, server.URL, server.URL+"/chat")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file, func() []map[string]any {
		mu.Lock()
		defer mu.Unlock()
		return all
	}
}

func headwatchSays(t *testing.T, args ...string) (code int, out, errs string) {
	t.Helper()
	var o, e bytes.Buffer
	code = run(t.Context(), append([]string{"headwatch"}, args...), &o, &e)
	return code, o.String(), e.String()
}

func TestATestRingsAndIsClosed(t *testing.T) {
	file, received := pagerFor(t, func(map[string]any) int { return http.StatusAccepted })
	code, out, errs := headwatchSays(t, "alert", "test", "pager", "--open", "0s", "--config", file)
	if code != exitOK || !strings.HasPrefix(out, "TEST  pager (pagerduty)  trip     taken in ") || !strings.Contains(out, `202 from 127.0.0.1:`) {
		t.Fatalf("%d: %s%s", code, out, errs)
	}
	got := received()
	if len(got) != 2 || got[0]["event_action"] != "trigger" || got[1]["event_action"] != "resolve" || got[0]["dedup_key"] != got[1]["dedup_key"] {
		t.Fatalf("received %v", got)
	}
	payload := got[0]["payload"].(map[string]any)
	if summary := payload["summary"].(string); !strings.HasPrefix(summary, "TEST: TRIP test: ") || payload["component"] != "test" {
		t.Errorf("payload %v", payload)
	}

	// A later one closes what an earlier one left open.
	if code, out, errs = headwatchSays(t, "alert", "test", "pager", "--resolve", "--config", file); code != exitOK {
		t.Errorf("%d: %s%s", code, out, errs)
	}
	if got := received(); len(got) != 3 || got[2]["event_action"] != "resolve" || got[2]["dedup_key"] != got[0]["dedup_key"] {
		t.Errorf("received %v", got)
	}
}

func TestARefusedTestSaysSoAndIsClosedAllTheSame(t *testing.T) {
	file, received := pagerFor(t, func(event map[string]any) int {
		if event["event_action"] == "trigger" {
			return http.StatusBadRequest
		}
		return http.StatusAccepted
	})
	code, out, errs := headwatchSays(t, "alert", "test", "pager", "--config", file)
	if code != exitError || !strings.Contains(out, `NOT TAKEN in`) || !strings.Contains(out, `http_4xx: 400 from 127.0.0.1:`) || !strings.HasSuffix(errs, "\nthe test failed: pager\n") {
		t.Errorf("%d: %s%s", code, out, errs)
	}
	if got := received(); len(got) != 2 || got[1]["event_action"] != "resolve" {
		t.Errorf("received %v", got)
	}
	for _, text := range []string{out, errs} {
		if strings.Contains(text, "0123456789abcdef") {
			t.Errorf("the key is in %s", text)
		}
	}
}

func TestWhatCannotBeClosedIsTriedAgainAndNamed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var told []headwatch.StepKind
		var said []sending
		ctx, cancel := context.WithCancel(t.Context())
		tr := trial{
			config: config.Alert{Name: "pager", Timeout: config.Duration(time.Second)}, open: time.Minute, say: func(s sending) { said = append(said, s) },
			sender: senderFunc(func(n headwatch.Notice) error {
				told = append(told, n.Kind)
				if n.Kind == headwatch.StepResolve {
					return errors.New("not now")
				}
				cancel() // whoever has enough while it is open leaves nothing behind either
				return nil
			}),
		}
		if tr.tell(ctx, false) || len(told) != 1+closings || len(said) != 2 || said[1].Advice != "It may still be open: headwatch alert test pager --resolve" {
			t.Errorf("told %v, said %+v", told, said)
		}
	})
}

type senderFunc func(headwatch.Notice) error

func (f senderFunc) Route() json.RawMessage { return nil }

func (f senderFunc) Send(_ context.Context, _ json.RawMessage, n headwatch.Notice) (string, error) {
	return "taken", f(n)
}

func TestAllChannelsAreTestedOnlyWhenThatIsConfirmed(t *testing.T) {
	file, received := pagerFor(t, func(map[string]any) int { return http.StatusAccepted })
	code, out, errs := headwatchSays(t, "alert", "test", "--config", file)
	if code != exitUsage || !strings.Contains(errs, "This rings the people behind pager (pagerduty), chat (slack). Go on? [y/N]") || len(received()) != 0 {
		t.Errorf("%d: %s%s, received %v", code, out, errs, received())
	}
	code, out, errs = headwatchSays(t, "alert", "test", "--yes", "--json", "--open", "0s", "--config", file)
	var got struct{ Sent []sending }
	if err := json.Unmarshal([]byte(out), &got); err != nil || code != exitOK || len(got.Sent) != 4 || got.Sent[2].Channel != "chat" || !got.Sent[3].OK {
		t.Errorf("%d, %v: %s%s", code, err, out, errs)
	}
	if code, _, errs = headwatchSays(t, "alert", "test", "pagr", "--config", file); code != exitUsage || !strings.Contains(errs, "did you mean pager?") {
		t.Errorf("%d: %s", code, errs)
	}
}

func TestTheListOfChannelsNamesHostsAndNoSecrets(t *testing.T) {
	file, _ := pagerFor(t, nil)
	code, out, errs := headwatchSays(t, "alert", "list", "--config", file)
	if code != exitOK || !strings.Contains(out, "CHANNEL") || !strings.Contains(out, "pager    pagerduty  trip  127.0.0.1:") || strings.Contains(out, "/chat") {
		t.Errorf("%d: %s%s", code, out, errs)
	}
}
