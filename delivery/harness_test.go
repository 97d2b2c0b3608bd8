package delivery_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest/observer"

	"headwatch"
	"headwatch/delivery"
	"headwatch/delivery/deliverytest"
)

// sender is a channel that a test scripts: send decides each attempt, told keeps what was taken.
type sender struct {
	route json.RawMessage
	send  func(ctx context.Context, route json.RawMessage, n headwatch.Notice) error

	mu       sync.Mutex
	attempts []time.Time
	told     []string
}

func (s *sender) Route() json.RawMessage { return s.route }

func (s *sender) Send(ctx context.Context, route json.RawMessage, n headwatch.Notice) (string, error) {
	s.mu.Lock()
	s.attempts = append(s.attempts, time.Now())
	s.mu.Unlock()
	if s.send != nil {
		if err := s.send(ctx, route, n); err != nil {
			return "", err
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.told = append(s.told, fmt.Sprintf("%s/%s", n.Incident, n.Kind))
	return "taken", nil
}

func (s *sender) saw(t *testing.T, want ...string) {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	if !slices.Equal(s.told, want) {
		t.Errorf("told %v, want %v", s.told, want)
	}
}

// counter is an Observer.
type counter struct {
	mu       sync.Mutex
	attempts map[delivery.Reason]int
	finished []headwatch.Outcome
}

func (c *counter) Attempt(_ string, r delivery.Reason) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.attempts == nil {
		c.attempts = map[delivery.Reason]int{}
	}
	c.attempts[r]++
}

func (c *counter) Finished(d headwatch.Delivery) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.finished = append(c.finished, d.Outcome)
}

// notice is decided now, in the bubble's time.
func notice(incident string, step uint64, kind headwatch.StepKind) headwatch.Notice {
	n := headwatch.Notice{Incident: incident, Step: step, Kind: kind, Channel: "chat", DedupKey: incident}
	n.Transition.At = time.Now()
	return n
}

// run starts a loop in the bubble and gives the function that stops it.
func run(t *testing.T, c delivery.Channel, j delivery.Journal) (loop *delivery.Loop, seen *counter, logs *observer.ObservedLogs, stop func()) {
	t.Helper()
	c.Name = "chat"
	if c.Timeout == 0 {
		c.Timeout = 15 * time.Second
	}
	core, logs := observer.New(zapcore.DebugLevel)
	seen = &counter{}
	loop = delivery.New(c, j, seen, zap.New(core))
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- loop.Run(ctx) }()
	return loop, seen, logs, func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("Run: %v", err)
		}
	}
}

func outcomes(j *deliverytest.Journal) []string {
	var got []string
	for _, d := range j.Done() {
		got = append(got, fmt.Sprintf("%s/%s %s", d.Incident, d.Kind, d.Outcome))
	}
	return got
}

func wantOutcomes(t *testing.T, j *deliverytest.Journal, want ...string) {
	t.Helper()
	if got := outcomes(j); !slices.Equal(got, want) {
		t.Errorf("the journal has %q, want %q", got, want)
	}
}

var errDown = &delivery.Error{Reason: delivery.ReasonRefused, Detail: "example.org: no"}
