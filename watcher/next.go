package watcher

import (
	"time"

	"headwatch/config"
)

// next is the earliest instant after now at which Assess would answer differently with nothing more heard, or at which
// a finding reaches a threshold of a circuit.
func (v *View) next(now time.Time) time.Time {
	n := instants{now: now}
	if !v.agreed {
		n.at(v.started.Add(v.limit))
	} else {
		n.at(v.advanced.Add(v.limit))
		n.at(v.living().Add(v.limit))
		n.at(v.living().Add(v.limit / 2))
		n.at(v.settled())
		n.at(v.watched())
		if v.behind {
			n.at(v.resumed.Add(v.window()))
			v.pace.turns(v.window(), v.slack(), n.at)
		}
		v.nextOfHeads(&n)
	}
	if v.hasL1() {
		n.at(v.witnessed().Add(v.witness.Limit))
	}
	for i := range v.endpoints {
		e := &v.endpoints[i]
		n.at(v.lastHeard(e).Add(e.silence()))
		n.at(v.clocks.said[i].at.Add(e.timely()))
		n.at(e.open().Add(v.limit))
		n.at(e.expires.Add(-renewal))
		if e.grace > 0 {
			n.at(v.living().Add(v.limit + e.grace))
		}
		if !e.lagFrom.IsZero() {
			n.at(e.lagFrom.Add(v.limit))
		}
		if e.serves == config.ServesAPI {
			n.at(v.apiEnds(e))
			n.at(v.started.Add(e.api.fresh))
		}
		if !e.apart.since.IsZero() {
			n.at(v.settles(e))
		}
	}
	if !v.reorg.since.IsZero() {
		n.at(v.reorg.seen.Add(reorgHolds))
	}
	n.at(v.tip.Time.Add(-v.chain.MaxSkew.D()))
	n.at(v.batcher.account.at.Add(accountFor))
	for i := range v.findings {
		for _, limit := range v.limits {
			n.at(v.findings[i].Since.Add(limit))
		}
	}
	return n.first
}

// nextOfHeads names the instants at which the conditions of the heads may change by themselves.
func (v *View) nextOfHeads(n *instants) {
	n.at(v.adopted.Add(recall))
	if v.users.counters > 0 {
		n.at(v.users.last.Add(v.limit / 2))
		n.at(v.users.last.Add(v.limit))
	}
	for i := range v.backlogs {
		if b := &v.backlogs[i]; !b.from.IsZero() {
			n.at(b.from.Add(b.limit))
			n.at(v.adopted.Add(b.limit))
		}
	}
	for i := range v.endpoints {
		for _, w := range &v.endpoints[i].words {
			n.at(w.until)
		}
	}
}

// instants keeps the earliest of the instants after now.
type instants struct{ now, first time.Time }

func (n *instants) at(t time.Time) {
	if t.After(n.now) && (n.first.IsZero() || t.Before(n.first)) {
		n.first = t
	}
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
