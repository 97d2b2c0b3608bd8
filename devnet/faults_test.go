package devnet

import (
	"fmt"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/zap"
	"golang.org/x/sync/errgroup"

	"headwatch"
	"headwatch/config"
	"headwatch/watcher"
)

// faulty is a chain as watched through wires of which the last bad have a fault.
type faulty struct {
	*watcher.Chain
	fault  Fault
	n, bad int
	trips  atomic.Bool // a stall was seen
}

func (f *faulty) String() string { return fmt.Sprintf("fault %d on %d of %d", f.fault, f.bad, f.n) }

// want is the row "times out" of docs/testing.md: a wire that brings no good answer in time has no vote.
func (f *faulty) want(lives bool) headwatch.Phase {
	good := f.n - f.bad
	if f.fault == Pass {
		good = f.n
	}
	switch {
	case lives && good > 0:
		return headwatch.Live
	case !lives && good >= f.n/2+1:
		return headwatch.Stalled
	default:
		return headwatch.Unknown
	}
}

func watched(t *testing.T, name string, id uint64, block time.Duration, l1 *watcher.Chain, wires []*proxy) *watcher.Chain {
	t.Helper()
	c := config.Chain{
		Name: name, Kind: config.KindEVM, ChainID: id, BlockTime: config.Duration(block), StaleAfter: config.Duration(4 * time.Second),
		Quorum: len(wires)/2 + 1, ProofOfLife: 1, MaxSkew: config.Duration(15 * time.Second),
	}
	if l1 != nil {
		c.L1 = l1.Name()
	} else {
		c.StaleAfter = config.Duration(10 * time.Second)
	}
	for i, w := range wires {
		c.Endpoints = append(c.Endpoints, config.Endpoint{
			Name: fmt.Sprint("e", i), URL: config.NewSecret("http://" + w.address), Serves: config.ServesEth,
			Interval: config.Duration(time.Second), Timeout: config.Duration(800 * time.Millisecond),
		})
	}
	chain, err := watcher.New(c, watcher.Options{Limits: []time.Duration{c.StaleAfter.D()}, L1: l1, Log: zap.NewNop()})
	if err != nil {
		t.Fatal(err)
	}
	return chain
}

// Every fault of a wire, on 1 to n of n endpoints of a real chain, while it lives and after it stopped.
func TestEveryFaultOfAWireHasItsVerdict(t *testing.T) {
	if testing.Short() {
		t.Skip("takes 15 s")
	}
	n := run(t, Config{})
	wireTo := func(e *endpoint, f Fault) *proxy {
		p, err := newProxy(e.node.address())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(p.close)
		if err := p.set(f); err != nil {
			t.Fatal(err)
		}
		return p
	}
	l1 := watched(t, "l1", L1ChainID, 2*time.Second, nil, []*proxy{wireTo(n.l1, Pass)})
	var good []*proxy
	for _, e := range n.l2 {
		good = append(good, wireTo(e, Pass))
	}
	var all []*faulty
	for fault := Pass; fault <= Garbage; fault++ {
		var bad []*proxy
		for _, e := range n.l2 {
			bad = append(bad, wireTo(e, fault))
		}
		for count := 1; count <= len(n.l2); count++ {
			for k := 1; k <= count; k++ {
				f := &faulty{fault: fault, n: count, bad: k}
				f.Chain = watched(t, f.String(), L2ChainID, time.Second, l1, slices.Concat(good[:count-k], bad[count-k:count]))
				all = append(all, f)
			}
		}
	}
	var running errgroup.Group
	running.Go(func() error { return l1.Run(t.Context(), func(headwatch.Assessment) error { return nil }) })
	changed := make(chan struct{}, 1)
	for _, f := range all {
		running.Go(func() error {
			return f.Run(t.Context(), func(a headwatch.Assessment) error {
				if a.Phase == headwatch.Stalled {
					f.trips.Store(true)
				}
				select {
				case changed <- struct{}{}:
				default:
				}
				return nil
			})
		})
	}
	t.Cleanup(func() { _ = running.Wait() }) // the test's context has ended by then

	settle := func(lives bool) {
		patience := time.After(20 * time.Second)
		for {
			wrong := slices.DeleteFunc(slices.Clone(all), func(f *faulty) bool {
				a := f.Status().Assessment
				return a.Phase == f.want(lives) && (a.Phase != headwatch.Unknown || a.Find(headwatch.Blind) != nil)
			})
			if len(wrong) == 0 {
				return
			}
			select {
			case <-changed:
			case <-patience:
				for _, f := range wrong {
					t.Errorf("%s, the chain lives: %v: phase %s, want %s; findings %+v", f, lives, f.Status().Assessment.Phase, f.want(lives), f.Status().Assessment.Findings)
				}
				return
			}
		}
	}
	settle(true)
	for _, f := range all {
		if f.trips.Load() {
			t.Errorf("%s: a stall of a chain that lives", f)
		}
	}
	n.StopL2()
	settle(false)
	for _, f := range all {
		if got, want := f.trips.Load(), f.want(false) == headwatch.Stalled; got != want {
			t.Errorf("%s: tripped %v, want %v", f, got, want)
		}
	}
}
