package config

import (
	"fmt"
	"slices"
	"time"
)

var (
	chainKinds = []string{KindEVM, KindOPStack, KindArbitrum, KindZKsync, KindLinea, KindScroll, KindPolygon, KindAPI}

	// rollups settle on another chain by what they are: without it none of them has a second clock.
	rollups = []string{KindOPStack, KindArbitrum, KindZKsync, KindLinea, KindScroll}
)

func (d *document) checkChain(at path, c *Chain, all *Config) {
	d.checkFacts(at, c)
	d.checkL1(at, c, all)
	if d.has(at.key("stale_after")) {
		d.checkStaleAfter(at.key("stale_after"), c, all.CircuitsOf(c.Name))
	}
	d.atLeast(at.key("max_skew"), c.MaxSkew, Duration(time.Second))
	if d.has(at.key("reorg_depth")) && c.ReorgDepth < 1 {
		d.fault(at.key("reorg_depth"), fmt.Sprintf("reorg_depth is %d", c.ReorgDepth), "make it at least 1")
	}
	d.checkLags(at, c)
	d.checkBatcher(at, c)
	d.checkEntrances(at, c)
	d.checkEndpoints(at, c)
}

// checkStaleAfter checks a value that the file gives: the default cannot be wrong where the circuits are right.
func (d *document) checkStaleAfter(at path, c *Chain, circuits []Circuit) {
	if c.StaleAfter <= c.BlockTime {
		d.fault(at, fmt.Sprintf("stale_after is %v, and a healthy chain stands still for its block_time %v", c.StaleAfter, c.BlockTime), "make it longer")
	}
	for _, x := range circuits {
		if x.WarnAfter > 0 && c.StaleAfter > x.WarnAfter {
			d.fault(at, fmt.Sprintf("stale_after is %v, longer than warn_after %v of circuit %q", c.StaleAfter, x.WarnAfter, x.Name),
				"make it at most warn_after, or leave it out")
		}
	}
}

// checkFacts checks what only a preset or the file can know. A preset that is unknown has been reported; what it would
// have filled in is not missed a second time.
func (d *document) checkFacts(at path, c *Chain) {
	if d.faulty[at.key("preset")] {
		return
	}
	hint := "set it, or a preset"
	if c.Kind == "" {
		d.missing(at, "kind", hint)
	} else {
		d.choice(at.key("kind"), c.Kind, chainKinds)
	}
	if c.ChainID == 0 && c.Kind != KindAPI {
		d.missing(at, "chain_id", hint)
	}
	if c.BlockTime == 0 && c.Kind != KindAPI {
		d.missing(at, "block_time", hint)
	}
	if len(c.Endpoints) == 0 {
		d.missing(at, "endpoint", "add a [[chain.endpoint]] with its url")
	}
	if slices.Contains(rollups, c.Kind) && c.L1 == "" {
		d.missing(at, "l1", "name the chain that it settles on: no L2 is judged without that second clock")
	}
}

func (d *document) checkL1(at path, c *Chain, all *Config) {
	at = at.key("l1")
	switch l1 := all.Chain(c.L1); {
	case c.L1 == "":
	case c.L1 == c.Name:
		d.fault(at, fmt.Sprintf("l1 is %q, the chain itself", c.L1), "name the chain that it settles on")
	case l1 == nil:
		hint := fmt.Sprintf("add a [[chain]] named %q, or set l1 to the chain that is meant", c.L1)
		if near := nearest(c.L1, names(all.Chains, func(c Chain) string { return c.Name })); near != "" && near != c.Name {
			hint = "did you mean " + near + "?"
		}
		d.fault(at, fmt.Sprintf("l1 %q does not exist", c.L1), hint)
	case l1.L1 != "":
		d.fault(at, fmt.Sprintf("l1 %q has an l1 of its own", c.L1), "name a layer 1")
	}
}

func (d *document) checkEndpoints(at path, c *Chain) {
	eth := 0
	for i := range c.Endpoints {
		if c.Endpoints[i].Serves == ServesEth || !slices.Contains(serves, c.Endpoints[i].Serves) {
			eth++ // one with a slip may be meant for one
		}
		d.checkEndpoint(at.key("endpoint").item(i), &c.Endpoints[i], c)
	}
	if len(c.Endpoints) == 0 {
		return
	}
	if eth == 0 && c.Kind != KindAPI {
		d.fault(at.key("endpoint"), "no endpoint serves eth", "add one: the others alone do not show blocks")
	}
	n := len(c.Voters())
	if n == 0 {
		return
	}
	if c.Quorum < 1 || c.Quorum > n {
		d.fault(at.key("quorum"), fmt.Sprintf("quorum is %d, and %d operators can vote", c.Quorum, n), fmt.Sprintf("make it 1 to %d", n))
	}
	if c.ProofOfLife < 1 || c.ProofOfLife > n {
		d.fault(at.key("proof_of_life"), fmt.Sprintf("proof_of_life is %d, and %d operators can show a head", c.ProofOfLife, n), fmt.Sprintf("make it 1 to %d", n))
	}
}

func names[T any](list []T, name func(T) string) []string {
	out := make([]string, len(list))
	for i, x := range list {
		out[i] = name(x)
	}
	return out
}
