package watcher

import (
	"fmt"
	"testing"
	"time"

	"headwatch"
	"headwatch/config"
)

// scene is a View with a chain to watch: 2 s blocks, a first threshold of 30 s, and an L1 that advances unless told
// otherwise. Its clock starts at the timestamp of block 0 and moves only by wait.
type scene struct {
	*testing.T
	view   *View
	now    time.Time
	start  time.Time
	l1     time.Time // when the L1 last advanced; zero: it advances all the time
	frozen bool      // the L1 no longer advances
}

const (
	sceneBlock = 2 * time.Second
	sceneLimit = 30 * time.Second
)

func newScene(t *testing.T, endpoints ...string) *scene {
	t.Helper()
	return newSceneOf(t, func(*config.Chain) {}, endpoints...)
}

func newSceneOf(t *testing.T, change func(*config.Chain), endpoints ...string) *scene {
	t.Helper()
	chain := config.Chain{
		Name: "l2", Kind: config.KindOPStack, BlockTime: config.Duration(sceneBlock), L1: "l1",
		StaleAfter: config.Duration(sceneLimit), Quorum: len(endpoints)/2 + 1, ProofOfLife: 1,
		MaxSkew: config.Duration(15 * time.Second),
	}
	for _, name := range endpoints {
		chain.Endpoints = append(chain.Endpoints, config.Endpoint{
			Name: name, Interval: config.Duration(sceneBlock), Timeout: config.Duration(1600 * time.Millisecond),
		})
	}
	change(&chain)
	view, err := NewView(chain, []time.Duration{30 * time.Second, time.Minute, 2 * time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	start := time.Date(2025, 8, 5, 6, 0, 0, 0, time.UTC)
	return &scene{T: t, view: view, start: start, now: start}
}

func (s *scene) wait(d time.Duration) { s.now = s.now.Add(d) }

func blockHash(fork string, n uint64) string { return fmt.Sprintf("0x%s%d", fork, n) }

// block is block n of a fork that left the main chain, named "", right before n.
func (s *scene) block(fork string, n uint64) headwatch.Head {
	return headwatch.Head{
		Number: n, Hash: blockHash(fork, n), Parent: blockHash(fork, n-1), Time: s.start.Add(time.Duration(n) * sceneBlock),
	}
}

func (s *scene) say(endpoint string, h headwatch.Head) {
	s.view.Observe(headwatch.Observation{
		Endpoint: endpoint, At: s.now, Heads: map[headwatch.Tag]headwatch.Head{headwatch.Unsafe: h},
	})
}

func (s *scene) says(n uint64, endpoints ...string) {
	for _, e := range endpoints {
		s.say(e, s.block("", n))
	}
}

// counted lets endpoints name block n with so many users' transactions.
func (s *scene) counted(n uint64, txs int, endpoints ...string) {
	for _, e := range endpoints {
		h := s.block("", n)
		h.UserTxs = &txs
		s.say(e, h)
	}
}

// blocks lets endpoints name each block until block n as soon as it is due, with so many users' transactions.
func (s *scene) blocks(n uint64, txs int, endpoints ...string) {
	for i := uint64(s.now.Sub(s.start)/sceneBlock) + 1; i <= n; i++ {
		s.now = s.start.Add(time.Duration(i) * sceneBlock)
		s.counted(i, txs, endpoints...)
		s.assess()
	}
}

// tells lets an endpoint name its unsafe head and one more of another tag.
func (s *scene) tells(n uint64, tag headwatch.Tag, behind uint64, endpoints ...string) {
	for _, e := range endpoints {
		s.view.Observe(headwatch.Observation{Endpoint: e, At: s.now, Heads: map[headwatch.Tag]headwatch.Head{
			headwatch.Unsafe: s.block("", n), tag: s.block("", behind),
		}})
	}
}

func (s *scene) fails(kind headwatch.FaultKind, endpoints ...string) {
	for _, e := range endpoints {
		s.view.Observe(headwatch.Observation{Endpoint: e, At: s.now, Err: &headwatch.Fault{Kind: kind}})
	}
}

// live lets every endpoint name each block until block n as soon as it is due.
func (s *scene) live(n uint64, endpoints ...string) {
	from := uint64(s.now.Sub(s.start) / sceneBlock)
	for i := from + 1; i <= n; i++ {
		s.now = s.start.Add(time.Duration(i) * sceneBlock)
		s.says(i, endpoints...)
		s.assess()
	}
}

// still lets the endpoints repeat what they hold, every second for d.
func (s *scene) still(d time.Duration, n uint64, endpoints ...string) headwatch.Assessment {
	end := s.now.Add(d)
	for s.now.Before(end) {
		s.wait(min(time.Second, end.Sub(s.now)))
		s.says(n, endpoints...)
	}
	return s.assess()
}

func (s *scene) assess() headwatch.Assessment {
	if !s.frozen {
		s.l1 = s.now
	}
	s.view.SetWitness(Witness{
		Advanced: s.l1, Limit: time.Minute, Slot: l1Slot, Number: 1000 + uint64(s.l1.Sub(s.start)/l1Slot), Time: s.l1.Truncate(l1Slot),
	})
	return s.view.Assess(s.now)
}

func (s *scene) want(phase headwatch.Phase, conditions ...headwatch.Condition) headwatch.Assessment {
	s.Helper()
	a := s.assess()
	if a.Phase != phase {
		s.Errorf("at %v: phase %s, want %s; findings %+v", s.now.Sub(s.start), a.Phase, phase, a.Findings)
	}
	got := make(map[headwatch.Condition]bool)
	for _, f := range a.Findings {
		got[f.Condition] = true
	}
	for _, c := range conditions {
		if !got[c] {
			s.Errorf("at %v: no finding %s in %+v", s.now.Sub(s.start), c, a.Findings)
		}
		delete(got, c)
	}
	for c := range got {
		s.Errorf("at %v: unexpected finding %s", s.now.Sub(s.start), c)
	}
	return a
}

// finding is the only one that is wanted.
func (s *scene) finding(phase headwatch.Phase, condition headwatch.Condition) *headwatch.Finding {
	s.Helper()
	a := s.want(phase, condition)
	f := a.Find(condition)
	if f == nil {
		s.FailNow()
	}
	return f
}
