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
)

// nightWorld is what the chains and their endpoints do, by the clock of the bubble.
type nightWorld struct {
	cfg *config.Config

	mu     sync.Mutex
	chains map[string]*nightChain
	dark   map[string]bool // endpoints that do not answer
}

// nightChain has a block at every multiple of its block time since it was made, and fills in what it missed.
type nightChain struct {
	blockTime time.Duration
	genesis   time.Time
	number    uint64
	still     bool
}

func newNightWorld(cfg *config.Config, begin time.Time) *nightWorld {
	w := &nightWorld{cfg: cfg, chains: map[string]*nightChain{}, dark: map[string]bool{}}
	for _, c := range cfg.Chains {
		w.chains[c.Name] = &nightChain{blockTime: c.BlockTime.D(), genesis: begin.Add(-1000 * c.BlockTime.D()), number: 1000}
	}
	return w
}

// set changes something in the world; it reports whether there is such a thing.
func (w *nightWorld) set(change func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	change()
}

func (c *nightChain) head() headwatch.Head {
	return headwatch.Head{
		Number: c.number, Hash: fmt.Sprintf("0x%x", c.number), Parent: fmt.Sprintf("0x%x", c.number-1),
		Time: c.genesis.Add(time.Duration(c.number) * c.blockTime), UserTxs: new(7),
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
		if due := uint64(now.Sub(c.genesis) / c.blockTime); !c.still && c.number < due {
			c.number = min(due, c.number+fillRate)
		}
		for _, e := range cfg.Endpoints {
			o := headwatch.Observation{Chain: cfg.Name, Endpoint: e.Name, At: now, Latency: 50 * time.Millisecond}
			if w.dark[e.Name] {
				o.Err = &headwatch.Fault{Kind: headwatch.FaultTimeout}
			} else {
				o.Heads, o.ChainID, o.Date = map[headwatch.Tag]headwatch.Head{headwatch.Unsafe: c.head()}, cfg.ChainID, now.Truncate(time.Second)
			}
			all = append(all, o)
		}
	}
	return all
}
