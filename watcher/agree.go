package watcher

import (
	"time"

	"headwatch"
)

// hear takes an endpoint's unsafe head and decides what it proves.
func (v *View) hear(e *endpointView, h headwatch.Head, at time.Time) {
	if e.has && e.head.Number == h.Number && e.head.Hash == h.Hash {
		if h.UserTxs != nil {
			e.head.UserTxs = h.UserTxs
			v.countUsers(e, at)
		}
		return
	}
	fell := e.has && h.Number < e.head.Number
	if !e.has || h.Number > e.head.Number {
		e.advanced = at
	}
	e.has, e.head = true, h
	e.said.add(h)
	if !v.agreed {
		v.adopt(e, h, at)
		return
	}
	before, stood := v.tip, e.standing
	e.standing = v.weigh(e, h, fell, at)
	if fell && stood != proved && e.standing == proved {
		e.parted = at // back from heads that nobody could link: two nodes answer in its name
	}
	if e.standing == proved {
		v.raise(e, h, at)
		v.arrive(e, h)
	} else {
		v.reanchor(e, at)
	}
	if v.tip.Number == before.Number {
		v.countUsers(e, at)
		return
	}
	if v.users.dark.IsZero() { // the blocks between were sealed since, and nobody counts them any more
		v.users.dark = at.Add(-max(v.tip.Time.Sub(before.Time)-v.chain.BlockTime.D(), 0))
	}
	for i := range v.endpoints {
		v.countUsers(&v.endpoints[i], at) // also of those whose head waited for a second endpoint
	}
}

// adopt takes the first head of all as the anchor, until two others agree on a different one.
func (v *View) adopt(e *endpointView, h headwatch.Head, at time.Time) {
	e.standing = proved
	v.agreed, v.adopted = true, at
	if v.setTip(h, at) && h.Time.Before(at) {
		v.advanced = h.Time // nobody here saw it arrive
	}
	v.advanced = anchor(v.advanced, at)
	v.reorg.seen = anchor(v.reorg.seen, at)
	v.arrive(e, h)
	v.judgeLate(tardy{}, at)
	v.users.last, v.users.dark = at, at
	v.countUsers(e, at)
}

// raise moves the agreed head up to a proved one, or to its parent, as far as enough operators hold it.
func (v *View) raise(e *endpointView, h headwatch.Head, at time.Time) {
	if h.Number <= v.tip.Number {
		return
	}
	if need := v.chain.ProofOfLife; need > 1 && v.supporters(h.Number, h.Hash) < need {
		parent, ok := v.heldParent(h)
		if !ok || parent.Number <= v.tip.Number || v.supporters(parent.Number, parent.Hash) < need {
			return
		}
		h = parent
	}
	before := tardy{stood: at.Sub(v.living()) >= v.limit, late: at.Sub(v.tip.Time) >= v.limit && !v.chain.Idles(), from: v.tip.Time.Add(v.limit)}
	if at.Before(v.settled()) {
		v.pace, before = pace{}, tardy{} // still looking for the head: no pace of the chain's
	}
	v.setTip(h, at)
	v.judgeLate(before, at)
	for i := range v.endpoints {
		other := &v.endpoints[i]
		if other.said.is(h.Number, h.Hash) {
			other.standing = proved
			v.arrive(other, h)
		}
		v.compare(other, at)
		other.grace = 0
		if other.has {
			other.grace = max(h.Time.Sub(other.head.Time), 0)
		}
		v.lag(other, at)
	}
}

// reanchor gives up the agreed chain for one that more operators hold: the sequencer reorganised, or the first head that
// was ever heard was a lie. One alone never moves others that answer; when none does, the word of one that never
// contradicted the agreed chain is what there is, as far as it can be believed. Those who poll at different instants may
// have no newest head in common, so what the endpoint said before counts as well.
func (v *View) reanchor(e *endpointView, at time.Time) {
	if v.moves(e, e.head, at) {
		v.mendOrMove(e.head, at)
		return
	}
	for n := e.head.Number; n > e.said.from && e.head.Number-n < uint64(len(e.said.slots)); n-- {
		said := e.said.at(n - 1)
		if said == nil || said.Time.IsZero() || v.claimants(n-1, said.Hash) < 2 {
			continue
		}
		if agreed, known := v.trail.hash(n - 1); known && agreed == said.Hash {
			return
		}
		if v.moves(e, *said, at) {
			v.mendOrMove(*said, at)
			return
		}
	}
}

// moves reports whether a head of an endpoint is held by more than those who stay with the agreed chain. An operator on
// both sides counts on both.
func (v *View) moves(e *endpointView, h headwatch.Head, at time.Time) bool {
	var staying operators
	for i := range v.endpoints {
		other := &v.endpoints[i]
		if other.standing == proved && other.wrongFrom.IsZero() && !v.silent(other, at) && !other.said.is(h.Number, h.Hash) {
			staying |= other.votes
		}
	}
	holding := v.supporters(h.Number, h.Hash)
	agreed, known := v.trail.hash(h.Number)
	replaced := known && agreed != h.Hash
	if holding <= staying.count() || !replaced && !v.surpasses(h) {
		return false // fewer hold it, or it lies in the past of the same chain: a lagging node's word moves nobody
	}
	alone := holding < 2 && v.voters().count() > 1
	return !alone || e.standing != strayed && !e.syncing && v.surpasses(h) && v.believable(h, at)
}

// mendOrMove gives up the agreed chain for one that more hold, unless the agreed head descends from that very block: a head
// that skipped some was never linked to what the trail has below it, and that may have been of another chain. Then only the
// trail was wrong.
func (v *View) mendOrMove(h headwatch.Head, at time.Time) {
	for number, hash := range v.ancestry(v.tip) {
		if number > h.Number {
			continue
		}
		if number < h.Number || hash != h.Hash {
			break
		}
		v.mend(h, at)
		return
	}
	v.moveTo(h, at)
}

// mend puts the blocks between the agreed head and one that it descends from in their places.
func (v *View) mend(h headwatch.Head, at time.Time) {
	for number, hash := range v.ancestry(v.tip) {
		v.trail.fill(number, hash)
		if number == h.Number {
			break
		}
	}
	for i := range v.endpoints {
		other := &v.endpoints[i]
		if agreed, known := v.trail.hash(other.head.Number); other.has && known && agreed == other.head.Hash {
			other.standing = proved
			v.arrive(other, other.head)
		}
		v.compare(other, at)
	}
}

// moveTo makes a head the agreed one that need not go on from the present one.
func (v *View) moveTo(h headwatch.Head, at time.Time) {
	v.follow(h, at)
	below := h.Number - min(h.Number, 1)
	v.users.number, v.users.counted = min(v.users.number, below), min(v.users.counted, below)
	v.setTip(h, at)
	v.lateFrom = time.Time{}
	v.judgeLate(tardy{}, at)
	for i := range v.endpoints {
		other := &v.endpoints[i]
		other.grace = 0
		switch {
		case other.said.is(h.Number, h.Hash):
			other.standing = proved
			v.arrive(other, h)
		case other.standing == proved:
			other.standing = strayed
		}
		v.compare(other, at)
	}
}

// surpasses reports whether the chain has never been as far as this head.
func (v *View) surpasses(h headwatch.Head) bool {
	return h.Number > v.highest || h.Time.After(v.newest)
}

// setTip makes a head the agreed one, and reports whether that is life.
func (v *View) setTip(h headwatch.Head, at time.Time) (life bool) {
	// Another block in the place of the last one is no life by its timestamp alone: a cache may make it up.
	if life = h.Number > v.highest || (h.Number != v.tip.Number || v.tip.Hash == "") && h.Time.After(v.newest); life {
		v.advanced, v.recorded, v.stood = at, false, time.Time{}
	}
	v.highest, v.newest = max(v.highest, h.Number), later(v.newest, earlier(h.Time, at)) // a lie about the future ends with it
	if v.tip.Hash != "" {
		v.rise(h, at)
	}
	v.tip = h
	v.trail.add(h)
	v.pace.add(at, h.Time)
	v.noteAhead(at)
	return life
}
