package breaker

import (
	"time"

	"headwatch"
)

// turn is one Feed: an Assessment, what it means to this circuit, and what came of it.
type turn struct {
	a  headwatch.Assessment
	at time.Time // a.At, unless the clock went back

	healthy bool            // the chain is Live and no condition of On holds
	failing bool            // a condition of On holds
	telling bool            // a condition of Tell holds
	due     headwatch.Level // the rung that On has reached
	told    headwatch.Level // the rung that Tell has reached, though it never trips

	obeyed  []*order
	decided []headwatch.Transition
}

// read says what an Assessment means to this circuit. Where the phase is Unknown the evidence carries no verdict, so no
// condition of On counts, whatever was found: blindness is told, it does not trip.
func (c *Circuit) read(a headwatch.Assessment) turn {
	on, tell := a.Find(c.cfg.On...), a.Find(c.cfg.Tell...)
	if a.Phase == headwatch.Unknown {
		on = nil
	}
	return turn{
		a:       a,
		at:      c.at,
		healthy: a.Phase == headwatch.Live && on == nil,
		failing: on != nil,
		telling: tell != nil,
		due:     c.rung(on),
		told:    c.rung(tell),
	}
}

// rung says how far up the ladder a finding has come by now. It is none for no finding.
func (c *Circuit) rung(f *headwatch.Finding) headwatch.Level {
	if f == nil {
		return headwatch.LevelNone
	}
	switch held := c.at.Sub(f.Since); {
	case held >= c.cfg.TripAfter.D():
		return headwatch.LevelTrip
	case held >= c.cfg.PageAfter.D():
		return headwatch.LevelPage
	case held >= c.cfg.WarnAfter.D():
		return headwatch.LevelWarn
	default:
		return headwatch.LevelNone
	}
}

// climb decides each rung that was reached and not yet told, one by one, so that people on every rung hear of it. Within an
// incident the level only rises: a flapping chain pages once. The last rung, the trip, is not told but done; see judge.
//
// What trips and what is only told have an incident each. A hook that has not been ready for hours must not swallow the page
// of a stall, which needs an incident of its own to ring where the other has been acknowledged. The other way round, what is
// only told waits where people have been called as urgently by what trips: it is told when that is over and it still holds.
func (c *Circuit) climb(t *turn) {
	for level := c.on.Level + 1; level <= min(t.due, headwatch.LevelPage); level++ {
		c.decide(t, ofOn, func(d *headwatch.Transition) { d.Level = level })
	}
	for level := max(c.on.Level, c.tell.Level) + 1; level <= min(t.told, headwatch.LevelPage); level++ {
		c.decide(t, ofTell, func(d *headwatch.Transition) { d.Level = level })
	}
}

// checkHealth keeps the clocks of the recovery, which count health without a break. What is only told counts for its own
// incident alone: a certificate that ends in two weeks must not keep a protocol paused.
func (c *Circuit) checkHealth(t *turn) {
	c.well = c.since(c.well, t.healthy)
	c.quiet = c.since(c.quiet, t.healthy && !t.telling)
}

func (c *Circuit) since(was time.Time, holds bool) time.Time {
	switch {
	case !holds:
		return time.Time{}
	case was.IsZero():
		return c.at
	default:
		return was
	}
}

// lasted reports whether an incident may end without a person, given since when it has been over.
func (c *Circuit) lasted(well time.Time) bool {
	return !well.IsZero() && c.at.Sub(well) >= c.cfg.RecoverAfter.D()
}
