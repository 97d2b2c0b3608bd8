// Package breaker turns the Assessments of one chain into the Transitions of one circuit: the ladder warn, page, trip,
// the recovery, and the orders of operators. It hides gobreaker, which holds the state of the circuit.
//
// It must not know a clock (all times come from Assessment.At, so a recorded trace is judged like a living chain), deliver
// anything, or look at a chain. A Transition that it returns is not decided before the journal has taken it.
package breaker

import (
	"fmt"
	"strings"
	"time"

	"headwatch"
	"headwatch/config"
)

// Circuit judges one chain by one policy. Feed belongs to the goroutine that owns the chain; Do, Signal, Name and Chain may
// be called from any goroutine. There is nothing to close.
type Circuit struct {
	cfg    config.Circuit
	engine *engine
	orders chan *order
	board  board

	// The newest Transition is all that must outlive the process: what New is given is what the circuit is.
	last headwatch.Transition
	on   headwatch.Aside // the incident of what trips, as last has it; zero when none is open
	tell headwatch.Aside // the incident of what is only told
	id   string          // of the newest incident, open or over; keeps the next one from getting the same

	at    time.Time // of the newest Assessment; does not go back
	well  time.Time // since when the health is unbroken; zero while it is broken
	quiet time.Time // since when there was nothing to tell of either
}

// New restores a circuit from its newest Transition, or makes a closed one when last is nil. A circuit that was half-open
// stays half-open, but its recovery starts anew, because nobody watched in between. The circuit says nothing to the world
// before its first Feed. The error is about last: a Transition of another circuit, or one without a state.
func New(c config.Circuit, last *headwatch.Transition) (*Circuit, error) {
	start := headwatch.Transition{Circuit: c.Name, To: headwatch.Closed}
	if last != nil {
		start = *last
	}
	if start.Circuit != c.Name {
		return nil, fmt.Errorf("restore circuit %s: its last transition is of circuit %q", c.Name, start.Circuit)
	}
	e, err := newEngine(c.Name, start.To)
	if err != nil {
		return nil, fmt.Errorf("restore circuit %s: %w", c.Name, err)
	}
	restored := &Circuit{cfg: c, engine: e, orders: make(chan *order), last: start, id: start.Incident}
	restored.on, restored.tell = start.Standing()
	return restored, nil
}

// Name is the circuit's name in the configuration.
func (c *Circuit) Name() string { return c.cfg.Name }

// Chain is the name of the chain that the circuit judges.
func (c *Circuit) Chain() string { return c.cfg.Chain }

// Feed obeys the waiting orders, then judges the Assessment, and returns what was decided, in order; nil when nothing was.
// The caller owns the result and must put it on record in this order. Nothing of the Assessment is kept without a copy.
// Only the goroutine that owns the chain may call it; it does not block.
func (c *Circuit) Feed(a headwatch.Assessment) []headwatch.Transition {
	if a.At.After(c.at) {
		c.at = a.At
	}
	if c.last.Since.IsZero() {
		c.last.Since = c.at
	}
	if !c.at.Before(c.last.HeldUntil) {
		c.last.HeldUntil = time.Time{}
	}
	t := c.read(a.For(c.cfg.Hooks))
	c.obey(&t)
	c.judge(&t)
	c.publish(&t)
	for _, o := range t.obeyed { // last, so that whoever gave an order finds its effect in the Signal
		close(o.done)
	}
	return t.decided
}

// judge is every decision that no person took. The order of the steps lets one turn cross several states: an outage that
// a restart slept through warns, pages and trips; a hold that ends long after the recovery goes half-open and closes.
func (c *Circuit) judge(t *turn) {
	c.checkHealth(t)
	over := func(d *headwatch.Transition) { d.Level = headwatch.LevelNone }
	if c.last.To == headwatch.Closed && c.on.Level != headwatch.LevelNone && c.lasted(c.well) {
		c.decide(t, ofOn, over)
	}
	if c.tell.Level != headwatch.LevelNone && c.lasted(c.quiet) {
		c.decide(t, ofTell, over)
	}
	c.climb(t)
	if !c.last.HeldUntil.IsZero() {
		return
	}
	if c.last.To == headwatch.Closed && t.failing {
		c.sample(t, errUnhealthy)
	}
	// While it is open only health is fed: anything else would make it flap to half-open and back through a whole outage.
	if c.last.To == headwatch.Open && t.healthy && !c.last.Latched {
		c.sample(t, nil)
	}
	if c.last.To == headwatch.HalfOpen {
		c.sample(t, c.probation(t))
		c.climb(t) // where that closed it, what is only told is told at once
	}
}

// probation says what a turn in half-open means: nil closes the circuit, errUnhealthy opens it again.
func (c *Circuit) probation(t *turn) error {
	switch {
	case t.due >= headwatch.LevelWarn:
		return errUnhealthy
	case c.lasted(c.well):
		return nil
	default:
		return errUnproven
	}
}

// sample feeds gobreaker and records every state that it moved to.
func (c *Circuit) sample(t *turn, err error) {
	for _, to := range c.engine.feed(err, t.due == headwatch.LevelTrip) {
		c.decide(t, ofOn, func(d *headwatch.Transition) {
			d.To = to
			switch to {
			case headwatch.Open:
				d.Level, d.Latched = headwatch.LevelTrip, c.cfg.Rearm == config.RearmManual
			case headwatch.Closed:
				d.Level = headwatch.LevelNone
			}
		})
	}
}

// Which of the two incidents a decision is of.
const (
	ofOn   = false
	ofTell = true
)

// decide makes the next Transition: the newest one, changed. Every decision passes here and nowhere else.
func (c *Circuit) decide(t *turn, told bool, change func(*headwatch.Transition)) headwatch.Transition {
	about, beside := c.on, c.tell
	if told {
		about, beside = beside, about
	}
	d := c.last
	d.Seq++
	d.From, d.At, d.Cause = d.To, t.at, clone(&t.a)
	d.Actor, d.Reason = headwatch.Watchdog, ""
	d.Told, d.Level, d.Incident, d.Aside = told, about.Level, about.Incident, nil
	if beside.Level != headwatch.LevelNone {
		d.Aside = &beside
	}
	change(&d)
	if d.To != d.From {
		d.Since = d.At
	}
	if d.Level != headwatch.LevelNone && d.Incident == "" {
		d.Incident = c.newIncident(&d)
		c.id = d.Incident
	}
	c.last = d
	c.on, c.tell = d.Standing()
	t.decided = append(t.decided, d)
	return d
}

// newIncident names the incident that begins with d after the newest block's own time: a process that died before it could
// put the incident on record finds the same name again, and with it whom it paged. One that a person begins is named after
// that instant. Two of one name are told apart by the sequence.
func (c *Circuit) newIncident(d *headwatch.Transition) string {
	at := d.At
	if d.Actor == headwatch.Watchdog && d.Cause.Head != nil {
		at = d.Cause.Head.Time
	}
	id := fmt.Sprintf("%s-%s", c.cfg.Name, at.UTC().Format("20060102T150405Z"))
	if strings.HasPrefix(c.id, id) || d.Aside != nil && strings.HasPrefix(d.Aside.Incident, id) {
		id = fmt.Sprintf("%s-%d", id, d.Seq)
	}
	return id
}
