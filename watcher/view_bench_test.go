package watcher

import (
	"fmt"
	"testing"
	"time"

	"headwatch"
	"headwatch/config"
)

// benchView is a View of three endpoints that have followed a chain for a while, and the newest block of it.
type benchView struct {
	*View
	now    time.Time
	number uint64
	heads  map[headwatch.Tag]headwatch.Head // of every observation: what is measured must not pay for making them
	hashes [256]string
}

func newBenchView(b *testing.B) *benchView {
	chain := config.Chain{
		Name: "l2", Kind: config.KindOPStack, BlockTime: config.Duration(sceneBlock), L1: "l1",
		StaleAfter: config.Duration(sceneLimit), Quorum: 2, ProofOfLife: 1, MaxSkew: config.Duration(15 * time.Second),
	}
	for _, name := range []string{"a", "b", "c"} {
		chain.Endpoints = append(chain.Endpoints, config.Endpoint{
			Name: name, Interval: config.Duration(sceneBlock), Timeout: config.Duration(time.Second),
		})
	}
	view, err := NewView(chain, []time.Duration{sceneLimit, time.Minute, 2 * time.Minute})
	if err != nil {
		b.Fatal(err)
	}
	w := &benchView{
		View: view, now: time.Date(2025, 8, 5, 6, 0, 0, 0, time.UTC), number: 1000,
		heads: make(map[headwatch.Tag]headwatch.Head, 1),
	}
	for i := range w.hashes {
		w.hashes[i] = fmt.Sprintf("0x%064x", i)
	}
	for range len(w.hashes) {
		w.block("a", "b", "c")
	}
	return w
}

// block is the next block, which endpoints name as soon as it is due.
func (w *benchView) block(endpoints ...string) {
	w.number++
	w.now = w.now.Add(sceneBlock)
	n := uint64(len(w.hashes))
	w.heads[headwatch.Unsafe] = headwatch.Head{
		Number: w.number, Hash: w.hashes[w.number%n], Parent: w.hashes[(w.number-1)%n], Time: w.now,
	}
	w.say(endpoints...)
}

func (w *benchView) say(endpoints ...string) {
	for _, e := range endpoints {
		w.Observe(headwatch.Observation{Endpoint: e, At: w.now, Heads: w.heads})
	}
}

func (w *benchView) assess() headwatch.Assessment {
	w.SetWitness(Witness{Advanced: w.now, Limit: time.Minute})
	return w.Assess(w.now)
}

// BenchmarkObserve folds in one observation; every third is of a new block.
func BenchmarkObserve(b *testing.B) {
	w := newBenchView(b)
	endpoints := []string{"a", "b", "c"}
	i := 0
	b.ReportAllocs()
	for b.Loop() {
		if e := endpoints[i%3 : i%3+1]; i%3 == 0 {
			w.block(e...)
		} else {
			w.say(e...)
		}
		i++
	}
	if a := w.assess(); a.Phase != headwatch.Live || a.Head.Number != w.number {
		b.Fatalf("the chain is %s at %d, want live at %d", a.Phase, a.Head.Number, w.number)
	}
}

func BenchmarkAssess(b *testing.B) {
	for _, bench := range []struct {
		name      string
		prepare   func(*benchView)
		phase     headwatch.Phase
		condition headwatch.Condition // "" for none
	}{
		{"live", func(*benchView) {}, headwatch.Live, ""},
		{"stalled", func(w *benchView) {
			w.now = w.now.Add(2 * sceneLimit)
			w.say("a", "b", "c")
		}, headwatch.Stalled, headwatch.UnsafeHeadStalled},
		{"lagging_endpoint", func(w *benchView) {
			stuck := w.heads[headwatch.Unsafe]
			for range sceneLimit/sceneBlock + 1 {
				w.block("a", "b")
			}
			w.heads[headwatch.Unsafe] = stuck
			w.say("c")
		}, headwatch.Live, headwatch.EndpointLagging},
	} {
		b.Run(bench.name, func(b *testing.B) {
			w := newBenchView(b)
			bench.prepare(w)
			a := w.assess()
			if a.Phase != bench.phase || bench.condition != "" && a.Find(bench.condition) == nil || bench.condition == "" && len(a.Findings) > 0 {
				b.Fatalf("the chain is %s with %+v", a.Phase, a.Findings)
			}
			b.ReportAllocs()
			for b.Loop() {
				w.assess()
			}
		})
	}
}
