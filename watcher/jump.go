package watcher

import "time"

// noteJump notices that the wall clock moved against the monotonic one: it was set, or the machine slept. Then ages of
// heads, which are taken by the wall clock, begin anew: neither a standstill, nor lateness, nor life came of
// the jump. What was measured from arrival to arrival goes on by the monotonic clock, which does not count the sleep.
func (v *View) noteJump(at time.Time) {
	shift := at.Round(0).Sub(v.started.Round(0)) - at.Sub(v.started)
	if (shift - v.clocks.shift).Abs() <= v.chain.MaxSkew.D() {
		return
	}
	v.clocks.shift, v.jumped = shift, at
	clear(v.clocks.said) // of a clock that is no more
}

// anchor puts an instant that has no monotonic clock on that of at, and not after it: from there on no jump of the wall
// clock moves it. A journal that was written while the clock was ahead may name an instant in the future.
func anchor(t, at time.Time) time.Time { return at.Add(min(t.Sub(at), 0)) }

// onOurClock is anchor for what was told by a head's age, which says nothing of the time before a jump.
func (v *View) onOurClock(t, at time.Time) time.Time { return later(anchor(t, at), v.jumped) }
