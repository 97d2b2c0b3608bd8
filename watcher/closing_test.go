package watcher

import (
	"testing"
	"time"

	"headwatch"
	"headwatch/config"
)

const sceneWindow = 100 // L1 blocks

func windowed(serves string) func(*config.Chain) {
	return func(c *config.Chain) {
		c.SequencingWindow = sceneWindow
		for i := range c.Endpoints {
			c.Endpoints[i].Serves = serves
		}
	}
}

// derives lets endpoints name block n, of which safe is derived from L1 block origin; an eth endpoint tells only the safe head.
func (s *scene) derives(n, origin uint64, endpoints ...string) {
	for _, e := range endpoints {
		o := headwatch.Observation{Endpoint: e, At: s.now, Heads: map[headwatch.Tag]headwatch.Head{
			headwatch.Unsafe: s.block("", n), headwatch.Safe: s.block("", (origin-1000)*uint64(l1Slot/sceneBlock)),
		}}
		if s.view.closing.rollup {
			o.SafeOrigin = &headwatch.Head{Number: origin, Hash: "0x1"}
		}
		s.view.Observe(o)
	}
}

// derivesFor lets all endpoints go on for d: the L1's block is 1000 and one more every 12 s of the scene.
func (s *scene) derivesFor(d time.Duration, origin func(l1 uint64, endpoint string) uint64, endpoints ...string) {
	for end := s.now.Add(d); s.now.Before(end); {
		s.wait(sceneBlock)
		s.assess() // the L1 first
		for _, e := range endpoints {
			s.derives(uint64(s.now.Sub(s.start)/sceneBlock), origin(s.view.witness.Number, e), e)
		}
	}
}

func TestTheSequencingWindow(t *testing.T) {
	all := []string{"a", "b", "c"}
	stands := func(uint64, string) uint64 { return 1010 }
	closing := []headwatch.Condition{headwatch.SequencingWindowClosing}
	tests := []struct {
		name  string
		after time.Duration // since L1 block 1020, of which 1010 is safe
		then  func(l1 uint64, endpoint string) uint64
		who   []string
		finds []headwatch.Condition
	}{
		{"follows", time.Hour, func(l1 uint64, _ string) uint64 { return l1 - 10 }, all, nil},
		{"half of it is used", 40 * l1Slot, stands, all, nil},
		{"more than half", 41 * l1Slot, stands, all, closing},
		{"one sees it move", time.Hour, func(l1 uint64, e string) uint64 {
			if e == "c" {
				return l1 - 5
			}
			return 1010
		}, all, nil},
		{"an origin beyond the L1 is no life", time.Hour, func(l1 uint64, e string) uint64 {
			if e == "c" {
				return l1 + 5000
			}
			return 1010
		}, []string{"a", "b", "c"}, closing},
	}
	for _, serves := range []string{config.ServesRollup, config.ServesEth} {
		for _, test := range tests {
			t.Run(serves+": "+test.name, func(t *testing.T) {
				s := newSceneOf(t, windowed(serves), all...)
				s.derivesFor(20*l1Slot, stands, all...)
				s.derivesFor(test.after, test.then, test.who...)
				s.want(headwatch.Live, test.finds...)
			})
		}
	}
}

func TestAClosingWindowCountsDown(t *testing.T) {
	all := []string{"a", "b"}
	stands := func(uint64, string) uint64 { return 1010 }
	s := newSceneOf(t, windowed(config.ServesRollup), all...)
	s.derivesFor(70*l1Slot, stands, all...) // 1070: 60 of 100 are used
	f := *s.finding(headwatch.Live, headwatch.SequencingWindowClosing)
	half := s.start.Add(61 * l1Slot) // when L1 block 1061 came
	if f.Value != 60*l1Slot || f.Limit != 100*l1Slot || f.Detail != "40 of 100 L1 blocks left, about 8m" || f.Since.Sub(half).Abs() > l1Slot {
		t.Errorf("since %v, want %v; %v of %v: %q", f.Since.Sub(s.start), half.Sub(s.start), f.Value, f.Limit, f.Detail)
	}
	s.derivesFor(10*l1Slot, stands, all...)
	g := s.finding(headwatch.Live, headwatch.SequencingWindowClosing)
	if !g.Since.Equal(f.Since) || g.Value != 70*l1Slot {
		t.Errorf("since %v, was %v; value %v", g.Since, f.Since, g.Value)
	}
	s.view.Observe(headwatch.Observation{Endpoint: "a", At: s.now, Window: 3600, Heads: map[headwatch.Tag]headwatch.Head{
		headwatch.Unsafe: s.block("", uint64(s.now.Sub(s.start)/sceneBlock)),
	}})
	s.want(headwatch.Live) // what a rollup endpoint says wins
}

func TestNumbersForPeople(t *testing.T) {
	for n, want := range map[uint64]string{0: "0", 999: "999", 1200: "1,200", 1048576: "1,048,576"} {
		if got := Grouped(n); got != want {
			t.Errorf("%d: %s, want %s", n, got, want)
		}
	}
}
