package watcher

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/zap"

	"headwatch"
	"headwatch/config"
)

// played is a chain in a bubble of time: it seals on schedule until it is stopped, and every prober sees it.
type played struct {
	start   time.Time
	block   time.Duration
	stopped atomic.Int64 // height at which it stands; 0 while it runs
}

func (p *played) height() uint64 {
	if n := p.stopped.Load(); n > 0 {
		return uint64(n)
	}
	return uint64(time.Since(p.start) / p.block)
}

func (p *played) stop() { p.stopped.Store(int64(p.height())) }

func (p *played) probe(context.Context, bool) headwatch.Observation {
	n := p.height()
	return headwatch.Observation{At: time.Now(), Heads: map[headwatch.Tag]headwatch.Head{headwatch.Unsafe: {
		Number: n, Hash: blockHash("", n), Parent: blockHash("", n-1), Time: p.start.Add(time.Duration(n) * p.block),
	}}}
}

// playedChain is a Chain over a played one, without any network.
func playedChain(t *testing.T, name, l1Name string, l1 *Chain, p *played, endpoints int) *Chain {
	t.Helper()
	c := config.Chain{
		Name: name, Kind: config.KindEVM, BlockTime: config.Duration(p.block), L1: l1Name, StaleAfter: config.Duration(30 * time.Second),
		Quorum: endpoints/2 + 1, ProofOfLife: 1, MaxSkew: config.Duration(15 * time.Second),
	}
	for i := range endpoints {
		c.Endpoints = append(c.Endpoints, config.Endpoint{
			Name: string(rune('a' + i)), URL: config.NewSecret("http://127.0.0.1:1"), Interval: config.Duration(p.block), Timeout: config.Duration(time.Second),
		})
	}
	chain, err := New(c, Options{Limits: []time.Duration{30 * time.Second, time.Minute, 2 * time.Minute}, L1: l1, Log: zap.NewNop()})
	if err != nil {
		t.Fatal(err)
	}
	for i, e := range c.Endpoints {
		chain.endpoints[i] = endpointOf(name, e.Name, e.Interval.D(), p, zap.NewNop())
	}
	return chain
}

func TestTheLoopAssessesAtEveryThresholdToTheNanosecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		above := &played{start: time.Now().Add(-time.Hour), block: 12 * time.Second}
		below := &played{start: time.Now().Add(-time.Hour), block: 2 * time.Second}
		l1 := playedChain(t, "l1", "", nil, above, 2)
		l2 := playedChain(t, "l2", "l1", l1, below, 3)

		ended := make(chan error, 2)
		go func() { ended <- l1.Run(ctx, func(headwatch.Assessment) error { return nil }) }()
		reached := make(map[time.Duration]headwatch.Phase)
		var newest time.Time
		go func() {
			ended <- l2.Run(ctx, func(a headwatch.Assessment) error {
				if a.At.Before(newest) {
					t.Errorf("assessed %v after %v", a.At, newest)
				}
				if a.At.Sub(newest) > beat && !newest.IsZero() {
					t.Errorf("%v passed without an assessment", a.At.Sub(newest))
				}
				newest = a.At
				reached[a.At.Sub(a.Advanced)] = a.Phase
				return nil
			})
		}()
		time.Sleep(time.Minute)
		below.stop()
		time.Sleep(3 * time.Minute)
		cancel()
		for range 2 {
			if err := <-ended; err != nil {
				t.Error(err)
			}
		}
		for _, threshold := range []time.Duration{30 * time.Second, time.Minute, 2 * time.Minute} {
			if phase, ok := reached[threshold]; !ok || phase != headwatch.Stalled {
				t.Errorf("at %v after the last advance: assessed %v, phase %v, want stalled", threshold, ok, phase)
			}
		}
		if s := l2.Status(); s.Assessment.Phase != headwatch.Stalled || len(s.Endpoints) != 3 {
			t.Errorf("status %+v", s)
		}
	})
}

func TestWakeAssessesAtOnceAndAnErrorEndsTheLoop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		below := &played{start: time.Now().Add(-time.Hour), block: 2 * time.Second}
		c := playedChain(t, "l1", "", nil, below, 1)
		enough := errors.New("enough")
		woken := false
		ended := make(chan error, 1)
		go func() {
			ended <- c.Run(t.Context(), func(headwatch.Assessment) error {
				if woken {
					return enough
				}
				return nil
			})
		}()
		time.Sleep(10*time.Second + 300*time.Millisecond)
		synctest.Wait()
		woken = true
		asked := time.Now()
		c.Wake()
		if err := <-ended; !errors.Is(err, enough) {
			t.Errorf("ended with %v", err)
		}
		if waited := time.Since(asked); waited != 0 {
			t.Errorf("the assessment came %v after the call", waited)
		}
	})
}
