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
	l1Slot       = 12 * time.Second // how often what moves with L1 is asked for, and how long a subscription may be silent before a poll checks it
	pushSlot     = time.Minute      // how often an endpoint is polled while its subscription is well
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
	timer := time.NewTimer(0)
	defer timer.Stop()
	var asked, slot time.Time
	for {
		select {
		case <-ctx.Done():
			return
		case <-e.pollNow:
		case <-timer.C:
			if wait := time.Until(e.due(asked, slot)); wait > 0 { // heads were pushed meanwhile
				timer.Reset(wait)
				continue
			}
		}
		asked = time.Now()
		if o, ok := e.ask(ctx, asked); ok {
			e.note(o)
			e.send(ctx, out, o)
		}
		slot = e.next(asked, time.Now())
		timer.Reset(time.Until(e.due(asked, slot)))
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
	e.check(o)
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

// check ends a subscription that has been silent while the head went on by more than the block on its way.
func (e *endpoint) check(o headwatch.Observation) {
	silent := o.At.Sub(e.heardPush()) >= patience(e.interval)-slotSlack
	if e.pushing.Load() && silent && o.Heads[headwatch.Unsafe].Number > e.pushed.Load()+1 {
		e.cut(errDeaf)
	}
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

// patience is how long a subscription may be silent before a poll checks on it: twice what a block takes, which is the
// interval unless somebody changed it.
func patience(interval time.Duration) time.Duration { return max(l1Slot, 2*interval) }

func (e *endpoint) heardPush() time.Time { return e.started.Add(time.Duration(e.pushedAt.Load())) }

// due is when to poll unless something wakes the endpoint before: in its slot, or sooner when a subscription has fallen
// silent.
func (e *endpoint) due(asked, slot time.Time) time.Time {
	if !e.pushing.Load() {
		return slot
	}
	return earlier(slot, later(asked, e.heardPush()).Add(patience(e.interval)))
}

// every is how long until the next answer is due while all is well. Any goroutine may call it.
func (e *endpoint) every() time.Duration {
	switch {
	case e.suspected.Load():
		return suspectEvery
	case e.pushing.Load():
		return patience(e.interval)
	}
	return time.Duration(e.period.Load())
}

// economise lets the budget say how often the endpoint is asked. One that answers badly is not slowed: it is to be seen
// whether it is back.
func (e *endpoint) economise(now time.Time) time.Duration {
	period := e.interval
	if e.fault == "" {
		period = e.budget.stretch(e.interval, e.meter.read(now).Today, now)
	}
	was := time.Duration(e.period.Swap(int64(period)))
	switch {
	case was == e.interval && period > e.interval:
		e.log.Info("asked more rarely, to stay within the budget", zap.Duration("every", period), zap.Duration("interval", e.interval))
	case was > e.interval && period == e.interval && e.fault == "":
		e.log.Info("asked at its own interval again")
	}
	return period
}

// next is the instant of the poll after the one at asked: under suspicion a second later, else the next of the
// endpoint's own slots that is at least half a period away.
func (e *endpoint) next(asked, now time.Time) time.Time {
	if e.suspected.Load() {
		return asked.Add(suspectEvery)
	}
	period := e.economise(now)
	if e.pushing.Load() {
		period = max(period, pushSlot)
	}
	first := e.started.Add(e.phase % period)
	earliest := asked.Add(period / 2)
	if now.After(earliest) {
		earliest = now
	}
	slots := max(0, earliest.Sub(first)+period-1) / period
	return first.Add(slots * period)
}
