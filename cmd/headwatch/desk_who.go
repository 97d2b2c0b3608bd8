package main

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"headwatch"
	"headwatch/config"
	"headwatch/explain"
	"headwatch/incident"
	"headwatch/web"
)

// aftermath is how long after its last rung a stall is followed.
const aftermath = 2 * time.Hour

// who says whom a stall of a circuit would reach that begins at an instant, with the silences that are known now.
func (d *desk) who(_ context.Context, name string, at time.Time) (explain.Who, error) {
	if _, _, err := d.net.circuit(name); err != nil {
		return explain.Who{}, fmt.Errorf("%w: %w", web.ErrNotFound, err)
	}
	return suppose(d.cfg, d.roster, d.book.Silences(at), name, at), nil
}

// suppose says whom a stall of a circuit of the configuration would reach.
func suppose(cfg *config.Config, roster incident.Roster, silences []headwatch.Silence, name string, at time.Time) explain.Who {
	c := cfg.Circuit(name)
	s := incident.Supposition{Circuit: name, Chain: c.Chain, Condition: headwatch.UnsafeHeadStalled, Begins: at, Until: at, Silences: silences}
	if !slices.Contains(c.On, s.Condition) {
		s.Condition = c.On[0]
	}
	for _, r := range []struct {
		level headwatch.Level
		after config.Duration
	}{{headwatch.LevelWarn, c.WarnAfter}, {headwatch.LevelPage, c.PageAfter}, {headwatch.LevelTrip, c.TripAfter}} {
		s.Ladder = append(s.Ladder, incident.Rung{Level: r.level, At: at.Add(r.after.D())})
		s.Until = at.Add(r.after.D() + aftermath)
	}
	w := explain.Who{Schema: explain.WhoSchema, Circuit: name, Begins: at, Condition: s.Condition, Until: s.Until, Told: []explain.WhoStep{}}
	for _, t := range incident.Suppose(plan(cfg), roster, s) {
		w.Told = append(w.Told, explain.WhoStep{
			At: t.At, After: t.At.Sub(at), Kind: t.Kind, Level: t.Level, Channels: t.Channels, OnCall: t.OnCall, Hooks: hooksInWords(cfg, t.Hooks),
			Held: t.Held, Silence: t.Silence, Why: whyTold(t), Rule: ruleOf(t), Round: t.Round,
		})
	}
	return w
}

func hooksInWords(cfg *config.Config, names []string) []string {
	var all []string
	for _, name := range names {
		all = append(all, name+" ("+hookWords(cfg.Hook(name))+")")
	}
	return all
}

func ruleOf(t incident.Telling) string {
	if t.Policy == "" {
		return ""
	}
	return fmt.Sprintf("%s, step %d", t.Policy, t.Step+1)
}

// whyTold is the rung, or the step of the escalation.
func whyTold(t incident.Telling) string {
	if t.Policy == "" {
		return cmp.Or(t.Why, t.Level.String())
	}
	text := ruleOf(t)
	if t.Round > 0 {
		text += fmt.Sprintf(", again (%d)", t.Round)
	}
	return strings.TrimSuffix(text+": "+t.Why, ": ")
}
