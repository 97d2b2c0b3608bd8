package alert

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"headwatch"
	"headwatch/delivery"
)

// maxVotes is how many endpoints a message names: somebody reads it on a telephone.
const maxVotes = 8

// evidence says how sure we are: who holds which head, who shows life, who is silent, and what else speaks for it.
func evidence(n headwatch.Notice) string {
	cause := delivery.Cause(n)
	if cause == nil {
		return agreed(n.Transition.Cause)
	}
	var said []string
	if quorum := stale(cause.Votes); quorum != "" {
		said = append(said, quorum)
	}
	if cause.Detail != "" {
		said = append(said, cause.Detail)
	}
	return strings.Join(append(said, others(cause.Votes)...), "; ")
}

// agreed says where the chain is when nothing is wrong with it.
func agreed(a headwatch.Assessment) string {
	if a.Head == nil {
		return ""
	}
	return fmt.Sprintf("head %d of age %s", a.Head.Number, span(a.At.Sub(a.Head.Time)))
}

// stale sums up the votes that say "it stands still".
func stale(votes []headwatch.Vote) string {
	var count int
	var numbers []uint64
	var ages []time.Duration
	for _, v := range votes {
		if v.Verdict != headwatch.VoteStale {
			continue
		}
		count++
		if v.Number != nil {
			numbers, ages = append(numbers, *v.Number), append(ages, v.Age)
		}
	}
	if count == 0 {
		return ""
	}
	text := fmt.Sprintf("%d of %d endpoints hold ", count, len(votes))
	if len(numbers) == 0 {
		return text + "no head"
	}
	if low, high := slices.Min(numbers), slices.Max(numbers); low != high {
		text += fmt.Sprintf("heads %d to %d", low, high)
	} else {
		text += fmt.Sprintf("head %d", low)
	}
	return text + " of age " + span(slices.Min(ages)) // the youngest is the weakest evidence, so it counts
}

// others names the endpoints that do not say "it stands still".
func others(votes []headwatch.Vote) []string {
	var said []string
	for _, v := range votes {
		text := v.Endpoint + ": live"
		switch v.Verdict {
		case headwatch.VoteStale:
			continue
		case headwatch.NoVote:
			text = v.Endpoint + ": no vote"
		}
		if v.Reason != "" {
			text += " (" + v.Reason + ")"
		}
		said = append(said, text)
	}
	if more := len(said) - maxVotes; more > 0 {
		said = append(said[:maxVotes], fmt.Sprintf("and %d more", more))
	}
	return said
}
