package watcher

import (
	"fmt"
	"time"

	"headwatch"
)

// majority is how many must name the same safe or finalized head for it to be taken as promised.
func (v *View) majority() int { return max(v.chain.Quorum, v.witnesses()) }

// broken says which promise a reorganisation down to a block has broken.
func (v *View) broken(common uint64) string {
	for _, tag := range []headwatch.Tag{headwatch.Finalized, headwatch.Safe} {
		if head := v.promised[tag]; head.Hash != "" && common < head.Number {
			return fmt.Sprintf("; that is below the %s head, block %d", tag, head.Number)
		}
	}
	return ""
}

// promise takes a safe or finalized head. Once a majority has named one, the same majority with another block of that
// number has broken what must not break.
func (v *View) promise(e *endpointView, tag headwatch.Tag, h headwatch.Head, at time.Time) {
	promised := &v.promised[tag]
	if e.votes == 0 || h.Hash == "" || h.Hash == promised.Hash || h.Number < promised.Number {
		return
	}
	var holding operators
	var names []string
	for i := range v.endpoints {
		other := &v.endpoints[i]
		head := other.safe
		if tag == headwatch.Finalized {
			head = other.final
		}
		if head != nil && head.Number == h.Number && head.Hash == h.Hash && other.wrongFrom.IsZero() {
			holding |= other.votes
		}
	}
	if holding.count() < v.majority() {
		return
	}
	if promised.Number == h.Number && promised.Hash != "" && h.Number > 0 {
		for i := range v.endpoints {
			if v.endpoints[i].votes&holding != 0 {
				names = append(names, v.endpoints[i].name)
			}
		}
		common := h.Number - 1
		v.tell(at, max(v.tip.Number, h.Number)-common, common,
			fmt.Sprintf("the %s block %d was replaced", tag, h.Number), names)
	}
	*promised = h
}
