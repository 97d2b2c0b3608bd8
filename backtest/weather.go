package backtest

import (
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"slices"
	"time"

	"headwatch"
	"headwatch/config"
)

// Profile is a chain as its preset has it, with the presets that differ from it in nothing that matters to a verdict.
type Profile struct {
	Preset string
	Like   []string
	Layer1 bool
}

// Profiles gives the distinct profiles among the presets.
func Profiles() ([]Profile, error) {
	var all []Profile
	seen := make(map[string]int)
	for _, preset := range config.Presets() {
		_, cfg, err := quietOn(preset)
		if err != nil {
			return nil, fmt.Errorf("preset %s: %w", preset, err)
		}
		c, circuit := *cfg.Chain(preset), cfg.Circuits[0]
		key := fmt.Sprint(c.Kind, c.BlockTime, c.L1 != "", c.Busy, c.StaleAfter, c.Quorum, len(c.Endpoints), c.SafeLag, c.ProvenLag, c.FinalizedLag,
			circuit.On, circuit.WarnAfter, circuit.PageAfter, circuit.TripAfter, circuit.RecoverAfter)
		if i, known := seen[key]; known {
			all[i].Like = append(all[i].Like, preset)
			continue
		}
		seen[key] = len(all)
		all = append(all, Profile{Preset: preset, Layer1: c.L1 == ""})
	}
	return all, nil
}

// quietStart is when quiet days begin.
var quietStart = time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)

// quietOn is a scenario on a preset with the circuit that a user gets who sets nothing. A chain whose silence means nothing
// by itself is said to be busy: otherwise no circuit could guard it.
func quietOn(preset string) (*Scenario, *config.Config, error) {
	s := &Scenario{
		Name: "quiet-" + preset, Start: quietStart, Chain: map[string]any{"preset": preset}, Circuits: []Guard{{Name: "default"}},
	}
	cfg, err := s.plain()
	if err != nil {
		s.Chain["busy"] = true
		cfg, err = s.plain()
	}
	return s, cfg, err
}

// quietDays are days without an outage, but with all that happens on such days: see docs/backtest.md.
func quietDays(p Profile, days int, seed uint64) (*Scenario, error) {
	s, cfg, err := quietOn(p.Preset)
	if err != nil {
		return nil, err
	}
	s.Seed, s.End = seed, s.Start.AddDate(0, 0, days)
	sum := fnv.New64a()
	_, _ = sum.Write([]byte(p.Preset))
	w := weather{rng: rand.New(rand.NewPCG(seed, sum.Sum64())), s: s}
	c := cfg.Chain(s.chainName())
	w.sequencer(c)
	w.providers(c, "")
	if c.L1 != "" {
		w.providers(cfg.Chain(c.L1), c.L1)
		w.layer1()
	}
	w.often(10*day, func(at time.Time) time.Time {
		return w.fault(Fault{From: at, Chain: "*", How: string(headwatch.FaultTimeout)}, time.Minute, 3*time.Minute)
	})
	return s, nil
}

const day = 24 * time.Hour

type weather struct {
	rng *rand.Rand
	s   *Scenario
}

// often lets something happen once in a while, never two of it at a time. happen gives the end.
func (w *weather) often(every time.Duration, happen func(time.Time) time.Time) {
	for at := w.s.Start.Add(time.Hour); ; {
		at = at.Add(time.Duration(w.rng.ExpFloat64() * float64(every)))
		if !at.Before(w.s.End.Add(-time.Hour)) {
			return
		}
		at = happen(at)
	}
}

func (w *weather) between(least, most time.Duration) time.Duration {
	return least + time.Duration(w.rng.Int64N(int64(most-least)+1))
}

func (w *weather) fault(f Fault, least, most time.Duration) time.Time {
	f.To = f.From.Add(w.between(least, most))
	w.s.Faults = append(w.s.Faults, f)
	return f.To
}

// sequencer is what happens to the chain itself: bursts of derivation that stop the head for up to the 60.7 s that were
// measured on a healthy chain, blocks without users, batches that are long in coming, and replaced blocks.
func (w *weather) sequencer(c *config.Chain) {
	longest := 60700 * time.Millisecond
	if c.Kind != config.KindOPStack {
		longest = min(30*time.Second, 10*c.BlockTime.D())
	}
	w.often(8*time.Hour, func(at time.Time) time.Time {
		end, phase := at, Phase{At: at}
		switch n := w.rng.IntN(8); {
		case n < 4:
			phase.Head, end = HeadFrozen, at.Add(w.between(c.BlockTime.D(), longest))
		case n < 6:
			phase.Safe, end = Still, at.Add(w.between(5*time.Minute, 20*time.Minute))
		case n < 7:
			phase.Txs, end = TxsNone, at.Add(w.between(c.BlockTime.D(), 20*time.Second))
		default:
			phase.Reorg, end = 1, at.Add(time.Second)
		}
		w.s.Phases = append(w.s.Phases, phase, Phase{At: end})
		return end.Add(time.Minute)
	})
}

// layer1 has a block replaced a few times a day; it leaves slots empty by itself.
func (w *weather) layer1() {
	w.often(8*time.Hour, func(at time.Time) time.Time {
		w.s.L1Phases = append(w.s.L1Phases, Phase{At: at, Reorg: 1}, Phase{At: at.Add(time.Second)})
		return at.Add(time.Minute)
	})
}

// providers fail one by one, each in its own time, for seconds or minutes; and one at a time is stuck or late for hours.
func (w *weather) providers(c *config.Chain, chain string) {
	for i := range c.Endpoints {
		f := Fault{Chain: chain, Endpoints: []string{c.Endpoints[i].Name}}
		for _, happens := range []struct {
			how         headwatch.FaultKind
			every       time.Duration
			least, most time.Duration
		}{
			{headwatch.FaultTimeout, 6 * time.Hour, 2 * time.Second, 20 * time.Second},
			{headwatch.FaultRateLimited, day, time.Minute, 10 * time.Minute},
			{headwatch.FaultNull, 12 * time.Hour, time.Second, 5 * time.Second},
			{headwatch.FaultRefused, 5 * day, time.Minute, 15 * time.Minute},
		} {
			f.How = string(happens.how)
			w.often(happens.every, func(at time.Time) time.Time {
				f.From = at
				return w.fault(f, happens.least, happens.most)
			})
		}
	}
	w.often(2*day, func(at time.Time) time.Time {
		f := Fault{From: at, Chain: chain, Endpoints: []string{c.Endpoints[w.rng.IntN(len(c.Endpoints))].Name}}
		if w.rng.IntN(2) == 0 {
			f.How = FaultStuck
			return w.fault(f, 30*time.Minute, 6*time.Hour)
		}
		f.How, f.By = FaultLate, config.Duration(w.between(2*time.Second, 25*time.Second))
		return w.fault(f, 10*time.Minute, 2*time.Hour)
	})
	slices.SortStableFunc(w.s.Phases, func(a, b Phase) int { return a.At.Compare(b.At) })
}

// score counts what the circuits said on quiet days.
func (p Profile) score(s *Scenario, played outcome) Quiet {
	q := Quiet{Profile: p.Preset, Like: p.Like, Layer1: p.Layer1, Observations: played.observations}
	if played.err != nil {
		q.Wrong = append(q.Wrong, played.err.Error())
	}
	for _, g := range s.Circuits {
		h := played.decided[g.Name]
		for i, t := range h {
			if !h.rises(i) {
				continue
			}
			switch {
			case opens(t):
				q.Trips++
				q.Wrong = append(q.Wrong, "tripped at "+t.At.UTC().Format(time.DateTime))
			case t.Level == headwatch.LevelPage:
				q.Pages++
			case t.Level == headwatch.LevelWarn:
				q.Warns++
			}
		}
	}
	return q
}
