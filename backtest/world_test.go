package backtest

import (
	"context"
	"fmt"
	"hash/fnv"
	"testing"
	"time"

	"headwatch"
	"headwatch/config"
)

func worldOf(t *testing.T, s *Scenario) *world {
	t.Helper()
	cfg, err := s.plain()
	if err != nil {
		t.Fatal(err)
	}
	return newWorld(cfg, s)
}

func hourOn(preset string, faults ...Fault) *Scenario {
	return &Scenario{
		Name: "test", Seed: 1, Start: start, End: start.Add(time.Hour), Chain: map[string]any{"preset": preset},
		Circuits: []Guard{{Name: "c"}}, Faults: faults,
	}
}

func TestEndpointsAreAskedAsTheWatcherAsks(t *testing.T) {
	heard := make(map[string]int)
	var last time.Time
	w := worldOf(t, hourOn("base"))
	for o := range w.between(t.Context(), w.now, w.end) {
		if o.At.Before(last) || o.At.Before(start) || o.Latency <= 0 {
			t.Fatalf("an answer at %s after one at %s", o.At, last)
		}
		last = o.At
		heard[o.Chain]++
		if o.Err != nil {
			t.Fatal(o.Err)
		}
		h, ok := o.Heads[headwatch.Unsafe]
		if age := o.At.Sub(h.Time); !ok || age < 0 || age > 30*time.Second {
			t.Fatalf("a head of age %s from %s", age, o.Endpoint)
		}
	}
	if n := heard["base"]; n < 3*1795 || n > 3*1830 {
		t.Errorf("%d answers of three endpoints in an hour of 2 s blocks", n)
	}
	if n := heard["ethereum"]; n < 3*295 || n > 3*350 {
		t.Errorf("%d answers of three endpoints in an hour of 12 s slots", n)
	}
}

func TestTheSameSeedMakesTheSameWorld(t *testing.T) {
	digest := func(seed uint64) uint64 {
		sum := fnv.New64a()
		p := Profile{Preset: "unichain"}
		s, err := quietDays(p, 1, seed)
		if err != nil {
			t.Fatal(err)
		}
		w := worldOf(t, s)
		for o := range w.between(t.Context(), w.now, w.now.Add(2*time.Hour)) {
			fmt.Fprint(sum, o.At.UnixNano(), o.Endpoint, o.Heads[headwatch.Unsafe].Hash, o.Err)
		}
		return sum.Sum64()
	}
	if a, b := digest(7), digest(7); a != b {
		t.Error("two worlds of one seed differ")
	}
	if digest(7) == digest(8) {
		t.Error("another seed makes the same world")
	}
}

func TestEndpointsDoWhatTheirFaultsSay(t *testing.T) {
	from, to := start.Add(10*time.Minute), start.Add(20*time.Minute)
	at := func(name, how string) Fault {
		return Fault{From: from, To: to, Endpoints: []string{name}, How: how, By: config.Duration(20 * time.Second)}
	}
	s := hourOn("base", at("mainnet-base-org", FaultStuck), at("base-rpc-publicnode-com", "rate_limited"), at("base-drpc-org", FaultLate))
	w := worldOf(t, s)
	stuck := make(map[uint64]bool)
	failed, after := 0, 0
	for o := range w.between(t.Context(), w.now, w.end) {
		if asked := o.At.Add(-o.Latency); asked.Before(from) || o.Chain != "base" {
			continue
		} else if !asked.Before(to) {
			if o.Err != nil || o.At.Sub(o.Heads[headwatch.Unsafe].Time) > 10*time.Second {
				t.Fatalf("%s is not well after its fault: %+v", o.Endpoint, o)
			}
			after++
			continue
		}
		switch o.Endpoint {
		case "mainnet-base-org":
			stuck[o.Heads[headwatch.Unsafe].Number] = true
		case "base-rpc-publicnode-com":
			f, ok := o.Err.(*headwatch.Fault)
			if !ok || f.Kind != headwatch.FaultRateLimited || o.Heads != nil {
				t.Fatalf("got %+v", o)
			}
			failed++
		default:
			// It stands until what it knew is as late as it is to be.
			if age := o.At.Sub(o.Heads[headwatch.Unsafe].Time); o.At.Sub(from) > 21*time.Second && (age < 18*time.Second || age > 30*time.Second) {
				t.Fatalf("20 s late, and its head is %s old", age)
			}
		}
	}
	if len(stuck) != 1 || after == 0 {
		t.Errorf("the stuck endpoint named %d heads", len(stuck))
	}
	if failed < 40 || failed > 50 { // five, then every 15 s
		t.Errorf("asked %d times in ten minutes of failures", failed)
	}
}

func TestAWorldEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	w := worldOf(t, hourOn("base"))
	for range w.between(ctx, w.now, w.end) {
		t.Fatal("heard after the end")
	}
}

func TestProfilesStandForEveryPresetOnce(t *testing.T) {
	profiles, err := Profiles()
	if err != nil {
		t.Fatal(err)
	}
	seen := make(map[string]bool)
	for _, p := range profiles {
		for _, name := range append(p.Like, p.Preset) {
			if seen[name] {
				t.Errorf("%s is there twice", name)
			}
			seen[name] = true
		}
	}
	if len(seen) != len(config.Presets()) || len(profiles) == len(seen) {
		t.Errorf("%d profiles stand for %d of %d presets", len(profiles), len(seen), len(config.Presets()))
	}
}

func TestQuietDaysHoldWhatTheyPromise(t *testing.T) {
	s, err := quietDays(Profile{Preset: "base"}, 30, 1)
	if err != nil {
		t.Fatal(err)
	}
	happened := make(map[string]int)
	for i, p := range s.Phases {
		if i+1 < len(s.Phases) && p.Head == HeadFrozen {
			happened["burst"]++
			if stood := s.Phases[i+1].At.Sub(p.At); stood > 60700*time.Millisecond {
				t.Errorf("a burst of %s", stood)
			}
		}
		if p.Safe == Still {
			happened["plateau"]++
		}
		happened["reorg"] += int(p.Reorg)
	}
	for _, f := range s.Faults {
		happened[f.How]++
	}
	for _, what := range []string{"burst", "plateau", "reorg", "timeout", "rate_limited", "null_result", "refused", FaultStuck, FaultLate} {
		if happened[what] < 3 {
			t.Errorf("%s happened %d times in 30 days", what, happened[what])
		}
	}
}
