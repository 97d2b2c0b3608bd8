package watcher

import (
	"testing"
	"time"

	"headwatch"
	"headwatch/config"
)

func busy(c *config.Chain) { c.Busy = true }

// headers lets endpoints push the header of each block until block n, with so much gas used.
func (s *scene) headers(n, gas uint64, endpoints ...string) {
	for i := uint64(s.now.Sub(s.start)/sceneBlock) + 1; i <= n; i++ {
		s.now = s.start.Add(time.Duration(i) * sceneBlock)
		h := s.block("", i)
		h.GasUsed = &gas
		for _, e := range endpoints {
			s.say(e, h)
		}
		s.assess()
	}
}

func TestUsersMissing(t *testing.T) {
	all := []string{"a", "b", "c"}
	missing := []headwatch.Condition{headwatch.UserTxsMissing}
	tests := []struct {
		name  string
		then  func(s *scene) // after block 100, which held users as those before
		phase headwatch.Phase
		finds []headwatch.Condition
	}{
		{"blocks with users", func(s *scene) { s.blocks(130, 3, all...) }, headwatch.Live, nil},
		{"empty blocks short of the limit", func(s *scene) { s.blocks(114, 0, all...) }, headwatch.Live, nil},
		{"empty blocks for the limit", func(s *scene) { s.blocks(115, 0, all...) }, headwatch.Empty, missing},
		{"two of three count them, and the third is silent", func(s *scene) { s.blocks(115, 0, "a", "b") }, headwatch.Empty, []headwatch.Condition{headwatch.UserTxsMissing, headwatch.EndpointUnreachable}},
		{"one lies with 0", func(s *scene) {
			for n := uint64(101); n <= 130; n++ {
				s.now = s.start.Add(time.Duration(n) * sceneBlock)
				s.counted(n, 0, "a")
				s.counted(n, 2, "b", "c")
				s.assess()
			}
		}, headwatch.Live, nil},
		{"one counts 0, the others do not count", func(s *scene) {
			for n := uint64(101); n <= 130; n++ {
				s.now = s.start.Add(time.Duration(n) * sceneBlock)
				s.counted(n, 0, "a")
				s.says(n, "b", "c")
				s.assess()
			}
		}, headwatch.Live, nil},
		{"one sees users in one block of all", func(s *scene) {
			s.blocks(115, 0, all...)
			s.counted(115, 1, "c")
		}, headwatch.Live, nil},
		{"headers with much gas", func(s *scene) { s.headers(130, attributesGas+1, all...) }, headwatch.Live, nil},
		{"headers with little gas prove nothing", func(s *scene) { s.headers(130, attributesGas, all...) }, headwatch.Live, nil},
		{"a laggard still sees users", func(s *scene) {
			for n := uint64(101); n <= 115; n++ {
				s.now = s.start.Add(time.Duration(n) * sceneBlock)
				s.counted(n, 0, "a", "b")
				s.counted(n-15, 3, "c")
				s.assess()
			}
		}, headwatch.Empty, []headwatch.Condition{headwatch.UserTxsMissing, headwatch.EndpointLagging}},
		{"a head that stands still says nothing of users", func(s *scene) {
			s.blocks(101, 0, all...)
			for range 60 {
				s.wait(time.Second)
				s.counted(101, 0, all...)
			}
		}, headwatch.Stalled, []headwatch.Condition{headwatch.UnsafeHeadStalled}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := newSceneOf(t, busy, all...)
			s.blocks(100, 3, all...)
			test.then(s)
			s.want(test.phase, test.finds...)
		})
	}
}

func TestAChainThatIsNotBusyMissesNoUsers(t *testing.T) {
	s := newScene(t, "a", "b")
	s.blocks(200, 0, "a", "b")
	s.want(headwatch.Live)
}

func TestAStallOfUsersIsFoundAtItsThresholdAndAsksMoreOften(t *testing.T) {
	s := newSceneOf(t, busy, "a", "b", "c")
	s.blocks(100, 3, "a", "b", "c")
	last := s.now
	s.blocks(107, 0, "a", "b", "c")
	if a := s.assess(); s.view.suspicious(s.now) || !a.Next.Equal(last.Add(sceneLimit/2)) {
		t.Errorf("suspicious after %v, next look in %v", s.now.Sub(last), a.Next.Sub(s.now))
	}
	s.blocks(114, 0, "a", "b", "c")
	s.wait(sceneBlock - time.Millisecond)
	if a := s.want(headwatch.Live); !s.view.suspicious(s.now) || !a.Next.Equal(last.Add(sceneLimit)) {
		t.Errorf("next look %v after the last block with users, want %v", a.Next.Sub(last), sceneLimit)
	}
	s.wait(time.Millisecond)
	a := s.want(headwatch.Empty, headwatch.UserTxsMissing)
	if f := a.Find(headwatch.UserTxsMissing); !f.Since.Equal(last) || f.Value != sceneLimit || a.Hint != headwatch.HintEmpty {
		t.Errorf("missing since %v for %v, hint %q", f.Since.Sub(last), f.Value, a.Hint)
	}
}

// The shape of Base, 5 August 2025: blocks without users for twelve minutes, a frozen head for twenty, an empty back-fill,
// some minutes of empty blocks, and users again.
func TestTheOutageOfBaseCountsFromTheLastFullBlock(t *testing.T) {
	all := []string{"a", "b", "c"}
	s := newSceneOf(t, busy, all...)
	s.blocks(220, 700, all...)
	last := s.now // 06:07:20
	since := func(phase headwatch.Phase, conditions ...headwatch.Condition) {
		t.Helper()
		a := s.want(phase, conditions...)
		if f := a.Find(headwatch.UserTxsMissing); f == nil || !f.Since.Equal(last) {
			t.Fatalf("%v after the last full block: %+v", s.now.Sub(last), f)
		}
	}
	s.blocks(578, 0, all...)
	since(headwatch.Empty, headwatch.UserTxsMissing)
	for range 20 * 60 {
		s.wait(time.Second)
		s.counted(578, 0, all...)
	}
	since(headwatch.Stalled, headwatch.UserTxsMissing, headwatch.UnsafeHeadStalled)
	n := uint64(578)
	for n < uint64(s.now.Sub(s.start)/sceneBlock) {
		s.wait(250 * time.Millisecond)
		n += 2
		s.counted(n, 0, all...)
		since(headwatch.CatchingUp, headwatch.UserTxsMissing)
	}
	s.blocks(n+60, 0, all...)
	since(headwatch.Empty, headwatch.UserTxsMissing)
	s.blocks(n+61, 1, all...)
	s.want(headwatch.Live)
}

func TestARestartInTheMiddleOfEmptyBlocksKeepsTheirBeginning(t *testing.T) {
	all := []string{"a", "b", "c"}
	s := newSceneOf(t, busy, all...)
	s.blocks(100, 3, all...)
	last := s.now
	s.blocks(140, 0, all...)
	before := s.assess()
	head := *before.Head
	before.Head = &head
	again := func(t *testing.T) *scene {
		again := newSceneOf(t, busy, all...)
		again.now = s.now.Add(5 * time.Second)
		again.view.Restore(before)
		return again
	}
	t.Run("blocks still empty", func(t *testing.T) {
		s := again(t)
		s.blocks(143, 0, all...)
		s.want(headwatch.Unknown) // neither well nor known to be ill
		s.blocks(147, 0, all...)
		a := s.want(headwatch.Empty, headwatch.UserTxsMissing)
		if f := a.Find(headwatch.UserTxsMissing); !f.Since.Equal(last) {
			t.Errorf("missing since %v, want %v", f.Since, last)
		}
	})
	t.Run("the head frozen meanwhile", func(t *testing.T) {
		s := again(t)
		for range 60 {
			s.wait(time.Second)
			s.counted(140, 0, all...)
		}
		a := s.want(headwatch.Stalled, headwatch.UnsafeHeadStalled, headwatch.UserTxsMissing)
		if f := a.Find(headwatch.UserTxsMissing); !f.Since.Equal(last) {
			t.Errorf("missing since %v, want %v", f.Since, last)
		}
	})
	t.Run("users are back", func(t *testing.T) {
		s := again(t)
		s.blocks(143, 2, all...)
		s.blocks(157, 0, all...) // short of the limit
		s.want(headwatch.Live)
	})
	t.Run("nobody counts", func(t *testing.T) {
		s := again(t)
		s.live(145, all...)
		s.want(headwatch.Unknown)
		s.live(170, all...)
		s.want(headwatch.Live)
		s.blocks(171, 0, all...) // one empty block, long after
		s.want(headwatch.Live)
	})
}

func TestAStartInTheMiddleOfEmptyBlocksCountsFromTheFirstLook(t *testing.T) {
	s := newSceneOf(t, busy, "a", "b")
	s.now = s.start.Add(10*time.Minute - sceneBlock)
	s.blocks(300, 0, "a", "b")
	first := s.now
	s.blocks(314, 0, "a", "b")
	s.want(headwatch.Live)
	s.blocks(315, 0, "a", "b")
	a := s.want(headwatch.Empty, headwatch.UserTxsMissing)
	if f := a.Find(headwatch.UserTxsMissing); !f.Since.Equal(first) {
		t.Errorf("missing since %v after the first look", f.Since.Sub(first))
	}
}

// Nobody saw the two minutes before: that the first block after them is empty says nothing of those.
func TestAnEmptyBlockAfterBlocksThatNobodyCountedBeginsNothing(t *testing.T) {
	s := newSceneOf(t, busy, "a", "b", "c")
	s.blocks(100, 3, "a", "b", "c")
	s.wait(2 * time.Minute)
	s.counted(160, 0, "a", "b", "c")
	if a := s.assess(); a.Find(headwatch.UserTxsMissing) != nil {
		t.Fatalf("by one block: %+v", a.Findings)
	}
	s.blocks(175, 0, "a", "b", "c")
	if f := s.finding(headwatch.Empty, headwatch.UserTxsMissing); !f.Since.Equal(s.start.Add(160 * sceneBlock)) {
		t.Errorf("since %v", f.Since.Sub(s.start))
	}
}
