package config

import (
	"fmt"

	"headwatch"
)

// missingFor says what a chain lacks for a condition to hold on it; "" when it can.
func missingFor(c headwatch.Condition, chain *Chain) (hint string) {
	stack := chain.Kind == KindOPStack
	needs := func(has bool, what string) string {
		if has {
			return ""
		}
		return what
	}
	switch c {
	case headwatch.UnsafeHeadStalled, headwatch.L1HeadStalled:
		if c == stall(chain) && chain.Idles() {
			return needs(chain.Serves(ServesSequencer),
				"its silence cannot be told from idleness: add an endpoint that serves sequencer, or set busy = true if its users never pause")
		}
		return needs(c == stall(chain), fmt.Sprintf("use %s", stall(chain)))
	case headwatch.UnsafeHeadSlow:
		return needs(stall(chain) == headwatch.UnsafeHeadStalled, "it is found on an L2 only")
	case headwatch.UserTxsMissing:
		return needs(stack && chain.Busy, "it is found on a busy op-stack chain: set busy = true if its users never pause")
	case headwatch.SafeHeadStalled:
		return needs(chain.SafeLag > 0, "set the chain's safe_lag")
	case headwatch.ProvenHeadStalled:
		if chain.Kind != KindZKsync {
			return "only endpoints of a zksync chain name proven blocks"
		}
		return needs(chain.ProvenLag > 0, "set the chain's proven_lag")
	case headwatch.FinalizedHeadStalled:
		return needs(chain.FinalizedLag > 0, "set the chain's finalized_lag")
	case headwatch.L1OriginDrift, headwatch.SequencingWindowClosing:
		return needs(stack, "it is found on an op-stack chain only")
	case headwatch.BatcherSilent, headwatch.BatcherLowFunds:
		return needs(chain.Batcher != "", "set the chain's batcher, its address on the L1")
	case headwatch.APIStale:
		return needs(chain.Serves(ServesAPI), "add an endpoint that serves api")
	}
	return ""
}
