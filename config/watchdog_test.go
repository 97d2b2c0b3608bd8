package config

import (
	"slices"
	"strings"
	"testing"
	"time"

	"headwatch"
)

const watched = `
[[chain]]
preset = "ethereum"
[[chain.endpoint]]
url = "http://127.0.0.1:8545"
[[circuit]]
name = "lending"
chain = "ethereum"
alerts = ["chat"]
[[alert]]
name = "terminal"
kind = "console"
[[alert]]
name = "chat"
kind = "slack"
url = "https://chat.example/x"
[[alert]]
name = "on-call"
kind = "console"
[[alert]]
name = "phone"
kind = "console"
[[person]]
name = "alice"
tell = ["phone"]
[[escalation]]
name = "primary"
[[escalation.step]]
tell = ["alice", "on-call"]
`

// Who is told of anything is told of headwatch's own troubles, but for the telephones of people.
func TestWhoHearsOfHeadwatchsOwnTroubles(t *testing.T) {
	for text, want := range map[string][]string{
		"": {"chat", "on-call"},
		"[watchdog]\nalerts = [\"terminal\"]\nescalation = \"primary\"\npage_after = \"5m\"\n": {"terminal"},
	} {
		c, err := Parse("t", []byte(watched+text), noEnv)
		if err != nil {
			t.Fatal(err)
		}
		own := c.Circuit(headwatch.Watchdog)
		if !slices.Equal(own.Alerts, want) {
			t.Errorf("%q: %q hear of it, want %q", text, own.Alerts, want)
		}
		if len(own.On)+len(own.Hooks) > 0 || !slices.Equal(own.Tell, headwatch.WatchdogConditions()) || own.WarnAfter.D() != 30*time.Second || own.TripAfter != own.PageAfter {
			t.Errorf("the circuit is %+v", own)
		}
		if text != "" && (own.Escalation != "primary" || own.PageAfter.D() != 5*time.Minute) {
			t.Errorf("the circuit is not that of the file: %+v", own)
		}
		if c.Unwatched() == "" {
			t.Error("nobody outside watches, and that is not said")
		}
	}
}

func TestFaultsOfTheWatchdogWatched(t *testing.T) {
	text := watched + `
[api]
listen = "127.0.0.1:9464"
[watchdog]
alerts = []
warn_after = "3m"
recover_after = "0s"
[[heartbeat]]
name = "outside"
kind = "healthcheck"
url = "ftp://hc.example/uuid"
every = "5s"
timeout = "1m"
[[heartbeat]]
name = "second"
[[peer]]
name = "outside"
url = "http://127.0.0.1:9464"
every = "100ms"
timeout = "1ms"
`
	text = strings.Replace(text, `name = "lending"`, `name = "headwatch"`, 1)
	_, err := Parse("t", []byte(text), noEnv)
	if err == nil {
		t.Fatal("it passes")
	}
	want := []string{
		`circuit "headwatch": "headwatch" is the name of the program itself; use another`,
		"alerts is empty: nobody would hear that a page cannot be delivered; name at least one [[alert]], or leave it out for all of them",
		"page_after is 120s, shorter than warn_after 180s; make page_after at least warn_after",
		"recover_after is 0s; make it 1s to 1h",
		`heartbeat "outside": kind "healthcheck" is unknown; did you mean healthchecks?`,
		`heartbeat "outside": url has the wrong scheme; begin it with https:// or http://`,
		`heartbeat "outside": every is 5s; make it 15s to 1h`,
		`heartbeat "outside": timeout is 60s; make it 1s to 30s`,
		`heartbeat "second": url is missing`,
		`peer "outside": the name is taken by the heartbeat in line`,
		`peer "outside": url is that of this headwatch itself; name the other one: nobody can watch his own death`,
		`peer "outside": every is 100ms; make it 1s to 60s`,
		`peer "outside": timeout is 1ms; make it 100ms to 30s`,
	}
	for _, line := range want {
		if !strings.Contains(err.Error(), line) {
			t.Errorf("no fault %q", line)
		}
	}
	if n := strings.Count(err.Error(), "\n") + 1; n != len(want) {
		t.Errorf("%d faults, want %d:\n%v", n, len(want), err)
	}
}
