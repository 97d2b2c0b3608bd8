package watcher

import (
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"headwatch"
	"headwatch/config"
)

// dates lets endpoints name their own clock, which is ahead of ours, and the block that is due by a chain that is
// ahead of it too. Odd seconds are cut off, as HTTP does it.
func (s *scene) dates(server, chain time.Duration, endpoints ...string) {
	for _, e := range endpoints {
		s.view.Observe(headwatch.Observation{
			Endpoint: e, At: s.now, Latency: 300 * time.Millisecond, Date: s.now.Add(server - 100*time.Millisecond).Truncate(time.Second),
			Heads: map[headwatch.Tag]headwatch.Head{headwatch.Unsafe: s.block("", uint64(s.now.Add(chain).Sub(s.start)/sceneBlock))},
		})
	}
}

// follows lets endpoints answer every two seconds for d.
func (s *scene) follows(d, ahead time.Duration, endpoints ...string) {
	for end := s.now.Add(d); s.now.Before(end); {
		s.wait(sceneBlock)
		s.dates(ahead, ahead, endpoints...)
		s.assess()
	}
}

func TestAClockThatAQuorumContradictsIsWrong(t *testing.T) {
	for name, c := range map[string]struct {
		ahead  [3]time.Duration // of the servers; their chain is right
		detail string           // "" for no finding
	}{
		"right":                           {},
		"within max_skew":                 {[3]time.Duration{14 * time.Second, 14 * time.Second, 14 * time.Second}, ""},
		"a minute behind":                 {[3]time.Duration{time.Minute, time.Minute, time.Minute}, "the local clock is behind by 1m, say 3 of 3 servers"},
		"a minute ahead":                  {[3]time.Duration{-time.Minute, -time.Minute, -time.Minute}, "the local clock is ahead by 1m, say 3 of 3 servers"},
		"one server is wrong":             {[3]time.Duration{0, time.Hour, 0}, ""},
		"two servers agree that we are":   {[3]time.Duration{time.Minute, 0, time.Minute}, "the local clock is behind by 1m, say 2 of 3 servers"},
		"two servers disagree in sign":    {[3]time.Duration{time.Minute, -time.Minute, 0}, ""},
		"the median of those that agree":  {[3]time.Duration{time.Minute, 40 * time.Second, 50 * time.Minute}, "the local clock is behind by 1m, say 3 of 3 servers"},
		"55 years, as without a battery":  {[3]time.Duration{480000 * time.Hour, 480000 * time.Hour, 480000 * time.Hour}, "the local clock is behind by 480000h, say 3 of 3 servers"},
		"ahead by more than any head age": {[3]time.Duration{-480000 * time.Hour, -480000 * time.Hour, -480000 * time.Hour}, "the local clock is ahead by 480000h, say 3 of 3 servers"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newScene(t, "a", "b", "c")
			s.now = s.start.Add(10 * time.Minute)
			began := s.now.Add(sceneBlock)
			for range 5 {
				s.wait(sceneBlock)
				for i, e := range []string{"a", "b", "c"} {
					s.dates(c.ahead[i], 0, e)
				}
			}
			f := skewIn(s.assess())
			switch {
			case f == nil && c.detail != "":
				t.Fatalf("no finding, want %q", c.detail)
			case f != nil && f.Detail != c.detail:
				t.Errorf("%q, want %q", f.Detail, c.detail)
			case f != nil && !f.Since.Equal(began):
				t.Errorf("since %v, want %v", f.Since.Sub(s.start), began.Sub(s.start))
			}
		})
	}
}

func skewIn(a headwatch.Assessment) *headwatch.Finding { return a.Find(headwatch.ClockSkew) }

func TestServersOfOneOperatorCountOnce(t *testing.T) {
	s := newSceneOf(t, func(c *config.Chain) {
		c.Quorum = 2
		for i := range c.Endpoints {
			c.Endpoints[i].Operator = []string{"big", "big", "big", "x", "y"}[i]
		}
	}, "a", "b", "c", "d", "e")
	s.now = s.start.Add(10 * time.Minute)
	s.wait(sceneBlock)
	s.dates(time.Minute, 0, "a", "b", "c")
	s.dates(0, 0, "d", "e")
	if f := skewIn(s.assess()); f != nil {
		t.Errorf("one operator, and %+v", f)
	}
}

// A chain that moves is not slow by a clock that is wrong: whether it is cannot be told.
func TestNoVerdictRestsOnAWrongClock(t *testing.T) {
	for name, c := range map[string]struct {
		ahead time.Duration
		phase headwatch.Phase
	}{
		"right":                     {0, headwatch.Live},
		"ahead, but in time":        {-20 * time.Second, headwatch.Live},
		"ahead, and all looks late": {-time.Hour, headwatch.Unknown},
		"behind":                    {time.Minute, headwatch.Live},
	} {
		t.Run(name, func(t *testing.T) {
			s := newScene(t, "a", "b", "c")
			s.now = s.start.Add(2 * time.Hour)
			s.follows(2*time.Minute, c.ahead, "a", "b", "c")
			a := s.assess()
			if a.Phase != c.phase || a.Find(headwatch.UnsafeHeadSlow) != nil {
				t.Errorf("phase %s, want %s; findings %+v", a.Phase, c.phase, a.Findings)
			}
		})
	}
}

// Without dates nothing contradicts the clock: the same chain is slow.
func TestAChainIsSlowByAClockThatNobodyContradicts(t *testing.T) {
	s := newScene(t, "a", "b", "c")
	s.now = s.start.Add(2 * time.Hour)
	for range 60 {
		s.wait(sceneBlock)
		s.says(uint64(s.now.Add(-time.Hour).Sub(s.start)/sceneBlock), "a", "b", "c")
		s.assess()
	}
	s.want(headwatch.Slow, headwatch.UnsafeHeadSlow)
}

// A clock that is behind makes late blocks look young; the servers' dates show that they are not.
func TestAClockThatIsBehindHidesNoLateChain(t *testing.T) {
	s := newScene(t, "a", "b", "c")
	s.now = s.start.Add(2 * time.Hour)
	for range 60 {
		s.wait(sceneBlock)
		for _, e := range []string{"a", "b", "c"} { // blocks are 40 s old, our clock is 40 s behind
			s.view.Observe(headwatch.Observation{
				Endpoint: e, At: s.now, Date: s.now.Add(40 * time.Second),
				Heads: map[headwatch.Tag]headwatch.Head{headwatch.Unsafe: s.block("", uint64(s.now.Sub(s.start)/sceneBlock))},
			})
		}
		s.assess()
	}
	s.want(headwatch.Unknown, headwatch.ClockSkew)
}

func TestAStallIsFoundByAWrongClock(t *testing.T) {
	for _, ahead := range []time.Duration{-time.Hour, time.Minute} {
		s := newScene(t, "a", "b", "c")
		s.now = s.start.Add(2 * time.Hour)
		s.follows(2*time.Minute, ahead, "a", "b", "c")
		stop, n := s.now, s.view.tip.Number
		for s.now.Sub(stop) < sceneLimit {
			s.wait(time.Second)
			for _, e := range []string{"a", "b", "c"} {
				s.view.Observe(headwatch.Observation{
					Endpoint: e, At: s.now, Date: s.now.Add(ahead),
					Heads: map[headwatch.Tag]headwatch.Head{headwatch.Unsafe: s.block("", n)},
				})
			}
		}
		a := s.want(headwatch.Stalled, headwatch.UnsafeHeadStalled, headwatch.ClockSkew)
		if f := a.Find(headwatch.UnsafeHeadStalled); !f.Since.Equal(stop) {
			t.Errorf("by a clock that is off by %v the stall began at %v, want %v", ahead, f.Since.Sub(s.start), stop.Sub(s.start))
		}
	}
}

// A stall that was under way at the start is as old as its head by the clock. A clock that is an hour ahead would trip at once.
func TestAStallBeforeTheStartCountsFromHereByAWrongClock(t *testing.T) {
	s := newScene(t, "a", "b", "c")
	s.now = s.start.Add(2 * time.Hour)
	began := s.now
	for s.now.Sub(began) < sceneLimit+time.Second {
		for _, e := range []string{"a", "b", "c"} {
			s.view.Observe(headwatch.Observation{
				Endpoint: e, At: s.now, Date: s.now.Add(-time.Hour),
				Heads: map[headwatch.Tag]headwatch.Head{headwatch.Unsafe: s.block("", 1700)},
			})
		}
		s.wait(time.Second)
	}
	a := s.want(headwatch.Stalled, headwatch.UnsafeHeadStalled, headwatch.ClockSkew)
	if f := a.Find(headwatch.UnsafeHeadStalled); !f.Since.Equal(began) {
		t.Errorf("it began at %v, want %v", f.Since.Sub(s.start), began.Sub(s.start))
	}
}

func TestAChainWhoseClockRunsAhead(t *testing.T) {
	s := newScene(t, "a", "b", "c")
	began := time.Time{}
	for i := range 10 {
		s.wait(sceneBlock)
		if i == 0 {
			began = s.now
		}
		for _, e := range []string{"a", "b", "c"} {
			s.view.Observe(headwatch.Observation{
				Endpoint: e, At: s.now, Date: s.now.Truncate(time.Second),
				Heads: map[headwatch.Tag]headwatch.Head{headwatch.Unsafe: s.block("", uint64(i+30))},
			})
		}
	}
	f := skewIn(s.want(headwatch.Live, headwatch.ClockSkew))
	if f == nil || f.Detail != "the chain's clock runs ahead: 3 of 3 servers agree with the local clock" || !f.Since.Equal(began) {
		t.Errorf("finding %+v", f)
	}
}

func TestHeadsOfALayer1ThatAreAheadShowThatOurClockIsBehind(t *testing.T) {
	l1 := func(heads ...uint64) (*scene, headwatch.Assessment) {
		s := newSceneOf(t, func(c *config.Chain) { c.L1 = "" }, "a", "b", "c")
		s.wait(sceneBlock)
		for i, n := range heads {
			s.says(n, []string{"a", "b", "c"}[i])
		}
		return s, s.view.Assess(s.now)
	}
	_, a := l1(30, 30, 1)
	if f := a.Find(headwatch.ClockSkew); f == nil || f.Detail != "the local clock is behind at least by 58s, say 2 of 2 servers" {
		t.Errorf("finding %+v", f)
	}
	_, a = l1(1, 1, 30)
	if f := a.Find(headwatch.ClockSkew); f != nil {
		t.Errorf("one endpoint is ahead, and %+v", f)
	}
}

func TestTheL1sServersSpeakWhereTheChainsOwnCannot(t *testing.T) {
	s := newScene(t, "a", "b", "c")
	s.live(100, "a", "b", "c")
	word := Witness{Advanced: s.now, Limit: time.Minute, Skew: skew{by: -time.Hour, servers: 2, of: 3, since: s.start}}
	s.view.SetWitness(word)
	a := s.view.Assess(s.now)
	if f := a.Find(headwatch.ClockSkew); f == nil || f.Detail != "the local clock is ahead by 1h, say 2 of 3 servers of the L1" {
		t.Errorf("finding %+v", f)
	}
	s.wait(sceneBlock)
	s.dates(0, 0, "a", "b", "c")
	s.view.SetWitness(word)
	if f := s.view.Assess(s.now).Findings; len(f) > 0 {
		t.Errorf("the chain's own servers say that the clock is right, and %+v", f)
	}
}

func TestOldDatesSayNothing(t *testing.T) {
	s := newScene(t, "a", "b", "c")
	s.now = s.start.Add(2 * time.Hour)
	s.follows(10*time.Second, time.Minute, "a", "b", "c")
	if skewIn(s.assess()) == nil {
		t.Fatal("no finding while the dates are fresh")
	}
	s.wait(s.view.endpoints[0].timely())
	if f := skewIn(s.assess()); f != nil {
		t.Errorf("with answers of no use any more: %+v", f)
	}
}

func TestABadAnswerTellsTheTimeToo(t *testing.T) {
	s := newScene(t, "a", "b", "c")
	s.wait(sceneBlock)
	for _, e := range []string{"a", "b", "c"} {
		s.view.Observe(headwatch.Observation{
			Endpoint: e, At: s.now, Date: s.now.Add(2 * time.Hour), Err: &headwatch.Fault{Kind: headwatch.FaultFutureHead},
		})
	}
	if skewIn(s.assess()) == nil {
		t.Error("every head is from the future, every server says why, and it is not told")
	}
}

// Whatever the dates say, Next names each instant at which the verdict changes, and a chain that advances is never stalled.
func TestDatesKeepTheProperties(t *testing.T) {
	names := []string{"a", "b", "c", "d", "e"}
	rapid.Check(t, func(r *rapid.T) {
		s := newSceneOf(t, func(c *config.Chain) {
			c.Quorum = rapid.IntRange(1, 5).Draw(r, "quorum")
			c.Endpoints[4].Operator = rapid.SampledFrom([]string{"d", "e"}).Draw(r, "operator")
		}, names...)
		s.now = s.start.Add(2 * time.Hour)
		for range rapid.IntRange(1, 40).Draw(r, "steps") {
			s.wait(time.Duration(rapid.Int64Range(0, int64(4*time.Second)).Draw(r, "wait")))
			o := headwatch.Observation{
				Endpoint: rapid.SampledFrom(names).Draw(r, "endpoint"), At: s.now,
				Latency: time.Duration(rapid.Int64Range(0, int64(30*time.Second)).Draw(r, "latency")),
			}
			if rapid.Bool().Draw(r, "dated") {
				o.Date = s.now.Add(time.Duration(rapid.Int64Range(-60, 60).Draw(r, "off")) * time.Second)
			}
			if rapid.IntRange(0, 5).Draw(r, "good") == 0 {
				o.Err = &headwatch.Fault{Kind: headwatch.FaultTimeout}
			} else {
				late := time.Duration(rapid.Int64Range(-60, 60).Draw(r, "late")) * time.Second
				o.Heads = map[headwatch.Tag]headwatch.Head{headwatch.Unsafe: s.block("", uint64(s.now.Add(-late).Sub(s.start)/sceneBlock))}
			}
			s.view.Observe(o)
			a := s.assess()
			want := verdict(a, s.view.limits)
			between := 10 * time.Minute
			if !a.Next.IsZero() {
				between = a.Next.Sub(a.At) - 1
			}
			next := a.Next
			at := a.At.Add(time.Duration(rapid.Int64Range(0, int64(between)).Draw(r, "later")))
			if got := verdict(s.view.Assess(at), s.view.limits); !slices.Equal(got, want) {
				r.Fatalf("with Next in %v the verdict changed within %v from\n%q to\n%q", next.Sub(s.now), at.Sub(s.now), want, got)
			}
			if strings.Contains(strings.Join(want, " "), string(headwatch.UnsafeHeadSlow)) && s.view.skew.by != 0 {
				r.Fatalf("slow by a clock that is known to be wrong: %q", want)
			}
		}
	})
}

func TestBlocksHaveNotWaitedByAWrongClock(t *testing.T) {
	s := newSceneOf(t, lagLimits, "a", "b", "c")
	const ahead = time.Hour
	var found time.Duration
	for range 700 {
		s.wait(time.Second)
		at := s.now.Add(ahead)
		for _, e := range []string{"a", "b", "c"} {
			s.view.Observe(headwatch.Observation{Endpoint: e, At: at, Date: s.now, Heads: map[headwatch.Tag]headwatch.Head{
				headwatch.Unsafe: s.block("", 60+uint64(s.now.Sub(s.start)/sceneBlock)), headwatch.Safe: s.block("", 50),
			}})
		}
		s.view.SetWitness(Witness{Advanced: at, Limit: time.Minute, Slot: l1Slot})
		if a := s.view.Assess(at); found == 0 && a.Find(headwatch.SafeHeadStalled) != nil {
			found = s.now.Sub(s.start)
		}
	}
	if want := s.view.chain.SafeLag.D() + time.Second; found != want {
		t.Errorf("found after %v, want %v: as long as it was watched", found, want)
	}
}
