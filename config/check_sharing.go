package config

import "fmt"

// checkSharing finds hooks that take each other's nonces. A deposit counts up the nonce of its account on an OP Stack chain, at a
// time that L1 chooses: what another hook has signed for that chain with that account is then void, and its only way is lost.
func (d *document) checkSharing(c *Config) {
	for i, direct := range c.Hooks {
		if !direct.OnChain() || direct.Via != ViaL2 || direct.Signer == "" {
			continue
		}
		for _, other := range c.Hooks {
			chain := c.Chain(other.Chain)
			if other.Name == direct.Name || other.Signer != direct.Signer || other.Chain != direct.Chain || chain == nil || chain.Kind != KindOPStack {
				continue
			}
			if other.Via == ViaL1Deposit || other.Via == ViaBoth {
				d.fault(path("hook").item(i).key("signer"),
					fmt.Sprintf("signer %q also deposits for hook %q, which takes a nonce on %s from under this hook", direct.Signer, other.Name, direct.Chain),
					`give one of them a signer of its own, or this one via = "both"`)
				break
			}
		}
	}
}
