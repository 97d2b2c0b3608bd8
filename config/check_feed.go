package config

import (
	"fmt"
	"strings"
	"time"
)

// maxFeedLease is that of the contract: MAX_LEASE of HeadwatchUptimeFeed.
const maxFeedLease = 7 * day

// checkFeed checks a hook that keeps an uptime feed. A feed says how one circuit is, at once and in order; what waits for a veto or
// for a limit would leave it wrong.
func (d *document) checkFeed(at path, h *Hook, c *Config) {
	if h.To == "" {
		d.missing(at, "to", "name the HeadwatchUptimeFeed on the chain")
	} else {
		d.address(at.key("to"), h.To)
	}
	d.within(at.key("lease"), h.Lease, Duration(time.Hour), Duration(maxFeedLease))
	if h.Via == ViaBoth {
		d.fault(at.key("via"), "via is both, and what is said on two ways may arrive in another order", `choose "l1-deposit" or "l2"`)
	}
	if h.Mode == ModeConfirm {
		d.fault(at.key("mode"), "a feed is told at once: nobody vetoes it", `choose "armed" or "dry_run"`)
	}
	if h.MaxPerDay > 0 {
		d.fault(at.key("max_per_day"), "a feed has no limit: it must say up as often as down", "leave it out")
	}
	if h.Cooldown > 0 {
		d.fault(at.key("cooldown"), "a feed has no limit: it must say up as often as down", "leave it out")
	}
	if lists := c.CircuitsWith(h.Name); len(lists) > 1 {
		d.fault(at.key("name"), fmt.Sprintf("a feed says how one circuit is, and %s list it", quoted(names(lists, func(x Circuit) string { return x.Name }))),
			"give each a feed of its own")
	}
	for i := range c.Hooks {
		o := &c.Hooks[i]
		if o == h {
			return
		}
		if o.Kind == HookUptimeFeed && o.Chain == h.Chain && h.To != "" && strings.EqualFold(o.To, h.To) {
			d.fault(at.key("to"), fmt.Sprintf("hook %q speaks to that feed too", o.Name), "give each a feed of its own")
		}
	}
}
