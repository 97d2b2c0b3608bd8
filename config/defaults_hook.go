package config

import "time"

// completeHook fills in what hooks that act on a chain need and the file does not say.
func (d *document) completeHook(at path, h *Hook, c *Config) {
	if h.Kind == HookNATS {
		if h.Lease == 0 {
			h.Lease = c.API.Lease
		}
		if h.Subject == "" {
			h.Subject = "headwatch"
		}
	}
	if h.Kind != HookEVM && h.Kind != HookUptimeFeed {
		return
	}
	if h.Chain == "" {
		h.Chain = firingChain(h.Name, c)
	}
	unset := func(key string) bool { return !d.has(at.key(key)) }
	if unset("via") {
		h.Via = ViaL2
		if h.Kind == HookUptimeFeed {
			h.Via = ViaL1Deposit
		}
	}
	if unset("max_fee") {
		h.MaxFee = 300
	}
	if unset("replace_after") {
		h.ReplaceAfter = Duration(30 * time.Second)
	}
	if unset("confirmations") {
		h.Confirmations = 2
	}
	if unset("confirm_within") {
		h.ConfirmWithin = Duration(5 * time.Minute)
	}
	if unset("max_per_day") && h.Kind == HookEVM {
		h.MaxPerDay = 1
	}
	if unset("lease") && h.Kind == HookUptimeFeed {
		h.Lease = Duration(day)
	}
	if h.Kind == HookEVM && h.Want == "" {
		h.Want = "true"
	}
}

// firingChain gives the chain of the circuits that list a hook, "" when they guard different ones.
func firingChain(hook string, c *Config) string {
	var chain string
	for _, x := range c.Circuits {
		for _, name := range x.Hooks {
			if name == hook && chain != "" && x.Chain != chain {
				return ""
			}
			if name == hook {
				chain = x.Chain
			}
		}
	}
	return chain
}
