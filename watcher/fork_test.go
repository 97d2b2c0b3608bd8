package watcher

import (
	"strings"
	"testing"
	"time"

	"headwatch"
	"headwatch/config"
)

// split lets each endpoint name the newest block of its own chain for d: "a" is on the main chain, "b:f" on fork f, and
// "b:f-" stands on fork f where it is.
func (s *scene) split(d time.Duration, from uint64, endpoints ...string) headwatch.Assessment {
	var a headwatch.Assessment
	for end := s.now.Add(d); s.now.Before(end); {
		s.wait(sceneBlock)
		n := uint64(s.now.Sub(s.start) / sceneBlock)
		for _, e := range endpoints {
			name, fork, _ := strings.Cut(e, ":")
			fork, stands := strings.CutSuffix(fork, "-")
			height := n
			if stands {
				height = from
			}
			h := s.block(fork, height)
			if height == from {
				h.Parent = blockHash("", from-1) // where the fork left
			}
			s.say(name, h)
		}
		a = s.assess()
	}
	return a
}

func TestAForkIsTheMajoritysAndTiesHaveNoVerdict(t *testing.T) {
	tests := []struct {
		name   string
		owners []string
		split  []string
		phase  headwatch.Phase
		finds  []headwatch.Condition
	}{
		{"one of three is on a fork", nil, []string{"a", "b", "c:f"}, headwatch.Live, []headwatch.Condition{headwatch.Fork}},
		{"one of three stands on a fork", nil, []string{"a", "b", "c:f-"}, headwatch.Live, []headwatch.Condition{headwatch.Fork, headwatch.EndpointLagging}},
		{"one of two", nil, []string{"a", "b:f"}, headwatch.Unknown, []headwatch.Condition{headwatch.Fork, headwatch.Blind}},
		{"two against two", nil, []string{"a", "b", "c:f", "d:f"}, headwatch.Unknown, []headwatch.Condition{headwatch.Fork, headwatch.Blind}},
		{"two against one and one", nil, []string{"a", "b", "c:f", "d:g"}, headwatch.Unknown, []headwatch.Condition{headwatch.Fork, headwatch.Blind}},
		{"three against one and one", nil, []string{"a", "b", "c", "d:g", "e:f"}, headwatch.Live, []headwatch.Condition{headwatch.Fork}},
		{"a tie of which one side stands", nil, []string{"a:-", "b:f"}, headwatch.Unknown, []headwatch.Condition{headwatch.Fork, headwatch.Blind}},
		{"an operator on both sides decides nothing", []string{"x", "x", "y"}, []string{"a", "b:f", "c"}, headwatch.Live, []headwatch.Condition{headwatch.Fork}},
		{"two endpoints of one operator against one", []string{"x", "x", "y"}, []string{"a", "b", "c:f"}, headwatch.Unknown, []headwatch.Condition{headwatch.Fork, headwatch.Blind}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			names := []string{"a", "b", "c", "d", "e"}[:len(test.split)]
			owners := test.owners
			if owners == nil {
				owners = names
			}
			s := newSceneOf(t, ownedBy(owners...), names...)
			s.live(100, names...)
			s.split(time.Minute, 101, test.split...)
			a := s.want(test.phase, test.finds...)
			f := a.Find(headwatch.Fork)
			if f == nil || f.Since.Before(s.block("", 100).Time) || f.Since.After(s.block("", 103).Time) || len(f.Votes) != len(names) {
				t.Errorf("finding %+v, want one that began with the fork", f)
			}
		})
	}
}

func TestAForkSaysWhoHoldsWhat(t *testing.T) {
	s := newScene(t, "a", "b", "c")
	s.live(100, "a", "b", "c")
	a := s.split(time.Minute, 101, "a", "b", "c:f")
	f := a.Find(headwatch.Fork)
	if want := "block 130: 0x130 on the agreed chain (a, b), 0xf130 in c; operators 2 to 1"; f.Detail != want {
		t.Errorf("detail %q, want %q", f.Detail, want)
	}
	if want := "off the agreed chain since block 101"; f.Votes[2].Reason != want {
		t.Errorf("vote %q, want %q", f.Votes[2].Reason, want)
	}
}

func TestAStallOnTheMajoritysSideOfAForkIsSeen(t *testing.T) {
	s := newScene(t, "a", "b", "c")
	s.live(100, "a", "b", "c")
	s.split(time.Minute, 101, "a:-", "b:-", "c:f")
	s.want(headwatch.Stalled, headwatch.UnsafeHeadStalled, headwatch.Fork)
}

func TestARaceForTheTipIsNoFork(t *testing.T) {
	s := newScene(t, "a", "b")
	s.live(100, "a", "b")
	for i := range uint64(20) { // each block has two candidates for one block time, and b hears of the loser first
		s.wait(sceneBlock)
		s.says(101+i, "a")
		loser := s.block("r", 101+i)
		loser.Parent = blockHash("", 100+i)
		s.say("b", loser)
		s.want(headwatch.Live)
		s.wait(sceneBlock / 2)
		s.says(101+i, "b")
		s.want(headwatch.Live)
		s.wait(-sceneBlock / 2)
	}
}

func TestAForkCountsAfterItsTimeAndEndsWhenItIsHealed(t *testing.T) {
	s := newScene(t, "a", "b")
	s.live(100, "a", "b")
	s.wait(sceneBlock)
	s.says(101, "a")
	s.say("b", s.block("f", 101))
	parted := s.now
	s.wait(s.view.settling - time.Millisecond)
	s.says(101, "a")
	s.say("b", s.block("f", 101))
	a := s.want(headwatch.Live)
	if want := parted.Add(s.view.settling); !a.Next.Equal(want) {
		t.Errorf("Next is %v after they parted, want %v", a.Next.Sub(parted), s.view.settling)
	}
	s.wait(time.Millisecond)
	s.want(headwatch.Unknown, headwatch.Fork, headwatch.Blind)
	s.says(103, "a", "b")
	s.want(headwatch.Live, findingsOf(s.assess())...)
	s.says(104, "a", "b")
	s.want(headwatch.Live)
}

func TestAForkIsSeenRightAfterARestart(t *testing.T) {
	s := newScene(t, "a", "b", "c", "d")
	s.now = s.start.Add(10 * time.Minute)
	s.split(time.Minute, 300, "a", "b", "c:f", "d:f")
	s.want(headwatch.Unknown, headwatch.Fork, headwatch.Blind)
}

// Those who poll at different instants never name the same newest block on a fast chain; what they said before tells.
func TestAMajorityThatSharesNoNewestHeadMovesTheAgreedChain(t *testing.T) {
	s := newScene(t, "a", "b", "c")
	s.live(100, "a", "b", "c")
	for i := range uint64(30) {
		s.wait(sceneBlock)
		s.says(101+i, "a")
		if n := 101 + i; n%2 == 0 {
			s.say("b", s.block("r", n))
		} else {
			s.say("c", s.block("r", n))
		}
		s.assess()
	}
	if s.view.tip.Hash != blockHash("r", 130) {
		t.Errorf("the agreed head is %s, want the majority's", s.view.tip.Hash)
	}
}

// Two endpoints that are asked once a second, half a second apart, of a chain with four blocks a second name no height in
// common, except by accident: then it was a race for the tip.
func TestARaceIsForgottenWhereNoHeightIsEverInCommon(t *testing.T) {
	const block = 250 * time.Millisecond
	s := newSceneOf(t, func(c *config.Chain) { c.Kind, c.BlockTime = config.KindEVM, config.Duration(block) }, "a", "b")
	say := func(e string, h headwatch.Head) {
		h.Time = s.start.Add(time.Duration(h.Number) * block).Truncate(time.Second)
		s.say(e, h)
	}
	n := uint64(100)
	s.wait(time.Duration(n) * block)
	say("a", s.block("", n))
	lost := s.block("f", n)
	lost.Parent = blockHash("", n-1)
	say("b", lost)
	both := func() {
		for _, e := range []string{"a", "b"} {
			n += 2
			s.wait(2 * block)
			say(e, s.block("", n))
		}
	}
	for range 30 {
		both()
	}
	s.want(headwatch.Unknown, headwatch.Fork, headwatch.Blind)
	for range 40 {
		both()
	}
	s.want(headwatch.Live)
}
