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
func (c *Circuit) climb(t *turn) {
	for level := c.last.Level + 1; level <= min(max(t.due, t.told), headwatch.LevelPage); level++ {
		c.decide(t, func(d *headwatch.Transition) { d.Level = level })
	}
}

// checkHealth keeps the clock of the recovery. It counts health without a break. In an incident that never tripped, what
// is only told breaks it too; after a trip that would let a flapping endpoint keep a well protocol paused.
func (c *Circuit) checkHealth(t *turn) {
	switch {
	case !t.healthy, t.telling && c.last.To == headwatch.Closed:
		c.well = time.Time{}
	case c.well.IsZero():
		c.well = t.at
	}
}

// recovered reports whether the incident may end without a person. What is only told keeps an incident from ending that
// never tripped; a tripped circuit closes without regard to it, and what still holds then is an incident of its own: a
// certificate that ends in two weeks must not keep a protocol paused.
func (c *Circuit) recovered(t *turn) bool {
	told := t.telling && c.last.To == headwatch.Closed
	return !told && !c.well.IsZero() && t.at.Sub(c.well) >= c.cfg.RecoverAfter.D()
}
