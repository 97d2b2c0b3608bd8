package watcher

import (
	"fmt"
	"strings"
	"time"

	"headwatch"
)

// reorgHolds is how long a reorganisation is told after it was seen: it is over in an instant, and a circuit's ladder
// needs time to be climbed.
const reorgHolds = 10 * time.Minute

// replaced is the newest change of the agreed chain that took blocks away.
type replaced struct {
	at     time.Time // zero when there was none
	common uint64    // the newest block that both chains have
	linked bool      // common is known, not only a bound from above
	same   bool      // nothing was contradicted: the head went back on its own chain
}

// reorg is the reorganisation that is told.
type reorg struct {
	since, seen time.Time // the first and the newest of those that are told as one
	depth       uint64
	detail      string
}

// witnesses is how many must have lost blocks before it is told: more than half, so that a minority cannot make one up.
func (v *View) witnesses() int { return v.voters().count()/2 + 1 }

// follow gives the agreed chain up for the one that ends in h, and keeps what both have. What is taken away is noted: down
// to the newest block of both, or, when h cannot be linked that far, to the block before the lowest one known to differ, from
// where the search goes on.
func (v *View) follow(h headwatch.Head, at time.Time) {
	next, r := trail{}, replaced{at: at, common: min(v.tip.Number, h.Number)}
	for number, hash := range v.ancestry(h) {
		agreed, known := v.trail.hash(number)
		if known && agreed == hash {
			r.common, r.linked = number, true
			next.keep(&v.trail, number)
			break
		}
		if known && number > 0 {
			r.common = min(r.common, number-1)
		}
		next.put(number, hash)
	}
	r.same = r.linked && r.common == h.Number
	v.search = search{}
	if !r.linked {
		v.search.begin(&v.trail, r.common, at)
	}
	v.trail, v.replaced = next, r
	for i := range v.endpoints {
		e := &v.endpoints[i]
		e.left, e.moved, e.peak, e.past = e.peak, 0, 0, headwatch.Head{}
	}
}

// arrive notes that an endpoint named a block of the agreed chain. Whoever had named blocks that were replaced is a witness
// of it.
func (v *View) arrive(e *endpointView, h headwatch.Head) {
	if agreed, known := v.trail.hash(h.Number); !known || agreed != h.Hash {
		return // not contradicted, but not shown either
	}
	e.peak = max(e.peak, h.Number)
	if e.left == 0 {
		return
	}
	e.moved, e.left = e.left, 0
	if e.moved > v.replaced.common && e.votes != 0 {
		v.tellReplaced()
	}
}

// tellReplaced tells of the newest reorganisation once enough have lost blocks to it. Its depth counts from the newest
// block that so many had.
func (v *View) tellReplaced() {
	var top uint64
	var names []string
	for i := range v.endpoints {
		e := &v.endpoints[i]
		if e.moved <= v.replaced.common || e.votes == 0 {
			continue
		}
		names = append(names, e.name)
		var as operators
		for j := range v.endpoints {
			if other := &v.endpoints[j]; other.moved >= e.moved {
				as |= other.votes
			}
		}
		if as.count() >= v.witnesses() {
			top = max(top, e.moved)
		}
	}
	if top == 0 {
		return
	}
	r, depth, what := v.replaced, top-v.replaced.common, ""
	switch {
	case r.same:
		what = fmt.Sprintf("the head went back from block %d to block %d", top, r.common)
	case r.linked:
		what = fmt.Sprintf("%s above block %d replaced", blocks(depth), r.common)
	default:
		what = fmt.Sprintf("%s or more replaced, the common ancestor is at or below block %d", blocks(depth), r.common)
	}
	v.tell(r.at, depth, r.common, what, names)
}

func blocks(n uint64) string {
	if n == 1 {
		return "1 block"
	}
	return fmt.Sprintf("%d blocks", n)
}

// tell begins or deepens the finding. What comes while an earlier one still holds is told with it.
func (v *View) tell(at time.Time, depth, common uint64, what string, names []string) {
	broken := v.broken(common)
	if depth < uint64(max(v.chain.ReorgDepth, 1)) && broken == "" {
		return
	}
	r := &v.reorg
	if r.since.IsZero() || at.Sub(r.seen) >= reorgHolds {
		*r = reorg{since: at}
	}
	r.seen = at
	if depth >= r.depth {
		r.depth, r.detail = depth, what+", as seen by "+strings.Join(names, ", ")+broken
	}
}

// assessReorg finds the reorganisation that was seen lately.
func (v *View) assessReorg(now time.Time) {
	if r := &v.reorg; !r.since.IsZero() && now.Sub(r.seen) < reorgHolds {
		block := v.chain.BlockTime.D()
		v.find(headwatch.Finding{
			Condition: headwatch.Reorg, Since: r.since, Value: time.Duration(r.depth) * block,
			Limit: time.Duration(max(v.chain.ReorgDepth, 1)) * block, Detail: r.detail,
		})
	}
}

// restoreReorg keeps a reorganisation that the journal knows: a restart does not end it.
func (v *View) restoreReorg(a headwatch.Assessment) {
	if f := a.Find(headwatch.Reorg); f != nil && v.chain.BlockTime > 0 {
		v.reorg = reorg{f.Since, f.Since, uint64(f.Value / v.chain.BlockTime.D()), f.Detail}
	}
}

// retreat follows a head that went back without a contradiction: for as long as a fork needs to count, everybody who can
// vote and answers is below the agreed head, and two operators or more that had named higher blocks hold the same lower one.
// A single operator's is more likely a load balancer with a node that is behind.
func (v *View) retreat(e *endpointView, at time.Time) {
	if e.votes == 0 || !v.agreed {
		return
	}
	if e.head.Number >= v.tip.Number {
		v.below = time.Time{}
		return
	}
	var fallen, answering operators
	for i := range v.endpoints {
		other := &v.endpoints[i]
		if other.votes == 0 || !other.has || other.syncing || !other.wrongFrom.IsZero() || v.silent(other, at) {
			continue
		}
		answering |= other.votes
		if other.head.Number >= v.tip.Number {
			v.below = time.Time{}
			return
		}
		if other.peak > other.head.Number && other.said.own(e.head.Number) && other.said.is(e.head.Number, e.head.Hash) {
			fallen |= other.votes
		}
	}
	if v.below.IsZero() {
		v.below = at
	}
	if fallen.count() < 2 || 2*fallen.count() <= answering.count() || at.Sub(v.below) < v.settling {
		return
	}
	v.below = time.Time{}
	v.moveTo(e.head, at)
}
