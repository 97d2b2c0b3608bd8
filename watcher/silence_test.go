package watcher

import (
	"testing"
	"time"

	"headwatch"
	"headwatch/config"
)

// newIdleScene is a chain that seals blocks only for transactions: two endpoints that show heads, and others by what they
// serve.
func newIdleScene(t *testing.T, aside ...string) *scene {
	return newSceneOf(t, func(c *config.Chain) {
		c.Kind, c.BlockTime = config.KindArbitrum, config.Duration(250*time.Millisecond)
		for _, serves := range aside {
			c.Endpoints = append(c.Endpoints, config.Endpoint{
				Name: serves, Serves: serves, Interval: config.Duration(10 * time.Second), Timeout: config.Duration(5 * time.Second),
			})
		}
	}, "a", "b")
}

func (s *scene) alive(endpoint string) {
	s.view.Observe(headwatch.Observation{Endpoint: endpoint, At: s.now, Alive: true})
}

// goOn repeats something every second for d.
func (s *scene) goOn(d time.Duration, each func()) {
	for end := s.now.Add(d); s.now.Before(end); {
		s.wait(time.Second)
		each()
	}
}

func TestAChainMayIdleWhileItsSequencerLives(t *testing.T) {
	s := newIdleScene(t, config.ServesSequencer)
	s.live(5, "a", "b")
	s.goOn(time.Hour, func() {
		s.says(5, "a", "b")
		s.alive(config.ServesSequencer)
		s.want(headwatch.Live)
	})
	s.wait(time.Second)
	next := s.block("", 6)
	next.Time = s.now
	s.say("a", next)
	s.want(headwatch.Live) // no catching up: nothing was missed
}

func TestASilentChainIsStalledWhenItsSequencerIsGone(t *testing.T) {
	s := newIdleScene(t, config.ServesSequencer)
	s.live(5, "a", "b")
	s.goOn(10*time.Minute, func() { s.says(5, "a", "b"); s.alive(config.ServesSequencer) })
	gone := s.now
	s.goOn(sceneLimit-time.Second, func() {
		s.says(5, "a", "b")
		s.fails(headwatch.FaultTimeout, config.ServesSequencer)
		if a := s.assess(); a.Phase != headwatch.Live {
			t.Fatalf("%v after the last sign of life: %s", s.now.Sub(gone), a.Phase)
		}
	})
	s.wait(time.Second)
	s.says(5, "a", "b")
	s.fails(headwatch.FaultTimeout, config.ServesSequencer)
	a := s.assess()
	f := a.Find(headwatch.UnsafeHeadStalled)
	if a.Phase != headwatch.Stalled || f == nil || !f.Since.Equal(gone) || !a.Advanced.Equal(gone) {
		t.Fatalf("got %+v", a)
	}
	s.alive(config.ServesSequencer)
	s.want(headwatch.Live)
}

func TestASilentChainThatCannotBeAskedIsBlindAndSaysWhy(t *testing.T) {
	for name, c := range map[string]struct {
		aside []string
		event func(*scene)
		why   string
	}{
		"nothing at the sequencer": {nil, func(*scene) {}, unwatchedSilence},
		"a silent feed": {[]string{config.ServesFeed}, func(s *scene) {
			s.view.Observe(headwatch.Observation{Endpoint: config.ServesFeed, At: s.now})
		}, feedSilence},
		"a probe that never answered": {[]string{config.ServesSequencer}, func(s *scene) {
			s.fails(headwatch.FaultRefused, config.ServesSequencer)
		}, unprovedSilence},
		"a probe out of quota": {[]string{config.ServesSequencer}, func(s *scene) {
			s.fails(headwatch.FaultRateLimited, config.ServesSequencer)
		}, unprovedSilence},
	} {
		t.Run(name, func(t *testing.T) {
			s := newIdleScene(t, c.aside...)
			s.live(5, "a", "b")
			s.goOn(10*time.Minute, func() { s.says(5, "a", "b"); c.event(s) })
			a := s.assess()
			f := a.Find(headwatch.Blind)
			if a.Phase != headwatch.Unknown || f == nil || f.Detail != c.why || a.Find(headwatch.UnsafeHeadStalled) != nil {
				t.Fatalf("got %+v", a)
			}
		})
	}
}

func TestWhoseLossShowsThatTheSequencerIsGone(t *testing.T) {
	for name, c := range map[string]struct {
		aside []string
		fault headwatch.FaultKind
		want  headwatch.Phase
	}{
		"the feed alone, for its relay may be gone": {[]string{config.ServesFeed}, headwatch.FaultRefused, headwatch.Unknown},
		"the probe by an error":                     {[]string{config.ServesSequencer}, headwatch.FaultRPCError, headwatch.Stalled},
		"probe and feed":                            {[]string{config.ServesSequencer, config.ServesFeed}, headwatch.FaultTimeout, headwatch.Stalled},
		"a probe that lost its quota":               {[]string{config.ServesSequencer}, headwatch.FaultRateLimited, headwatch.Unknown},
	} {
		t.Run(name, func(t *testing.T) {
			s := newIdleScene(t, c.aside...)
			s.live(5, "a", "b")
			for _, e := range c.aside {
				s.alive(e)
			}
			s.goOn(time.Minute, func() { s.says(5, "a", "b"); s.fails(c.fault, c.aside...) })
			if a := s.assess(); a.Phase != c.want {
				t.Fatalf("got %+v", a)
			}
		})
	}
}

func TestASequencersWordIsNoLifeWhereBlocksComeByThemselves(t *testing.T) {
	for name, change := range map[string]func(*config.Chain){
		"op-stack":      func(c *config.Chain) { c.Kind = config.KindOPStack },
		"busy arbitrum": func(c *config.Chain) { c.Kind, c.Busy = config.KindArbitrum, true },
	} {
		t.Run(name, func(t *testing.T) {
			s := newSceneOf(t, func(c *config.Chain) {
				change(c)
				c.Endpoints = append(c.Endpoints, config.Endpoint{
					Name: "probe", Serves: config.ServesSequencer, Interval: config.Duration(10 * time.Second), Timeout: config.Duration(5 * time.Second),
				})
			}, "a", "b")
			s.live(5, "a", "b")
			s.goOn(sceneLimit, func() { s.says(5, "a", "b"); s.alive("probe") })
			s.want(headwatch.Stalled, headwatch.UnsafeHeadStalled)
		})
	}
}

func TestAStallOfAnIdleChainOutlivesARestart(t *testing.T) {
	s := newIdleScene(t, config.ServesSequencer)
	s.live(5, "a", "b")
	s.alive(config.ServesSequencer)
	s.goOn(time.Minute, func() { s.says(5, "a", "b"); s.fails(headwatch.FaultTimeout, config.ServesSequencer) })
	before := s.want(headwatch.Stalled, headwatch.UnsafeHeadStalled, headwatch.EndpointUnreachable)
	before.Findings = append([]headwatch.Finding(nil), before.Findings...)
	since := before.Find(headwatch.UnsafeHeadStalled).Since

	after := newIdleScene(t, config.ServesSequencer)
	after.start, after.now = s.start, s.now
	after.view.Restore(before)
	after.goOn(10*time.Second, func() { after.says(5, "a", "b"); after.fails(headwatch.FaultTimeout, config.ServesSequencer) })
	a := after.assess()
	if f := a.Find(headwatch.UnsafeHeadStalled); f == nil || !f.Since.Equal(since) {
		t.Fatalf("got %+v, want a stall since %v", a, since)
	}
}

// Headers have whole seconds, so four blocks of 250 ms share one. Neither that nor a burst makes the chain late or odd.
func TestBlocksFasterThanASecondAreOneLiveChain(t *testing.T) {
	s := newIdleScene(t)
	for i := range uint64(2000) {
		s.wait(250 * time.Millisecond)
		b := s.block("", i+1)
		b.Time = s.now.Truncate(time.Second)
		s.say("a", b)
		if i%3 == 0 {
			s.say("b", b) // skips some, and is believed
		}
		if a := s.assess(); a.Phase != headwatch.Live || len(a.Findings) > 0 {
			t.Fatalf("block %d: %+v", i, a)
		}
	}
	a := s.view.endpoints[0]
	if b := s.view.endpoints[1]; a.standing != proved || b.standing != proved {
		t.Errorf("standings %v and %v", a.standing, b.standing)
	}
}

func TestASequencerThatRefusedUsLatelyIsNotGone(t *testing.T) {
	s := newIdleScene(t, config.ServesSequencer)
	s.live(5, "a", "b")
	second := func(probe func()) func() {
		return func() { s.says(5, "a", "b"); probe() }
	}
	s.goOn(time.Minute, second(func() { s.alive(config.ServesSequencer) }))
	s.goOn(10*time.Minute, second(func() { s.fails(headwatch.FaultRateLimited, config.ServesSequencer) }))
	times := second(func() { s.fails(headwatch.FaultTimeout, config.ServesSequencer) })
	s.goOn(sceneLimit-time.Second, times)
	s.want(headwatch.Unknown, headwatch.Blind, headwatch.EndpointUnreachable)
	s.goOn(time.Second, times)
	s.want(headwatch.Stalled, headwatch.UnsafeHeadStalled, headwatch.EndpointUnreachable)
}

func TestAStallBeforeTheRestartIsNoEvidenceOnceTheChainHasMoved(t *testing.T) {
	s := newIdleScene(t, config.ServesSequencer)
	h := s.block("", 5)
	s.view.Restore(headwatch.Assessment{
		At: s.start.Add(time.Minute), Head: &h, Advanced: h.Time,
		Findings: []headwatch.Finding{{Condition: headwatch.UnsafeHeadStalled, Since: h.Time}},
	})
	s.now = s.start.Add(2 * time.Minute)
	s.live(70, "a", "b")
	s.goOn(time.Minute, func() {
		s.says(70, "a", "b")
		s.fails(headwatch.FaultTimeout, config.ServesSequencer)
	})
	s.want(headwatch.Unknown, headwatch.Blind, headwatch.EndpointUnreachable)
}

// A block takes a moment to arrive, so that the newest one is older than the limit just before the pause is as long.
func TestAPauseAsLongAsTheLimitIsNoLateness(t *testing.T) {
	s := newIdleScene(t, config.ServesSequencer)
	s.now = s.start.Add(time.Minute)
	for n := uint64(1); n < 10; n++ {
		h := s.block("", n)
		h.Time = s.now.Add(-2 * time.Second)
		s.say("a", h)
		s.say("b", h)
		s.goOn(sceneLimit-time.Second, func() {
			s.alive(config.ServesSequencer)
			if a := s.assess(); a.Phase != headwatch.Live {
				t.Fatalf("%s after block %d", a.Phase, n)
			}
		})
	}
}

// A probe that never answered since the restart fails as it did before it: the stall keeps its beginning.
func TestAStallOfAChainThatMayIdleKeepsItsBeginningOverARestart(t *testing.T) {
	s := newIdleScene(t, config.ServesSequencer)
	h := s.block("", 5)
	began := h.Time.Add(time.Minute)
	s.view.Restore(headwatch.Assessment{
		At: s.start.Add(2 * time.Minute), Head: &h, Advanced: h.Time,
		Findings: []headwatch.Finding{{Condition: headwatch.UnsafeHeadStalled, Since: began}},
	})
	s.now = s.start.Add(3 * time.Minute)
	s.goOn(time.Minute, func() {
		s.says(5, "a", "b")
		s.fails(headwatch.FaultTimeout, config.ServesSequencer)
		a := s.assess()
		if f := a.Find(headwatch.UnsafeHeadStalled); f != nil && !f.Since.Equal(began) {
			t.Fatalf("since %v", f.Since.Sub(began))
		}
	})
	s.want(headwatch.Stalled, headwatch.UnsafeHeadStalled, headwatch.EndpointUnreachable)
}
