package watcher

import (
	"time"

	"headwatch"
	"headwatch/config"
)

// tempo is how often an endpoint answers. One that pushes is polled rarely, and so is one that a budget slows down: neither
// is silent for that.
type tempo struct {
	interval time.Duration
	timeout  time.Duration
	pushed   time.Duration // until the next answer is due while heads are pushed
	every    time.Duration // until the next one is due, as the last good answer had it
}

func newTempo(e config.Endpoint) tempo {
	return tempo{interval: e.Interval.D(), timeout: e.Timeout.D(), pushed: patience(e.Interval.D()), every: e.Interval.D()}
}

// hear takes when the next answer is due from a good one.
func (t *tempo) hear(o headwatch.Observation) {
	switch {
	case o.Every > 0:
		t.every = o.Every
	case o.Pushed:
		t.every = t.pushed
	default:
		t.every = t.interval
	}
}

// rarer is by how much longer than its interval the endpoint may take to answer: it has not fallen behind until then.
func (t *tempo) rarer() time.Duration { return max(0, t.every-t.interval) }

// within is how old the last good answer of an endpoint may be that answers this often: one answer may be missed.
func (t *tempo) within(every time.Duration) time.Duration {
	return max(2*every+t.timeout, 3*time.Second)
}

// silence is how long the endpoint may give no good answer. After a bad one it is asked at its own interval; one that was
// asked more rarely until then is given what is left of that time from the bad answer on.
func (e *endpointView) silence() time.Duration {
	slow, fresh := e.within(max(e.every, e.interval)), e.within(e.interval)
	if e.failing.IsZero() {
		return slow
	}
	if e.rarer() == 0 {
		return fresh
	}
	return min(slow, max(fresh, e.failing.Sub(e.heard)+fresh-e.interval))
}
