package main

import (
	"headwatch/config"
	"headwatch/incident"
)

// plan says who is told about a circuit.
func plan(cfg *config.Config) func(circuit string) incident.Plan {
	var hooks []string
	for _, h := range cfg.Hooks {
		hooks = append(hooks, h.Name)
	}
	return func(name string) incident.Plan {
		c := cfg.Circuit(name)
		if c == nil {
			return incident.Plan{Known: hooks} // it was in an earlier configuration
		}
		p := incident.Plan{Known: hooks, On: c.On, Tell: c.Tell, Hooks: c.Hooks, Policy: policy(cfg.Escalation(c.Escalation)), Recovers: c.RecoverAfter.D(), Operators: map[string]string{}}
		for _, a := range c.Alerts {
			p.Alerts = append(p.Alerts, incident.Channel{Name: a, From: cfg.Alert(a).From})
		}
		if chain := cfg.Chain(c.Chain); chain != nil {
			p.L1 = chain.L1
			for _, e := range chain.Endpoints {
				p.Operators[e.Name] = e.Operator
			}
		}
		return p
	}
}

// policy is an [[escalation]] as incidents follow it; nil for none.
func policy(e *config.Escalation) *incident.Policy {
	if e == nil {
		return nil
	}
	p := &incident.Policy{Name: e.Name, AckFor: e.AckFor.D()}
	for _, s := range e.Steps {
		p.Steps = append(p.Steps, incident.PolicyStep{
			Tell: s.Tell, From: s.From, After: s.After.D(), Every: s.Every.D(), During: s.During, Outside: s.Outside,
		})
	}
	return p
}
