package watcher

import (
	"fmt"
	"math"
	"slices"
	"time"

	"headwatch"
)

// estimate bounds how far a server's clock is ahead of ours, by one answer of it.
type estimate struct {
	at          time.Time // of the answer; zero for none
	least, most time.Duration
}

// unbounded is the upper bound where an answer gives none.
const unbounded = time.Duration(math.MaxInt64)

// clocks keeps what the servers of a chain say of our clock.
type clocks struct {
	shift     time.Duration   // of the wall clock against the monotonic one since the View began
	said      []estimate      // by endpoint, of its newest poll
	wrongFrom time.Time       // when a quorum first said that our clock is wrong; zero while none does
	words     []estimate      // by operator; scratch of served
	middles   []time.Duration // scratch of measure
	aheadFrom time.Time       // when the agreed head first came from the future; zero when the newest did not
}

func newClocks(endpoints, operators int) clocks {
	return clocks{
		said: make([]estimate, endpoints), words: make([]estimate, operators), middles: make([]time.Duration, 0, operators),
	}
}

// skew is what the operators of a chain's servers say of the local clock together.
type skew struct {
	by      time.Duration // how far it is behind; less than 0: ahead; 0 while it is right and while nobody can tell
	least   bool          // it may be farther behind than that
	right   bool          // a quorum says that it is right
	servers int           // operators that say so
	of      int           // operators that told the time
	since   time.Time
}

// hearClock takes what an answer to a poll tells of the clocks. The server wrote its Date, in whole seconds, between our
// question and its answer. On a layer 1, whose blocks never come from the future, a head stands in for a missing Date.
func (v *View) hearClock(i int, o headwatch.Observation) {
	v.noteJump(o.At)
	if o.Pushed || o.Err != nil && o.Date.IsZero() {
		return
	}
	said := &v.clocks.said[i]
	*said = estimate{}
	if !o.Date.IsZero() {
		behind := o.Date.Sub(o.At)
		*said = estimate{at: o.At, least: behind, most: behind + time.Second + o.Latency}
	} else if h, ok := o.Heads[headwatch.Unsafe]; ok && !v.hasL1() && h.Time.Sub(o.At) > v.chain.MaxSkew.D() {
		*said = estimate{at: o.At, least: h.Time.Sub(o.At), most: unbounded}
	}
	switch {
	case v.served(o.At).by == 0:
		v.clocks.wrongFrom = time.Time{}
	case v.clocks.wrongFrom.IsZero():
		v.clocks.wrongFrom = o.At
	}
}

// served is what the chain's own servers say of the local clock. An operator speaks through its narrowest estimate. A
// quorum that is also more than half of all operators must agree: one server with a wrong clock moves nobody.
func (v *View) served(now time.Time) skew {
	words := v.clocks.words
	clear(words)
	for i, said := range v.clocks.said {
		if said.at.IsZero() || now.Sub(said.at) >= v.endpoints[i].timely() {
			continue
		}
		if word := &words[v.endpoints[i].who]; word.at.IsZero() || said.most-said.least < word.most-word.least {
			*word = said
		}
	}
	var say [3]int // that our clock is ahead, right, behind
	limit, s := v.chain.MaxSkew.D(), skew{}
	for _, word := range words {
		if !word.at.IsZero() {
			say[1+word.side(limit)]++
			s.of++
		}
	}
	for side := -1; side <= 1; side++ {
		if s.servers = say[1+side]; s.servers >= max(v.chain.Quorum, len(words)/2+1) {
			s.right = side == 0
			if side != 0 {
				v.measure(&s, side)
			}
			return s
		}
	}
	return s
}

// measure adds by how much those who contradict our clock do so: the median of their middles.
func (v *View) measure(s *skew, side int) {
	middles := v.clocks.middles[:0]
	for _, word := range v.clocks.words {
		if word.at.IsZero() || word.side(v.chain.MaxSkew.D()) != side {
			continue
		}
		s.since = later(s.since, word.at)
		middle := word.least
		if word.most == unbounded {
			s.least = true
		} else {
			middle += (word.most - word.least) / 2
		}
		middles = append(middles, middle)
	}
	slices.Sort(middles)
	s.by = middles[len(middles)/2]
	if !v.clocks.wrongFrom.IsZero() {
		s.since = v.clocks.wrongFrom
	}
}

// side is 1 if our clock is behind by more than the limit for sure, -1 if it is ahead by more, else 0.
func (e estimate) side(limit time.Duration) int {
	switch {
	case e.least > limit:
		return 1
	case e.most < -limit:
		return -1
	default:
		return 0
	}
}

// timely is how long the endpoint's word on the time counts: its next poll brings another.
func (e *endpointView) timely() time.Duration { return e.within(max(e.interval, pushSlot)) }

// noteAhead keeps account of an agreed head that is later than our clock, after the head changed.
func (v *View) noteAhead(at time.Time) {
	switch {
	case v.tip.Time.Sub(at) <= v.chain.MaxSkew.D():
		v.clocks.aheadFrom = time.Time{}
	case v.clocks.aheadFrom.IsZero():
		v.clocks.aheadFrom = at
	}
}

// assessClock says whose clock is wrong, as far as that can be told. Where the chain's own servers cannot tell, those of
// its L1 do.
func (v *View) assessClock(now time.Time) {
	limit := v.chain.MaxSkew.D()
	v.skew = v.served(now)
	from := ""
	if v.skew.by == 0 && !v.skew.right && v.witness.Skew.by != 0 {
		v.skew, from = v.witness.Skew, " of the L1"
	}
	f := headwatch.Finding{Condition: headwatch.ClockSkew, Since: v.clocks.aheadFrom, Value: v.tip.Time.Sub(now), Limit: limit}
	switch s := v.skew; {
	case s.by != 0:
		f.Since, f.Value = s.since, s.by.Abs()
		f.Detail = fmt.Sprintf("the local clock is %s by %s, say %d of %d servers%s", s.direction(), headwatch.Brief(f.Value.Round(time.Second)), s.servers, s.of, from)
	case !v.agreed || f.Since.IsZero() || f.Value <= limit:
		return
	case s.right:
		f.Detail = fmt.Sprintf("the chain's clock runs ahead: %d of %d servers agree with the local clock", s.servers, s.of)
	default:
		f.Detail = "the newest block is ahead of the local clock"
	}
	v.find(f)
}

func (s *skew) direction() string {
	switch {
	case s.by < 0:
		return "ahead"
	case s.least:
		return "behind at least"
	default:
		return "behind"
	}
}

// lateByServers reports whether the agreed head came late by the servers' clock, while ours is known to be wrong.
func (v *View) lateByServers() bool {
	if v.skew.by == 0 || v.pace.n == 0 || v.chain.Idles() {
		return false
	}
	return v.pace.arrival(v.pace.n-1).at.Add(v.skew.by).Sub(v.tip.Time) >= v.limit
}

// stoodSince is when the standstill began. One that began before this View rests on the local clock: while that is known
// to be wrong, it counts from here.
func (v *View) stoodSince() time.Time {
	if v.skew.by != 0 {
		return later(v.living(), v.adopted)
	}
	return v.living()
}
