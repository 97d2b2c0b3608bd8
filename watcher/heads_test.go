package watcher

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"headwatch"
	"headwatch/config"
)

// headRules are the conditions of what a head carries and of the heads behind it.
var headRules = []headwatch.Condition{
	headwatch.UserTxsMissing, headwatch.SafeHeadStalled, headwatch.FinalizedHeadStalled, headwatch.L1OriginDrift,
	headwatch.SequencingWindowClosing,
}

// bearing is what an honest endpoint says of block n on a chain whose batches come every jump blocks.
func (s *scene) bearing(n uint64, txs int, jump uint64) headwatch.Observation {
	h := s.block("", n)
	h.UserTxs = &txs
	safe := n - n%jump
	return headwatch.Observation{
		At: s.now, Origin: &headwatch.Head{Number: 1000, Hash: "0x1", Time: h.Time.Add(-time.Minute)},
		Heads: map[headwatch.Tag]headwatch.Head{
			headwatch.Unsafe: h, headwatch.Safe: s.block("", safe), headwatch.Finalized: s.block("", safe-min(safe, 30)),
		},
	}
}

// distort makes of what an honest endpoint would say what a liar does: old heads, no users, an origin far back.
func (s *scene) distort(r *rapid.T, o headwatch.Observation) headwatch.Observation {
	h := o.Heads[headwatch.Unsafe]
	if rapid.Bool().Draw(r, "no users") {
		none := 0
		h.UserTxs = &none
	}
	o.Heads[headwatch.Unsafe] = h
	for _, tag := range []headwatch.Tag{headwatch.Safe, headwatch.Finalized} {
		o.Heads[tag] = s.block("", rapid.Uint64Range(0, 2*h.Number).Draw(r, tag.String()))
	}
	ago := time.Duration(rapid.Int64Range(-int64(time.Hour), int64(time.Hour)).Draw(r, "origin"))
	o.Origin = &headwatch.Head{Number: rapid.Uint64Range(0, 1<<40).Draw(r, "l1"), Hash: "0x1", Time: h.Time.Add(-ago)}
	o.Window = rapid.Uint64Range(0, 20).Draw(r, "window")
	return o
}

// With an honest majority on a chain that is well, with batches that come in jumps, blocks without users here and there and
// one endpoint that says anything, none of these conditions is ever found.
func TestAChainThatIsWellHasNothingWrongWithItsHeads(t *testing.T) {
	all := []string{"a", "b", "c", liar}
	rapid.Check(t, func(r *rapid.T) {
		s := newSceneOf(t, func(c *config.Chain) {
			busy(c)
			c.SafeLag, c.FinalizedLag, c.SequencingWindow = config.Duration(3*time.Minute), config.Duration(5*time.Minute), 100
		}, all...)
		s.now = s.start.Add(10 * time.Minute)
		jump := rapid.Uint64Range(1, 80).Draw(r, "jump")
		full := s.now
		for range rapid.IntRange(50, 300).Draw(r, "polls") {
			s.wait(time.Duration(rapid.Int64Range(200, 3000).Draw(r, "step")) * time.Millisecond)
			n := uint64(s.now.Sub(s.start) / sceneBlock)
			txs := rapid.IntRange(0, 3).Draw(r, "users")
			if s.now.Sub(full) > sceneLimit/2 {
				txs = 1
			}
			if txs > 0 {
				full = s.now
			}
			for _, e := range rapid.Permutation(all).Draw(r, "order") {
				o := s.bearing(n, txs, jump)
				if e == liar {
					o = s.distort(r, o)
				}
				o.Endpoint = e
				s.view.Observe(o)
			}
			a := s.assess()
			for _, c := range headRules {
				if f := a.Find(c); f != nil {
					t.Fatalf("at %v: %+v", s.now.Sub(s.start), *f)
				}
			}
		}
	})
}

// When batches and users stay away, an honest majority finds it in time, whatever one endpoint says that shows neither, and
// the beginning never moves.
func TestWhatStaysAwayIsFoundInTime(t *testing.T) {
	const lag = 3 * time.Minute
	all := []string{"a", "b", "c", liar}
	rapid.Check(t, func(r *rapid.T) {
		s := newSceneOf(t, func(c *config.Chain) {
			busy(c)
			c.SafeLag = config.Duration(lag)
		}, all...)
		s.now = s.start.Add(10 * time.Minute)
		var n uint64
		for range rapid.IntRange(30, 60).Draw(r, "blocks") {
			s.wait(sceneBlock)
			n = uint64(s.now.Sub(s.start) / sceneBlock)
			for _, e := range all {
				o := s.bearing(n, 2, 1)
				o.Endpoint = e
				s.view.Observe(o)
			}
			s.assess()
		}
		stop, last := s.now, n
		since := make(map[headwatch.Condition]time.Time)
		for s.now.Sub(stop) < 2*lag {
			s.wait(time.Duration(rapid.Int64Range(500, 2000).Draw(r, "step")) * time.Millisecond)
			n := uint64(s.now.Sub(s.start) / sceneBlock)
			for _, e := range rapid.Permutation(all).Draw(r, "order") {
				o := s.bearing(n, 0, 1)
				o.Heads[headwatch.Safe] = s.block("", last)
				if e == liar {
					o.Heads[headwatch.Safe] = s.block("", rapid.Uint64Range(0, last).Draw(r, "safe"))
				}
				o.Endpoint = e
				s.view.Observe(o)
			}
			a := s.assess()
			for c, limit := range map[headwatch.Condition]time.Duration{headwatch.UserTxsMissing: sceneLimit, headwatch.SafeHeadStalled: lag} {
				f := a.Find(c)
				if f == nil && s.now.Sub(stop) > limit+limit/50+2*sceneBlock {
					t.Fatalf("%s is not found %v after it began", c, s.now.Sub(stop))
				}
				if f == nil {
					continue
				}
				if before, known := since[c]; known && !f.Since.Equal(before) {
					t.Fatalf("%s since %v, a moment ago since %v", c, f.Since, before)
				}
				since[c] = f.Since
			}
		}
	})
}
