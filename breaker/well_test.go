package breaker

import (
	"testing"
	"testing/synctest"
	"time"
)

// The lease says how far a recovery has come, and only while there is one.
func TestTheSignalCountsTheRecovery(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLab(t, policy())
		for _, test := range []struct {
			line string
			well time.Duration // after began; -1 for none
		}{
			{"0s live", -1},
			{"120s stalled stall@0s", -1},
			{"130s live", 130 * time.Second},
			{"140s live", 130 * time.Second},
			{"150s slow", -1},
			{"160s live", 160 * time.Second},
			{"1h live", -1},
		} {
			a, _ := parse(t, test.line)
			l.feed(a)
			want := time.Time{}
			if test.well >= 0 {
				want = began.Add(test.well)
			}
			if got := l.circuit.Signal(time.Second).Well; !got.Equal(want) {
				t.Errorf("%s: well since %v, want %v", test.line, got, want)
			}
		}
	})
}
