package config

import (
	"fmt"
	"slices"
	"time"
)

var vias = []string{ViaL2, ViaL1Deposit, ViaBoth}

// Bounds of what a transaction may need. A block of an L2 has 30 million gas or more, a portal sells 20 million a block of L1.
const (
	leastGas         = 21_000
	mostGas          = 20_000_000
	mostConfirms     = 100
	leastReplace     = Duration(5 * time.Second)
	mostReplace      = Duration(10 * time.Minute)
	mostConfirmation = Duration(day)
)

// checkOnChain checks what hooks that act on a chain have in common. What they call there is checked by their package.
func (d *document) checkOnChain(at path, h *Hook, c *Config) {
	if !slices.Contains(onChain, h.Kind) {
		return
	}
	if h.Kind == HookUptimeFeed {
		switch {
		case h.To == "":
			d.missing(at, "to", "write the address of the feed")
		default:
			d.checkAddress(at, "to", h.To)
		}
	}
	d.checkVia(at, h, c)
	if h.GasLimit != 0 && (h.GasLimit < leastGas || h.GasLimit > mostGas) {
		d.fault(at.key("gas_limit"), fmt.Sprintf("gas_limit is %d", h.GasLimit), fmt.Sprintf("make it %d to %d", leastGas, mostGas))
	}
	if h.MaxFee == 0 {
		d.fault(at.key("max_fee"), "max_fee is 0", `nothing is free: write what you would pay on the worst day, such as "300 gwei"`)
	}
	if h.Confirmations < 1 || h.Confirmations > mostConfirms {
		d.fault(at.key("confirmations"), fmt.Sprintf("confirmations is %d", h.Confirmations), fmt.Sprintf("make it 1 to %d", mostConfirms))
	}
	d.within(at.key("replace_after"), h.ReplaceAfter, leastReplace, mostReplace)
	d.within(at.key("confirm_within"), h.ConfirmWithin, leastReplace, mostConfirmation)
	if h.ConfirmWithin <= h.ReplaceAfter {
		d.fault(at.key("confirm_within"), fmt.Sprintf("confirm_within is %v, not longer than replace_after %v", h.ConfirmWithin, h.ReplaceAfter),
			"leave time for a replacement or two")
	}
}

// checkVia checks that there is a way to the chain.
func (d *document) checkVia(at path, h *Hook, c *Config) {
	known := d.choice(at.key("via"), h.Via, vias)
	if h.Chain == "" {
		d.missing(at, "chain", "no circuit lists the hook, or circuits of different chains do: name the chain where the contract is")
		return
	}
	if !d.reference(at.key("chain"), "chain", h.Chain, names(c.Chains, func(c Chain) string { return c.Name })) {
		return
	}
	chain := c.Chain(h.Chain)
	if chain.Kind == KindAPI {
		d.fault(at.key("chain"), fmt.Sprintf("chain %q is of kind api, which takes no transactions", h.Chain), "")
		return
	}
	if !known || h.Via == ViaL2 {
		return
	}
	via := at.key("via")
	switch {
	case chain.Kind != KindOPStack && chain.Kind != KindArbitrum:
		d.fault(via, fmt.Sprintf("via %s goes through the L1 of op-stack and arbitrum chains, and %q is %s", h.Via, h.Chain, chain.Kind), "use l2")
	case c.Chain(chain.L1) == nil: // which is said at the chain
	case chain.Kind == KindOPStack && chain.Portal == "" && !chain.Serves(ServesRollup):
		d.fault(via, fmt.Sprintf("chain %q has neither a portal nor an endpoint that serves rollup and knows it", h.Chain), "set portal on the chain")
	case chain.Kind == KindArbitrum && chain.Inbox == "":
		d.fault(via, fmt.Sprintf("chain %q has no inbox", h.Chain), "set inbox on the chain")
	}
}
