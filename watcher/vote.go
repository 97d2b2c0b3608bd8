package watcher

import (
	"fmt"
	"time"

	"headwatch"
)

// vote asks every endpoint whether the agreed head stands still. Only an endpoint that answers, on this chain, in sync
// and on the agreed fork has a vote; the others say why not. One that was behind when the head last rose is given that
// time to catch up, before its silence counts.
func (v *View) vote(now time.Time) []headwatch.Vote {
	if len(v.votes) > 0 {
		return v.votes // asked before in this assessment
	}
	for i := range v.endpoints {
		e := &v.endpoints[i]
		vote := headwatch.Vote{Endpoint: e.name, Heard: e.heard}
		if e.has {
			number := e.head.Number
			vote.Number, vote.Age = &number, now.Sub(e.head.Time)
		}
		vote.Verdict, vote.Reason = v.ballot(e, now)
		v.votes = append(v.votes, vote)
	}
	return v.votes
}

func (v *View) ballot(e *endpointView, now time.Time) (headwatch.Verdict, string) {
	if verdict, reason, ok := v.aside(e, now); ok {
		return verdict, reason
	}
	switch {
	case !e.wrongFrom.IsZero():
		return headwatch.NoVote, "wrong chain"
	case v.silent(e, now) && e.fault != "":
		return headwatch.NoVote, "silent: " + string(e.fault)
	case v.silent(e, now):
		return headwatch.NoVote, "silent"
	case !e.has && e.fault != "":
		return headwatch.NoVote, "has named no head: " + string(e.fault)
	case !e.has:
		return headwatch.NoVote, "has named no head"
	case e.syncing:
		return headwatch.NoVote, "syncing"
	case !e.apart.since.IsZero():
		return headwatch.NoVote, fmt.Sprintf("off the agreed chain since block %d", e.apart.from)
	case e.standing == strayed:
		return headwatch.NoVote, "its head is not on the agreed chain"
	case e.standing == unproved:
		return headwatch.NoVote, "its head cannot be linked to the agreed chain"
	case v.agreed && e.head.Number > v.tip.Number:
		return headwatch.NoVote, "its head awaits a second endpoint"
	}
	wait, reason := v.limit, ""
	if e.head.Number < v.tip.Number {
		wait, reason = wait+e.grace, "behind the agreed head"
	}
	if now.Sub(v.living()) >= wait {
		return headwatch.VoteStale, reason
	}
	return headwatch.VoteLive, reason
}
