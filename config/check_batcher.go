package config

import (
	"regexp"
	"time"
)

// leastSilence is three times what passes between two looks at the batcher's account.
const leastSilence = Duration(15 * time.Minute)

var addressForm = regexp.MustCompile(`^0x[0-9a-fA-F]{40}$`)

func (d *document) checkBatcher(at path, c *Chain) {
	if c.Batcher == "" {
		return
	}
	switch key := at.key("batcher"); {
	case !addressForm.MatchString(c.Batcher):
		d.fault(key, "batcher is not an address", "write 0x and its 40 hex digits")
	case c.L1 == "" && d.has(key):
		d.fault(key, "batcher is an account on the L1, and the chain has none", "set l1, or remove it")
	}
	d.atLeast(at.key("batcher_silence"), c.BatcherSilence, leastSilence)
}
