package watcher

import (
	"cmp"
	"math/bits"

	"headwatch"
	"headwatch/config"
)

// operators is a set of those who run the endpoints that vote, one bit each: an operator counts once, however many
// endpoints it has. An endpoint without a vote has no bit, and so counts nowhere.
type operators uint64

func (s operators) count() int { return bits.OnesCount64(uint64(s)) }

// operatorOf is who runs an endpoint. A configuration that was not loaded from a file may leave it out.
func operatorOf(e *config.Endpoint) string { return cmp.Or(e.Operator, e.Name) }

// voteOf gives the bit of an endpoint's operator, and none where the endpoint has no vote.
func voteOf(kind string, e config.Endpoint, bits map[string]operators) operators {
	e.Serves = cmp.Or(e.Serves, config.ServesEth)
	if !e.Votes(kind) {
		return 0
	}
	return bitOf(&e, bits)
}

// apiOperator gives the bit of an API endpoint's operator: these are asked a question of their own.
func apiOperator(e config.Endpoint, bits map[string]operators) operators {
	if e.Serves != config.ServesAPI {
		return 0
	}
	return bitOf(&e, bits)
}

func bitOf(e *config.Endpoint, bits map[string]operators) operators {
	name := operatorOf(e)
	if bits[name] == 0 {
		bits[name] = 1 << len(bits)
	}
	return bits[name]
}

// voters is everybody who can have a vote on this chain.
func (v *View) voters() (all operators) {
	for i := range v.endpoints {
		all |= v.endpoints[i].votes
	}
	return all
}

// staleVotes counts the operators of which an endpoint says that the head stands still.
func (v *View) staleVotes(votes []headwatch.Vote) int {
	var stale operators
	for i := range votes {
		if votes[i].Verdict == headwatch.VoteStale {
			stale |= v.endpoints[i].votes
		}
	}
	return stale.count()
}
