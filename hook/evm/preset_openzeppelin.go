package evm

import (
	"context"
	"fmt"

	"github.com/ethereum/go-ethereum/common"
)

// pausable is the convention around OpenZeppelin's Pausable, whose own functions but paused() are internal
// (openzeppelin-contracts, contracts/utils/Pausable.sol); its wizard writes pause() and unpause() for a PAUSER_ROLE or the
// owner.
var pausable = preset{
	name:     "openzeppelin-pausable",
	pauses:   "what the contract guards with whenNotPaused",
	who:      "whoever its pause() admits: by convention PAUSER_ROLE or the owner",
	back:     "whoever its unpause() admits: by convention PAUSER_ROLE or the owner",
	patterns: []pattern{{call: "pause()", args: []string{}, read: "paused()", resume: "unpause()"}},
	special: func(m *maker) {
		to := m.to
		m.effect.check = func(ctx context.Context, r Reader, sender common.Address) error {
			role, err := look(ctx, r, to, "PAUSER_ROLE()(bytes32)")
			if err != nil && lacking(err) {
				return nil // only an eth_call shows who may
			}
			if err != nil {
				return err
			}
			has, err := look(ctx, r, to, "hasRole(bytes32,address)", role[0], sender.Hex())
			if err != nil {
				return err
			}
			if has[0] != "true" {
				return fmt.Errorf("%s does not hold PAUSER_ROLE of %s", sender, to)
			}
			return nil
		}
	},
}

// accessManager closes one target of an OpenZeppelin AccessManager. That is restricted to the manager's ADMIN_ROLE, 0, and
// waits for the longer of the admin's and the target's delay (openzeppelin-contracts, contracts/access/manager/
// AccessManager.sol: _getAdminRestrictions, _canCallExtended).
var accessManager = preset{
	name:   "openzeppelin-access-manager",
	pauses: "every restricted function of one target",
	who:    "ADMIN_ROLE of the manager, without a delay",
	patterns: []pattern{{
		call: "setTargetClosed(address,bool)",
		read: "isTargetClosed(address)", readArgs: []string{"$1"},
		resume: "setTargetClosed(address,bool)", resumeArgs: []string{"$1", "false"},
	}},
	special: func(m *maker) {
		to, target := m.to, m.fill("$1")
		m.effect.check = func(ctx context.Context, r Reader, sender common.Address) error {
			role, err := look(ctx, r, to, "hasRole(uint64,address)(bool,uint32)", "0", sender.Hex())
			if err != nil {
				return err
			}
			if role[0] != "true" {
				return fmt.Errorf("%s does not hold ADMIN_ROLE of %s", sender, to)
			}
			delay, err := look(ctx, r, to, "getTargetAdminDelay(address)(uint32)", target)
			if err != nil {
				return err
			}
			if role[1] != "0" || delay[0] != "0" {
				return fmt.Errorf("%s must schedule what it does on %s: its delay is %s s, that of %s %s s", sender, to, role[1], target, delay[0])
			}
			return nil
		}
	},
}
