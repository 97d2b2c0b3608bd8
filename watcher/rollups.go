package watcher

import "headwatch/config"

// arbitrum is a nitro node. It serves safe and finalized, the blocks whose batch is on L1 and on finalized L1, and each of its
// headers names the L1 block that the sequencer saw (OffchainLabs/nitro, and docs.arbitrum.io on its RPC methods).
func arbitrum(chain config.Chain) kind { return evm(chain) }

// linea serves finalized, the blocks that are proven on L1, and refuses safe
// (docs.linea.build/network/how-to/finalized-block).
func linea(config.Chain) kind { return served("finalized") }

// scroll serves both where its node follows the rollup contract; one that does not answers with an error or with null.
func scroll(chain config.Chain) kind { return evm(chain) }

// polygon serves finalized, the newest block under a milestone (Polygon improvement proposal 11). It has no safe head: a
// milestone is a vote of its own validators, and nothing of it waits for the L1.
func polygon(config.Chain) kind { return served("finalized") }
