package main

import (
	"context"
	"sync"
	"time"

	"headwatch/devnet"
)

// quiet is how many blocks the story waits for before anything goes wrong.
const quiet = 5

// tape keeps the true heads of the L2, each as an endpoint first showed it.
type tape struct {
	mu      sync.Mutex
	blocks  []devnet.Block
	changed chan struct{} // closed at the next block
}

// newTape records from now on.
func newTape(chains *devnet.Net) *tape {
	t := &tape{changed: make(chan struct{})}
	chains.OnBlock(t.add)
	return t
}

func (t *tape) add(b devnet.Block) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if n := len(t.blocks); b.Endpoint == "l1" || n > 0 && b.Head.Number <= t.blocks[n-1].Head.Number {
		return
	}
	t.blocks = append(t.blocks, b)
	close(t.changed)
	t.changed = make(chan struct{})
}

// last is the newest one.
func (t *tape) last() devnet.Block {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.blocks) == 0 {
		return devnet.Block{}
	}
	return t.blocks[len(t.blocks)-1]
}

// find waits for the first block that is such a one, and gives the zero block when it has not come in time.
func (t *tape) find(ctx context.Context, within time.Duration, such func(devnet.Block) bool) devnet.Block {
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	for from := 0; ; {
		t.mu.Lock()
		blocks, changed := t.blocks, t.changed
		t.mu.Unlock()
		for ; from < len(blocks); from++ {
			if such(blocks[from]) {
				return blocks[from]
			}
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return devnet.Block{}
		}
	}
}

// onSchedule reports whether a block is as old as a block may be that is made when it is due.
func onSchedule(b devnet.Block) bool { return b.At.Sub(b.Head.Time) < blockTime }
