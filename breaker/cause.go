package breaker

import (
	"slices"

	"headwatch"
)

// clone copies an Assessment down to the last pointer: whoever made it may reuse its memory, and a Transition keeps its
// cause for good.
func clone(a *headwatch.Assessment) headwatch.Assessment {
	b := *a
	b.Findings = slices.Clone(a.Findings)
	for i := range b.Findings {
		votes := slices.Clone(b.Findings[i].Votes)
		for j := range votes {
			votes[j].Number = copied(votes[j].Number)
		}
		b.Findings[i].Votes = votes
	}
	if b.Head = copied(a.Head); b.Head != nil {
		b.Head.UserTxs, b.Head.GasUsed = copied(b.Head.UserTxs), copied(b.Head.GasUsed)
	}
	return b
}

func copied[T any](p *T) *T {
	if p == nil {
		return nil
	}
	v := *p
	return &v
}
