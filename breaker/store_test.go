package breaker

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"headwatch"
)

func engineIn(t *testing.T, state headwatch.State) *engine {
	t.Helper()
	e, err := newEngine("base-lending", state)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func mustMove(t *testing.T, e *engine, sample error, due bool, want ...headwatch.State) {
	t.Helper()
	if got := e.feed(sample, due); !slices.Equal(got, want) {
		t.Errorf("feed %v, due %t: moved to %v, want %v", sample, due, got, want)
	}
}

func TestTheEngineTripsWhenDueHoweverLongItFailedBefore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := engineIn(t, headwatch.Closed)
		for range 200 {
			mustMove(t, e, errUnhealthy, false)
			time.Sleep(time.Minute)
		}
		mustMove(t, e, errUnhealthy, true, headwatch.Open)
	})
}

func TestTheEngineNeedsFailureToTripAndNotOnlyTheDuty(t *testing.T) {
	e := engineIn(t, headwatch.Closed)
	mustMove(t, e, nil, true)
	mustMove(t, e, errUnproven, true)
	mustMove(t, e, errUnhealthy, true, headwatch.Open)
}

// In a bubble no time passes between the trip and the probe, and gobreaker's expiry is strict: its own timeout, however
// short, would keep the circuit open for one feed too many.
func TestTheEngineProbesInTheInstantOfTheTrip(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := engineIn(t, headwatch.Closed)
		mustMove(t, e, errUnhealthy, true, headwatch.Open)
		mustMove(t, e, nil, false, headwatch.HalfOpen)
		mustMove(t, e, nil, false, headwatch.Closed)
	})
}

func TestTheEngineFedAFailureWhileOpenCrossesTwoStates(t *testing.T) {
	e := engineIn(t, headwatch.Open)
	mustMove(t, e, errUnhealthy, true, headwatch.HalfOpen, headwatch.Open) // why judge feeds only health while open
	mustMove(t, e, nil, false, headwatch.HalfOpen)
}

func TestTheEngineIsLeftInHalfOpenByWhatIsUnproven(t *testing.T) {
	e := engineIn(t, headwatch.Open)
	mustMove(t, e, nil, false, headwatch.HalfOpen)
	for range 100 {
		mustMove(t, e, errUnproven, true)
	}
	mustMove(t, e, nil, false, headwatch.Closed)
}

func TestTheEngineIsInTheStateThatItWasForcedInto(t *testing.T) {
	for _, from := range states {
		t.Run("from "+from.String(), func(t *testing.T) {
			e := engineIn(t, from)
			e.force(headwatch.HalfOpen)
			mustMove(t, e, nil, false, headwatch.Closed)
			e.force(headwatch.HalfOpen)
			mustMove(t, e, errUnhealthy, false, headwatch.Open)
			e.force(headwatch.Closed)
			mustMove(t, e, errUnhealthy, false)
			e.force(headwatch.Open)
			mustMove(t, e, nil, false, headwatch.HalfOpen)
		})
	}
}
