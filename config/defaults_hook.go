package config

import "time"

// completeHook fills in what hooks that act on a chain need and the file does not say.
func (d *document) completeHook(at path, h *Hook, c *Config) {
	if h.Kind == HookNATS {
		d.completeNATS(at, h, c)
	}
	if !h.OnChain() {
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
	if unset("timeout") { // four to seven answers wait for each other, and slow nodes take seconds for each
		h.Timeout = Duration(time.Minute)
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

func (d *document) completeNATS(at path, h *Hook, c *Config) {
	if !d.has(at.key("lease")) {
		h.Lease = c.API.Lease
	}
	if !d.has(at.key("subject")) {
		h.Subject = "headwatch"
	}
	for _, file := range []*string{&h.Credentials, &h.CA, &h.Cert, &h.CertKey} {
		if *file != "" {
			*file = d.relative(*file)
		}
	}
}

// firingChain gives the chain of the circuits that list a hook, "" when they guard different ones.
func firingChain(hook string, c *Config) string {
	var chain string
	for _, x := range c.CircuitsWith(hook) {
		if chain != "" && x.Chain != chain {
			return ""
		}
		chain = x.Chain
	}
	return chain
}
