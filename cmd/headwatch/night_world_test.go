package main

import (
	"context"
	"fmt"
	"iter"
	"sync"
	"time"

	"headwatch"
	"headwatch/config"
)

const (
	worldTick = time.Second // between the answers of an endpoint
	fillRate  = 10          // blocks that a chain which is back fills in a second
	safeAfter = time.Minute // until a block of a layer 2 is safe
)

// nightWorld is what the chains and their endpoints do, by the clock of the bubble.
type nightWorld struct {
	cfg *config.Config

	mu     sync.Mutex
	chains map[string]*nightChain
	dark   map[string]bool // endpoints that do not answer
}

// nightChain has a block at every multiple of its block time since it was made, and fills in what it missed. The blocks of a layer 2 are
// safe once they are a while on a layer 1 that moves.
type nightChain struct {
	blockTime time.Duration
	genesis   time.Time
	number    uint64
	safe      uint64
	l1        *nightChain // nil for a layer 1
	still     bool
	empty     bool // new blocks have no transactions of users
	users     int  // transactions of theirs in the newest block
}

func newNightWorld(cfg *config.Config, begin time.Time) *nightWorld {
	w := &nightWorld{cfg: cfg, chains: map[string]*nightChain{}, dark: map[string]bool{}}
	for _, c := range cfg.Chains {
		w.chains[c.Name] = &nightChain{blockTime: c.BlockTime.D(), genesis: begin.Add(-1000 * c.BlockTime.D()), number: 1000, safe: 1000 - uint64(safeAfter/c.BlockTime.D())}
	}
	for _, c := range cfg.Chains {
		w.chains[c.Name].l1 = w.chains[c.L1]
	}
	return w
}

// set changes something in the world.
func (w *nightWorld) set(change func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	change()
}

// pass is time going by.
func (c *nightChain) pass(now time.Time) {
	if due := uint64(now.Sub(c.genesis) / c.blockTime); !c.still && c.number < due {
		c.number, c.users = min(due, c.number+fillRate), 7
		if c.empty {
			c.users = 0
		}
	}
	if c.l1 != nil && !c.l1.still {
		c.safe = max(c.safe, min(c.number, uint64(now.Add(-safeAfter).Sub(c.genesis)/c.blockTime)))
	}
}

func (c *nightChain) heads() map[headwatch.Tag]headwatch.Head {
	newest := c.head(c.number)
	newest.UserTxs = new(c.users)
	all := map[headwatch.Tag]headwatch.Head{headwatch.Unsafe: newest}
	if c.l1 != nil {
		all[headwatch.Safe] = c.head(c.safe)
	}
	return all
}

func (c *nightChain) head(number uint64) headwatch.Head {
	return headwatch.Head{
		Number: number, Hash: fmt.Sprintf("0x%x", number), Parent: fmt.Sprintf("0x%x", number-1),
		Time: c.genesis.Add(time.Duration(number) * c.blockTime),
	}
}

// heard gives what the endpoints say, each when it is said, until ctx ends. It takes the time that it takes.
func (w *nightWorld) heard(ctx context.Context) iter.Seq[headwatch.Observation] {
	return func(yield func(headwatch.Observation) bool) {
		tick := time.NewTicker(worldTick)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case now := <-tick.C:
				for _, o := range w.answers(now) {
					if !yield(o) {
						return
					}
				}
			}
		}
	}
}

func (w *nightWorld) answers(now time.Time) []headwatch.Observation {
	w.mu.Lock()
	defer w.mu.Unlock()
	var all []headwatch.Observation
	for _, cfg := range w.cfg.Chains {
		c := w.chains[cfg.Name]
		c.pass(now)
		for _, e := range cfg.Endpoints {
			o := headwatch.Observation{Chain: cfg.Name, Endpoint: e.Name, At: now, Latency: 50 * time.Millisecond}
			if w.dark[e.Name] {
				o.Err = &headwatch.Fault{Kind: headwatch.FaultTimeout}
			} else {
				o.Heads, o.ChainID, o.Date = c.heads(), cfg.ChainID, now.Truncate(time.Second)
			}
			all = append(all, o)
		}
	}
	return all
}
