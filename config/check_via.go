package config

import "fmt"

var vias = []string{ViaL2, ViaL1Deposit, ViaBoth}

// checkVia checks where a hook acts, and whether there is the way that it wants to take there.
func (d *document) checkVia(at path, h *Hook, all *Config) {
	if !h.OnChain() {
		return
	}
	d.choice(at.key("via"), h.Via, vias)
	switch chain := all.Chain(h.Chain); {
	case h.Chain == "" && len(all.CircuitsWith(h.Name)) > 0:
		d.missing(at, "chain", "its circuits guard different chains: name the [[chain]] of the contract")
	case h.Chain == "": // no circuit lists it: it never fires
	case chain == nil:
		d.reference(at.key("chain"), "chain", h.Chain, names(all.Chains, func(c Chain) string { return c.Name }))
	case chain.Kind == KindAPI:
		d.fault(at.key("chain"), fmt.Sprintf("chain %q is of kind api, which takes no transactions", h.Chain), "")
	case h.Via == ViaL1Deposit || h.Via == ViaBoth:
		if hint := chain.NoEntrance(); hint != "" {
			d.fault(at.key("via"), fmt.Sprintf("via is %s, and no way into %s from an L1 is known", h.Via, chain.Name), hint)
		}
	}
	if h.Kind == HookUptimeFeed {
		d.checkFeed(at, h, all)
	}
}

// NoEntrance says what to do about a chain that cannot be entered from its L1; "" when it can.
func (c *Chain) NoEntrance() (hint string) {
	switch {
	case c.Kind == KindOPStack && c.Portal == "" && !c.Serves(ServesRollup):
		return "set the chain's portal, or add an endpoint that serves rollup"
	case c.Kind == KindArbitrum && c.Inbox == "":
		return "set the chain's inbox"
	case c.Kind != KindOPStack && c.Kind != KindArbitrum:
		return `only op-stack and arbitrum chains have one: use via = "l2"`
	}
	return ""
}
