package watcher

import (
	"time"

	"headwatch"
	"headwatch/config"
)

// Assess gives the verdict at one instant. It calls no clock and no network: the same View and instant give the same
// answer. Assessment.Next is the earliest instant at which the answer would change if nothing more were heard. The
// Findings are scratch memory of the View, valid until the next Assess.
func (v *View) Assess(now time.Time) headwatch.Assessment {
	v.begin(now)
	v.findings, v.votes = v.findings[:0], v.votes[:0]
	a := headwatch.Assessment{Chain: v.chain.Name, At: now, Phase: headwatch.Unknown}
	v.assessEndpoints(now)
	v.assessClock(now)
	v.assessBatcher(now)
	v.assessReorg(now)
	v.assessHooks(now)
	if v.chain.Kind == config.KindAPI {
		a.Phase = v.assessAPI(now, headwatch.Unknown)
	} else if v.agreed {
		a.Head, a.Advanced = &v.tip, v.living()
		a.Phase = v.assessHead(now)
		v.assessAPI(now, a.Phase)
	} else if gap := now.Sub(v.started); gap >= v.limit {
		v.find(headwatch.Finding{
			Condition: headwatch.Blind, Since: v.started, Value: gap, Limit: v.limit,
			Detail: "no endpoint has named a head yet", Votes: v.vote(now),
		})
	}
	if v.agreed {
		v.assessTags(now)
		v.assessDrift(now)
		v.assessClosing(now)
		a.Phase = v.assessUsers(now, a.Phase)
	}
	if a.Phase == headwatch.Live && v.recollects(now) {
		a.Phase = headwatch.Unknown
	}
	a.Hint = v.assessHint(now, a.Phase)
	a.Findings = v.findings
	a.Next = v.next(now)
	return a
}

// assessHead judges the agreed head: does it stand still, is it late, or is it well?
func (v *View) assessHead(now time.Time) headwatch.Phase {
	gap, age := now.Sub(v.living()), now.Sub(v.tip.Time)
	if v.assessFork(now) {
		return headwatch.Unknown
	}
	blinded := v.blinded(now)
	if gap >= v.limit {
		return v.assessStandstill(now, gap, blinded)
	}
	if blinded {
		// The chain lives, but if it stopped now nobody could tell a stall from a broken network.
		v.find(headwatch.Finding{
			Condition: headwatch.Blind, Since: v.witnessed(), Value: now.Sub(v.witnessed()), Limit: v.witness.Limit,
			Detail: "the L1 head does not advance here: a stall could not be told from a failure of our own",
		})
	}
	switch {
	case v.idle(now), v.lateFrom.IsZero() && !v.catchingUp(now) && !v.lateByServers():
		return headwatch.Live
	case now.Before(v.settled()):
		return headwatch.Unknown // late at the first look: whether it catches up takes a moment to see
	case v.catchingUp(now):
		return headwatch.CatchingUp
	case v.skew.by != 0:
		return headwatch.Unknown // the age of a head tells nothing while the clock it is held against is wrong
	}
	if v.hasL1() {
		v.find(headwatch.Finding{
			Condition: headwatch.UnsafeHeadSlow, Since: v.lateFrom, Value: age, Limit: v.limit,
			Detail: "the head advances, but slower than the wall clock",
		})
	}
	return headwatch.Slow
}

// assessStandstill is the verdict that trips circuits: a quorum must say that the head stands still, the standstill must
// have been watched, and the L1 must have moved meanwhile. Whatever is missing makes it blind.
func (v *View) assessStandstill(now time.Time, gap time.Duration, blinded bool) headwatch.Phase {
	votes := v.vote(now)
	f := headwatch.Finding{Condition: headwatch.Blind, Since: v.stoodSince(), Value: gap, Limit: v.limit, Votes: votes}
	switch {
	case now.Before(v.watched()):
		return headwatch.Unknown
	case v.staleVotes(votes) < v.chain.Quorum:
		f.Detail = "the head stands still, but fewer operators than the quorum can say so"
		v.find(f)
		return headwatch.Unknown
	case blinded || v.hasL1() && !v.witness.Advanced.After(v.living()):
		f.Detail = "the head stands still, but so does the L1 as seen from here"
		v.find(f)
		return headwatch.Unknown
	}
	if f.Detail = v.unexplained(now); f.Detail != "" {
		v.find(f)
		return headwatch.Unknown
	}
	if since := v.goneSince(now); since.After(f.Since) {
		f.Since, f.Value = since, now.Sub(since)
	}
	f.Condition = headwatch.UnsafeHeadStalled
	if !v.hasL1() {
		f.Condition = headwatch.L1HeadStalled
	}
	v.find(f)
	return headwatch.Stalled
}

// settled is when the first look is over: by then a chain that moves has been seen to.
func (v *View) settled() time.Time {
	return later(v.adopted, v.jumped).Add(min(v.limit, max(3*v.chain.BlockTime.D(), 3*time.Second)))
}

// watched is the instant from which a standstill that began before this View counts. A chain that fills back its missed
// blocks names old heads too, and may pause; only a standstill that the journal knows needs no second look.
func (v *View) watched() time.Time {
	if v.recorded {
		return v.settled()
	}
	return v.adopted.Add(v.limit)
}

func (v *View) assessEndpoints(now time.Time) {
	for i := range v.endpoints {
		e := &v.endpoints[i]
		switch {
		case !e.wrongFrom.IsZero():
			v.find(headwatch.Finding{
				Condition: headwatch.WrongChain, Since: e.wrongFrom, Value: now.Sub(e.wrongFrom), Endpoint: e.name,
			})
		case v.silent(e, now):
			since := v.lastHeard(e)
			v.find(headwatch.Finding{
				Condition: headwatch.EndpointUnreachable, Since: since, Value: now.Sub(since), Limit: e.silence(),
				Endpoint: e.name, Detail: string(e.fault),
			})
		case v.lags(e, now):
			v.find(headwatch.Finding{
				Condition: headwatch.EndpointLagging, Since: e.lagFrom, Value: v.tip.Time.Sub(e.head.Time), Limit: v.limit,
				Endpoint: e.name,
			})
		case v.apiLags(e, now):
			v.find(headwatch.Finding{
				Condition: headwatch.EndpointLagging, Since: e.api.risen, Value: now.Sub(e.api.risen), Limit: e.api.fresh,
				Endpoint: e.name, Detail: "its value is too old, another endpoint's is fresh",
			})
		}
		v.assessCertificate(e, now)
	}
}

func (v *View) find(f headwatch.Finding) { v.findings = append(v.findings, f) }

// silent reports whether the endpoint's last good answer is too old to speak for it.
func (v *View) silent(e *endpointView, now time.Time) bool {
	return now.Sub(v.lastHeard(e)) >= e.silence()
}

// lastHeard is when the endpoint gave its last good answer, or when this View began if it never did.
func (v *View) lastHeard(e *endpointView) time.Time { return later(v.started, e.heard) }
