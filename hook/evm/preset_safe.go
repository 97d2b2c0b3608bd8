package evm

import (
	"context"
	"fmt"
	"strings"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/common/hexutil"
)

// safeModule is any call that a Safe makes for one of its modules, named by the key safe. That key goes with every other
// preset too.
var safeModule = preset{
	name:   "safe-module",
	pauses: "what the call stops",
	who:    "the Safe; the signer is a module of it",
	special: func(m *maker) {
		if m.hook.Safe == "" {
			m.fault("safe", "safe is missing", "write the address of the Safe that makes the call")
		}
	},
}

// throughSafe makes a Safe send the call, asked by a module of it. A module can do anything with a Safe, so the signer should
// be the only thing a module allows nothing else to: docs/pause-hooks.md. Taking a pause back stays a call of people.
// (safe-global/safe-smart-account, contracts/base/ModuleManager.sol.)
func (m *maker) throughSafe() {
	if m.hook.Safe == "" {
		return
	}
	safe := m.address("safe", m.hook.Safe)
	if m.hook.GasLimit == 0 {
		m.fault("gas_limit", "gas_limit is missing",
			"a call that fails inside a Safe is no failure of the transaction, so its gas cannot be estimated: write what the call needs and half as much again, such as gas_limit = 500000")
	}
	inner := m.effect
	m.effect.call = func(ctx context.Context, r Reader) (Call, error) {
		call, err := inner.call(ctx, r)
		if err != nil {
			return Call{}, err
		}
		return execute(safe, call)
	}
	m.effect.check = func(ctx context.Context, r Reader, sender common.Address) error {
		enabled, err := look(ctx, r, safe, "isModuleEnabled(address)", sender.Hex())
		if err != nil {
			return err
		}
		if enabled[0] != "true" {
			return fmt.Errorf("%s is not a module of the Safe %s", sender, safe)
		}
		if err := inner.Check(ctx, r, safe); err != nil {
			return err
		}
		return tryInside(ctx, r, safe, &inner)
	}
}

// tryInside makes the call as the Safe would. From outside it never looks wrong: the Safe says false and does not revert.
func tryInside(ctx context.Context, r Reader, safe common.Address, inner *effect) error {
	if done, err := inner.holds(ctx, r); err != nil || done {
		return err
	}
	call, err := inner.call(ctx, r)
	if err != nil {
		return err
	}
	if _, err := r.Call(ctx, safe, call.To, call.Data); err != nil {
		return fmt.Errorf("%s from the Safe %s: %w", call.Text, safe, err)
	}
	return nil
}

// execute wraps a call for a Safe, as an ordinary call (operation 0) and never a delegatecall.
func execute(safe common.Address, c Call) (Call, error) {
	const function = "execTransactionFromModule(address,uint256,bytes,uint8)"
	wrapped, err := newCall(safe, function, c.To.Hex(), "0", hexutil.Encode(c.Data), "0")
	if err != nil {
		return Call{}, err
	}
	name, _, _ := strings.Cut(function, "(")
	wrapped.Text = fmt.Sprintf("%s(%s, %s)", name, c.To, c.Text)
	return wrapped, nil
}
