package config

import "time"

// leastSilence is three times what passes between two looks at the batcher's account.
const leastSilence = Duration(15 * time.Minute)

func (d *document) checkBatcher(at path, c *Chain) {
	if c.Batcher == "" {
		return
	}
	if key := at.key("batcher"); d.address(key, c.Batcher) && c.L1 == "" && d.has(key) {
		d.fault(key, "batcher is an account on the L1, and the chain has none", "set l1, or remove it")
	}
	d.atLeast(at.key("batcher_silence"), c.BatcherSilence, leastSilence)
}
