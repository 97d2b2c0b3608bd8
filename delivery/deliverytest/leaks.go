package deliverytest

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest/observer"

	"headwatch"
	"headwatch/config"
	"headwatch/delivery"
)

// testLeaks runs the real loop against a receiver that repeats all it is told, and searches what is left behind: log,
// journal and preview.
func testLeaks(t *testing.T, c Channel) {
	for name, a := range map[string]answer{
		"taken":       say(200, c.Answer),
		"refused":     say(400, ""),
		"not now":     say(503, ""),
		"broken":      reset,
		"moved":       say(302, "", "Location: http://127.0.0.1:1/"),
		"wrong place": say(404, ""),
		"talkative":   say(500, "what are "+strings.Join(planted, " and ")+"?"),
	} {
		r := newReceiver(t)
		r.set(a)
		core, logs := observer.New(zapcore.DebugLevel)
		journal := NewJournal(c.Notice)
		ctx, cancel := context.WithCancel(t.Context())
		loop := delivery.New(delivery.Channel{Name: c.Notice.Channel, Sender: c.sender(t, "http", r.addr), Timeout: 10 * time.Second},
			journal, untilAttempt(cancel), zap.New(core))
		if err := loop.Run(ctx); err != nil {
			t.Fatal(err)
		}
		if logs.Len() == 0 {
			t.Errorf("%s: nothing was logged", name)
		}
		for _, entry := range logs.All() {
			c.NoSecret(t, name+": log", fmt.Sprintf("%s %+v", entry.Message, entry.ContextMap()))
		}
		b, err := json.Marshal(journal.Done())
		if err != nil {
			t.Fatal(err)
		}
		c.NoSecret(t, name+": journal", string(b))
	}
	s := c.sender(t, "https", "example.org")
	if p, ok := s.(delivery.Previewer); ok {
		c.NoSecret(t, "preview", p.Preview(c.Notice))
	}
	if _, err := c.New(plantedURL("ftp", "example.org")); err == nil {
		t.Error("a URL that cannot be posted to was taken")
	} else {
		c.NoSecret(t, "bad URL", err.Error())
	}
}

// testFrozen sends over the route of an incident with a channel that points elsewhere by now: the route decides, and what the
// receiver repeats of it is not shown either.
func testFrozen(t *testing.T, c Channel) {
	r := newReceiver(t)
	r.set(say(500, ""))
	frozen := c.sender(t, "http", r.addr).Route()
	if c.Current != (frozen == nil) {
		t.Fatalf("a route is frozen: %t", frozen != nil)
	}
	if c.Current {
		return
	}
	now, err := c.New(config.NewSecret("http://" + closedPort(t) + "/elsewhere"))
	if err != nil {
		t.Fatal(err)
	}
	_, err = now.Send(t.Context(), frozen, c.Notice)
	if err == nil || r.requests.Load() != 1 {
		t.Fatalf("%d requests over the frozen route, %v", r.requests.Load(), err)
	}
	c.NoSecret(t, "frozen", err.Error())
}

// untilAttempt ends a loop after its first attempt.
type untilAttempt context.CancelFunc

func (u untilAttempt) Attempt(string, delivery.Reason) { u() }
func (untilAttempt) Finished(headwatch.Delivery)       {}
