package evm

import (
	"context"
	"slices"

	"github.com/ethereum/go-ethereum/common"
)

// compoundV3 pauses a Comet. Its one call sets all five flags, so those that are up already are read first and kept: somebody
// put them up. Taking the pause back lowers the flags that the hook raises, and keeps the others as they are then. For the
// pause guardian and the governor. (compound-finance/comet, contracts/Comet.sol.)
var compoundV3 = preset{
	name:   "compound-v3",
	pauses: "supply, transfer, withdraw, absorb, buy of one Comet, as args say",
	who:    "the pause guardian or the governor",
	patterns: []pattern{{
		call: cometPause, args: []string{"true", "true", "true", "true", "true"},
	}},
	special: func(m *maker) {
		c := comet{m.to, m.args}
		if !slices.Contains(m.args, "true") {
			m.fault("args", "args pause nothing", "put true for what is to be paused: supply, transfer, withdraw, absorb, buy")
		}
		m.effect.call = c.pause
		m.effect.check = m.guardedBy("pauseGuardian", "governor")
		if m.hook.Read == "" {
			m.effect.holds = c.paused
		}
		if m.hook.Resume == "" {
			m.effect.resume = c.resume
		}
	},
}

const cometPause = "pause(bool,bool,bool,bool,bool)"

// cometFlags gives the flags in the order of the call's arguments.
var cometFlags = []string{"isSupplyPaused()", "isTransferPaused()", "isWithdrawPaused()", "isAbsorbPaused()", "isBuyPaused()"}

type comet struct {
	to   common.Address
	args []string // true for each flag that the hook raises
}

func (c comet) flags(ctx context.Context, r Reader) ([]string, error) {
	flags := make([]string, len(cometFlags))
	for i, f := range cometFlags {
		values, err := look(ctx, r, c.to, f)
		if err != nil {
			return nil, err
		}
		flags[i] = values[0]
	}
	return flags, nil
}

func (c comet) pause(ctx context.Context, r Reader) (Call, error) {
	return c.change(ctx, r, "true")
}

func (c comet) resume(ctx context.Context, r Reader) (Call, error) {
	return c.change(ctx, r, "false")
}

// change gives the call that sets the hook's flags to a value and the others to what they are.
func (c comet) change(ctx context.Context, r Reader, to string) (Call, error) {
	flags, err := c.flags(ctx, r)
	if err != nil {
		return Call{}, err
	}
	for i, ours := range c.args {
		if ours == "true" {
			flags[i] = to
		}
	}
	return newCall(c.to, cometPause, flags...)
}

func (c comet) paused(ctx context.Context, r Reader) (bool, error) {
	flags, err := c.flags(ctx, r)
	if err != nil {
		return false, err
	}
	for i, ours := range c.args {
		if ours == "true" && flags[i] != "true" {
			return false, nil
		}
	}
	return true, nil
}

// compoundV2 pauses one action of a Comptroller: for the pause guardian and the admin, and only the admin takes it back
// (compound-finance/compound-protocol, contracts/Comptroller.sol, and its forks).
var compoundV2 = preset{
	name:   "compound-v2",
	pauses: "borrowing or minting of one market, or all transfers or seizures",
	who:    "the pause guardian or the admin",
	back:   "the admin",
	patterns: []pattern{
		{call: "_setBorrowPaused(address,bool)", read: "borrowGuardianPaused(address)", readArgs: []string{"$1"}, resume: "_setBorrowPaused(address,bool)", resumeArgs: []string{"$1", "false"}},
		{call: "_setMintPaused(address,bool)", read: "mintGuardianPaused(address)", readArgs: []string{"$1"}, resume: "_setMintPaused(address,bool)", resumeArgs: []string{"$1", "false"}},
		{call: "_setTransferPaused(bool)", args: []string{"true"}, read: "transferGuardianPaused()", resume: "_setTransferPaused(bool)", resumeArgs: []string{"false"}},
		{call: "_setSeizePaused(bool)", args: []string{"true"}, read: "seizeGuardianPaused()", resume: "_setSeizePaused(bool)", resumeArgs: []string{"false"}},
	},
	special: func(m *maker) { m.effect.check = m.guardedBy("pauseGuardian", "admin") },
}
