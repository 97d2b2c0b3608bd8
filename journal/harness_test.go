package journal

import (
	"context"
	"fmt"
	"runtime"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go/jetstream"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest/observer"

	"headwatch"
	"headwatch/config"
)

// everywhere runs a test on the embedded engine and on a server that is reached over TCP.
func everywhere(t *testing.T, test func(t *testing.T, c config.Journal)) {
	t.Run("embedded", func(t *testing.T) { test(t, config.Journal{Dir: t.TempDir()}) })
	t.Run("external", func(t *testing.T) { test(t, external(t)) })
}

// external runs a server for one journal.
func external(t *testing.T) config.Journal {
	t.Helper()
	return config.Journal{URL: config.NewSecret(serve(t, t.TempDir(), server.RANDOM_PORT).ClientURL())}
}

// serve runs a server with a listener on the loopback.
func serve(t *testing.T, dir string, port int) *server.Server {
	t.Helper()
	s, err := server.NewServer(&server.Options{
		Host: "127.0.0.1", Port: port, NoSigs: true, NoLog: true, JetStream: true, StoreDir: dir,
	})
	if err != nil {
		t.Fatal(err)
	}
	s.Start()
	t.Cleanup(func() {
		s.Shutdown()
		s.WaitForShutdown()
	})
	if !s.ReadyForConnections(10 * time.Second) {
		t.Fatal("the server does not listen")
	}
	return s
}

func open(t *testing.T, c config.Journal) *Journal {
	t.Helper()
	j, _ := openLogged(t, c)
	return j
}

// openLogged also gives what the journal logs.
func openLogged(t *testing.T, c config.Journal) (*Journal, *observer.ObservedLogs) {
	t.Helper()
	core, logs := observer.New(zapcore.InfoLevel)
	j, err := Open(t.Context(), c, zap.New(core))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if j.Err() == nil || j.Err().Error() != errClosed.Error() {
			shut(t, j)
		}
	})
	return j, logs
}

func shut(t *testing.T, j *Journal) {
	t.Helper()
	if err := j.Close(); err != nil {
		t.Error(err)
	}
}

// do fails the test on an error.
func do(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

var dawn = time.Date(2026, 6, 25, 15, 47, 0, 0, time.UTC)

// step makes transition number seq of an incident that warns, pages, trips, recovers and resolves, over and over.
func step(circuit string, seq uint64) headwatch.Transition {
	t := headwatch.Transition{
		Circuit: circuit, Seq: seq, At: dawn.Add(time.Duration(seq) * time.Minute), Actor: headwatch.Watchdog,
		From: headwatch.Closed, To: headwatch.Closed, Since: dawn,
		Cause: headwatch.Assessment{Chain: "base", At: dawn, Phase: headwatch.Stalled},
	}
	t.Incident = fmt.Sprintf("%s-%d", circuit, (seq-1)/5)
	switch (seq - 1) % 5 {
	case 0:
		t.Level = headwatch.LevelWarn
	case 1:
		t.Level = headwatch.LevelPage
	case 2:
		t.Level, t.To = headwatch.LevelTrip, headwatch.Open
	case 3:
		t.Level, t.From, t.To = headwatch.LevelTrip, headwatch.Open, headwatch.HalfOpen
	case 4:
		t.From = headwatch.HalfOpen
	}
	return t
}

func note(incident string, n uint64, channel string) headwatch.Notice {
	return headwatch.Notice{Incident: incident, Step: n, Kind: headwatch.StepPage, Channel: channel, DedupKey: incident, Transition: step("lending", n)}
}

func ended(n headwatch.Notice) headwatch.Delivery {
	return headwatch.Delivery{Incident: n.Incident, Step: n.Step, Kind: n.Kind, Channel: n.Channel, Outcome: headwatch.Delivered, Attempts: 1, At: dawn}
}

// hand collects what Notices hands out.
func hand(t *testing.T, j *Journal, channel string) (<-chan Pending, context.CancelFunc) {
	ctx, cancel := context.WithCancel(t.Context())
	got, done := make(chan Pending, 2*maxOpen), make(chan error, 1)
	go func() { done <- j.Notices(ctx, channel, func(p Pending) { got <- p }) }()
	return got, func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}

// next waits for one value.
func next[T any](t *testing.T, c <-chan T) T {
	t.Helper()
	select {
	case v := <-c:
		return v
	case <-time.After(20 * time.Second):
		t.Fatal("nothing came")
		panic("unreachable")
	}
}

func purgeOf(subject string) jetstream.StreamPurgeOpt { return jetstream.WithPurgeSubject(subject) }

func waitFor(t *testing.T, what func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !what(); runtime.Gosched() {
		if time.Now().After(deadline) {
			t.Fatal("it did not happen")
		}
	}
}
