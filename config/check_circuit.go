package config

import (
	"fmt"
	"slices"

	"headwatch"
)

var rearmModes = []string{RearmAuto, RearmManual}

// tripping are the conditions of a whole chain, on which a circuit may trip. tellOnly are about our own sight, about one
// endpoint, or about what has not happened yet: a pause is too scarce for them.
var (
	tripping = []headwatch.Condition{
		headwatch.UnsafeHeadStalled, headwatch.UnsafeHeadSlow, headwatch.UserTxsMissing, headwatch.SafeHeadStalled,
		headwatch.ProvenHeadStalled, headwatch.FinalizedHeadStalled, headwatch.L1HeadStalled, headwatch.L1OriginDrift,
		headwatch.SequencingWindowClosing, headwatch.Reorg, headwatch.APIStale,
	}
	tellOnly = []headwatch.Condition{
		headwatch.Fork, headwatch.BatcherSilent, headwatch.BatcherLowFunds, headwatch.Blind, headwatch.ClockSkew, headwatch.WrongChain,
		headwatch.EndpointUnreachable, headwatch.EndpointLagging, headwatch.CertificateExpiring, headwatch.HookNotReady,
	}
)

func (d *document) checkCircuit(at path, c *Circuit, all *Config) {
	chain := all.Chain(c.Chain)
	if c.Chain == "" {
		d.missing(at, "chain", "name the [[chain]] that it guards")
	} else {
		d.reference(at.key("chain"), "chain", c.Chain, names(all.Chains, func(c Chain) string { return c.Name }))
	}
	d.checkConditions(at, c, chain)
	d.checkTried(at, c, all)
	// What a preset would have filled in is not missed where that preset was not found.
	d.checkLadder(at, c, chain != nil && (chain.Preset == "" || slices.Contains(Presets(), chain.Preset)))
	if chain != nil {
		d.checkPace(at, c, chain)
	}
	d.choice(at.key("rearm"), c.Rearm, rearmModes)
	d.references(at.key("hooks"), "hook", c.Hooks, names(all.Hooks, func(h Hook) string { return h.Name }))
	d.references(at.key("alerts"), "alert", c.Alerts, names(all.Alerts, func(a Alert) string { return a.Name }))
	d.mayRefer(at.key("escalation"), "escalation", c.Escalation, names(all.Escalations, func(e Escalation) string { return e.Name }))
	if len(c.Alerts) == 0 {
		d.missing(at, "alerts", "name at least one [[alert]]: otherwise nobody is told")
	}
}

func (d *document) checkConditions(at path, c *Circuit, chain *Chain) {
	on, tell := words(c.On), words(c.Tell)
	known := append(words(tripping), words(tellOnly)...)
	d.references(at.key("on"), "condition", on, known)
	d.references(at.key("tell"), "condition", tell, known)
	for i, condition := range c.On {
		at := at.key("on").item(i)
		switch {
		case slices.Contains(tellOnly, condition):
			d.fault(at, fmt.Sprintf("%s never trips a circuit", condition), "list it in tell")
		case slices.Contains(c.Tell, condition):
			d.fault(at, fmt.Sprintf("%s is in on and in tell", condition), "keep one: what trips also warns and pages")
		}
	}
	for key, list := range map[string][]headwatch.Condition{"on": c.On, "tell": c.Tell} {
		for i, condition := range list {
			d.checkHolds(at.key(key).item(i), condition, chain)
		}
	}
	if len(on)+len(tell) == 0 && d.has(at.key("on")) {
		d.fault(at.key("on"), "on and tell are both empty", "a circuit that waits for nothing guards nothing")
	}
}

// checkHolds notes a condition that cannot hold on the chain as it is configured: the circuit would wait for it in vain.
func (d *document) checkHolds(at path, condition headwatch.Condition, chain *Chain) {
	if chain == nil {
		return
	}
	if hint := missingFor(condition, chain); hint != "" {
		d.fault(at, fmt.Sprintf("%s cannot hold on chain %q", condition, chain.Name), hint)
	}
}

// checkLadder wants 0 < warn_after <= page_after <= trip_after, and some recover_after. What is not there is missed only when
// nothing could have filled it in.
func (d *document) checkLadder(at path, c *Circuit, complete bool) {
	type rung struct {
		key   string
		after Duration
	}
	var below rung
	for _, r := range []rung{{"warn_after", c.WarnAfter}, {"page_after", c.PageAfter}, {"trip_after", c.TripAfter}} {
		d.checkSet(at, r.key, r.after, complete)
		if r.after == 0 {
			continue
		}
		if r.after < below.after {
			wrong := at.key(r.key)
			if !d.has(wrong) && d.has(at.key(below.key)) {
				wrong = at.key(below.key) // this one is the preset's
			}
			d.fault(wrong, fmt.Sprintf("%s is %v, shorter than %s %v", r.key, r.after, below.key, below.after),
				fmt.Sprintf("make %s at least %s", r.key, below.key))
		}
		below = r
	}
	d.checkSet(at, "recover_after", c.RecoverAfter, complete)
}

func (d *document) checkSet(table path, key string, v Duration, complete bool) {
	switch {
	case v > 0:
	case d.has(table.key(key)):
		d.fault(table.key(key), key+" is 0s", "make it longer")
	case complete:
		d.missing(table, key, "set it, or use a chain with a preset")
	}
}

// checkPace holds a circuit against the pace of its chain.
func (d *document) checkPace(at path, c *Circuit, chain *Chain) {
	if c.WarnAfter > 0 && c.WarnAfter <= chain.BlockTime {
		d.fault(at.key("warn_after"), fmt.Sprintf("warn_after is %v, and a healthy chain stands still for its block_time %v", c.WarnAfter, chain.BlockTime),
			"make warn_after longer")
	}
	if c.RecoverAfter > 0 && c.RecoverAfter < chain.BlockTime {
		d.fault(at.key("recover_after"), fmt.Sprintf("recover_after is %v, shorter than the block_time %v", c.RecoverAfter, chain.BlockTime),
			"make it at least block_time: life shows only in blocks")
	}
}

func words(list []headwatch.Condition) []string {
	return names(list, func(c headwatch.Condition) string { return string(c) })
}
