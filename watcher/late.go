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

// pace remembers when the newest agreed heads arrived, to tell a chain that catches up from one that merely moves.
type pace struct {
	ring [16]arrival
	n    int // arrivals so far
}

type arrival struct{ at, time time.Time }

func (p *pace) add(at, headTime time.Time) {
	p.ring[p.n%len(p.ring)] = arrival{at, headTime}
	p.n++
}

// fast reports whether the chain's own time advanced by more than the window and the slack within the window that ends
// now: faster than the wall clock. A chain that sealed nothing for a while and then jumps is fast for one window.
func (p *pace) fast(now time.Time, window, slack time.Duration) bool {
	if p.n < 2 {
		return false
	}
	for i := p.n - 1; i >= p.oldest(); i-- {
		a := p.arrival(i)
		if i > p.oldest() && now.Sub(a.at) < window {
			continue
		}
		// A ring that is shorter than the window is full of arrivals faster than any chain at its own pace.
		return p.arrival(p.n-1).time.Sub(a.time) > min(window, now.Sub(a.at))+slack
	}
	return false
}

// turns names every instant at which fast may answer differently if nothing more arrives.
func (p *pace) turns(window, slack time.Duration, at func(time.Time)) {
	for i := p.oldest(); i < p.n; i++ {
		a := p.arrival(i)
		at(a.at.Add(window))
		at(a.at.Add(p.arrival(p.n-1).time.Sub(a.time) - slack))
	}
}

func (p *pace) oldest() int           { return max(p.n-len(p.ring), 0) }
func (p *pace) arrival(i int) arrival { return p.ring[i%len(p.ring)] }
