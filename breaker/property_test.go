package breaker

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"headwatch"
	"headwatch/config"
)

// world makes up what a circuit may be fed: outages that last and end, phases that do not fit them, a clock that creeps,
// leaps and goes back, and orders that make no sense.
type world struct {
	now   time.Time
	stall time.Time // when the outage began; zero while there is none
	blind time.Time
}

// steps lie on, next to and far beyond every threshold of the policy.
var steps = []time.Duration{
	0, 1, time.Second, warnAfter - 1, warnAfter, pageAfter, tripAfter - 1, tripAfter, recoverAfter - 1, recoverAfter, 3 * time.Hour,
}

// next draws one Assessment. Weights are by repetition: an outage that lasts is the rule, for it to reach the upper rungs.
func (w *world) next(t *rapid.T) headwatch.Assessment {
	w.now = w.now.Add(rapid.SampledFrom(steps).Draw(t, "step"))
	a := headwatch.Assessment{Chain: "base", At: w.now}
	switch rapid.SampledFrom([]string{"well", "well", "well", "stall", "stall", "stall", "blind", "odd", "back"}).Draw(t, "event") {
	case "well":
		w.stall, w.blind = time.Time{}, time.Time{}
		a.Phase = headwatch.Live
	case "stall":
		w.stall, w.blind = begin(w.stall, w.now), time.Time{}
		a.Phase = headwatch.Stalled
	case "blind":
		w.blind = begin(w.blind, w.now)
		a.Phase = headwatch.Unknown
	case "back":
		a.At = w.now.Add(-rapid.SampledFrom(steps).Draw(t, "back"))
		fallthrough
	case "odd":
		a.Phase = headwatch.Phase(rapid.IntRange(0, int(headwatch.CatchingUp)).Draw(t, "phase"))
		if rapid.Bool().Draw(t, "l1") {
			a.Findings = append(a.Findings, headwatch.Finding{
				Condition: headwatch.L1HeadStalled, Since: w.now.Add(-rapid.SampledFrom(steps).Draw(t, "l1 for")),
			})
		}
		if rapid.Bool().Draw(t, "slow") {
			a.Findings = append(a.Findings, headwatch.Finding{
				Condition: headwatch.UnsafeHeadSlow, Since: w.now.Add(rapid.SampledFrom(steps).Draw(t, "slow in")),
			})
		}
	}
	if !w.stall.IsZero() {
		a.Findings = append(a.Findings, headwatch.Finding{Condition: headwatch.UnsafeHeadStalled, Since: w.stall})
	}
	if !w.blind.IsZero() {
		a.Findings = append(a.Findings, headwatch.Finding{Condition: headwatch.Blind, Since: w.blind})
	}
	return a
}

func begin(was, now time.Time) time.Time {
	if was.IsZero() {
		return now
	}
	return was
}

// orders are drawn seldom, or a person's latch would be all that is tested.
func (w *world) orders(t *rapid.T) []headwatch.Action {
	if rapid.IntRange(0, 5).Draw(t, "any order") > 0 {
		return nil
	}
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) headwatch.Action {
		kinds := []headwatch.ActionKind{headwatch.ActionReset, headwatch.ActionReset, headwatch.ActionTrip, headwatch.ActionHold}
		return headwatch.Action{
			Kind:   rapid.SampledFrom(kinds).Draw(t, "order"),
			Actor:  rapid.SampledFrom([]string{"ada", "bob"}).Draw(t, "actor"),
			Reason: "drill",
			For:    rapid.SampledFrom([]time.Duration{1, warnAfter, tripAfter, 3 * time.Hour}).Draw(t, "for"),
		}
	}), 1, 3).Draw(t, "orders")
}

func drawPolicy(t *rapid.T) config.Circuit {
	cfg := policy()
	cfg.Rearm = rapid.SampledFrom([]string{config.RearmAuto, config.RearmAuto, config.RearmManual}).Draw(t, "rearm")
	return cfg
}

// The rules are in the ledger: every Feed of the lab is held against them.
func TestNoSequenceBreaksTheRules(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rapid.SyncTest(t, func(t *rapid.T) {
			l, w := newLab(t, drawPolicy(t)), world{now: began}
			feed := func(t *rapid.T) { l.feed(w.next(t), w.orders(t)...) }
			t.Repeat(map[string]func(*rapid.T){
				"feed":       feed,
				"feed again": feed,
				"feed more":  feed,
				"restart": func(*rapid.T) {
					l.restart()
					w.now = w.now.Add(time.Second)
				},
			})
		})
	})
}

func TestARestoredCircuitGoesOnLikeTheOneThatWasNeverStopped(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rapid.SyncTest(t, func(t *rapid.T) {
			original, w := newLab(t, drawPolicy(t)), world{now: began}
			for range rapid.IntRange(1, 20).Draw(t, "past") {
				original.feed(w.next(t), w.orders(t)...)
			}
			last := original.ledger.last()
			if last == nil {
				return
			}
			restored := newLab(t, original.cfg)
			restored.ledger = original.ledger
			restored.ledger.all = slices.Clone(original.ledger.all)
			restored.ledger.incidents = slices.Clone(original.ledger.incidents)
			restored.circuit = restore(t, original.cfg, *last)

			// What happened in between breaks the recovery of both.
			w.now = w.now.Add(time.Second)
			blink := headwatch.Assessment{Chain: "base", At: w.now, Phase: headwatch.Unknown}
			original.feed(blink)
			restored.feed(blink)
			for range rapid.IntRange(1, 20).Draw(t, "future") {
				a, orders := w.next(t), w.orders(t)
				want, wantErrs := original.feed(a, orders...)
				got, gotErrs := restored.feed(a, orders...)
				same(t, want, got)
				same(t, texts(wantErrs), texts(gotErrs))
			}
		})
	})
}
