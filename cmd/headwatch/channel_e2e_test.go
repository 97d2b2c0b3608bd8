package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"headwatch"
)

// A pager that is down is told on the other one, within page_after of the page that it did not take. One that refuses a page for
// good is told of too. The word to the one that is down waits behind that page, and comes with it.
func TestAChannelThatIsDownIsToldOnAnother(t *testing.T) {
	for name, status := range map[string]int{"it does not answer": http.StatusServiceUnavailable, "it refuses for good": http.StatusBadRequest} {
		t.Run(name, func(t *testing.T) {
			node, api, other := newPulse(t), freePort(t), newPager(t)
			down := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) }))
			defer down.Close()
			text := fmt.Sprintf(strings.Split(selfConfig, "[[heartbeat]]")[0], api, node, other.url, down.URL)
			p := newProcess(t, strings.Replace(text, `alerts = ["pager", "chat"]`, `alerts = ["chat"]`, 1)+"alerts = [\"chat\", \"pager\"]\n")
			p.start()
			until(t, p.log, func() bool { return fetch(&safeBuffer{}, "http://"+api+"/v1/circuits/lending") == http.StatusOK })
			token := filepath.Join(t.TempDir(), "token")
			if err := os.WriteFile(token, []byte("operators-token-of-alice\n"), 0o600); err != nil {
				t.Fatal(err)
			}
			tripped := time.Now()
			if code := run(t.Context(), []string{"headwatch", "trip", "lending", "--reason", "a drill", "--token-file", token, "--api", "http://" + api}, p.log, p.log); code != 0 {
				t.Fatalf("trip ended with %d", code)
			}
			until(t, p.log, func() bool { return other.told("trigger", string(headwatch.ChannelFailing)) != nil })
			// page_after is 3 s, and headwatch looks at itself every second.
			if took := time.Since(tripped); took > 8*time.Second {
				t.Errorf("told after %s", took)
			}
			page := other.told("trigger", string(headwatch.ChannelFailing))
			if !strings.HasPrefix(page.Payload.Summary, "PAGE headwatch: channel failing at chat for ") {
				t.Errorf("the other is told %q", page.Payload.Summary)
			}
			if other.told("trigger", "lending-") != nil && status == http.StatusServiceUnavailable {
				t.Error("the other is told of the trip, which is none of its business")
			}
		})
	}
}
