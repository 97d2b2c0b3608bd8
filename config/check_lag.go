package config

import (
	"fmt"
	"time"
)

// leastLag is what a block of a healthy chain may take at least to be on L1, proven or final: no chain is faster, and an endpoint
// tells of it only when it is asked.
const leastLag = Duration(time.Minute)

// checkLags checks the limits that the file gives; zero says that a head is not judged.
func (d *document) checkLags(at path, c *Chain) {
	for _, limit := range []struct {
		key string
		lag Duration
	}{{"safe_lag", c.SafeLag}, {"proven_lag", c.ProvenLag}, {"finalized_lag", c.FinalizedLag}} {
		key := at.key(limit.key)
		least := max(leastLag, 2*c.BlockTime)
		if d.has(key) && limit.lag != 0 && limit.lag < least {
			d.fault(key, fmt.Sprintf("%s is %v, and a healthy chain with a block every %v may take as long", limit.key, limit.lag, c.BlockTime),
				fmt.Sprintf("make it at least %v, or \"0s\" not to judge it", least))
		}
	}
}
