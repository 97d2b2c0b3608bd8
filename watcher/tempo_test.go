package watcher

import (
	"testing"
	"time"

	"headwatch"
)

// hears lets an endpoint name a block and say when its next answer is due.
func (s *scene) hears(endpoint string, n uint64, every time.Duration) {
	s.view.Observe(headwatch.Observation{
		Endpoint: endpoint, At: s.now, Every: every, Heads: map[headwatch.Tag]headwatch.Head{headwatch.Unsafe: s.block("", n)},
	})
}

func TestAnEndpointThatIsAskedRarelyIsNeitherSilentNorLagging(t *testing.T) {
	s := newScene(t, "a", "b", "slowed")
	s.live(10, "a", "b")
	s.hears("slowed", 10, time.Minute)
	s.live(40, "a", "b") // 60 s later
	s.want(headwatch.Live)
	s.live(70, "a", "b") // two minutes and more without an answer are too many
	s.wait(1600 * time.Millisecond)
	s.want(headwatch.Live, headwatch.EndpointUnreachable)
}

func TestASlowedEndpointVotesInTime(t *testing.T) {
	s := newScene(t, "a", "slowed")
	s.live(10, "a", "slowed")
	s.hears("slowed", 10, time.Minute)
	s.wait(sceneLimit / 2) // here suspicion asks everybody
	for s.now.Sub(s.start) < 10*sceneBlock+sceneLimit {
		s.wait(time.Second)
		s.says(10, "a")
		s.hears("slowed", 10, time.Second)
	}
	s.want(headwatch.Stalled, headwatch.UnsafeHeadStalled)
}

// An endpoint that was asked rarely and does not answer when it matters has no vote: its old word proves nothing.
func TestASlowedEndpointThatFailsUnderSuspicionHasNoVote(t *testing.T) {
	s := newScene(t, "a", "slowed")
	s.live(10, "a", "slowed")
	s.hears("slowed", 10, time.Minute)
	s.wait(sceneLimit / 2)
	for s.now.Sub(s.start) < 10*sceneBlock+sceneLimit {
		s.wait(time.Second)
		s.says(10, "a")
		s.fails(headwatch.FaultTimeout, "slowed")
	}
	s.want(headwatch.Unknown, headwatch.Blind, headwatch.EndpointUnreachable)
}

func TestOneBadAnswerOfASlowedEndpointIsNotYetSilence(t *testing.T) {
	s := newScene(t, "a", "b", "slowed")
	s.live(10, "a", "b", "slowed")
	s.hears("slowed", 10, 20*time.Second)
	s.live(20, "a", "b")
	s.fails(headwatch.FaultTimeout, "slowed")
	s.wait(3 * time.Second)
	s.want(headwatch.Live)
	s.wait(time.Second)
	s.want(headwatch.Live, headwatch.EndpointUnreachable)
}

func TestAnEndpointThatPushesIsHeardAgainWithinTwoSlots(t *testing.T) {
	s := newScene(t, "a", "pushes")
	s.live(10, "a")
	s.view.Observe(headwatch.Observation{
		Endpoint: "pushes", At: s.now, Pushed: true, Heads: map[headwatch.Tag]headwatch.Head{headwatch.Unsafe: s.block("", 10)},
	})
	s.live(22, "a") // 24 s later
	s.want(headwatch.Live)
	s.live(23, "a")
	s.want(headwatch.Live, headwatch.EndpointUnreachable)
}
