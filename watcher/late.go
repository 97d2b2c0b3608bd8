package watcher

import "time"

// tardy is how the agreed head stood when the next one came.
type tardy struct {
	stood bool      // it had stood still for the limit
	late  bool      // it was older than the limit
	from  time.Time // when it became so
}

// judgeLate keeps account of whether the chain is behind, after its agreed head changed.
func (v *View) judgeLate(before tardy, at time.Time) {
	if before == (tardy{}) && v.chain.Idles() {
		return // the age of the head at which it was found says nothing
	}
	if before.stood {
		v.resumed = at
	}
	v.behind = v.behind || before.stood || before.late
	late := at.Sub(v.tip.Time) >= v.limit
	switch {
	case !late:
		v.lateFrom = time.Time{}
		v.behind = v.behind && v.catchingUp(at)
	case v.lateFrom.IsZero() && before.late:
		v.lateFrom = v.onOurClock(before.from, at)
	case v.lateFrom.IsZero():
		v.lateFrom = v.onOurClock(v.tip.Time.Add(v.limit), at)
	}
	v.behind = v.behind || late
}

// catchingUp reports whether a chain that was late advances faster than the wall clock. It is given one window after it
// moved again: its pace cannot be told sooner.
func (v *View) catchingUp(now time.Time) bool {
	return v.behind && (now.Sub(v.resumed) < v.window() || v.pace.fast(now, v.window(), v.slack()))
}

// window is the stretch of wall clock over which the pace is judged, slack what polling and whole-second timestamps
// may add to it.
func (v *View) window() time.Duration { return max(3*v.chain.BlockTime.D(), 3*time.Second) }
func (v *View) slack() time.Duration  { return max(2*v.chain.BlockTime.D(), 2*time.Second) }
