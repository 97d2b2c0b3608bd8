package config

import "slices"

// checkPagingNames keeps alerts, people and rotas apart, because an escalation tells each of them by its name.
func (d *document) checkPagingNames(c *Config, channels named) {
	escalations, hours, windows, beats := named{}, named{}, named{}, named{}
	for i, x := range c.People {
		d.checkName(path("person").item(i), x.Name, channels)
	}
	for i, x := range c.Rotas {
		d.checkName(path("rota").item(i), x.Name, channels)
	}
	for i, x := range c.Escalations {
		d.checkName(path("escalation").item(i), x.Name, escalations)
	}
	for i, x := range c.Hours {
		d.checkName(path("hours").item(i), x.Name, hours)
	}
	for i, x := range c.Maintenance {
		d.checkName(path("maintenance").item(i), x.Name, windows)
	}
	for i, x := range c.Heartbeats {
		d.checkName(path("heartbeat").item(i), x.Name, beats)
	}
	for i, x := range c.Peers {
		d.checkName(path("peer").item(i), x.Name, beats)
	}
}

func (d *document) checkPaging(c *Config) {
	alerts := names(c.Alerts, func(a Alert) string { return a.Name })
	people := names(c.People, func(p Person) string { return p.Name })
	rotas := names(c.Rotas, func(r Rota) string { return r.Name })
	hours := names(c.Hours, func(h Hours) string { return h.Name })
	for i, x := range c.People {
		d.references(path("person").item(i).key("tell"), "alert", x.Tell, alerts)
	}
	for i, x := range c.Escalations {
		for j, s := range x.Steps {
			at := path("escalation").item(i).key("step").item(j)
			d.references(at.key("tell"), "alert, person or rota", s.Tell, slices.Concat(alerts, people, rotas))
			d.mayRefer(at.key("during"), "hours", s.During, hours)
			d.mayRefer(at.key("outside"), "hours", s.Outside, hours)
		}
	}
	for i, x := range c.Rotas {
		at := path("rota").item(i)
		d.references(at.key("people"), "person", x.People, people)
		d.references(at.key("fallback"), "person", x.Fallback, people)
	}
}

// mayRefer is reference for a key that may be left out.
func (d *document) mayRefer(at path, what, name string, known []string) {
	if d.has(at) {
		d.reference(at, what, name, known)
	}
}
