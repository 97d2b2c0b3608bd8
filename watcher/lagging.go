package watcher

import "time"

// lag keeps account of whether an endpoint is behind the agreed head by the limit, after either moved.
func (v *View) lag(e *endpointView, at time.Time) {
	if !e.has || e.votes == 0 || !v.agreed || e.head.Number >= v.tip.Number || v.tip.Time.Sub(e.head.Time) < v.limit+e.rarer() {
		e.lagFrom = time.Time{}
		return
	}
	if e.lagFrom.IsZero() {
		e.lagFrom = at
	}
	if e.grace == 0 {
		e.grace = v.tip.Time.Sub(e.head.Time)
	}
}

// lags reports whether an endpoint is behind by more than the limit. The first block after an idle hour is an hour younger
// than the one before: there the endpoint must also have been behind for the limit.
func (v *View) lags(e *endpointView, now time.Time) bool {
	return !e.lagFrom.IsZero() && (!v.chain.Idles() || now.Sub(e.lagFrom) >= v.limit)
}
