package watcher

import "headwatch"

// Kind of consequence that a condition may have.
const (
	mayTrip = true
	tells   = false
)

// Rule is one row of the table of conditions.
type Rule struct {
	Condition headwatch.Condition
	Trips     bool   // may open a circuit; the others only warn and page
	Means     string // one sentence
	Advice    string // one sentence: what the person who is paged should do
}

// Rules is every condition that there is, in the order of docs/conditions.md, which is generated from it.
var Rules = []Rule{
	{
		headwatch.UnsafeHeadStalled, mayTrip,
		"The sequencer's newest block stands still: a quorum of endpoints holds the same head, nobody shows a newer one, and the L1 advances as seen from here.",
		"Treat the chain as down: check the chain's status channel and your own sequencer-side provider, keep positions closed, and expect back-fill before it is live.",
	},
	{
		headwatch.UnsafeHeadSlow, mayTrip,
		"Blocks still arrive, but the newest one is older than the first threshold and the chain does not catch up with the wall clock.",
		"Expect a stall: look at the chain's status channel, widen price-staleness limits, and make ready to pause.",
	},
	{
		headwatch.L1HeadStalled, mayTrip,
		"The layer 1's newest block stands still: a quorum of its endpoints holds the same head and nobody shows a newer one.",
		"Check the layer 1 with a second source; the verdicts on every L2 above it are suspended until it moves.",
	},
	{
		headwatch.Blind, tells,
		"There is not enough evidence for a verdict: too few endpoints answer, or the L1 does not advance as seen from here.",
		"Check this machine's network and the providers of the chain and its L1; until then nothing trips by itself, so watch the chain by hand.",
	},
	{
		headwatch.ClockSkew, tells,
		"The newest block carries a time ahead of the local clock by more than the tolerance.",
		"Check the local clock (NTP); if it is right, the chain's clock runs ahead and its timestamps must not be trusted.",
	},
	{
		headwatch.WrongChain, tells,
		"An endpoint answers for another chain than the one configured; it has no vote.",
		"Correct the endpoint's URL or the chain_id in the configuration.",
	},
	{
		headwatch.EndpointUnreachable, tells,
		"An endpoint has given no good answer for a while; it has no vote.",
		"Check the provider's status, the key's quota and the URL; replace the endpoint if it stays away, since a quorum must remain.",
	},
	{
		headwatch.EndpointLagging, tells,
		"An endpoint answers with heads that are older than the agreed one by more than the first threshold.",
		"Tell the provider or replace the endpoint; it votes late and weakens the quorum.",
	},
}

// Advice gives the advice of a condition, "" for one that has no rule.
func Advice(c headwatch.Condition) string {
	for _, r := range Rules {
		if r.Condition == c {
			return r.Advice
		}
	}
	return ""
}
