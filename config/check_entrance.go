package config

import (
	"fmt"
	"slices"
)

// checkEntrances checks the contracts on the L1 through which transactions get into a chain past its sequencer.
func (d *document) checkEntrances(at path, c *Chain) {
	d.checkEntrance(at, "portal", c.Portal, c, KindOPStack)
	d.checkEntrance(at, "inbox", c.Inbox, c, KindArbitrum)
}

func (d *document) checkEntrance(at path, key, value string, c *Chain, kind string) {
	if value == "" || !d.address(at.key(key), value) {
		return
	}
	if c.Kind != kind && slices.Contains(chainKinds, c.Kind) && d.has(at.key(key)) {
		d.fault(at.key(key), fmt.Sprintf("%s is for %s chains, and this one is %s", key, kind, c.Kind), "remove it")
	}
}
