// Package backtest says how headwatch would have judged outages that happened, and quiet days on which nothing may trip: it
// makes up what endpoints would have answered from a script of what the chain did, and holds the decisions against what is
// expected of them. It must not judge: how observations become decisions is handed to it.
package backtest

import (
	"context"
	"iter"
	"runtime"
	"time"

	"golang.org/x/sync/errgroup"

	"headwatch"
	"headwatch/config"
)

// Judge puts observations, in the order of their time, through the chains and circuits of a configuration and calls decided
// with every Transition, in order. last holds what the journal would give a new process; empty for a first start. heard gives
// the observations to one who says what is wanted of the endpoints; one of them and what it refers to may change once the
// next is taken.
type Judge func(cfg *config.Config, last map[string]headwatch.Transition, heard func(Wants) iter.Seq[headwatch.Observation], decided func(headwatch.Transition)) error

// Wants is the number of the block that a chain's endpoints are to be asked for beside their heads; 0 for none. It is called
// after what was heard so far has been judged.
type Wants func(chain string, now time.Time) uint64

// Options are what a backtest covers.
type Options struct {
	Scenarios []Scenario
	Profiles  []Profile // on which quiet days are spent
	Days      int       // quiet days on each profile
	Seed      uint64    // of the quiet days
	Variants  []Variant // settings to compare; none: as the presets have them
}

// Run plays every scenario and every quiet day on all cores and gives one Card for each variant. A scenario that cannot be
// played is a failure on its card.
func Run(ctx context.Context, judge Judge, o Options) ([]Card, error) {
	if len(o.Variants) == 0 {
		o.Variants = []Variant{{}}
	}
	cards := make([]Card, len(o.Variants))
	for i, v := range o.Variants {
		cards[i] = Card{Variant: v.String(), Days: o.Days, Scenarios: make([]Result, len(o.Scenarios)), Quiet: []Quiet{}}
	}
	if o.Days > 0 {
		for i := range cards {
			cards[i].Quiet = make([]Quiet, len(o.Profiles))
		}
	}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(runtime.GOMAXPROCS(0))
	if o.Days > 0 {
		for i, p := range o.Profiles { // these are the long ones
			group.Go(func() error {
				s, err := quietDays(p, o.Days, o.Seed)
				if err != nil {
					return err
				}
				return s.play(ctx, judge, o.Variants, func(v int, played outcome) { cards[v].Quiet[i] = p.score(s, played) })
			})
		}
	}
	for i := range o.Scenarios {
		group.Go(func() error {
			s := &o.Scenarios[i]
			return s.play(ctx, judge, o.Variants, func(v int, played outcome) { cards[v].Scenarios[i] = s.score(played) })
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	return cards, nil
}

// outcome is what came of a scenario with one variant's circuits.
type outcome struct {
	circuits     map[string]config.Circuit // as they were configured, by the scenario's names
	decided      map[string]history        // by the same
	observations int
	err          error // why it could not be played
}

// play lets a scenario happen once for every way in which the variants see the chain, and keeps what each decided.
func (s *Scenario) play(ctx context.Context, judge Judge, variants []Variant, keep func(int, outcome)) error {
	passes, err := s.passes(variants)
	if err != nil {
		for v := range variants {
			keep(v, outcome{err: err})
		}
		return nil
	}
	for _, p := range passes {
		if p.err != nil {
			for _, v := range p.variants {
				keep(v, outcome{err: p.err})
			}
			continue
		}
		w := newWorld(p.cfg, s)
		decided, err := w.happen(ctx, judge, s.Restart)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		for _, v := range p.variants {
			o := s.outcome(p.cfg, v, decided, w.observations)
			o.err = err
			keep(v, o)
		}
	}
	return nil
}

// happen gives what was decided. At each restart the process begins anew with what the journal would hold, after a pause in
// which it hears nothing.
func (w *world) happen(ctx context.Context, judge Judge, restarts []Restart) ([]headwatch.Transition, error) {
	var decided []headwatch.Transition
	last := make(map[string]headwatch.Transition)
	from := w.now
	for i := range len(restarts) + 1 {
		until, next := w.end, time.Time{}
		if i < len(restarts) {
			until, next = restarts[i].At, restarts[i].At.Add(restarts[i].For.D())
		}
		heard := func(wants Wants) iter.Seq[headwatch.Observation] {
			w.wants = wants
			return w.between(ctx, from, until)
		}
		err := judge(w.cfg, last, heard, func(t headwatch.Transition) {
			decided = append(decided, t)
			last[t.Circuit] = t
		})
		if err != nil {
			return nil, err
		}
		from = next
	}
	return decided, nil
}

// outcome sorts out what the circuits of one variant decided.
func (s *Scenario) outcome(cfg *config.Config, variant int, decided []headwatch.Transition, observations int) outcome {
	o := outcome{
		circuits: make(map[string]config.Circuit), decided: make(map[string]history), observations: observations,
	}
	for _, g := range s.Circuits {
		name := circuitName(g.Name, variant)
		o.circuits[g.Name] = *cfg.Circuit(name)
		for _, t := range decided {
			if t.Circuit == name {
				o.decided[g.Name] = append(o.decided[g.Name], t)
			}
		}
	}
	return o
}

// Restart is a process that ends and is back after a while.
type Restart struct {
	At  time.Time       `toml:"at"`
	For config.Duration `toml:"for"`
}
