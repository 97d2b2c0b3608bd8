package backtest

import (
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"io"
	"iter"
	"strings"
	"testing"
	"time"

	"headwatch"
	"headwatch/config"
)

func TestParseSweep(t *testing.T) {
	for text, want := range map[string]string{
		"trip_after=20s..60s/20s":      "trip_after=20s trip_after=40s trip_after=60s",
		"warn_after=10s..30s":          "warn_after=10s warn_after=20s warn_after=30s",
		"recover_after=5m..5m/1m":      "recover_after=5m",
		"stale_after=10s..29s/10s":     "stale_after=10s stale_after=20s",
		"trip_after":                   "",
		"trip_after=20s":               "",
		"quorum=1..3":                  "",
		"trip_after=60s..20s":          "",
		"trip_after=0s..20s":           "",
		"trip_after=1s..2h/1s":         "",
		"trip_after=20..30":            "",
		"trip_after=20s..30s/0s":       "",
		"trip_after=20s..30s/-5s":      "",
		"trip_after=20s..30s/5s/again": "",
	} {
		all, err := ParseSweep(text)
		var got []string
		for _, v := range all {
			got = append(got, v.String())
		}
		if strings.Join(got, " ") != want || (err == nil) != (want != "") {
			t.Errorf("%s: got %q, %v; want %q", text, got, err, want)
		}
	}
}

// A setting that would be out of order with the swept one gives way, so that every variant is a configuration that passes
// its check.
func TestEveryVariantIsAPossibleConfiguration(t *testing.T) {
	for _, key := range sweepable {
		variants, err := ParseSweep(key + "=10s..400s/30s")
		if err != nil {
			t.Fatal(err)
		}
		passes, err := hourOn("base").passes(variants)
		if err != nil {
			t.Fatal(err)
		}
		served := 0
		for _, p := range passes {
			for _, v := range p.variants {
				served++
				c := p.cfg.Circuit(circuitName("c", v))
				got := map[string]config.Duration{
					"warn_after": c.WarnAfter, "page_after": c.PageAfter, "trip_after": c.TripAfter, "recover_after": c.RecoverAfter,
					"stale_after": p.cfg.Chain("base").StaleAfter,
				}
				if got[key].D() != variants[v].Value {
					t.Errorf("%s is judged with %s = %v", variants[v], key, got[key])
				}
			}
		}
		if served != len(variants) {
			t.Errorf("%s: %d of %d variants are judged", key, served, len(variants))
		}
		if key == "recover_after" && len(passes) != 1 {
			t.Errorf("%d passes for variants that see the chain the same way", len(passes))
		}
	}
}

// A value that the check refuses for a chain costs itself, not the values beside it, and says why.
func TestAnImpossibleVariantLeavesTheOthersAlone(t *testing.T) {
	variants, err := ParseSweep("stale_after=2s..32s/10s")
	if err != nil {
		t.Fatal(err)
	}
	s := hourOn("base")
	passes, err := s.passes(variants)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	for _, p := range passes {
		for _, v := range p.variants {
			if (p.err != nil) != (variants[v].Value == 2*time.Second) {
				t.Errorf("%s: %v", variants[v], p.err)
			}
			if p.err != nil {
				card := Card{Variant: variants[v].String(), Scenarios: []Result{s.score(outcome{err: p.err})}}
				if err := PrintCurve(&out, Curve(variants[v:v+1], []Card{card})); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	if !strings.Contains(out.String(), "stale_after=2s: 1 not played") || !strings.Contains(out.String(), "block_time 2s; make it longer") {
		t.Errorf("the table does not say why:\n%s", out.String())
	}
}

// tripper decides nothing but trips, at an instant for each of its circuits.
func tripper(at time.Time) Judge {
	return func(cfg *config.Config, _ map[string]headwatch.Transition, heard func(Wants) iter.Seq[headwatch.Observation], decided func(headwatch.Transition)) error {
		tripped := false
		for o := range heard(nil) {
			if tripped || o.At.Before(at) {
				continue
			}
			tripped = true
			for _, c := range cfg.Circuits {
				decided(headwatch.Transition{Circuit: c.Name, From: headwatch.Closed, To: headwatch.Open, At: o.At, Level: headwatch.LevelTrip})
			}
		}
		return nil
	}
}

func TestACardCountsMissedAndFalseTrips(t *testing.T) {
	s := *hourOn("base")
	s.Expect = []Expectation{{Circuit: "c", Began: start.Add(30 * time.Minute), Reach: headwatch.LevelTrip}}
	for name, test := range map[string]struct {
		judge         Judge
		missed, bad   int
		quiet, failed int
	}{
		"never":     {tripper(start.AddDate(9, 0, 0)), 1, 0, 0, 1},
		"too early": {tripper(start), 0, 1, 1, 1},
		"refuses": {func(*config.Config, map[string]headwatch.Transition, func(Wants) iter.Seq[headwatch.Observation], func(headwatch.Transition)) error {
			return errors.New("cannot")
		}, 1, 0, 0, 2},
	} {
		t.Run(name, func(t *testing.T) {
			cards, err := Run(t.Context(), test.judge, Options{Scenarios: []Scenario{s}, Profiles: []Profile{{Preset: "ethereum"}}, Days: 1, Seed: 1})
			if err != nil {
				t.Fatal(err)
			}
			got := cards[0].Totals()
			if got.Missed != test.missed || got.False != test.bad || got.QuietFalse != test.quiet || got.Failed != test.failed || cards[0].OK() {
				t.Errorf("got %+v", got)
			}
		})
	}
}

func TestARunEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Run(ctx, tripper(start), Options{Scenarios: []Scenario{*hourOn("base")}}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestASweepIsDrawnAsValidXML(t *testing.T) {
	variants, err := ParseSweep("trip_after=20s..180s/10s")
	if err != nil {
		t.Fatal(err)
	}
	cards := make([]Card, len(variants))
	for i, v := range variants {
		trip := Seconds(v.Value.Seconds() + 1)
		cards[i] = Card{
			Variant: v.String(), Days: 10, Quiet: []Quiet{{Profile: "base", Trips: max(0, 6-i)}},
			Scenarios: []Result{{Verdicts: []Verdict{{Expected: headwatch.LevelTrip, Trip: &trip}}}},
		}
	}
	points := Curve(variants, cards)
	if p := points[0]; p.Quiet["base"] != 18 || p.Median != 21 || p.Worst != 21 {
		t.Errorf("got %+v", p)
	}
	var picture bytes.Buffer
	if err := Plot(&picture, points, 10); err != nil {
		t.Fatal(err)
	}
	d := xml.NewDecoder(&picture)
	elements := make(map[string]int)
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if e, ok := token.(xml.StartElement); ok {
			elements[e.Name.Local]++
		}
	}
	if elements["svg"] != 1 || elements["polyline"] != 2 || elements["rect"] < len(points) {
		t.Errorf("got %v", elements)
	}
	if err := Plot(io.Discard, nil, 1); err == nil {
		t.Error("nothing was drawn without an error")
	}
}
