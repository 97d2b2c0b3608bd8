package watcher

import (
	"testing"
	"time"

	"headwatch"
	"headwatch/config"
)

// withAPI adds API endpoints that are polled every 2 s and whose value may be 30 s old; each has an operator of its own.
func withAPI(names ...string) func(*config.Chain) {
	return func(c *config.Chain) {
		for _, name := range names {
			c.Endpoints = append(c.Endpoints, config.Endpoint{
				Name: name, Serves: config.ServesAPI, Interval: config.Duration(2 * time.Second), Timeout: config.Duration(1600 * time.Millisecond),
				Fresh: config.Duration(30 * time.Second),
			})
		}
	}
}

// apiOnly is a chain of kind api.
func apiOnly(t *testing.T, names ...string) *scene {
	return newSceneOf(t, func(c *config.Chain) {
		c.Kind, c.BlockTime = config.KindAPI, 0
		withAPI(names...)(c)
	})
}

func (s *scene) reads(r headwatch.Reading, endpoints ...string) {
	for _, e := range endpoints {
		s.view.Observe(headwatch.Observation{Endpoint: e, At: s.now, Reading: &r})
	}
}

func (s *scene) reports(at time.Time, endpoints ...string) {
	s.reads(headwatch.Reading{Time: at}, endpoints...)
}

// On 29 July 2025 Hyperliquid's API failed for 37 minutes while its blocks went on.
func TestAnAPIThatFailsIsToldApartFromTheChain(t *testing.T) {
	s := newSceneOf(t, withAPI("status", "book"), "a", "b")
	block := uint64(0)
	second := func(api func()) {
		s.wait(time.Second)
		if s.now.Sub(s.start)%sceneBlock == 0 {
			block++
			s.says(block, "a", "b")
		}
		api()
	}
	for range 60 {
		second(func() { s.reports(s.now, "status", "book") })
	}
	s.want(headwatch.Live)
	down := s.now
	for range 37 * 60 {
		second(func() {
			s.fails(headwatch.FaultHTTPStatus, "status")
			s.fails(headwatch.FaultTimeout, "book")
		})
		a := s.assess()
		if a.Phase != headwatch.Live {
			t.Fatalf("%v into it the chain is %s", s.now.Sub(down), a.Phase)
		}
		f := a.Find(headwatch.APIStale)
		if late := s.now.Sub(down) >= 30*time.Second; late != (f != nil) {
			t.Fatalf("%v into it: %+v", s.now.Sub(down), a.Findings)
		}
		if f != nil && (!f.Since.Equal(down) || f.Detail != "API down, chain live" || a.Hint != headwatch.HintAPI || len(f.Votes) != 2) {
			t.Fatalf("got %+v, hint %q", f, a.Hint)
		}
	}
	second(func() { s.reports(s.now, "status", "book") })
	if a := s.want(headwatch.Live); a.Hint != "" {
		t.Errorf("hint %q", a.Hint)
	}
}

func TestAnAPIWhoseTimeStandsStillIsStaleFromThatTimeOn(t *testing.T) {
	s := apiOnly(t, "x", "y")
	s.wait(time.Minute)
	stuck := s.now
	s.goOn(29*time.Second, func() { s.reports(stuck, "x", "y") })
	s.want(headwatch.Live)
	s.wait(time.Second)
	s.reports(stuck, "x", "y")
	a := s.want(headwatch.Stalled, headwatch.APIStale)
	if f := a.Find(headwatch.APIStale); !f.Since.Equal(stuck) || f.Value != 30*time.Second || f.Limit != 30*time.Second {
		t.Errorf("got %+v", f)
	}
	s.reports(s.now, "y")
	s.want(headwatch.Live, headwatch.EndpointLagging)
}

func TestAnAPIThatLagsIsStaleFromWhenItWasLastFresh(t *testing.T) {
	s := apiOnly(t, "x")
	s.reports(s.now, "x")
	since := s.now
	s.wait(40 * time.Second)
	s.goOn(time.Hour, func() {
		s.reports(s.now.Add(-40*time.Second), "x")
		a := s.want(headwatch.Stalled, headwatch.APIStale)
		if f := a.Find(headwatch.APIStale); f == nil || !f.Since.Equal(since) {
			t.Fatalf("at %v %+v", s.now, f)
		}
	})
}

func TestAStandstillThatNobodySawBeginIsAsOldAsItsTime(t *testing.T) {
	s := apiOnly(t, "x")
	stuck := s.now.Add(-time.Hour)
	s.reports(stuck, "x")
	a := s.want(headwatch.Stalled, headwatch.APIStale)
	if f := a.Find(headwatch.APIStale); f == nil || !f.Since.Equal(stuck) {
		t.Errorf("got %+v", f)
	}
}

func TestWhoeverCannotBeReachedFromHereIsNotDown(t *testing.T) {
	s := newSceneOf(t, func(c *config.Chain) {
		c.Kind, c.BlockTime, c.L1 = config.KindAPI, 0, ""
		withAPI("x")(c)
	})
	s.reports(s.now, "x")
	s.goOn(time.Minute, func() { s.fails(headwatch.FaultTimeout, "x") })
	s.want(headwatch.Unknown, headwatch.Blind, headwatch.EndpointUnreachable)
	s.fails(headwatch.FaultHTTPStatus, "x") // an answer of the API itself: the way to it is well
	s.want(headwatch.Stalled, headwatch.APIStale, headwatch.EndpointUnreachable)
}

func TestAFrozenL1ProvesNoNetwork(t *testing.T) {
	s := apiOnly(t, "x")
	s.reports(s.now, "x")
	s.frozen, s.l1 = true, s.now
	s.goOn(2*time.Minute, func() { s.fails(headwatch.FaultTimeout, "x") })
	s.want(headwatch.Unknown, headwatch.Blind, headwatch.EndpointUnreachable)
	s.frozen = false
	s.want(headwatch.Stalled, headwatch.APIStale, headwatch.EndpointUnreachable)
}

func TestMostOperatorsMustSayThatTheAPIIsStale(t *testing.T) {
	s := apiOnly(t, "x", "y")
	s.reports(s.now, "x", "y")
	s.goOn(time.Minute, func() {
		s.fails(headwatch.FaultRateLimited, "x")
		s.fails(headwatch.FaultTimeout, "y")
	})
	s.want(headwatch.Unknown, headwatch.Blind, headwatch.EndpointUnreachable)
	s.view.endpoints[0].who = s.view.endpoints[1].who
	s.want(headwatch.Stalled, headwatch.APIStale, headwatch.EndpointUnreachable)
}

func TestAnAPIThatWasNeverHeardIsWaitedFor(t *testing.T) {
	s := apiOnly(t, "x")
	s.fails(headwatch.FaultTimeout, "x")
	s.want(headwatch.Unknown)
	s.goOn(30*time.Second, func() { s.fails(headwatch.FaultTimeout, "x") })
	s.want(headwatch.Stalled, headwatch.APIStale, headwatch.EndpointUnreachable)
}

func TestAnOutageOfTheAPIOutlivesARestart(t *testing.T) {
	since := time.Date(2025, 7, 29, 14, 10, 0, 0, time.UTC)
	s := apiOnly(t, "x")
	s.view.Restore(headwatch.Assessment{Findings: []headwatch.Finding{{Condition: headwatch.APIStale, Since: since}}})
	s.fails(headwatch.FaultTimeout, "x")
	s.want(headwatch.Unknown)
	s.goOn(30*time.Second, func() { s.fails(headwatch.FaultTimeout, "x") })
	if f := s.want(headwatch.Stalled, headwatch.APIStale, headwatch.EndpointUnreachable).Findings[1]; !f.Since.Equal(since) {
		t.Errorf("got %+v", f)
	}
}

func TestAClockThatRunsAheadMakesNoAPIStale(t *testing.T) {
	s := newSceneOf(t, withAPI("x"), "a", "b", "c")
	s.now = s.start.Add(10 * time.Minute)
	s.goOn(time.Minute, func() {
		s.dates(-time.Minute, -time.Minute, "a", "b", "c")
		s.reports(s.now.Add(-time.Minute), "x")
	})
	if a := s.assess(); a.Find(headwatch.ClockSkew) == nil || a.Find(headwatch.APIStale) != nil {
		t.Fatalf("got %+v", a.Findings)
	}
}

func TestATimeAheadOfTheClockIsFreshOnce(t *testing.T) {
	s := apiOnly(t, "x")
	ahead := s.now.Add(time.Minute)
	s.reports(ahead, "x")
	s.want(headwatch.Live)
	s.goOn(30*time.Second, func() { s.reports(ahead, "x") })
	s.want(headwatch.Stalled, headwatch.APIStale)
}

func TestWhatMakesACounterRise(t *testing.T) {
	for name, c := range map[string]struct {
		said  []uint64
		rises []int // indexes
	}{
		"counts up":                     {[]uint64{5, 6, 6, 9}, []int{0, 1, 3}},
		"stands still":                  {[]uint64{5, 5, 5}, []int{0}},
		"begins anew":                   {[]uint64{900, 0, 1, 2}, []int{0, 2, 3}},
		"two standing counters":         {[]uint64{7, 5, 7, 5, 7}, []int{0}},
		"a standing and a living one":   {[]uint64{7, 1, 7, 2, 7, 3}, []int{0, 3, 5}},
		"falls behind and catches up":   {[]uint64{7, 6, 7, 8}, []int{0, 3}},
		"the largest number and beyond": {[]uint64{1<<64 - 1, 0, 1<<64 - 1}, []int{0}},
	} {
		t.Run(name, func(t *testing.T) {
			var clock apiClock
			at := time.Unix(1000, 0)
			want := time.Time{}
			for i, n := range c.said {
				at = at.Add(time.Second)
				clock.take(headwatch.Reading{Count: &n}, at)
				if len(c.rises) > 0 && c.rises[0] == i {
					want, c.rises = at, c.rises[1:]
				}
				if !clock.risen.Equal(want) {
					t.Fatalf("after %v it rose at %v, want %v", c.said[:i+1], clock.risen, want)
				}
			}
		})
	}
}

// What reached this machine just before its own network failed does not show that the API alone fails.
func TestAFailureOfOurOwnNetworkMakesNoAPIStale(t *testing.T) {
	s := newSceneOf(t, func(c *config.Chain) {
		withAPI("x")(c)
		c.Endpoints[2].Fresh = config.Duration(10 * time.Second)
	}, "a", "b")
	for n := uint64(1); n <= 60; n++ {
		s.wait(sceneBlock)
		s.reports(s.now.Add(-time.Second), "x")
		s.says(n, "a", "b")
		s.want(headwatch.Live)
	}
	s.frozen = true
	s.goOn(2*time.Minute, func() {
		s.fails(headwatch.FaultTimeout, "a", "b", "x")
		if a := s.assess(); a.Find(headwatch.APIStale) != nil {
			t.Fatalf("%+v", a.Findings)
		}
	})
}

// Nothing that waits for the API recovers before the API is heard.
func TestAChainIsNotWellAfterARestartUntilItsAPIIsHeard(t *testing.T) {
	s := newSceneOf(t, withAPI("x"), "a", "b")
	h := s.block("", 5)
	s.now = s.start.Add(time.Minute)
	s.view.Restore(headwatch.Assessment{
		At: s.start.Add(40 * time.Second), Head: &h, Advanced: h.Time,
		Findings: []headwatch.Finding{{Condition: headwatch.APIStale, Since: h.Time}},
	})
	second := func() {
		s.says(uint64(s.now.Sub(s.start)/sceneBlock), "a", "b")
		s.fails(headwatch.FaultHTTPStatus, "x")
	}
	s.goOn(time.Minute, func() {
		second()
		if a := s.assess(); a.Phase == headwatch.Live && a.Find(headwatch.APIStale) == nil {
			t.Fatalf("well at %v: %+v", s.now.Sub(s.start), a.Findings)
		}
	})
	s.want(headwatch.Live, headwatch.APIStale, headwatch.EndpointUnreachable)
	s.reports(s.now, "x")
	s.want(headwatch.Live)
}
