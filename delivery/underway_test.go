package delivery_test

import (
	"context"
	"encoding/json"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"headwatch"
	"headwatch/delivery"
	"headwatch/delivery/deliverytest"
)

// What is under way is looked at again at its own pace, for hours if need be: it neither backs off, nor counts as a failure,
// nor as stuck, and the notices behind it wait.
func TestWhatIsUnderWayIsNoFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var looks atomic.Int64
		s := &sender{send: func(_ context.Context, _ json.RawMessage, n headwatch.Notice) error {
			if looks.Add(1) <= 100 && n.Kind == headwatch.StepTrip {
				return &delivery.Error{Reason: delivery.ReasonUnderway, Underway: true, RetryAfter: 3 * time.Second}
			}
			return nil
		}}
		j := deliverytest.NewJournal(notice("i", 1, headwatch.StepTrip), notice("i", 2, headwatch.StepResolve))
		loop, seen, logs, stop := run(t, delivery.Channel{Sender: s}, j)
		time.Sleep(299 * time.Second)
		synctest.Wait()
		if at := loop.Oldest(); !at.IsZero() || len(j.Done()) != 0 || looks.Load() != 100 {
			t.Errorf("after %d looks oldest is %v and %v are done", looks.Load(), at, j.Done())
		}
		time.Sleep(2 * time.Second)
		synctest.Wait()
		wantOutcomes(t, j, "i/trip delivered", "i/resolve delivered")
		if len(seen.attempts) != 1 || seen.attempts[""] != 2 || logs.FilterMessageSnippet("attempt").Len() != 0 {
			t.Errorf("observed %v, logged %v", seen.attempts, logs.All())
		}
		stop()
	})
}

func TestAPermanentEndHasTheOutcomeThatItNames(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &sender{send: func(context.Context, json.RawMessage, headwatch.Notice) error {
			return &delivery.Error{Reason: delivery.ReasonWithheld, Permanent: true, Outcome: headwatch.Withheld, Detail: "vetoed by alice"}
		}}
		j := deliverytest.NewJournal(notice("i", 1, headwatch.StepTrip))
		_, seen, logs, stop := run(t, delivery.Channel{Sender: s}, j)
		synctest.Wait()
		wantOutcomes(t, j, "i/trip withheld")
		if !slices.Equal(seen.finished, []headwatch.Outcome{headwatch.Withheld}) || len(seen.attempts) != 0 || logs.FilterMessageSnippet("refused for good").Len() != 0 {
			t.Errorf("observed %v, logged %v", seen.finished, logs.All())
		}
		stop()
	})
}
