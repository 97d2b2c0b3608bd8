package config

import "slices"

// OnChain reports whether the hook sends transactions.
func (h *Hook) OnChain() bool { return slices.Contains(onChain, h.Kind) }

// Acts reports whether the hook makes something happen outside.
func (h *Hook) Acts() bool { return h.Mode == ModeArmed || h.Mode == ModeConfirm }

// Scarce reports whether the hook may not fire whenever a circuit trips: it has a rule of its own, waits for a veto, or is a
// contract call. What is not scarce is told of every decision at once, and neither counts for [scarcity] nor is held up by it.
func (h *Hook) Scarce() bool {
	return h.Kind == HookEVM || h.Mode == ModeConfirm || h.MaxPerDay > 0 || h.Cooldown > 0
}

// Tried reports whether the hook is tried while all is well: it acts on a chain, and is not switched off.
func (h *Hook) Tried() bool { return h.OnChain() && h.Mode != ModeOff }

// MayFire reports whether the hook is an incident when it is not ready: it is tried, and it is meant to fire.
func (h *Hook) MayFire() bool { return h.OnChain() && h.Acts() }
