package journal

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"go.uber.org/zap"

	"headwatch"
	"headwatch/config"
)

// BenchmarkDecide is the time from a decision to its acknowledgement. The second engine writes to the same disk without
// syncing, so that "times_unsynced" says what durability costs on this machine, whatever the machine is.
func BenchmarkDecide(b *testing.B) {
	j, err := Open(b.Context(), config.Journal{Dir: b.TempDir()}, zap.NewNop())
	if err != nil {
		b.Fatal(err)
	}
	unsynced := bare(b)
	var synced, loose []time.Duration
	for n := uint64(1); b.Loop(); n++ {
		t := step("lending", n)
		began := time.Now()
		if err := j.Decide(b.Context(), t); err != nil {
			b.Fatal(err)
		}
		synced = append(synced, time.Since(began))
		began = time.Now()
		if err := unsynced.Decide(b.Context(), t); err != nil {
			b.Fatal(err)
		}
		loose = append(loose, time.Since(began))
	}
	slices.Sort(synced)
	slices.Sort(loose)
	b.ReportMetric(float64(synced[len(synced)/2].Microseconds()), "p50_µs")
	b.ReportMetric(float64(synced[len(synced)*99/100].Microseconds()), "p99_µs")
	b.ReportMetric(float64(synced[len(synced)/2])/float64(loose[len(loose)/2]), "times_unsynced")
	if err := j.Close(); err != nil {
		b.Fatal(err)
	}
}

// bare is a journal on an engine that does not sync.
func bare(b *testing.B) *Journal {
	s, err := server.NewServer(&server.Options{DontListen: true, NoSigs: true, NoLog: true, JetStream: true, StoreDir: b.TempDir()})
	if err != nil {
		b.Fatal(err)
	}
	s.Start()
	b.Cleanup(s.Shutdown)
	conn, err := nats.Connect("", nats.InProcessServer(s))
	if err != nil {
		b.Fatal(err)
	}
	e := &engine{conn: conn, gone: make(chan struct{})}
	if err := e.open(b.Context(), false); err != nil {
		b.Fatal(err)
	}
	return &Journal{engine: e, kick: make(chan struct{}, 1), heads: map[string]head{}}
}

// BenchmarkOpen is how long a restart is blind: verify the files, start the engine, read the newest transitions.
func BenchmarkOpen(b *testing.B) {
	dir := b.TempDir()
	j, err := Open(b.Context(), config.Journal{Dir: dir}, zap.NewNop())
	if err != nil {
		b.Fatal(err)
	}
	for n := range uint64(2000) {
		if err := j.Decide(b.Context(), step(fmt.Sprintf("c%d", n%10), n/10+1)); err != nil {
			b.Fatal(err)
		}
		if err := j.Tell(b.Context(), headwatch.Notice{Incident: "i", Step: n, Channel: "c"}); err != nil {
			b.Fatal(err)
		}
	}
	if err := j.Close(); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		j, err := Open(b.Context(), config.Journal{Dir: dir}, zap.NewNop())
		if err != nil {
			b.Fatal(err)
		}
		if last, err := j.Last(b.Context()); err != nil || len(last) != 10 {
			b.Fatal(len(last), err)
		}
		b.StopTimer()
		if err := j.Close(); err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
	}
}

// BenchmarkDecideToNotice is the way of a decision through the journal: decided, reduced, told, handed to its channel.
func BenchmarkDecideToNotice(b *testing.B) {
	j, err := Open(b.Context(), config.Journal{Dir: b.TempDir()}, zap.NewNop())
	if err != nil {
		b.Fatal(err)
	}
	ctx, cancel := context.WithCancel(b.Context())
	var tasks sync.WaitGroup
	tasks.Go(func() {
		_ = j.Follow(ctx, "incidents", func(headwatch.Event) {}, func() {}, func(ctx context.Context, e headwatch.Event) error {
			return j.Tell(ctx, headwatch.Notice{Incident: "i", Step: e.Transition.Seq, Channel: "on-call", Transition: *e.Transition})
		})
	})
	got := make(chan Pending)
	tasks.Go(func() { _ = j.Notices(ctx, "on-call", func(p Pending) { got <- p }) })
	var took []time.Duration
	for n := uint64(1); b.Loop(); n++ {
		began := time.Now()
		if err := j.Decide(ctx, step("lending", n)); err != nil {
			b.Fatal(err)
		}
		p := <-got
		took = append(took, time.Since(began))
		if err := p.Done(ctx, ended(p.Notice())); err != nil {
			b.Fatal(err)
		}
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds()), "p50_µs")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds()), "p99_µs")
	cancel()
	tasks.Wait()
	if err := j.Close(); err != nil {
		b.Fatal(err)
	}
}
