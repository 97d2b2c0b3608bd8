package watcher

import (
	"slices"

	"headwatch"
)

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
		"The sequencer's newest block stands still: a quorum of operators holds the same head, nobody shows a newer one, and the L1 advances as seen from here.",
		"Treat the chain as down: check the chain's status channel and your own sequencer-side provider, keep positions closed, and expect back-fill before it is live.",
	},
	{
		headwatch.UnsafeHeadSlow, mayTrip,
		"Blocks still arrive, but the newest one is older than the first threshold and the chain does not catch up with the wall clock.",
		"Expect a stall: look at the chain's status channel, widen price-staleness limits, and make ready to pause.",
	},
	{
		headwatch.UserTxsMissing, mayTrip,
		"Blocks carry nothing but the system's own deposit, on a chain whose users never pause: the head moves, and users are shut out.",
		"Treat the chain as down for users: liquidations and repayments do not get in; expect the head to stand still next, and keep what depends on fresh prices paused until users' transactions return.",
	},
	{
		headwatch.SafeHeadStalled, mayTrip,
		"Blocks have waited longer than safe_lag for their batch on L1: the batcher or the derivation stands still while the unsafe head may go on.",
		"Check the chain's status channel for its batcher; hold withdrawals and bridges back, since blocks that are not on L1 can still be replaced.",
	},
	{
		headwatch.ProvenHeadStalled, mayTrip,
		"Batches have waited longer than proven_lag for their validity proof on L1.",
		"Expect late withdrawals: check the prover's status; blocks stay ordered, but are not settled.",
	},
	{
		headwatch.FinalizedHeadStalled, mayTrip,
		"Blocks have waited longer than finalized_lag to become final.",
		"Hold back what needs finality (bridges, withdrawals, large transfers) and check whether the L1 itself finalizes.",
	},
	{
		headwatch.L1HeadStalled, mayTrip,
		"The layer 1's newest block stands still: a quorum of its operators holds the same head and nobody shows a newer one.",
		"Check the layer 1 with a second source; the verdicts on every L2 above it are suspended until it moves.",
	},
	{
		headwatch.L1OriginDrift, mayTrip,
		"The unsafe head is built on an L1 block that is far in its past; beyond 1,800 s the protocol forbids users' transactions in its blocks.",
		"Expect empty blocks: the sequencer does not see the L1 advance; check the L1 and the chain's status channel.",
	},
	{
		headwatch.SequencingWindowClosing, mayTrip,
		"More than half of the sequencing window has passed without a batch on L1; when it closes, the unsafe blocks since the last one are replaced.",
		"Treat every block above the safe head as one that may vanish: stop crediting deposits and transfers that are not safe, and press the chain's operators.",
	},
	{
		headwatch.Reorg, mayTrip,
		"Blocks that were agreed have been replaced, as far back as reorg_depth or further.",
		"Reconcile what was read from the replaced blocks: fills, deposits, nonces, cached prices; wait for safe heads until it is explained.",
	},
	{
		headwatch.APIStale, mayTrip,
		"The API's own time or counter stands still, or nobody can reach it, while this machine's network is well.",
		"The chain may be live although its API is down: check it through another way in, cancel or hedge what you can no longer steer, and quote nothing.",
	},
	{
		headwatch.Fork, tells,
		"Endpoints that can vote hold different blocks at one height; where neither side is the strict majority, no verdict is given.",
		"Ask the providers which block they hold at that height and compare with the chain's own explorer; until it is settled nothing trips by itself.",
	},
	{
		headwatch.BatcherSilent, tells,
		"The batcher's account has sent nothing on L1 for longer than batcher_silence while the chain advances.",
		"The safe head will stand still next: check the chain's status channel; see sequencing_window_closing for how long it can last.",
	},
	{
		headwatch.BatcherLowFunds, tells,
		"The batcher's account on L1 holds less than batcher_funds: it will soon be unable to post batches.",
		"Tell the chain's operators; without funds the safe head stands still.",
	},
	{
		headwatch.Blind, tells,
		"There is not enough evidence for a verdict: too few endpoints answer, or the L1 does not advance as seen from here.",
		"Check this machine's network and the providers of the chain and its L1; until then nothing trips by itself, so watch the chain by hand.",
	},
	{
		headwatch.ClockSkew, tells,
		"The local clock and those of the chain and of the servers differ by more than max_skew.",
		"Check the local clock (NTP); if it is right, the chain's clock is wrong and its timestamps must not be trusted.",
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
	{
		headwatch.CertificateExpiring, tells,
		"An endpoint's TLS certificate ends within two weeks; after that it cannot be asked any more.",
		"Tell whoever runs the endpoint to renew it.",
	},
	{
		headwatch.HookNotReady, tells,
		"A hook of the circuit would fail if it had to fire now: its role, its funds, its nonce, its signer, its call or the way to the chain is not as it must be.",
		"Run `headwatch hook check NAME` for what is wrong and mend it today; until then be ready to pause by hand with `headwatch hook calldata NAME`.",
	},
}

// Advice gives the advice of a condition, "" for one that has no rule.
func Advice(c headwatch.Condition) string {
	for _, r := range slices.Concat(Rules, OwnRules) {
		if r.Condition == c {
			return r.Advice
		}
	}
	return ""
}
