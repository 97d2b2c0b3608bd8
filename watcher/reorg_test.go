package watcher

import (
	"fmt"
	"testing"
	"time"

	"headwatch"
	"headwatch/config"
)

// reorganises lets the endpoints name blocks from..to of a fork that left the main chain right before from.
func (s *scene) reorganises(fork string, from, to uint64, endpoints ...string) {
	for n := from; n <= to; n++ {
		h := s.block(fork, n)
		if n == from {
			h.Parent = blockHash("", n-1)
		}
		for _, e := range endpoints {
			s.say(e, h)
		}
	}
}

func (s *scene) wantReorg(depth uint64, detail string) *headwatch.Finding {
	s.Helper()
	a := s.assess()
	f := a.Find(headwatch.Reorg)
	if f == nil {
		s.Fatalf("no reorg in %+v", a.Findings)
	}
	if got := uint64(f.Value / sceneBlock); got != depth || f.Detail != detail {
		s.Errorf("depth %d %q, want %d %q", got, f.Detail, depth, detail)
	}
	return f
}

func TestAReorganisationIsToldWithItsDepth(t *testing.T) {
	all := []string{"a", "b", "c"}
	tests := []struct {
		name   string
		do     func(s *scene)
		depth  uint64 // 0: not told
		detail string
	}{
		{
			"block by block", func(s *scene) { s.reorganises("r", 89, 101, all...) }, 12,
			"12 blocks above block 88 replaced, as seen by a, b, c",
		},
		{
			"157 blocks, as on Polygon on 22 February 2023", func(s *scene) {
				s.live(300, all...)
				s.reorganises("r", 144, 301, all...)
			}, 157, "157 blocks above block 143 replaced, as seen by a, b, c",
		},
		{
			"157 blocks of which only the last is shown", func(s *scene) {
				s.live(300, all...)
				for _, e := range all {
					s.say(e, s.block("r", 301))
				}
			}, 1, "1 block or more replaced, the common ancestor is at or below block 299, as seen by a, b, c",
		},
		{
			"further back than anything that is remembered", func(s *scene) {
				s.live(500, all...)
				for range 10 {
					s.wait(time.Second)
					for _, e := range all {
						s.say(e, s.block("r", 100))
					}
				}
			}, 400, "400 blocks or more replaced, the common ancestor is at or below block 100, as seen by a, b, c",
		},
		{
			"back on the same chain", func(s *scene) { s.still(10*time.Second, 80, all...) }, 20,
			"the head went back from block 100 to block 80, as seen by a, b, c",
		},
		{
			"two of three, and the third stays", func(s *scene) { s.reorganises("r", 99, 101, "b", "c") }, 2,
			"2 blocks above block 98 replaced, as seen by b, c",
		},
		{
			"the third comes later", func(s *scene) {
				s.reorganises("r", 99, 101, "b", "c")
				s.wait(time.Second)
				s.say("a", s.block("r", 101))
			}, 2, "2 blocks above block 98 replaced, as seen by a, b, c",
		},
		{"one alone", func(s *scene) { s.reorganises("r", 90, 101, "c") }, 0, ""},
		{"one alone goes back", func(s *scene) { s.still(10*time.Second, 80, "c"); s.says(105, "a", "b") }, 0, ""},
		{
			"a laggard behind a load balancer, twice", func(s *scene) {
				s.says(98, "a", "b", "c")
				s.wait(time.Second)
				s.says(101, "a", "b", "c")
				s.says(99, "a", "b", "c")
				s.wait(3 * time.Second)
				s.says(102, "a", "b", "c")
			}, 0, "",
		},
		{
			"a block that only one had", func(s *scene) {
				s.says(101, "a")
				s.reorganises("r", 101, 102, "b", "c", "a")
			}, 0, "",
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := newScene(t, all...)
			s.live(100, all...)
			test.do(s)
			if test.depth > 0 {
				s.wantReorg(test.depth, test.detail)
			} else if a := s.assess(); a.Find(headwatch.Reorg) != nil {
				t.Errorf("told: %+v", a.Findings)
			}
		})
	}
}

func TestAReorganisationIsToldForTenMinutes(t *testing.T) {
	s := newScene(t, "a", "b")
	s.live(100, "a", "b")
	s.reorganises("r", 96, 101, "a", "b")
	seen := s.now
	f := s.wantReorg(5, "5 blocks above block 95 replaced, as seen by a, b")
	if !f.Since.Equal(seen) || f.Limit != sceneBlock {
		t.Errorf("since %v, limit %v, want when it was seen and one block", f.Since.Sub(seen), f.Limit)
	}
	s.wait(reorgHolds - time.Millisecond)
	a := s.assess()
	if a.Find(headwatch.Reorg) == nil || !a.Next.Equal(seen.Add(reorgHolds)) {
		t.Errorf("Next is %v after it was seen; findings %+v", a.Next.Sub(seen), a.Findings)
	}

	again := newScene(t, "a", "b")
	again.now = s.now
	again.view.Restore(a)
	again.wantReorg(5, "5 blocks above block 95 replaced, as seen by a, b")

	s.wait(time.Millisecond)
	if a := s.assess(); a.Find(headwatch.Reorg) != nil {
		t.Errorf("still told after ten minutes: %+v", a.Findings)
	}
}

func TestAReorganisationBelowReorgDepthIsNotTold(t *testing.T) {
	s := newSceneOf(t, func(c *config.Chain) { c.ReorgDepth = 6 }, "a", "b")
	s.live(100, "a", "b")
	s.reorganises("r", 96, 101, "a", "b")
	if a := s.assess(); a.Find(headwatch.Reorg) != nil {
		t.Errorf("5 blocks are told: %+v", a.Findings)
	}
	s.reorganises("q", 94, 102, "a", "b")
	s.assess()
	if a := s.assess(); a.Find(headwatch.Reorg) == nil {
		t.Error("8 blocks are not told")
	}
}

func TestAPromiseThatIsBrokenIsTold(t *testing.T) {
	s := newSceneOf(t, func(c *config.Chain) { c.ReorgDepth = 50 }, "a", "b", "c")
	final := func(fork string, n uint64, endpoints ...string) {
		for _, e := range endpoints {
			s.view.Observe(headwatch.Observation{Endpoint: e, At: s.now, Heads: map[headwatch.Tag]headwatch.Head{headwatch.Finalized: s.block(fork, n)}})
		}
	}
	s.live(100, "a", "b", "c")
	final("", 90, "a", "b", "c")
	final("f", 90, "c")
	if a := s.assess(); a.Find(headwatch.Reorg) != nil {
		t.Fatalf("one endpoint broke a promise: %+v", a.Findings)
	}
	final("f", 90, "b")
	s.wantReorg(11, "the finalized block 90 was replaced, as seen by b, c; that is below the finalized head, block 90")

	s.wait(reorgHolds)
	s.live(uint64(s.now.Sub(s.start)/sceneBlock)+30, "a", "b", "c")
	tip := s.view.tip.Number
	final("", tip-10, "a", "b", "c")
	s.reorganises("r", tip-15, tip+1, "a", "b", "c")
	s.wantReorg(16, fmt.Sprintf("16 blocks above block %d replaced, as seen by a, b, c; that is below the finalized head, block %d", tip-16, tip-10))
}

func TestAChainThatWasReplacedFarBackIsFollowedAndLives(t *testing.T) {
	for _, depth := range []uint64{157, 400} {
		s := newScene(t, "a", "b", "c")
		s.live(500, "a", "b", "c")
		n := 500 - depth
		for range 60 {
			s.wait(sceneBlock)
			n++
			h := s.block("r", n)
			h.Time = s.now
			for _, e := range []string{"a", "b", "c"} {
				s.say(e, h)
			}
			s.assess()
		}
		if a := s.assess(); a.Phase != headwatch.Live || a.Head.Number != n {
			t.Errorf("depth %d: phase %s at block %d, want live at %d; findings %+v", depth, a.Phase, a.Head.Number, n, a.Findings)
		}
	}
}

// Endpoints of one kind may tell a final head by a tag and later by its number alone.
func TestAHeadWithoutAHashBreaksNoPromise(t *testing.T) {
	s := newSceneOf(t, func(c *config.Chain) { c.Kind = config.KindZKsync }, "a")
	s.live(100, "a")
	for _, hash := range []string{"0x90", "", "0x90"} {
		final := s.block("", 90)
		final.Hash = hash
		s.view.Observe(headwatch.Observation{Endpoint: "a", At: s.now, Heads: map[headwatch.Tag]headwatch.Head{headwatch.Finalized: final}})
	}
	s.want(headwatch.Live)
}

// The first head of all lost a race, and the next one skipped its height: the trail had a block that was never on the chain of
// its own tip. That is set right without taking back what is agreed.
func TestAWrongBlockBelowAHeadThatSkippedIsNoReorganisation(t *testing.T) {
	s := newScene(t, "a", "b", "c", "d")
	s.now = s.block("", 101).Time
	s.say("a", headwatch.Head{Number: 99, Hash: "0xlost", Parent: blockHash("", 98), Time: s.block("", 99).Time})
	s.says(99, "c")
	s.says(101, "a", "c")
	s.says(100, "d")
	s.says(99, "b")
	if s.view.tip.Number != 101 {
		t.Errorf("the agreed head went back to %d", s.view.tip.Number)
	}
	if hash, _ := s.view.trail.hash(99); hash != blockHash("", 99) {
		t.Errorf("the trail has %s at 99", hash)
	}
	s.says(103, "a", "b", "c", "d")
	a := s.assess()
	if f := a.Find(headwatch.Reorg); f != nil {
		t.Errorf("got %+v", f)
	}
}
