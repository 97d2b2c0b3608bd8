package watcher

import (
	"time"

	"headwatch"
	"headwatch/config"
)

// clues are what a hint is taken from.
type clues struct {
	phase     headwatch.Phase
	findings  []headwatch.Finding
	endpoints []config.Endpoint // all of the chain's
	deaf      bool              // none of them answers
	standing  bool              // the unsafe head stands still
	l1Still   bool              // the L1 does not advance as seen from here
}

// hint says where the cause most likely lies: the nearest to the root first. It is empty when nothing points anywhere.
func (c *clues) hint() headwatch.Hint {
	unsafe, safe := c.find(headwatch.UnsafeHeadStalled), c.find(headwatch.SafeHeadStalled)
	switch {
	case c.deaf, c.l1Still && c.standing:
		return headwatch.HintUs
	case c.l1Still, c.find(headwatch.L1HeadStalled) != nil:
		return headwatch.HintL1
	case unsafe != nil && safe != nil && safe.Since.Before(unsafe.Since):
		return headwatch.HintThrottled
	case unsafe != nil && safe != nil:
		return headwatch.HintBoth
	case unsafe != nil:
		return headwatch.HintUnsafe
	case c.find(headwatch.UserTxsMissing) != nil:
		return headwatch.HintEmpty
	case safe != nil, c.find(headwatch.SequencingWindowClosing) != nil, c.find(headwatch.BatcherSilent) != nil:
		return headwatch.HintSafe
	case c.find(headwatch.APIStale) != nil && c.phase == headwatch.Live:
		return headwatch.HintAPI
	}
	return c.endpointHint()
}

// endpointHint is one provider or one operator, if it is alone with its trouble.
func (c *clues) endpointHint() headwatch.Hint {
	bad, operator := 0, ""
	for i := range c.endpoints {
		if !c.bad(i) {
			continue
		}
		if bad++; bad > 1 && operatorOf(&c.endpoints[i]) != operator {
			return ""
		}
		operator = operatorOf(&c.endpoints[i])
	}
	wellOfIt := false
	for i := range c.endpoints {
		wellOfIt = wellOfIt || operatorOf(&c.endpoints[i]) == operator && !c.bad(i)
	}
	switch {
	case bad == 0 || bad == len(c.endpoints):
		return ""
	case bad == 1:
		return headwatch.HintProvider
	case !wellOfIt:
		return headwatch.HintOperator
	}
	return ""
}

// bad reports whether something that costs it the vote was found of an endpoint.
func (c *clues) bad(i int) bool {
	for j := range c.findings {
		f := &c.findings[j]
		if f.Endpoint != c.endpoints[i].Name {
			continue
		}
		switch f.Condition {
		case headwatch.EndpointUnreachable, headwatch.EndpointLagging, headwatch.WrongChain:
			return true
		}
	}
	return false
}

func (c *clues) find(condition headwatch.Condition) *headwatch.Finding {
	for i := range c.findings {
		if c.findings[i].Condition == condition {
			return &c.findings[i]
		}
	}
	return nil
}

// throttled is what a page on a stalled unsafe head says when the safe head had been too far behind before.
const throttled = "the safe head was too far behind before: op-node stops the sequencer on purpose beyond --sequencer.max-safe-lag"

// assessHint names the likely cause of what was found.
func (v *View) assessHint(now time.Time, phase headwatch.Phase) headwatch.Hint {
	c := clues{
		phase: phase, findings: v.findings, endpoints: v.chain.Endpoints, deaf: v.deaf(now), l1Still: v.blinded(now),
		standing: !v.agreed || now.Sub(v.advanced) >= v.limit,
	}
	h := c.hint()
	if h == headwatch.HintThrottled {
		c.find(headwatch.UnsafeHeadStalled).Detail = throttled
	}
	return h
}

// deaf reports whether no endpoint at all answers.
func (v *View) deaf(now time.Time) bool {
	for i := range v.endpoints {
		if !v.silent(&v.endpoints[i], now) {
			return false
		}
	}
	return true
}
