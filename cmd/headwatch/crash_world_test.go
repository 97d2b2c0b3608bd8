package main

import (
	"context"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// crashChain is a chain with a block a second, which stands still when it is told to. When it goes on it has all that it missed.
type crashChain struct {
	playedChain
	still atomic.Bool
}

// crashWorld is the layer 1 and the chains one and two.
type crashWorld struct {
	url      string
	one, two *crashChain
}

// newCrashWorld runs until the test ends.
func newCrashWorld(t *testing.T) *crashWorld {
	t.Helper()
	mux := http.NewServeMux()
	make := func(id uint64) *crashChain {
		c := &crashChain{playedChain: playedChain{played: played{ID: id}, genesis: time.Now().Truncate(time.Second), number: firstBlock}}
		c.random = rand.New(rand.NewPCG(id, 1))
		if err := c.serve(mux); err != nil {
			t.Fatal(err)
		}
		return c
	}
	base := make(1)
	w := &crashWorld{one: make(2), two: make(3)}
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	for _, c := range []*crashChain{base, w.one, w.two} {
		running.Go(func() { c.live(ctx) })
	}
	nodes := httptest.NewServer(mux)
	w.url = nodes.URL
	t.Cleanup(func() {
		cancel()
		running.Wait()
		nodes.Close()
	})
	return w
}

func (c *crashChain) live(ctx context.Context) {
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if c.still.Load() {
			continue
		}
		c.mu.Lock()
		c.number = firstBlock + uint64(time.Since(c.genesis)/playedTime)
		c.mu.Unlock()
	}
}
