package evm

import (
	"context"
	"errors"
	"fmt"

	"github.com/ethereum/go-ethereum/common"

	"headwatch/config"
)

// wrap makes the call on L1.
func (h *Hook) wrap(ctx context.Context, e errand) (Call, uint64, error) {
	if h.over.chain.Kind == config.KindArbitrum {
		drafts, err := h.accounts.kept(ctx, e.key, h.config.Name, legL2)
		if err != nil || len(drafts) == 0 {
			return Call{}, 0, errors.Join(errNotYet, err)
		}
		return h.over.carry(ctx, h.signer.Address(), drafts[0].Raw)
	}
	look, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	call, read, err := h.recall.make(look, e.effect)
	if err != nil {
		return call, 0, fmt.Errorf("make the call: %w", err)
	}
	if !read.IsZero() {
		h.mu.Lock()
		e.memory.read = read
		h.mu.Unlock()
	}
	gas, err := h.estimate(look, call)
	if err != nil {
		return call, 0, err
	}
	return h.over.wrap(ctx, h.signer.Address(), call, gas)
}

// Estimate gives the gas of the call on its chain, and remembers it for the day when no node can tell. It is a *Reverted when the
// call would revert.
func (h *Hook) Estimate(ctx context.Context) (uint64, error) {
	call, _, err := h.recall.make(ctx, h.effect)
	if err != nil {
		return 0, err
	}
	gas, err := h.target.gas(ctx, call.message(h.signer.Address()))
	if err == nil {
		h.mu.Lock()
		h.gas = gas
		h.mu.Unlock()
	}
	return gas, err
}

// estimate gives the configured gas limit, an estimate, or while no node answers the newest one there was. A call that would revert
// is not sent, whatever is configured.
func (h *Hook) estimate(ctx context.Context, call Call) (uint64, error) {
	gas, err := h.target.gas(ctx, call.message(h.signer.Address()))
	if r, ok := errors.AsType[*Reverted](err); ok {
		return 0, fmt.Errorf("the call would revert: %w", r)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if err == nil {
		h.gas = gas
	}
	switch {
	case h.config.GasLimit > 0:
		return h.config.GasLimit, nil
	case h.gas > 0:
		return h.gas, nil
	}
	return spareGas, nil
}

// carry gives the call on L1 that puts a signed transaction into the delayed inbox, and its gas.
func (o *over1) carry(ctx context.Context, from common.Address, signed []byte) (Call, uint64, error) {
	inbox, err := o.l2.entrance(ctx)
	if err != nil {
		return Call{}, 0, err
	}
	call, err := InboxCall(inbox, signed)
	if err != nil {
		return call, 0, err
	}
	gas, err := o.l1.gas(ctx, call.message(from))
	if err != nil {
		return call, 0, fmt.Errorf("deliver to the inbox: %w", err)
	}
	return call, gas, nil
}
