package config

import (
	"fmt"
	"time"

	"headwatch"
)

// Bounds of who is told when. Time zones, times, rules and calendars are checked where they are read: package duty.
const (
	minEvery   = Duration(time.Minute)
	maxEvery   = Duration(day)
	longest    = Duration(7 * day)
	minTurn    = Duration(time.Hour)
	maxTurn    = Duration(366 * day)
	minSilence = Duration(time.Minute)
	maxSilence = Duration(30 * day)
)

func (d *document) checkDuty(c *Config) {
	d.within(path("api").key("max_silence"), c.API.MaxSilence, minSilence, maxSilence)
	if c.Journal.Keep < c.API.MaxSilence {
		d.fault(path("api").key("max_silence"), fmt.Sprintf("the journal forgets after %v (journal.keep) what is silenced for longer", c.Journal.Keep), "make keep at least max_silence")
	}
	for i := range c.Escalations {
		d.checkEscalation(path("escalation").item(i), &c.Escalations[i])
	}
	for i, x := range c.People {
		if at := path("person").item(i); len(x.Tell) == 0 {
			d.missing(at, "tell", "name an alert that reaches this person: nobody can be on call whom nothing reaches")
		}
	}
	for i := range c.Rotas {
		d.checkRota(path("rota").item(i), &c.Rotas[i], c)
	}
	for i, x := range c.Hours {
		at := path("hours").item(i)
		d.needed(at, "from", x.From, "09:00")
		d.needed(at, "until", x.Until, "18:00")
		if d.has(at.key("days")) && len(x.Days) == 0 {
			d.missing(at, "days", "leave it out for mon to fri")
		}
	}
	for i := range c.Maintenance {
		d.checkMaintenance(path("maintenance").item(i), &c.Maintenance[i], c)
	}
}

func (d *document) checkEscalation(at path, e *Escalation) {
	d.within(at.key("ack_for"), e.AckFor, minEvery, longest)
	if len(e.Steps) == 0 {
		d.missing(at, "step", "add an [[escalation.step]] that tells somebody")
	}
	for i, s := range e.Steps {
		at := at.key("step").item(i)
		if len(s.Tell) == 0 {
			d.missing(at, "tell", "name alerts, people or rotas")
		}
		if s.From == headwatch.LevelNone {
			d.fault(at.key("from"), "from is none", "use one of warn, page, trip")
		}
		d.within(at.key("after"), s.After, 0, longest)
		if s.Every != 0 {
			d.within(at.key("every"), s.Every, minEvery, longest)
		}
		if s.During != "" && s.Outside != "" {
			d.fault(at.key("outside"), "during and outside are both given", "keep one of them, and make another step for the other")
		}
	}
}

func (d *document) checkRota(at path, r *Rota, c *Config) {
	people := names(c.People, func(p Person) string { return p.Name })
	for i, x := range r.Covers {
		at := at.key("cover").item(i)
		if x.Person == "" {
			d.missing(at, "person", "")
		} else {
			d.reference(at.key("person"), "person", x.Person, people)
		}
		d.needed(at, "from", x.From, "2026-12-24T09:00")
		d.needed(at, "until", x.Until, "2026-12-27T09:00")
	}
	if !d.calendar(at) {
		if len(r.People) == 0 {
			d.missing(at, "people", "name those who take turns, or give the calendar that names them")
		}
		d.needed(at, "starts", r.Starts, "2026-11-23T09:00")
		d.within(at.key("turn"), r.Turn, minTurn, maxTurn)
		d.excluded(at, "people", "every")
		return
	}
	d.excluded(at, "calendar", "people", "starts", "turn")
	d.within(at.key("every"), r.Every, minEvery, maxEvery)
	if len(people) == 0 {
		d.fault(at.key("calendar"), "there is nobody whom the calendar could name", "add a [[person]] for each")
	}
}

func (d *document) checkMaintenance(at path, m *Maintenance, c *Config) {
	if m.Reason == "" {
		d.missing(at, "reason", "say what is planned: people read it while nothing rings")
	}
	if len(m.Match) == 0 {
		d.missing(at, "match", `say what is held back: match = ["chain=base"], or ["chain=~.*"] for everything`)
	}
	for i, text := range m.Match {
		d.checkMatcher(at.key("match").item(i), text, c)
	}
	if d.calendar(at) {
		d.excluded(at, "calendar", "starts", "lasts", "repeat")
		d.within(at.key("every"), m.Every, minEvery, maxEvery)
		return
	}
	d.needed(at, "starts", m.Starts, "2026-12-01T10:00")
	if m.Lasts == 0 {
		d.missing(at, "lasts", "")
	} else {
		d.within(at.key("lasts"), m.Lasts, minSilence, c.API.MaxSilence)
	}
	d.excluded(at, "starts", "every")
}

// checkMatcher also wants the circuit or the chain to exist: who silences another one believes that this one is silent.
func (d *document) checkMatcher(at path, text string, c *Config) {
	m, err := headwatch.ParseMatcher(text)
	switch {
	case err != nil:
		d.fault(at, err.Error(), "")
	case m.IsRegex:
	case m.Name == "circuit":
		d.reference(at, "circuit", m.Value, names(c.Circuits, func(x Circuit) string { return x.Name }))
	case m.Name == "chain":
		d.reference(at, "chain", m.Value, names(c.Chains, func(x Chain) string { return x.Name }))
	}
}

// calendar reports whether a table has a calendar, be it one that could not be read.
func (d *document) calendar(table path) bool {
	return d.has(table.key("calendar")) || d.has(table.key("calendar_file"))
}

// needed notes a text that is not there.
func (d *document) needed(table path, key, value, example string) {
	if value == "" {
		d.missing(table, key, fmt.Sprintf("write %s = %q", key, example))
	}
}

// excluded notes keys that mean nothing beside another one.
func (d *document) excluded(table path, by string, keys ...string) {
	for _, key := range keys {
		if d.has(table.key(key)) {
			d.fault(table.key(key), fmt.Sprintf("%s does not go with %s", key, by), "keep one of them")
		}
	}
}
