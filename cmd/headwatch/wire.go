package main

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"go.uber.org/zap"

	"headwatch"
	"headwatch/breaker"
	"headwatch/config"
	"headwatch/watcher"
)

// network is every chain of a configuration with the circuits that judge it; a chain stands after its L1.
type network struct {
	chains   []*watcher.Chain
	circuits map[string][]*breaker.Circuit // by chain
}

// wire makes the chains and circuits of a configuration and gives each what the journal last decided. last may be nil.
func wire(cfg *config.Config, last map[string]headwatch.Transition, observed func(headwatch.Observation), log *zap.Logger) (*network, error) {
	n := &network{circuits: make(map[string][]*breaker.Circuit)}
	chains := slices.Clone(cfg.Chains)
	slices.SortStableFunc(chains, func(a, b config.Chain) int { return layer(a) - layer(b) })
	for _, c := range chains {
		var before *headwatch.Assessment
		var hooks []headwatch.Finding // of all causes: each has those of its own circuit
		for _, cc := range cfg.CircuitsOf(c.Name) {
			var newest *headwatch.Transition
			if t, ok := last[cc.Name]; ok {
				newest = &t
				hooks = append(hooks, ofHooks(t.Cause)...)
				if before == nil || before.At.Before(t.Cause.At) {
					before = &t.Cause
				}
			}
			circuit, err := breaker.New(cc, newest)
			if err != nil {
				return nil, err
			}
			n.circuits[c.Name] = append(n.circuits[c.Name], circuit)
		}
		if before != nil {
			before.Findings = append(slices.DeleteFunc(slices.Clone(before.Findings), isOfHook), hooks...)
		}
		chain, err := watcher.New(c, watcher.Options{
			Limits: cfg.Limits(c.Name), Accounts: batchers(chains, c.Name), Hooks: cfg.Telling(c.Name), L1: n.chain(c.L1), Before: before, Observed: observed,
			Log: log.Named("watcher").With(zap.String("chain", c.Name)),
		})
		if err != nil {
			return nil, err
		}
		n.chains = append(n.chains, chain)
	}
	return n, nil
}

func isOfHook(f headwatch.Finding) bool { return f.Hook != "" }

// ofHooks gives what was wrong with the hooks of a circuit.
func ofHooks(a headwatch.Assessment) []headwatch.Finding {
	return slices.DeleteFunc(slices.Clone(a.Findings), func(f headwatch.Finding) bool { return !isOfHook(f) })
}

// layer orders chains: what has no L1 is one.
func layer(c config.Chain) int {
	if c.L1 == "" {
		return 1
	}
	return 2
}

// batchers are the accounts on a layer 1 that the chains above it depend on.
func batchers(chains []config.Chain, l1 string) []string {
	var accounts []string
	for _, c := range chains {
		if c.L1 == l1 && c.Batcher != "" {
			accounts = append(accounts, strings.ToLower(c.Batcher))
		}
	}
	slices.Sort(accounts)
	return slices.Compact(accounts)
}

func (n *network) chain(name string) *watcher.Chain {
	for _, c := range n.chains {
		if c.Name() == name {
			return c
		}
	}
	return nil
}

// assessed gives how a chain was last assessed; nil for a chain that is not watched. Nobody changes it.
func (n *network) assessed(name string) *headwatch.Assessment {
	c := n.chain(name)
	if c == nil {
		return nil
	}
	return &c.Status().Assessment
}

// circuit finds a circuit and the chain that it judges.
func (n *network) circuit(name string) (*breaker.Circuit, *watcher.Chain, error) {
	var known []string
	for _, all := range n.circuits {
		for _, c := range all {
			if c.Name() == name {
				return c, n.chain(c.Chain()), nil
			}
			known = append(known, c.Name())
		}
	}
	slices.Sort(known)
	return nil, nil, fmt.Errorf("there is no circuit %q: %s", name, config.DidYouMean(name, known))
}

// signals are the leases on all circuits, in the order of their names.
func (n *network) signals(lease time.Duration) []headwatch.Signal {
	var all []headwatch.Signal
	for _, circuits := range n.circuits {
		for _, c := range circuits {
			all = append(all, c.Signal(lease))
		}
	}
	slices.SortFunc(all, func(a, b headwatch.Signal) int { return strings.Compare(a.Circuit, b.Circuit) })
	return all
}

func (n *network) statuses() []headwatch.ChainStatus {
	all := make([]headwatch.ChainStatus, len(n.chains))
	for i, c := range n.chains {
		all[i] = *c.Status()
	}
	return all
}
