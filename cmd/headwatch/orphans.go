package main

import (
	"context"
	"maps"
	"slices"
	"time"

	"go.uber.org/zap"

	"headwatch"
	"headwatch/config"
)

// closeOrphans ends the incidents of circuits that the configuration has no longer: nobody judges them any more, so nobody else would
// ever resolve their pages. People are told; hooks are not, because it is not known that the chain is well. What is decided is put
// into last.
func closeOrphans(ctx context.Context, cfg *config.Config, j decisions, last map[string]headwatch.Transition, log *zap.Logger) {
	for _, name := range slices.Sorted(maps.Keys(last)) {
		if cfg.Circuit(name) != nil {
			continue
		}
		for _, t := range endings(last[name], time.Now()) {
			if err := j.Decide(ctx, t); err != nil {
				log.Error("the incident of a circuit that is no longer configured stays open", zap.String("incident", t.Incident), zap.Error(err))
				break
			}
			last[name] = t
			log.Warn("the circuit is no longer configured: its incident ends, and what its hooks have done stays", zap.String("circuit", name),
				zap.String("incident", t.Incident))
		}
	}
}

// missed warns of the channels that were told of an open incident and are in the configuration no longer: nothing is sent there any
// more, so what it opened stays open until a person closes it.
func (c *channels) missed(incidents []headwatch.Incident, log *zap.Logger) {
	for _, i := range incidents {
		for _, name := range i.Told {
			if i.Resolved.IsZero() && c.loops[name] == nil {
				log.Warn("a channel is no longer configured that was told of an open incident: it will not hear the end; close there by hand what it opened",
					zap.String("channel", name), zap.String("circuit", i.Circuit), zap.String("incident", i.ID))
			}
		}
	}
}

// endings gives the decisions that end what is open in a circuit after its newest one.
func endings(newest headwatch.Transition, now time.Time) (all []headwatch.Transition) {
	on, tell := newest.Standing()
	for _, about := range []headwatch.Aside{on, tell} {
		if about.Level == headwatch.LevelNone {
			continue
		}
		t := newest
		t.Seq, t.From, t.To, t.At, t.Level, t.Incident = newest.Seq+1, newest.To, headwatch.Closed, now, headwatch.LevelNone, about.Incident
		t.Actor, t.Reason = headwatch.Configuration, "the circuit was taken out of the configuration"
		t.Latched, t.HeldUntil, t.Told, t.Aside = false, time.Time{}, about == tell, nil
		if about == on && tell.Level != headwatch.LevelNone {
			t.Aside = &tell
		}
		if t.From != t.To {
			t.Since = now
		}
		all, newest = append(all, t), t
	}
	return all
}
