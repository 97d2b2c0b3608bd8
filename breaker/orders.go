package breaker

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"headwatch"
)

// MaxHold is the longest hold that an operator may order.
const MaxHold = 24 * time.Hour

// ordersPerFeed bounds how many orders one Feed obeys, so that a flood of them cannot keep it from judging.
const ordersPerFeed = 16

var (
	// ErrNotNow marks an order that the circuit refused in its present state. The same order may succeed later.
	ErrNotNow = errors.New("refused")
	// ErrInvalid marks an order that no circuit ever obeys.
	ErrInvalid = errors.New("invalid order")
)

// order is an operator's order on its way through a Feed, which fills in the result and closes done.
type order struct {
	headwatch.Action
	result headwatch.Transition
	err    error
	done   chan struct{}
}

// Do hands an order of an operator to the next Feed and returns what that decided; the caller sees to it that a Feed comes
// soon. Trip, reset and hold are obeyed, and each needs an Actor and a Reason. The error is ErrInvalid, ErrNotNow, or that
// of ctx; an order whose ctx ended before a Feed took it is never obeyed. The Transition is also in the result of Feed, on
// its way to the journal: it may not be on record yet when Do returns. Safe from any goroutine but the one that feeds.
func (c *Circuit) Do(ctx context.Context, a headwatch.Action) (headwatch.Transition, error) {
	if err := check(a); err != nil {
		return headwatch.Transition{}, fmt.Errorf("circuit %s: %w", c.cfg.Name, err)
	}
	o := &order{Action: a, done: make(chan struct{})}
	select {
	case c.orders <- o: // unbuffered: an order that no Feed took waits nowhere and cannot surprise anybody later
		<-o.done
		return o.result, o.err
	case <-ctx.Done():
		return headwatch.Transition{}, fmt.Errorf("circuit %s: %s not obeyed: %w", c.cfg.Name, a.Kind, ctx.Err())
	}
}

func check(a headwatch.Action) error {
	switch {
	case a.Kind != headwatch.ActionTrip && a.Kind != headwatch.ActionReset && a.Kind != headwatch.ActionHold:
		return fmt.Errorf("%w: %q is not trip, reset or hold", ErrInvalid, a.Kind)
	case strings.TrimSpace(a.Actor) == "" || a.Actor == headwatch.Watchdog:
		return fmt.Errorf("%w: %s needs the name of a person", ErrInvalid, a.Kind)
	case strings.TrimSpace(a.Reason) == "":
		return fmt.Errorf("%w: %s needs a reason", ErrInvalid, a.Kind)
	case a.Kind == headwatch.ActionHold && (a.For <= 0 || a.For > MaxHold):
		return fmt.Errorf("%w: hold for %s: must be more than 0 and at most %s", ErrInvalid, headwatch.Brief(a.For), headwatch.Brief(MaxHold))
	default:
		return nil
	}
}

// obey carries out the orders that wait. Whoever gave them is answered at the end of the turn.
func (c *Circuit) obey(t *turn) {
	for range ordersPerFeed {
		select {
		case o := <-c.orders:
			o.result, o.err = c.carryOut(t, o.Action)
			t.obeyed = append(t.obeyed, o)
		default:
			return
		}
	}
}

func (c *Circuit) carryOut(t *turn, a headwatch.Action) (headwatch.Transition, error) {
	if why := c.objection(t, a.Kind); why != "" {
		return headwatch.Transition{}, fmt.Errorf("circuit %s: %s %w: %s", c.cfg.Name, a.Kind, ErrNotNow, why)
	}
	// An order is of what trips; of what is only told where nothing else has an incident.
	alone := c.on.Level == headwatch.LevelNone && c.tell.Level != headwatch.LevelNone
	return c.decide(t, alone && a.Kind != headwatch.ActionTrip, func(d *headwatch.Transition) {
		d.Actor, d.Reason = a.Actor, a.Reason
		switch a.Kind {
		case headwatch.ActionTrip:
			d.To, d.Level, d.Latched = headwatch.Open, headwatch.LevelTrip, true
		case headwatch.ActionReset:
			d.To, d.Level, d.Latched, d.HeldUntil = headwatch.Closed, headwatch.LevelNone, false, time.Time{}
		case headwatch.ActionHold:
			d.HeldUntil = t.at.Add(a.For)
		}
		if d.To != d.From {
			c.engine.force(d.To)
		}
	}), nil
}

// objection says why an order cannot be obeyed now; "" when it can.
func (c *Circuit) objection(t *turn, kind headwatch.ActionKind) string {
	tripping, telling := c.on.Level != headwatch.LevelNone, c.tell.Level != headwatch.LevelNone
	switch {
	case kind == headwatch.ActionTrip && c.last.To == headwatch.Open:
		return "it is already open"
	case kind != headwatch.ActionReset:
		return ""
	case !tripping && !telling && c.last.HeldUntil.IsZero():
		return "it is already closed"
	case !t.healthy && !t.failing:
		return fmt.Sprintf("%s is %s, not live; hold it to keep it as it is, or wait", c.cfg.Chain, t.a.Phase)
	case t.failing, t.telling && telling && !tripping:
		return fmt.Sprintf("%s still holds; hold it to keep it as it is, or wait", c.reasons(&t.a)[0])
	default:
		return ""
	}
}
