package watcher

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"headwatch"
)

// What a circuit acts on: the phase, which findings hold, and which thresholds they have reached.
func verdict(a headwatch.Assessment, limits []time.Duration) []string {
	v := []string{a.Phase.String()}
	for _, f := range a.Findings {
		reached := 0
		for _, l := range limits {
			if a.At.Sub(f.Since) >= l {
				reached++
			}
		}
		v = append(v, string(f.Condition)+f.Endpoint+string(rune('0'+reached))+f.Since.String())
	}
	return v
}

// Between an assessment and its Next nothing changes as long as nothing is heard: so a sleep until Next misses nothing.
func TestNothingChangesBeforeNext(t *testing.T) {
	names := []string{"a", "b", "c"}
	rapid.Check(t, func(r *rapid.T) {
		s := newScene(t, names...)
		s.frozen = true
		s.l1 = s.start
		fork := 0
		for range rapid.IntRange(1, 60).Draw(r, "steps") {
			s.wait(time.Duration(rapid.Int64Range(0, int64(20*time.Second)).Draw(r, "wait")))
			endpoint := rapid.SampledFrom(names).Draw(r, "endpoint")
			switch rapid.IntRange(0, 9).Draw(r, "event") {
			case 0:
				s.fails(headwatch.FaultTimeout, endpoint)
			case 1:
				s.fails(headwatch.FaultWrongChain, endpoint)
			case 2:
				fork = 1 - fork
			case 3:
				s.l1 = s.now
			default:
				due := max(int64(s.now.Sub(s.start)/sceneBlock)-rapid.Int64Range(0, 40).Draw(r, "behind"), 1)
				s.say(endpoint, s.block([]string{"", "f"}[fork], uint64(due)))
			}
			a := s.assess()
			now, next := a.At, a.Next
			want := verdict(a, s.view.limits)
			if !next.IsZero() && !next.After(now) {
				r.Fatalf("Next %v is not after %v", next, now)
			}
			between := 10 * time.Minute
			if !next.IsZero() {
				between = next.Sub(now) - 1
			}
			later := now.Add(time.Duration(rapid.Int64Range(0, int64(between)).Draw(r, "later")))
			if got := verdict(s.view.Assess(later), s.view.limits); !slices.Equal(got, want) {
				r.Fatalf("with Next in %v the verdict changed within %v from\n%q to\n%q", next.Sub(now), later.Sub(now), want, got)
			}
		}
	})
}
