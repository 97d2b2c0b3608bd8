package main

import (
	"bytes"
	"maps"
	"slices"
	"testing"
	"time"

	"headwatch"
	"headwatch/explain"
)

// judge holds all that a victim did against its journal and the outages.
func judge(t *testing.T, v *victim, h history, outages []outage) {
	t.Helper()
	from := headwatch.Closed
	for i, s := range h.transitions {
		if s.Seq != uint64(i+1) || s.From != from {
			t.Errorf("transition %d of the journal is %d, from %s to %s; want %d, from %s", i+1, s.Seq, s.From, s.To, i+1, from)
		}
		from = s.To
	}
	steps := h.steps()
	if len(steps) != len(outages) || len(h.incidents) != len(outages) {
		t.Errorf("%d incidents in the journal and %d in the API, want one for each of %d outages", len(steps), len(h.incidents), len(outages))
		return
	}
	about := make(map[string][]request)
	for _, q := range v.requests {
		if !ofItself(q.incident) {
			about[q.incident] = append(about[q.incident], q)
		}
	}
	for i, o := range outages {
		c := verdict{t, o, steps[i], h.incidents[i], about[h.incidents[i].ID]}
		c.journal()
		c.people()
		c.programs()
		delete(about, h.incidents[i].ID)
	}
	for incident, all := range about {
		t.Errorf("%d notices of an incident %q that is not in the journal, the first is %s", len(all), incident, all[0].body)
	}
	if due, told := h.due(), h.told(); !maps.Equal(due, told) {
		t.Errorf("by the journal these were told: %v\nwant: %v", told, due)
	}
	if i := bytes.Index(v.log.Bytes(), []byte("WARNING: DATA RACE")); i >= 0 {
		t.Errorf("%s", v.log.Bytes()[i:])
	}
}

// verdict is on one incident: what the journal, the API and the receivers say of it, and what happened to the chain.
type verdict struct {
	*testing.T
	outage   outage
	steps    []headwatch.Transition
	incident headwatch.Incident
	requests []request // about it, as they arrived
}

// journal holds the decisions and what the API shows against the chain.
func (v verdict) journal() {
	i, first, last := v.incident, v.steps[0], v.steps[len(v.steps)-1]
	if first.Incident != i.ID || !first.At.Equal(i.Opened) || !last.At.Equal(i.Resolved) || last.Level != headwatch.LevelNone {
		v.Errorf("the API shows %+v; the journal has it as %s from %s to %s", i, first.Incident, first.At, last.At)
	}
	seen := v.outage.by.Add(2 * time.Second) // the last head, at the latest: without a push it is asked for once a second
	if i.Opened.Before(v.outage.from) || i.Since.Before(v.outage.head.Time) || i.Since.After(seen) {
		v.Errorf("%s: since %s; but block %d of %s was the last, and the chain stopped between %s and %s",
			i.ID, i.Since, v.outage.head.Number, v.outage.head.Time, v.outage.from, v.outage.by)
	}
	for _, s := range v.steps {
		f := s.Cause.Find(headwatch.UnsafeHeadStalled)
		if f != nil && s.Cause.Head.Hash == v.outage.head.Hash && !f.Since.Equal(i.Since) {
			v.Errorf("%s: transition %d says that the chain stands still since %s, the first said %s", i.ID, s.Seq, f.Since, i.Since)
		}
	}
}

// people holds what the pager and the chat were told.
func (v verdict) people() {
	var rang, critical, resolved bool
	since := explain.Stamp(v.incident.Since)
	for _, q := range v.requests {
		switch {
		case q.kind == "trigger" && resolved:
			v.Errorf("%s: a trigger after the resolve: %s", v.incident.ID, q.body)
		case q.kind == "trigger" && critical && q.severity != "critical":
			v.Errorf("%s: a page becomes less urgent: %s", v.incident.ID, q.body)
		}
		rang = rang || q.kind == "trigger" && q.answered
		critical = critical || q.severity == "critical"
		resolved = resolved || q.kind == "resolve"
		if (q.kind == "trigger" || q.kind == "message") && q.since != since {
			v.Errorf("%s: people are told that it is so since %s, want %s: %s", v.incident.ID, q.since, since, q.body)
		}
	}
	if !rang || !resolved {
		v.Errorf("%s: the page arrived: %v; its resolve arrived: %v", v.incident.ID, rang, resolved)
	}
}

// programs holds what the hook was told: every move of the circuit, in order, each time in the same words.
func (v verdict) programs() {
	seen := make(map[uint64]request)
	var newest uint64
	for _, q := range v.requests {
		if q.channel != "market-makers" {
			continue
		}
		d := q.webhook.Data
		if !slices.ContainsFunc(v.steps, func(s headwatch.Transition) bool {
			return s.Seq == d.Seq && s.To == d.State && s.At.Equal(q.webhook.Timestamp)
		}) {
			v.Errorf("%s: the journal has no such step: %s", v.incident.ID, q.body)
		}
		if !d.Since.Equal(v.incident.Since) || !d.Opened.Equal(v.incident.Opened) {
			v.Errorf("%s: a program is told that it is so since %s, opened %s; want %s, %s",
				v.incident.ID, d.Since, d.Opened, v.incident.Since, v.incident.Opened)
		}
		if d.Seq < newest {
			v.Errorf("%s: step %d is told after step %d", v.incident.ID, d.Seq, newest)
		}
		newest = d.Seq
		if before, again := seen[d.Seq]; again {
			if before.id != q.id || !bytes.Equal(before.body, q.body) {
				v.Errorf("%s: step %d is repeated as %s %s, it was %s %s", v.incident.ID, d.Seq, q.id, q.body, before.id, before.body)
			}
			q.answered = q.answered || before.answered
		}
		seen[d.Seq] = q
	}
	for _, s := range v.steps {
		if s.From != s.To && !seen[s.Seq].answered {
			v.Errorf("%s: no webhook arrived of step %d, %s", v.incident.ID, s.Seq, s.To)
		}
	}
}
