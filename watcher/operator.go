package watcher

import (
	"cmp"
	"math/bits"

	"headwatch"
	"headwatch/config"
)

// operators is a set of those who run a chain's endpoints, one bit each by their number: an operator counts once, however
// many endpoints it has.
type operators uint64

func (s operators) count() int { return bits.OnesCount64(uint64(s)) }

// operatorOf is who runs an endpoint. A configuration that was not loaded from a file may leave it out.
func operatorOf(e *config.Endpoint) string { return cmp.Or(e.Operator, e.Name) }

// numbered numbers those who run the endpoints from 0: who runs each, and how many they are.
func numbered(endpoints []config.Endpoint) (who []int, count int) {
	numbers := make(map[string]int)
	for i := range endpoints {
		name := operatorOf(&endpoints[i])
		if _, known := numbers[name]; !known {
			numbers[name] = len(numbers)
		}
		who = append(who, numbers[name])
	}
	return who, len(numbers)
}

// as is the endpoint's operator as a set.
func (e *endpointView) as() operators { return 1 << e.who }

// voters is everybody who can have a vote on this chain.
func (v *View) voters() (all operators) {
	for i := range v.endpoints {
		all |= v.endpoints[i].votes
	}
	return all
}

// operators counts the operators that have an endpoint with a vote of which something is true.
func (v *View) operators(is func(i int) bool) int {
	var all operators
	for i := range v.endpoints {
		if is(i) {
			all |= v.endpoints[i].votes
		}
	}
	return all.count()
}

// staleVotes counts the operators of which an endpoint says that the head stands still.
func (v *View) staleVotes(votes []headwatch.Vote) int {
	return v.operators(func(i int) bool { return votes[i].Verdict == headwatch.VoteStale })
}
