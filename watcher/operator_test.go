package watcher

import (
	"testing"
	"time"

	"headwatch"
	"headwatch/config"
)

// ownedBy gives the scene's endpoints to operators, in their order.
func ownedBy(names ...string) func(*config.Chain) {
	return func(c *config.Chain) {
		for i, name := range names {
			c.Endpoints[i].Operator = name
		}
		c.Quorum = 2
	}
}

func TestVotesOfOneOperatorCountOnce(t *testing.T) {
	s := newSceneOf(t, ownedBy("x", "x", "y"), "a", "b", "c")
	s.live(100, "a", "b", "c")
	for range 60 {
		s.still(time.Second, 100, "a", "b")
		s.fails(headwatch.FaultTimeout, "c")
	}
	s.want(headwatch.Unknown, headwatch.Blind, headwatch.EndpointUnreachable)
	s.still(time.Second, 100, "a", "c")
	s.want(headwatch.Stalled, headwatch.UnsafeHeadStalled)
	if got := s.view.statuses(s.now, []string{"", "", ""})[1].Operator; got != "x" {
		t.Errorf("b is shown as run by %q, want x", got)
	}
}

func TestAnOperatorWithALiveEndpointIsAWitnessOfLife(t *testing.T) {
	s := newSceneOf(t, ownedBy("x", "x", "y"), "a", "b", "c")
	s.live(100, "a", "b", "c")
	for i := range uint64(30) {
		s.still(2*time.Second, 100, "a", "c")
		s.says(101+i, "b")
	}
	s.want(headwatch.Live, headwatch.EndpointLagging)
}

func TestTwoEndpointsOfOneOperatorAreOneProofOfLife(t *testing.T) {
	s := newSceneOf(t, func(c *config.Chain) {
		ownedBy("x", "x", "y")(c)
		c.ProofOfLife = 2
	}, "a", "b", "c")
	s.live(100, "a", "b", "c")
	for i := range uint64(30) {
		s.still(2*time.Second, 100, "c")
		s.says(101+i, "a", "b")
	}
	if a := s.assess(); a.Phase == headwatch.Live || a.Head.Number != 100 {
		t.Errorf("phase %s at block %d: one operator proved life to itself", a.Phase, a.Head.Number)
	}
}

func TestOneOperatorMovesNobodyToAnotherChain(t *testing.T) {
	s := newSceneOf(t, ownedBy("x", "x", "y"), "a", "b", "c")
	s.live(100, "a", "b", "c")
	for i := range uint64(30) {
		s.wait(sceneBlock)
		s.say("a", s.block("r", 101+i))
		s.say("b", s.block("r", 101+i))
		s.says(101+i, "c")
	}
	if s.view.tip.Hash != blockHash("", 130) {
		t.Errorf("the agreed head is %s", s.view.tip.Hash)
	}
}

func TestAnEndpointThatDoesNotVoteCountsNowhere(t *testing.T) {
	s := newSceneOf(t, func(c *config.Chain) {
		c.Endpoints[2].Serves = config.ServesFeed
		c.Quorum = 2
	}, "a", "b", "feed")
	s.live(100, "a", "b")
	for i := range uint64(30) {
		s.still(2*time.Second, 100, "a")
		s.fails(headwatch.FaultTimeout, "b")
		s.says(90+i, "feed")
	}
	a := s.want(headwatch.Unknown, headwatch.Blind, headwatch.EndpointUnreachable)
	if v := a.Find(headwatch.Blind).Votes[2]; v.Verdict != headwatch.NoVote {
		t.Errorf("the feed votes: %+v", v)
	}
	s.still(30*time.Second, 100, "a", "b")
	s.says(1, "feed")
	s.want(headwatch.Stalled, headwatch.UnsafeHeadStalled)
}
