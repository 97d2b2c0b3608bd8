package evm

import (
	"context"
	"fmt"

	"github.com/ethereum/go-ethereum/common"
)

// superchainConfig stops withdrawals from an OP Stack chain, on its L1, for everybody (identifier 0) or one cluster of
// chains. It does not stop the sequencer. A pause ends by itself after 7,884,000 s, and cannot be made again until the
// guardian has unpaused: then pausable(identifier) is false although nothing is paused. For the guardian, and from
// version 2.5.0 of the contract for its incident responder. (ethereum-optimism/optimism, packages/contracts-bedrock/src/L1/
// SuperchainConfig.sol, specs/protocol/superchain-config.md.)
var superchainConfig = preset{
	name:   "superchain-config",
	pauses: "withdrawals from OP Stack chains, on L1",
	who:    "the guardian or the incident responder",
	back:   "the guardian",
	patterns: []pattern{{
		call: "pause(address)", args: []string{"0x0000000000000000000000000000000000000000"},
		read: "paused(address)", readArgs: []string{"$1"},
		resume: "unpause(address)", resumeArgs: []string{"$1"},
	}},
	special: func(m *maker) {
		to, identifier := m.to, m.fill("$1")
		guarded := m.guardedBy("guardian", "incidentResponder")
		m.effect.check = func(ctx context.Context, r Reader, sender common.Address) error {
			if err := guarded(ctx, r, sender); err != nil {
				return err
			}
			can, err := look(ctx, r, to, "pausable(address)", identifier)
			if err != nil || can[0] == "true" {
				return err
			}
			is, err := look(ctx, r, to, "paused(address)", identifier)
			if err != nil || is[0] == "true" {
				return err
			}
			return fmt.Errorf("%s cannot be paused: its last pause ran out and was never taken back; the guardian has to call unpause(%s)", to, identifier)
		}
	},
}
