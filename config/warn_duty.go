package config

import (
	"fmt"
	"slices"
)

// idleDuty lists escalations, people and rotas that nothing names: whoever wrote them believes that they are told.
func (d *document) idleDuty(c *Config) (all []string) {
	used := map[string]bool{c.Watchdog.Escalation: true}
	for i := range c.Circuits {
		used[c.Circuits[i].Escalation] = true
	}
	told := map[string]bool{}
	for i := range c.Escalations {
		for _, s := range c.Escalations[i].Steps {
			for _, name := range s.Tell {
				told[name] = true
			}
		}
	}
	idle := func(table string, i int, text string) {
		line, _ := d.position(path(table).item(i))
		all = append(all, fmt.Sprintf("%s:%d: %s", d.name, line, text))
	}
	for i, e := range c.Escalations {
		if !used[e.Name] {
			idle("escalation", i, fmt.Sprintf("escalation %q: no circuit uses it, so it tells nobody; give the circuit escalation = %q", e.Name, e.Name))
		}
	}
	for i, r := range c.Rotas {
		for _, name := range slices.Concat(r.People, r.Fallback) {
			told[name] = true
		}
		for _, o := range r.Covers {
			told[o.Person] = true
		}
		if !told[r.Name] {
			idle("rota", i, fmt.Sprintf("rota %q: no step of an escalation tells it", r.Name))
		}
		if r.Calendar.IsZero() {
			continue
		}
		for _, p := range c.People { // its events may name anybody
			told[p.Name] = true
		}
	}
	for i, p := range c.People {
		if !told[p.Name] {
			idle("person", i, fmt.Sprintf("person %q: no escalation and no rota names them", p.Name))
		}
	}
	return all
}

// sharedAlerts lists alerts that reach several people: when one of them is on call, the others are woken too.
func (d *document) sharedAlerts(c *Config) (all []string) {
	owner := map[string]string{}
	for i, p := range c.People {
		for j, a := range p.Tell {
			if first, taken := owner[a]; taken && first != p.Name {
				line, _ := d.position(path("person").item(i).key("tell").item(j))
				all = append(all, fmt.Sprintf("%s:%d: person %q: alert %q also reaches %s, who is woken whenever %s is on call", d.name, line, p.Name, a, first, p.Name))
			} else {
				owner[a] = p.Name
			}
		}
	}
	return all
}
