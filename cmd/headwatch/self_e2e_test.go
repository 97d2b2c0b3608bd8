package main

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"

	"headwatch"
)

const selfConfig = `
[journal]
dir = "data"
[api]
listen = %q
[[api.operator]]
name = "alice"
token = "operators-token-of-alice"
[log]
level = "info"
format = "json"
[[chain]]
name = "one"
kind = "evm"
chain_id = 900
block_time = "1s"
[[chain.endpoint]]
name = "node"
url = %q
[[circuit]]
name = "lending"
chain = "one"
warn_after = "10s"
page_after = "20s"
trip_after = "30s"
recover_after = "5s"
alerts = ["pager", "chat"]
[[alert]]
name = "pager"
kind = "pagerduty"
url = %q
routing_key = "0123456789abcdef0123456789abcdef"
[[alert]]
name = "chat"
kind = "slack"
url = %q
[watchdog]
warn_after = "1s"
page_after = "3s"
recover_after = "2s"
[[heartbeat]]
name = "outside"
kind = "healthchecks"
url = "%s/0b2f7a0e"
[[peer]]
name = "other"
url = "http://%s"
every = "1s"
timeout = "1s"
`

// Two processes watch each other. One is killed: the other pages, and resolves when it is back; the one that is back says what it
// missed. A channel of it that is down is told on the other channel.
func TestTheWatchdogIsWatched(t *testing.T) {
	node, apiA, apiB := newPulse(t), freePort(t), freePort(t)
	pagerA, pagerB := newPager(t), newPager(t)
	var mended atomic.Bool
	chat := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if !mended.Load() {
			w.WriteHeader(http.StatusInternalServerError)
			return
		}
		fmt.Fprint(w, "ok")
	}))
	defer chat.Close()
	fine := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "ok") }))
	defer fine.Close()
	var beats sync.Map // newest body by path
	outside := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		beats.Store(r.URL.Path, string(body))
	}))
	defer outside.Close()
	a := newProcess(t, fmt.Sprintf(selfConfig, apiA, node, pagerA.url, chat.URL, outside.URL, apiB))
	b := newProcess(t, fmt.Sprintf(selfConfig, apiB, node, pagerB.url, fine.URL, outside.URL, apiA))
	a.start()
	b.start()
	sees := func(api string) bool {
		s := watchdogOf(t, api)
		return len(s.Peers) == 1 && !s.Peers[0].Seen.IsZero() && s.Peers[0].Error == "" && s.Peers[0].Circuits == 2
	}
	until(t, b.log, func() bool { return sees(apiA) && sees(apiB) })
	until(t, b.log, func() bool {
		return len(watchdogOf(t, apiA).Assessment.Findings)+len(watchdogOf(t, apiB).Assessment.Findings) == 0
	})
	until(t, b.log, func() bool {
		_, started := beats.Load("/0b2f7a0e/start")
		body, beaten := beats.Load("/0b2f7a0e")
		return started && beaten && strings.Contains(body.(string), "one: live, head ")
	})
	until(t, a.log, func() bool {
		mark, err := os.ReadFile(filepath.Join(filepath.Dir(a.config), "data", "ALIVE"))
		return err == nil && strings.Contains(string(mark), `"heads"`)
	})

	a.end(syscall.SIGKILL)
	until(t, b.log, func() bool { return pagerB.told("trigger", "peer silent at other") != nil })
	page := pagerB.told("trigger", "peer silent at other")
	if page.Payload.Class != string(headwatch.PeerSilent) || !strings.HasPrefix(page.Key, "headwatch-") {
		t.Errorf("the page is %+v", page)
	}

	a.start()
	until(t, a.log, func() bool { return pagerA.told("trigger", "nobody watched for ") != nil })
	restarted := pagerA.told("trigger", "nobody watched for ")
	if got := restarted.Payload.Details["Evidence"]; !strings.Contains(got, "one went from block ") || restarted.Payload.Class != string(headwatch.Restarted) {
		t.Errorf("the start after the kill says %+v", restarted)
	}
	until(t, b.log, func() bool { return pagerB.told("resolve", page.Key) != nil })
	// The chat of the first is down: that it was restarted reaches it later, and that the chat is down is told where it can be.
	until(t, a.log, func() bool {
		s := watchdogOf(t, apiA)
		f := s.Assessment.Find(headwatch.ChannelFailing)
		return f != nil && f.Endpoint == "chat"
	})
	token := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(token, []byte("operators-token-of-alice\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	order := func(want int, args ...string) string {
		t.Helper()
		var shown safeBuffer
		if got := run(t.Context(), append(append([]string{"headwatch"}, args...), "--api", "http://"+apiA), &shown, &shown); got != want {
			t.Errorf("%q ended with %d, want %d: %s", args, got, want, &shown)
		}
		return shown.String()
	}
	for _, kind := range []string{"trip", "reset"} {
		if said := order(1, kind, "headwatch", "--reason", "to see", "--token-file", token); !strings.Contains(said, "never opens") {
			t.Errorf("%s: %s", kind, said)
		}
	}
	order(0, "ack", "headwatch", "--reason", "mending the chat", "--token-file", token)
	if said := order(0, "status"); !strings.Contains(said, "HEADWATCH ITSELF") || !strings.Contains(said, "channel failing at chat") || !strings.Contains(said, "PEER") {
		t.Errorf("status says %s", said)
	}
	if said := order(0, "explain", "headwatch"); !strings.Contains(said, "channel failing at chat") {
		t.Errorf("explain says %s", said)
	}
	mended.Store(true)
	until(t, a.log, func() bool {
		return len(watchdogOf(t, apiA).Assessment.Findings) == 0 && pagerA.told("resolve", restarted.Key) != nil
	})

	// A stop that was ordered is nothing to tell of.
	if code := a.end(syscall.SIGTERM); code != 0 {
		t.Errorf("exit code %d", code)
	}
	a.start()
	until(t, a.log, func() bool { return sees(apiA) })
	s := watchdogOf(t, apiA)
	if f := s.Assessment.Find(headwatch.Restarted); f != nil {
		t.Errorf("after a clean stop: %+v", f)
	}
}

// A token that was revoked is tried for as long as there is hope. Meanwhile another channel tells of it, and why stands in the status.
func TestAChannelThatLetsNobodyInIsToldOnAnother(t *testing.T) {
	node, api, onCall := newPulse(t), freePort(t), newPager(t)
	chat := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusUnauthorized)
		fmt.Fprint(w, "token_revoked")
	}))
	defer chat.Close()
	p := newProcess(t, fmt.Sprintf(selfConfig, api, node, onCall.url, chat.URL, chat.URL, freePort(t)))
	p.start()
	until(t, p.log, func() bool { return !watchdogOf(t, api).Assessment.At.IsZero() })
	token := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(token, []byte("operators-token-of-alice\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	var shown safeBuffer
	until(t, &shown, func() bool {
		return run(t.Context(), []string{"headwatch", "trip", "lending", "--reason", "to see", "--token-file", token, "--api", "http://" + api}, &shown, &shown) == 0
	})
	until(t, p.log, func() bool { return onCall.told("trigger", "channel failing at chat") != nil })
	var status safeBuffer
	until(t, &status, func() bool {
		return run(t.Context(), []string{"headwatch", "status", "--api", "http://" + api}, &status, &status) < 2 &&
			strings.Contains(status.String(), "the last attempt failed: http 4xx: 401 from 127.0.0.1") && strings.Contains(status.String(), "token_revoked")
	})
}
