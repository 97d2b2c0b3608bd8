package watcher

import (
	"fmt"
	"strings"
	"time"

	"headwatch"
)

// apart is an endpoint's contradiction of the agreed chain: another block at a height that both have.
type apart struct {
	since  time.Time // zero while there is none
	from   uint64    // the first height at which they were seen to differ
	number uint64    // the newest height at which they differ
	hash   string    // what the endpoint holds there
}

// meets finds the newest height at which both an endpoint's chain and the agreed one are known here.
func (v *View) meets(e *endpointView) (number uint64, hash string, same, known bool) {
	top := min(e.said.top, v.tip.Number)
	for n := top; top-n < uint64(len(e.said.slots)) && n >= e.said.from; n-- {
		if said := e.said.at(n); said != nil {
			if agreed, known := v.trail.hash(n); known {
				return n, said.Hash, said.Hash == agreed, true
			}
		}
		if n == 0 {
			break
		}
	}
	return 0, "", false, false
}

// compare keeps account of whether an endpoint is on another chain than the agreed one, after either moved. Heads that
// have no height in common change nothing, until both have gone on by more than the trail remembers: endpoints that are asked
// more rarely than the chain makes blocks may have none for long after a race for the tip.
func (v *View) compare(e *endpointView, at time.Time) {
	if e.votes == 0 || !e.has {
		return
	}
	number, hash, same, known := v.meets(e)
	if known && !same {
		e.parted = at
	}
	switch {
	case known && same:
		e.apart = apart{}
	case known && e.apart.since.IsZero():
		e.apart = apart{at, number, number, hash}
		e.said.from = number // what it said before may be of the chain that it left
	case known:
		e.apart.number, e.apart.hash = number, hash
	case min(e.head.Number, v.tip.Number) > e.apart.number+uint64(len(v.trail.slots)):
		e.apart = apart{}
	}
}

// settlingOf is how long two chains must be held side by side before they count as a fork: three block times, as a race for
// the tip is over by then, and no less than everybody needs to be heard again.
func (v *View) settlingOf() time.Duration {
	d := v.window()
	for i := range v.endpoints {
		d = max(d, v.endpoints[i].within(v.endpoints[i].interval))
	}
	return d
}

// settles is when an endpoint that is apart counts: one that is asked more rarely is given that time as well.
func (v *View) settles(e *endpointView) time.Time {
	return e.apart.since.Add(v.settling + e.rarer())
}

// fork is what those who can vote hold beside the agreed chain.
type fork struct {
	ours, theirs operators
	since        time.Time
	newest       *endpointView // of theirs
}

// tied reports whether the agreed chain is not the strict majority's: then there is no verdict.
func (f fork) tied() bool { return f.theirs.count() > 0 && f.ours.count() <= f.theirs.count() }

// forked says who is on which side. An operator on both counts on both.
func (v *View) forked(now time.Time) (f fork) {
	for i := range v.endpoints {
		e := &v.endpoints[i]
		switch {
		case !e.wrongFrom.IsZero() || e.syncing || !e.has || v.silent(e, now):
		case e.apart.since.IsZero():
			if e.standing == proved {
				f.ours |= e.votes
			}
		case !now.Before(v.settles(e)):
			f.theirs |= e.votes
			if f.since.IsZero() || e.apart.since.Before(f.since) {
				f.since = e.apart.since
			}
			if f.newest == nil || e.apart.number > f.newest.apart.number {
				f.newest = e
			}
		}
	}
	return f
}

// assessFork reports whether a fork leaves no verdict.
func (v *View) assessFork(now time.Time) (tied bool) {
	f := v.forked(now)
	if f.newest == nil {
		return false
	}
	found := headwatch.Finding{
		Condition: headwatch.Fork, Since: f.since, Value: now.Sub(f.since), Limit: v.settling, Votes: v.vote(now), Detail: v.describe(f),
	}
	v.find(found)
	if f.tied() {
		found.Condition, found.Detail = headwatch.Blind, "the endpoints hold different chains, and neither is the strict majority's"
		v.find(found)
	}
	return f.tied()
}

func (v *View) describe(f fork) string {
	at := f.newest.apart
	agreed, known := v.trail.hash(at.number)
	var ours, theirs []string
	for i := range v.endpoints {
		switch e := &v.endpoints[i]; {
		case e.said.is(at.number, at.hash) && !e.apart.since.IsZero():
			theirs = append(theirs, e.name)
		case known && e.said.is(at.number, agreed) && e.apart.since.IsZero():
			ours = append(ours, e.name)
		}
	}
	return fmt.Sprintf("block %d: %s on the agreed chain (%s), %s in %s; operators %d to %d", at.number,
		short(agreed), orNone(ours), short(at.hash), orNone(theirs), f.ours.count(), f.theirs.count())
}

func orNone(names []string) string {
	if len(names) == 0 {
		return "nobody just now"
	}
	return strings.Join(names, ", ")
}

// short is enough of a hash to tell it from another by eye.
func short(hash string) string {
	if len(hash) > 12 {
		return hash[:12] + "…"
	}
	return hash
}
