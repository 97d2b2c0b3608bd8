package config

// Scarce reports whether the hook may not fire whenever a circuit trips: it has a rule of its own, waits for a veto, or is a
// contract call. What is not scarce is told of every decision at once, and neither counts for [scarcity] nor is held up by it.
func (h *Hook) Scarce() bool {
	return h.Kind == HookEVM || h.Mode == ModeConfirm || h.MaxPerDay > 0 || h.Cooldown > 0
}

// Acts reports whether the hook makes something happen outside.
func (h *Hook) Acts() bool { return h.Mode == ModeArmed || h.Mode == ModeConfirm }
