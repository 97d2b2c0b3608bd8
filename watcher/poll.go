package watcher

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/sony/gobreaker/v2"
	"go.uber.org/zap"

	"headwatch"
)

const (
	l1Slot       = 12 * time.Second // how often what moves with L1 is asked for, and how often a subscription is checked
	slotSlack    = l1Slot / 24      // timers are late by different amounts
	suspectEvery = time.Second
	openAfter    = 5 // failures in a row
	openFor      = 15 * time.Second
)

// newBreaker keeps a dead endpoint from being hammered. Interval 0: only a success ends a row of failures.
func newBreaker() *gobreaker.TwoStepCircuitBreaker[any] {
	return gobreaker.NewTwoStepCircuitBreaker[any](gobreaker.Settings{
		Timeout:     openFor,
		ReadyToTrip: func(c gobreaker.Counts) bool { return c.ConsecutiveFailures >= openAfter },
	})
}

func (e *endpoint) poll(ctx context.Context, out chan<- headwatch.Observation) {
	e.started = time.Now()
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-e.pollNow:
		case <-timer.C:
		}
		asked := time.Now()
		if o, ok := e.ask(ctx, asked); ok {
			e.note(o)
			e.send(ctx, out, o)
		}
		timer.Reset(time.Until(e.next(asked, time.Now())))
	}
}

// ask probes the endpoint, unless it is to be left alone: that is for the endpoint's good, and a suspicion overrides it.
func (e *endpoint) ask(ctx context.Context, now time.Time) (o headwatch.Observation, ok bool) {
	suspected := e.suspected.Load()
	if now.Before(e.notBefore) && !suspected {
		return o, false
	}
	done, err := e.breaker.Allow()
	if err != nil && !suspected {
		return o, false
	}
	slow := now.Sub(e.slowAt) >= l1Slot-slotSlack
	if slow {
		e.slowAt = now
	}
	o = e.probe(ctx, slow)
	switch {
	case err == nil:
		done(o.Err)
	case o.Err == nil:
		e.breaker = newBreaker() // the endpoint is back before the breaker would have asked
	}
	e.notBefore = time.Time{}
	if f, ok := errors.AsType[*headwatch.Fault](o.Err); ok && f.RetryAfter > 0 {
		e.notBefore = o.At.Add(f.RetryAfter)
	}
	if slow {
		e.check(o)
	}
	return o, ctx.Err() == nil
}

// probe keeps a panic inside the endpoint.
func (e *endpoint) probe(ctx context.Context, slow bool) (o headwatch.Observation) {
	defer func() {
		if r := recover(); r != nil {
			o = e.panicked(r)
		}
	}()
	return e.prober.probe(ctx, slow)
}

func (e *endpoint) panicked(r any) headwatch.Observation {
	f := faultf(headwatch.FaultPanic, "%s", e.secrets.excerpt(fmt.Sprint(r)))
	e.log.Error("panic while observing", zap.Error(f), zap.Stack("stack"))
	return headwatch.Observation{At: time.Now(), Err: f}
}

// check ends a subscription that was silent for an L1 slot while the head went on by more than the block on its way.
func (e *endpoint) check(o headwatch.Observation) {
	pushed := e.pushed.Load()
	if e.pushing.Load() && pushed == e.checked && o.Heads[headwatch.Unsafe].Number > pushed+1 {
		e.cut(errDeaf)
	}
	e.checked = pushed
}

// note logs a change from well to bad, to another fault, or back.
func (e *endpoint) note(o headwatch.Observation) {
	var kind headwatch.FaultKind
	if f, ok := errors.AsType[*headwatch.Fault](o.Err); ok {
		kind = f.Kind
	}
	switch {
	case kind == e.fault:
	case kind == "":
		e.log.Info("endpoint answers again")
	default:
		e.log.Info("endpoint answers badly", zap.Error(o.Err))
	}
	e.fault = kind
}

// next is the instant of the poll after the one at asked: under suspicion a second later, else the next of the
// endpoint's own slots that is at least half a period away.
func (e *endpoint) next(asked, now time.Time) time.Time {
	if e.suspected.Load() {
		return asked.Add(suspectEvery)
	}
	period := e.interval
	if e.pushing.Load() {
		period = max(period, l1Slot)
	}
	first := e.started.Add(e.phase % period)
	earliest := asked.Add(period / 2)
	if now.After(earliest) {
		earliest = now
	}
	slots := max(0, earliest.Sub(first)+period-1) / period
	return first.Add(slots * period)
}
