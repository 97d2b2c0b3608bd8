package config

import (
	"slices"

	"headwatch"
)

// own is the circuit that tells of headwatch's own troubles. It is judged like every other, on a chain of its own name that is
// none; it fires no hook and never opens.
func (c *Config) own() *Circuit {
	w := &c.Watchdog
	return &Circuit{
		Name: headwatch.Watchdog, Chain: headwatch.Watchdog, Tell: headwatch.WatchdogConditions(), Rearm: RearmAuto,
		WarnAfter: w.WarnAfter, PageAfter: w.PageAfter, TripAfter: w.PageAfter, RecoverAfter: w.RecoverAfter,
		Alerts: w.Alerts, Escalation: w.Escalation,
	}
}

// completeWatchdog has everybody told of headwatch's own troubles who is told of anything, but for the telephones of people: a
// rota says whose turn it is.
func (d *document) completeWatchdog(c *Config) {
	if d.has(path("watchdog").key("alerts")) {
		return
	}
	told := func(name string) bool {
		inCircuit := slices.ContainsFunc(c.Circuits, func(x Circuit) bool { return slices.Contains(x.Alerts, name) })
		return inCircuit || slices.ContainsFunc(c.Escalations, func(e Escalation) bool {
			return slices.ContainsFunc(e.Steps, func(s EscalationStep) bool { return slices.Contains(s.Tell, name) })
		})
	}
	for _, a := range c.Alerts {
		if told(a.Name) {
			c.Watchdog.Alerts = append(c.Watchdog.Alerts, a.Name)
		}
	}
}

// Unwatched says that nobody outside would notice that headwatch died; "" when somebody would.
func (c *Config) Unwatched() string {
	if len(c.Heartbeats)+len(c.Peers) > 0 {
		return ""
	}
	return "nobody outside watches headwatch: a [[heartbeat]] or a [[peer]] tells people when it is gone"
}
