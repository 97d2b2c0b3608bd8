package config

import (
	"slices"

	"headwatch"
)

// Telling gives the hooks of a chain's circuits of which the chain is told whether they are ready, each once.
func (c *Config) Telling(chain string) []string {
	var all []string
	for _, x := range c.CircuitsOf(chain) {
		all = append(all, c.hooksOf(&x, (*Hook).MayFire)...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// hooksOf gives the hooks that a circuit lists and of which something is true.
func (c *Config) hooksOf(x *Circuit, is func(*Hook) bool) []string {
	return slices.DeleteFunc(slices.Clone(x.Hooks), func(name string) bool {
		h := c.Hook(name)
		return h == nil || !is(h)
	})
}

// completeTell makes a circuit tell of its hooks that would fail, unless the file says what it tells.
func (d *document) completeTell(at path, x *Circuit, c *Config) {
	if !d.has(at.key("tell")) && len(c.hooksOf(x, (*Hook).MayFire)) > 0 {
		x.Tell = append(x.Tell, headwatch.HookNotReady)
	}
}

// checkTried notes a circuit that waits for hook_not_ready without a hook of which that can be found out.
func (d *document) checkTried(at path, x *Circuit, c *Config) {
	for i, condition := range x.Tell {
		if condition == headwatch.HookNotReady && len(c.hooksOf(x, (*Hook).OnChain)) == 0 {
			d.fault(at.key("tell").item(i), "hook_not_ready cannot hold: no hook of the circuit can be tried without acting",
				"list one of kind evm or uptime-feed in hooks")
		}
	}
}
