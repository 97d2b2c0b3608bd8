package watcher

import (
	"time"

	"headwatch"
)

// standing is what an endpoint's word on a new head is worth.
type standing uint8

const (
	unproved standing = iota // nothing it said was ever on the agreed chain
	proved                   // its last head was on the agreed chain
	strayed                  // its last head contradicts the agreed chain, or is beyond belief
)

// weigh tells what one more head says of its endpoint. A head that skips some cannot be linked; it is believed from an
// endpoint whose last head was agreed and that was not on another chain lately, if the chain can have come that far.
func (v *View) weigh(e *endpointView, h headwatch.Head, fell bool, at time.Time) standing {
	if agreed, known := v.trail.hash(h.Number); known {
		return provedIf(agreed == h.Hash)
	}
	if above := h.Number > v.tip.Number; above && h.Time.Before(v.tip.Time) || !above && h.Time.After(v.tip.Time) {
		return strayed // on one chain no block is older than one below it
	}
	if h.Number < v.tip.Number {
		if fell {
			return strayed // back beyond the trail: what it said before is void
		}
		return e.standing // far behind: says nothing of the fork it is on
	}
	if agreed, known := v.trail.hash(h.Number - 1); known && h.Parent != "" {
		return provedIf(agreed == h.Parent)
	}
	if !e.apart.since.IsZero() || v.contradicts(h) {
		return strayed
	}
	lately := !e.parted.IsZero() && at.Sub(e.parted) < max(v.limit, v.settling)
	switch supporters := v.supporters(h.Number, h.Hash); {
	case supporters >= v.majority():
		return proved
	case !lately && (supporters >= 2 || e.standing == proved):
		return provedIf(v.believable(h, at))
	case e.standing == strayed:
		return strayed
	default:
		return unproved
	}
}

func provedIf(same bool) standing {
	if same {
		return proved
	}
	return strayed
}

// believable bounds how far a chain can have come since its agreed head: twice what its block time allows, and not into
// the future.
func (v *View) believable(h headwatch.Head, at time.Time) bool {
	elapsed := max(at.Sub(v.tip.Time), at.Sub(v.advanced), 0)
	most := v.tip.Number + 4 + 2*uint64(elapsed/v.chain.BlockTime.D())
	return h.Number <= most && !h.Time.Before(v.tip.Time) && h.Time.Sub(at) <= v.chain.MaxSkew.D()
}

// supporters counts the operators that said this very head, as a head of theirs or as the parent of one.
func (v *View) supporters(number uint64, hash string) int {
	return v.operators(func(i int) bool { return v.endpoints[i].holds(number, hash) })
}

// claimants counts the operators that said this very head of the chain that they are on now.
func (v *View) claimants(number uint64, hash string) int {
	return v.operators(func(i int) bool { return v.endpoints[i].holds(number, hash) && v.endpoints[i].said.own(number) })
}

// holds reports whether the endpoint, which is on the right chain, said this very head.
func (e *endpointView) holds(number uint64, hash string) bool {
	return e.wrongFrom.IsZero() && e.said.is(number, hash)
}
