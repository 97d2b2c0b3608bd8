package watcher

import (
	"testing"
	"time"

	"headwatch"
	"headwatch/config"
)

func TestAChainThatAdvancesIsLive(t *testing.T) {
	s := newScene(t, "a", "b", "c")
	s.live(100, "a", "b", "c")
	s.want(headwatch.Live)
}

func TestAStallIsFoundAtItsThresholdAndNotBefore(t *testing.T) {
	s := newScene(t, "a", "b", "c")
	s.live(100, "a", "b", "c")
	last := s.now
	s.still(sceneLimit-time.Millisecond, 100, "a", "b", "c")
	a := s.want(headwatch.Live)
	if want := last.Add(sceneLimit); !a.Next.Equal(want) {
		t.Errorf("Next is %v after the last advance, want the threshold %v", a.Next.Sub(last), sceneLimit)
	}
	s.wait(time.Millisecond)
	a = s.want(headwatch.Stalled, headwatch.UnsafeHeadStalled)
	f := a.Find(headwatch.UnsafeHeadStalled)
	if !f.Since.Equal(last) || f.Value != sceneLimit {
		t.Errorf("stalled since %v for %v, want since the last advance for %v", f.Since.Sub(last), f.Value, sceneLimit)
	}
	s.still(25*time.Second, 100, "a", "b", "c")
	s.wait(4 * time.Second)
	if a = s.assess(); !a.Next.Equal(last.Add(time.Minute)) {
		t.Errorf("Next is %v after the last advance, want a minute: the next threshold of a circuit", a.Next.Sub(last))
	}
}

func TestWhoCanVote(t *testing.T) {
	all := []string{"a", "b", "c"}
	tests := []struct {
		name  string
		while func(s *scene) // what c (and b) do for a minute after block 100
		phase headwatch.Phase
		finds []headwatch.Condition
	}{
		{
			"two of three suffice while the third is silent",
			func(s *scene) {
				for range 60 {
					s.still(time.Second, 100, "a", "b")
					s.fails(headwatch.FaultTimeout, "c")
				}
			},
			headwatch.Stalled,
			[]headwatch.Condition{headwatch.UnsafeHeadStalled, headwatch.EndpointUnreachable},
		},
		{
			"one of three does not",
			func(s *scene) {
				for range 60 {
					s.still(time.Second, 100, "a")
					s.fails(headwatch.FaultRefused, "b", "c")
				}
			},
			headwatch.Unknown,
			[]headwatch.Condition{headwatch.Blind, headwatch.EndpointUnreachable},
		},
		{
			"one witness of life outweighs two stuck nodes",
			func(s *scene) {
				for i := range uint64(30) {
					s.still(2*time.Second, 100, "a", "b")
					s.says(101+i, "c")
				}
			},
			headwatch.Live,
			[]headwatch.Condition{headwatch.EndpointLagging},
		},
		{
			"a node on another chain neither votes nor lives",
			func(s *scene) {
				for range 60 {
					s.still(time.Second, 100, "a", "b")
					s.fails(headwatch.FaultWrongChain, "c")
				}
			},
			headwatch.Stalled,
			[]headwatch.Condition{headwatch.UnsafeHeadStalled, headwatch.WrongChain},
		},
		{
			"invented heads that link to nothing are no life",
			func(s *scene) {
				for i := range uint64(60) {
					s.still(time.Second, 100, "a", "b")
					s.say("c", headwatch.Head{Number: 101 + i/2, Hash: blockHash("lie", i), Parent: blockHash("lie", 1000+i), Time: s.now})
				}
			},
			headwatch.Stalled,
			[]headwatch.Condition{headwatch.UnsafeHeadStalled, headwatch.Fork},
		},
		{
			"nor is a head beyond belief",
			func(s *scene) {
				for i := range uint64(60) {
					s.still(time.Second, 100, "a", "b")
					s.say("c", headwatch.Head{Number: 1 << 40, Hash: blockHash("far", i), Parent: blockHash("far", 1000+i), Time: s.now})
				}
			},
			headwatch.Stalled,
			[]headwatch.Condition{headwatch.UnsafeHeadStalled},
		},
		{
			"answers that alternate between two dead forks are no life",
			func(s *scene) {
				for i := range uint64(60) {
					s.still(time.Second, 100, "a", "b")
					s.say("c", s.block([]string{"x", "y"}[i%2], 101))
				}
			},
			headwatch.Stalled,
			[]headwatch.Condition{headwatch.UnsafeHeadStalled, headwatch.Fork},
		},
		{
			"a replica that still catches up to the agreed head is no life",
			func(s *scene) {
				for i := range uint64(30) {
					s.still(2*time.Second, 100, "a", "b")
					s.says(71+i, "c")
				}
			},
			headwatch.Stalled,
			[]headwatch.Condition{headwatch.UnsafeHeadStalled},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := newScene(t, all...)
			s.live(100, all...)
			test.while(s)
			s.want(test.phase, test.finds...)
		})
	}
}

func TestABlockThatOnlyOneNodeSawLastDelaysTheOthersVotesByNoMoreThanItsTime(t *testing.T) {
	s := newScene(t, "a", "b", "c")
	s.live(99, "a", "b", "c")
	s.wait(sceneBlock)
	s.says(100, "a")
	for range 30 {
		s.wait(time.Second)
		s.says(100, "a")
		s.says(99, "b", "c")
	}
	s.want(headwatch.Unknown, headwatch.Blind) // a says stale, b and c may still be on their way to 100
	s.wait(sceneBlock)
	s.says(100, "a")
	s.says(99, "b", "c")
	s.want(headwatch.Stalled, headwatch.UnsafeHeadStalled)
}

func TestWithoutAMovingL1NothingIsStalled(t *testing.T) {
	s := newScene(t, "a", "b", "c")
	s.live(100, "a", "b", "c")
	s.frozen = true
	s.still(sceneLimit, 100, "a", "b", "c")
	a := s.want(headwatch.Unknown, headwatch.Blind)
	if votes := a.Find(headwatch.Blind).Votes; len(votes) != 3 {
		t.Errorf("the page would show %d votes, want 3", len(votes))
	}
	s.frozen = false
	s.wait(time.Second)
	s.says(100, "a", "b", "c")
	s.want(headwatch.Stalled, headwatch.UnsafeHeadStalled)
}

func TestALivingChainWithoutItsSecondClockIsLiveButBlind(t *testing.T) {
	s := newScene(t, "a", "b")
	s.live(100, "a", "b")
	s.frozen = true
	s.live(131, "a", "b")
	a := s.want(headwatch.Live, headwatch.Blind)
	if f := a.Find(headwatch.Blind); !f.Since.Equal(s.l1) || f.Limit != time.Minute {
		t.Errorf("blind since %v, limit %v, want since the L1's last advance %v, limit 1m", f.Since, f.Limit, s.l1)
	}
}

func TestALayer1IsItsOwnWitness(t *testing.T) {
	s := newSceneOf(t, func(c *config.Chain) { c.L1 = "" }, "a", "b")
	s.live(100, "a", "b")
	s.frozen = true
	s.still(sceneLimit, 100, "a", "b")
	s.want(headwatch.Stalled, headwatch.L1HeadStalled)
}

func TestBackFillIsCatchingUpAndThenLive(t *testing.T) {
	s := newScene(t, "a", "b", "c")
	s.live(100, "a", "b", "c")
	s.still(10*time.Minute, 100, "a", "b", "c")
	s.want(headwatch.Stalled, headwatch.UnsafeHeadStalled)
	due := func() uint64 { return uint64(s.now.Sub(s.start) / sceneBlock) }
	n := uint64(100)
	for n < due() {
		s.wait(250 * time.Millisecond)
		n = min(n+5, due())
		s.says(n, "a", "b", "c")
		s.want(headwatch.CatchingUp)
	}
	s.live(due()+5, "a", "b", "c")
	s.want(headwatch.Live)
}

func TestBackFillThatComesInOneJumpIsSeenAsCatchingUp(t *testing.T) {
	s := newScene(t, "a", "b", "c")
	s.live(100, "a", "b", "c")
	s.still(time.Minute, 100, "a", "b", "c")
	s.says(130, "a")
	s.want(headwatch.CatchingUp, headwatch.EndpointLagging)
	s.wait(s.view.window() + time.Millisecond)
	s.says(133, "a", "b", "c")
	s.want(headwatch.Live)
}

func TestAChainThatFallsBehindTheWallClockIsSlow(t *testing.T) {
	s := newScene(t, "a", "b", "c")
	s.live(100, "a", "b", "c")
	n := uint64(100)
	var since time.Time
	for range 25 { // one block of 2 s every 4 s
		s.wait(4 * time.Second)
		n++
		s.says(n, "a", "b", "c")
		if f := s.assess(); f.Phase == headwatch.Slow && since.IsZero() {
			since = f.Find(headwatch.UnsafeHeadSlow).Since
		}
	}
	a := s.want(headwatch.Slow, headwatch.UnsafeHeadSlow)
	if got := a.Find(headwatch.UnsafeHeadSlow).Since; !got.Equal(since) {
		t.Errorf("slow since %v, but it was %v when it began", got, since)
	}
}

func TestAReorganisationHeldByTwoIsFollowedAndByOneIsNot(t *testing.T) {
	s := newScene(t, "a", "b", "c")
	s.live(100, "a", "b", "c")
	s.wait(sceneBlock)
	s.say("c", s.block("r", 100))
	if s.assess(); s.view.tip.Hash != blockHash("", 100) {
		t.Fatalf("one endpoint moved the agreed head to %s", s.view.tip.Hash)
	}
	s.say("b", s.block("r", 100))
	for i := range uint64(20) {
		s.wait(sceneBlock)
		s.say("b", s.block("r", 101+i))
		s.say("c", s.block("r", 101+i))
		s.says(100, "a")
		s.want(headwatch.Live, findingsOf(s.assess())...)
	}
	if s.view.tip.Number != 120 {
		t.Errorf("the agreed head is %d, want 120", s.view.tip.Number)
	}
}

func findingsOf(a headwatch.Assessment) []headwatch.Condition {
	var all []headwatch.Condition
	for _, f := range a.Findings {
		all = append(all, f.Condition)
	}
	return all
}

func TestALiarThatSpeaksFirstIsOutvoted(t *testing.T) {
	s := newScene(t, "a", "b", "c")
	s.say("c", headwatch.Head{Number: 1 << 50, Hash: "0xlie", Parent: "0xlie0", Time: s.now})
	s.live(20, "a", "b")
	s.want(headwatch.Live, headwatch.EndpointUnreachable)
	if s.view.tip.Number != 20 {
		t.Errorf("the agreed head is %d, want 20", s.view.tip.Number)
	}
}

func TestWhenTheOthersAreSilentANewcomerIsBelievedUnlessItContradictedThem(t *testing.T) {
	s := newScene(t, "a", "b", "c")
	s.live(10, "a")
	s.wait(2 * sceneBlock)
	s.says(12, "b") // too far ahead to be linked, and nobody seconds it
	if s.assess(); s.view.tip.Number != 10 {
		t.Fatalf("the agreed head is %d while a answers, want 10", s.view.tip.Number)
	}
	s.live(40, "b")
	if s.assess(); s.view.tip.Number != 40 {
		t.Errorf("the agreed head is %d, want 40: b is the only one that answers", s.view.tip.Number)
	}
	for range 30 {
		s.wait(sceneBlock)
		s.say("c", headwatch.Head{Number: 40, Hash: "0xlie", Parent: "0xlie39", Time: s.now})
		s.say("c", headwatch.Head{Number: 41, Hash: "0xlie41", Parent: "0xlie", Time: s.now})
	}
	if s.assess(); s.view.tip.Hash != blockHash("", 40) {
		t.Errorf("the agreed head is %s: a liar took over from the silent", s.view.tip.Hash)
	}
}

func TestProofOfLifeOfTwoNeedsTwo(t *testing.T) {
	s := newSceneOf(t, func(c *config.Chain) { c.ProofOfLife = 2 }, "a", "b", "c")
	s.live(100, "a", "b", "c")
	for i := range uint64(30) { // c extends the chain by itself with heads that link
		s.still(2*time.Second, 100, "a", "b")
		s.says(101+i, "c")
	}
	s.want(headwatch.Stalled, headwatch.UnsafeHeadStalled)
	s.wait(2 * time.Second)
	s.says(131, "b") // whose parent is what c said
	if s.assess(); s.view.tip.Number != 130 {
		t.Errorf("the agreed head is %d, want 130, the highest that two hold", s.view.tip.Number)
	}
}

func TestARestartInTheMiddleOfAStallKeepsItsBeginning(t *testing.T) {
	s := newScene(t, "a", "b", "c")
	s.live(100, "a", "b", "c")
	s.wait(300 * time.Millisecond) // block 101 arrives late, which its timestamp cannot tell
	s.says(101, "a", "b", "c")
	arrived := s.now
	before := s.still(time.Minute, 101, "a", "b", "c")
	head := *before.Head
	before.Head = &head

	again := newScene(t, "a", "b", "c")
	again.now = s.now.Add(5 * time.Second)
	again.view.Restore(before)
	again.says(101, "a", "b", "c")
	again.want(headwatch.Unknown) // one look is not enough: the chain may be filling back
	again.still(6*time.Second, 101, "a", "b", "c")
	a := again.want(headwatch.Stalled, headwatch.UnsafeHeadStalled)
	if f := a.Find(headwatch.UnsafeHeadStalled); !f.Since.Equal(arrived) {
		t.Errorf("stalled since %v, want %v as before the restart", f.Since, arrived)
	}
}

func TestARestartKeepsTheBeginningAlsoWhenALaggardIsHeardFirst(t *testing.T) {
	s := newScene(t, "a", "b", "c")
	s.live(100, "a", "b", "c")
	arrived := s.now
	before := s.still(time.Minute, 100, "a", "b", "c")
	head := *before.Head
	before.Head = &head

	again := newScene(t, "a", "b", "c")
	again.now = s.now.Add(time.Second)
	again.view.Restore(before)
	again.says(95, "c")
	again.says(100, "a", "b")
	again.still(6*time.Second, 100, "a", "b")
	a := again.assess()
	f := a.Find(headwatch.UnsafeHeadStalled)
	if f == nil || !f.Since.Equal(arrived) {
		t.Fatalf("phase %s, findings %+v, want stalled since %v as before the restart", a.Phase, a.Findings, arrived)
	}
	again.wait(time.Second)
	again.says(101, "a")
	again.want(headwatch.CatchingUp, findingsOf(again.assess())...)
}

func TestANodeThatSyncsFromFarBehindDoesNotTakeOverFromTheSilent(t *testing.T) {
	s := newScene(t, "a", "b")
	s.live(100, "a")
	s.wait(time.Minute)
	for n := range uint64(20) {
		s.wait(time.Second)
		s.says(10+3*n, "b")
	}
	if s.assess(); s.view.tip.Number != 100 {
		t.Errorf("the agreed head fell to %d", s.view.tip.Number)
	}
}

func TestAStartInTheMiddleOfAStallTakesItsAgeFromTheHead(t *testing.T) {
	s := newScene(t, "a", "b", "c")
	s.now = s.start.Add(10 * time.Minute)
	s.says(100, "a", "b", "c")
	s.still(sceneLimit-time.Second, 100, "a", "b", "c")
	s.want(headwatch.Unknown) // nothing is on record: it may be a pause in a back-fill
	s.still(time.Second, 100, "a", "b", "c")
	a := s.want(headwatch.Stalled, headwatch.UnsafeHeadStalled)
	if f := a.Find(headwatch.UnsafeHeadStalled); !f.Since.Equal(s.block("", 100).Time) {
		t.Errorf("stalled since %v, want the head's own timestamp", f.Since)
	}
}

func TestAStartInTheMiddleOfBackFillIsNotAStall(t *testing.T) {
	s := newScene(t, "a")
	s.now = s.start.Add(time.Hour)
	for n := uint64(100); n < 400; n += 3 {
		s.says(n, "a")
		if a := s.assess(); a.Phase == headwatch.Stalled {
			t.Fatalf("stalled at block %d of a back-fill", n)
		}
		s.wait(time.Second)
	}
	s.want(headwatch.CatchingUp)
}

func TestAChainClockThatRunsAheadIsAFindingAndNoStall(t *testing.T) {
	s := newScene(t, "a", "b")
	for i := range uint64(100) {
		s.wait(sceneBlock)
		h := s.block("", i+1)
		h.Time = h.Time.Add(8 * time.Minute)
		s.say("a", h)
		s.say("b", h)
	}
	a := s.want(headwatch.Live, headwatch.ClockSkew)
	if f := a.Find(headwatch.ClockSkew); f.Value != 8*time.Minute {
		t.Errorf("skew %v, want 8m", f.Value)
	}
}

func TestNothingHeardAtAllIsBlindness(t *testing.T) {
	s := newScene(t, "a", "b")
	s.assess()
	s.wait(sceneLimit)
	s.fails(headwatch.FaultRefused, "a", "b")
	a := s.want(headwatch.Unknown, headwatch.Blind, headwatch.EndpointUnreachable)
	if got := a.Find(headwatch.Blind).Votes[0].Reason; got != "silent: refused" {
		t.Errorf("vote of a: %q", got)
	}
}

func TestAssessOfAnUnchangedViewDoesNotAllocate(t *testing.T) {
	s := newScene(t, "a", "b", "c")
	s.live(100, "a", "b", "c")
	s.says(60, "c") // an endpoint finding that lasts
	s.live(140, "a", "b")
	now := s.now
	if n := testing.AllocsPerRun(100, func() { s.view.Assess(now) }); n != 0 {
		t.Errorf("%v allocations, want none", n)
	}
}

func TestAChainAtItsGenesisIsLive(t *testing.T) {
	s := newScene(t, "a", "b")
	s.wait(time.Second)
	s.says(0, "a", "b")
	s.want(headwatch.Live)
}
