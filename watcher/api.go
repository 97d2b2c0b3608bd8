package watcher

import (
	"time"

	"headwatch"
	"headwatch/config"
)

// apiClock is what is known of one API endpoint: when its value last rose, by the evidence.
type apiClock struct {
	fresh   time.Duration // the value may be this old, or stand still for so long
	risen   time.Time     // of a time: the newest that it named, or when it was first heard if that is earlier; zero while there is none
	good    time.Time     // the same of the last reading that was fresh when it was heard
	newest  time.Time     // time that it named
	counted bool
	highest uint64
	fallen  bool // it has named less than the highest since
	lower   uint64
}

// take folds a reading in. What the API named before is no rise, nor is what stands ahead of the clock here and stays there.
func (c *apiClock) take(r headwatch.Reading, at time.Time) {
	switch {
	case r.Count != nil:
		if c.rises(*r.Count) {
			c.risen = at
		}
	case r.Time.After(c.newest):
		c.newest, c.risen = r.Time, later(c.risen, earlier(r.Time, at))
	}
	if at.Sub(c.risen) < c.fresh {
		c.good = c.risen
	}
}

// rises reports whether a counter rose. It may begin anew, below where it was: then it must surpass what it has named there,
// so that answers which alternate between two standing counters never rise.
func (c *apiClock) rises(n uint64) bool {
	switch {
	case !c.counted:
		c.counted, c.highest = true, n
		return true
	case n > c.highest:
		c.highest = n
		return true
	case n == c.highest:
		return false
	}
	rose := c.fallen && n > c.lower
	if !c.fallen || rose {
		c.fallen, c.lower = true, n
	}
	return rose
}

const unheard = "not heard yet"

// apiVote says whether an API endpoint is well. One that refuses us, and one that nobody has waited for long enough, has no
// vote.
func (v *View) apiVote(e *endpointView, now time.Time) (headwatch.Verdict, string) {
	switch {
	case now.Before(v.apiEnds(e)):
		return headwatch.VoteLive, ""
	case e.api.risen.IsZero() && now.Sub(v.started) < e.api.fresh:
		return headwatch.NoVote, unheard
	case e.fault == headwatch.FaultRateLimited || e.fault == headwatch.FaultRedirect || e.fault == headwatch.FaultTLS || e.fault == headwatch.FaultPanic:
		return headwatch.NoVote, "cannot be asked: " + string(e.fault)
	case e.fault != "":
		return headwatch.VoteStale, string(e.fault)
	case v.silent(e, now):
		return headwatch.VoteStale, "silent"
	}
	return headwatch.VoteStale, "its value stands still"
}

// apiEnds is when an API endpoint's value is no longer fresh if it does not rise. A local clock that is known to run ahead makes
// no time old.
func (v *View) apiEnds(e *endpointView) time.Time {
	ends := e.api.risen.Add(e.api.fresh)
	if !e.api.newest.IsZero() {
		ends = ends.Add(max(-v.skew.by, 0))
	}
	return ends
}

// assessAPI judges the API endpoints, phase is that of the chain's heads: the API is stale when none of its endpoints is
// fresh, most of its operators say so, and the network of this machine is well. It reports whether it is stale, or live.
func (v *View) assessAPI(now time.Time, phase headwatch.Phase) headwatch.Phase {
	v.apiVotes = v.apiVotes[:0]
	since, newest, limit := time.Time{}, time.Time{}, time.Duration(0)
	failed := time.Time{} // what reached this machine before shows nothing of its network since
	live, open := false, false
	var stale, all operators
	for i := range v.endpoints {
		e := &v.endpoints[i]
		if e.serves != config.ServesAPI {
			continue
		}
		vote := headwatch.Vote{Endpoint: e.name, Heard: e.heard}
		vote.Verdict, vote.Reason = v.apiVote(e, now)
		v.apiVotes = append(v.apiVotes, vote)
		since, newest, limit = later(since, e.api.good), later(newest, e.api.risen), max(limit, e.api.fresh)
		failed = later(failed, e.failing)
		all |= e.as()
		if vote.Verdict == headwatch.VoteStale {
			stale |= e.as()
		}
		live, open = live || vote.Verdict == headwatch.VoteLive, open || vote.Reason == unheard
	}
	v.apiOpen = open && !live
	for _, evidence := range []time.Time{v.apiSince, newest, v.started} {
		if since.IsZero() {
			since = evidence
		}
	}
	switch {
	case live || len(v.apiVotes) == 0:
		return headwatch.Live
	case open:
		return headwatch.Unknown
	}
	f := headwatch.Finding{Condition: headwatch.APIStale, Since: since, Value: now.Sub(since), Limit: limit, Votes: v.apiVotes}
	switch {
	case 2*stale.count() <= all.count() || !v.networked(later(since, failed), now):
		if v.chain.Kind != config.KindAPI {
			return headwatch.Unknown // each endpoint tells that it cannot be reached
		}
		f.Condition, f.Detail = headwatch.Blind, "no API endpoint answers, and nothing shows that the network here is well"
		v.find(f)
		return headwatch.Unknown
	case phase == headwatch.Live:
		f.Detail = "API down, chain live"
	case v.chain.Kind == config.KindAPI:
		f.Detail = "its value stands still, or nobody can reach it"
	default:
		f.Detail = "API down, and the chain is " + phase.String()
	}
	v.find(f)
	return headwatch.Stalled
}

// networked reports whether something reached this machine since an instant: an answer of the API itself, however bad, another
// endpoint's, or the L1.
func (v *View) networked(since, now time.Time) bool {
	if v.hasL1() && !v.blinded(now) && v.witness.Advanced.After(since) {
		return true
	}
	for i := range v.endpoints {
		e := &v.endpoints[i]
		if !v.silent(e, now) && e.heard.After(since) {
			return true
		}
		switch e.fault {
		case headwatch.FaultHTTPStatus, headwatch.FaultNotJSON, headwatch.FaultNull, headwatch.FaultBadHead, headwatch.FaultRPCError, headwatch.FaultFutureHead:
			return true
		}
	}
	return false
}

// apiLags reports whether an API endpoint answers with a value that is too old while another's is fresh.
func (v *View) apiLags(e *endpointView, now time.Time) bool {
	if e.serves != config.ServesAPI {
		return false
	}
	if verdict, _ := v.apiVote(e, now); verdict != headwatch.VoteStale {
		return false
	}
	for i := range v.endpoints {
		other := &v.endpoints[i]
		if other.serves != config.ServesAPI {
			continue
		}
		if verdict, _ := v.apiVote(other, now); verdict == headwatch.VoteLive {
			return true
		}
	}
	return false
}
