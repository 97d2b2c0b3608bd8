package backtest

import (
	"context"
	"hash/fnv"
	"iter"
	"math/rand/v2"
	"slices"
	"time"

	"headwatch"
	"headwatch/config"
)

// world is every chain of a scenario with its endpoints. It happens once.
type world struct {
	cfg          *config.Config
	chains       []*chain
	endpoints    []*endpoint
	now, end     time.Time
	wants        Wants // nil: nothing
	observations int
}

func newWorld(cfg *config.Config, s *Scenario) *world {
	w := &world{cfg: cfg, now: s.Start, end: s.End}
	source := func(name string) *rand.Rand {
		sum := fnv.New64a()
		_, _ = sum.Write([]byte(s.Name + "/" + name))
		return rand.New(rand.NewPCG(s.Seed, sum.Sum64()))
	}
	byName := make(map[string]*chain)
	for i := range cfg.Chains {
		c := &cfg.Chains[i]
		script, anchor := s.L1Phases, Anchor{}
		if c.Name == s.chainName() {
			script, anchor = s.Phases, s.Anchor
		}
		byName[c.Name] = newChain(c, script, anchor, s.Start, source(c.Name))
		w.chains = append(w.chains, byName[c.Name])
	}
	for _, c := range w.chains {
		for i := range c.cfg.Endpoints {
			e := &c.cfg.Endpoints[i]
			w.endpoints = append(w.endpoints, newEndpoint(e, c, byName[c.cfg.L1], s.faultsOf(c.cfg.Name, e.Name), s.Start, source(e.Name)))
		}
	}
	for _, e := range w.endpoints {
		for _, c := range w.chains {
			if c.cfg.L1 == e.chain.cfg.Name && c.cfg.Batcher != "" {
				e.batchers = map[string]*chain{c.cfg.Batcher: c}
			}
		}
	}
	return w
}

// faultsOf gives what happens to one endpoint, in the order in which it begins.
func (s *Scenario) faultsOf(chain, endpoint string) []Fault {
	var faults []Fault
	for _, f := range s.Faults {
		of := f.Chain
		if of == "" {
			of = s.chainName()
		}
		if (of == "*" || of == chain) && (len(f.Endpoints) == 0 || slices.Contains(f.Endpoints, endpoint)) {
			faults = append(faults, f)
		}
	}
	slices.SortStableFunc(faults, func(a, b Fault) int { return a.From.Compare(b.From) })
	return faults
}

// between gives what is heard from one instant to another, in the order in which the answers are complete. What is answered
// before from is heard by nobody.
func (w *world) between(ctx context.Context, from, until time.Time) iter.Seq[headwatch.Observation] {
	return func(yield func(headwatch.Observation) bool) {
		for now := w.now; ctx.Err() == nil; {
			w.wake(now)
			e := slices.MinFunc(w.endpoints, func(a, b *endpoint) int { return a.at.Compare(b.at) })
			if e.at.After(until) {
				return
			}
			for _, c := range w.chains {
				c.advance(e.at)
			}
			now = e.at
			o := e.answer()
			e.ask(e.next(e.chain.cfg.StaleAfter.D()))
			if o.At.Before(from) {
				continue
			}
			w.observations++
			if !yield(o) {
				return
			}
		}
	}
}

// wake has endpoints asked at once for a block that is wanted of them.
func (w *world) wake(now time.Time) {
	if w.wants == nil {
		return
	}
	for _, c := range w.chains {
		c.wanted = w.wants(c.cfg.Name, now)
	}
	for _, e := range w.endpoints {
		if wanted := e.chain.wanted; wanted != 0 && e.wanted != wanted && e.asked.After(now) {
			e.ask(now)
		}
	}
}
