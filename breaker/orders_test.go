package breaker

import (
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"headwatch"
)

func quiet(t *testing.T) *Circuit {
	t.Helper()
	c, err := New(policy(), nil)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func live(at time.Duration) headwatch.Assessment {
	return headwatch.Assessment{Chain: "base", At: began.Add(at), Phase: headwatch.Live}
}

func trip() headwatch.Action {
	return headwatch.Action{Kind: headwatch.ActionTrip, Actor: "ada", Reason: "the bridge is drained"}
}

func hold(length time.Duration) headwatch.Action {
	return headwatch.Action{Kind: headwatch.ActionHold, Actor: "ada", Reason: "drill", For: length}
}

func TestDoReturnsWhatFeedDecided(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := quiet(t)
		c.Feed(live(0))
		var got headwatch.Transition
		var wg sync.WaitGroup
		wg.Go(func() {
			var err error
			if got, err = c.Do(t.Context(), trip()); err != nil {
				t.Error(err)
			}
		})
		synctest.Wait()
		decided := c.Feed(live(time.Second))
		wg.Wait()
		if len(decided) != 1 {
			t.Fatalf("decided %+v", decided)
		}
		same(t, decided[0], got)
		if got.Actor != "ada" || got.Reason != "the bridge is drained" || !got.At.Equal(began.Add(time.Second)) {
			t.Errorf("decided %+v", got)
		}
	})
}

func TestDoReturnsOnlyAfterTheSignalSaysSo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := quiet(t)
		var returned atomic.Bool
		go func() {
			defer returned.Store(true)
			if _, err := c.Do(t.Context(), trip()); err != nil {
				t.Error(err)
			}
		}()
		synctest.Wait()
		turn := c.read(live(0))
		c.obey(&turn)
		synctest.Wait()
		if len(turn.obeyed) != 1 || returned.Load() {
			t.Errorf("%d orders obeyed, Do returned %t", len(turn.obeyed), returned.Load())
		}
		close(turn.obeyed[0].done)
	})
}

func TestAnAbandonedOrderIsNeverObeyed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := quiet(t)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err := c.Do(ctx, trip())
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
		if want := "circuit base-lending: trip not obeyed: context deadline exceeded"; err.Error() != want {
			t.Errorf("got %q, want %q", err, want)
		}
		if decided := c.Feed(live(0)); decided != nil {
			t.Errorf("decided %+v", decided)
		}
	})
}

// Whatever the moment in which callers lose patience: who is told that the order was dropped finds it not obeyed.
func TestEveryOrderIsAbandonedOrObeyedNeverBoth(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := quiet(t)
		told := make([]uint64, 50)
		var wg sync.WaitGroup
		for i := range told {
			wg.Go(func() {
				ctx, cancel := context.WithTimeout(t.Context(), time.Duration(i%5)*time.Millisecond)
				defer cancel()
				if d, err := c.Do(ctx, hold(time.Hour)); err == nil {
					told[i] = d.Seq
				}
			})
		}
		var obeyed []uint64
		for i := range 10 {
			for _, d := range c.Feed(live(time.Duration(i) * time.Second)) {
				obeyed = append(obeyed, d.Seq)
			}
			time.Sleep(time.Millisecond)
		}
		wg.Wait()
		told = slices.DeleteFunc(told, func(seq uint64) bool { return seq == 0 })
		slices.Sort(told)
		if !slices.Equal(told, obeyed) {
			t.Errorf("obeyed %v, told so %v", obeyed, told)
		}
		if len(obeyed) == 0 || len(obeyed) == 50 {
			t.Errorf("%d obeyed: the test did not race", len(obeyed))
		}
	})
}

func TestOneFeedObeysABoundedNumberOfOrders(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := quiet(t)
		var wg sync.WaitGroup
		for range ordersPerFeed + 1 {
			wg.Go(func() {
				if _, err := c.Do(t.Context(), hold(time.Hour)); err != nil {
					t.Error(err)
				}
			})
		}
		synctest.Wait()
		for _, want := range []int{ordersPerFeed, 1, 0} {
			if got := len(c.Feed(live(0))); got != want {
				t.Errorf("obeyed %d, want %d", got, want)
			}
		}
		wg.Wait()
	})
}

func TestARefusalSaysWhyAndWhatToDo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := play(t, policy(), `120s stalled stall@0s -> closed warn #1, closed page #1, closed>open trip #1`)
		a, orders := parse(t, "121s stalled stall@0s ada:reset")
		_, errs := l.feed(a, orders...)
		want := "circuit base-lending: reset refused: unsafe_head_stalled still holds; hold it to keep it as it is, or wait"
		if !errors.Is(errs[0], ErrNotNow) || errs[0].Error() != want {
			t.Errorf("got %v, want %s", errs[0], want)
		}
	})
}

func TestInvalidOrdersAreRefusedWithoutWaiting(t *testing.T) {
	for _, test := range []struct {
		name   string
		action headwatch.Action
		want   string
	}{
		{
			"an acknowledgement is not for the circuit",
			headwatch.Action{Kind: headwatch.ActionAck, Actor: "ada", Reason: "on it"},
			`circuit base-lending: invalid order: "ack" is not trip, reset or hold`,
		},
		{
			"no kind",
			headwatch.Action{Actor: "ada", Reason: "on it"},
			`circuit base-lending: invalid order: "" is not trip, reset or hold`,
		},
		{
			"no person",
			headwatch.Action{Kind: headwatch.ActionTrip, Actor: " ", Reason: "drill"},
			"circuit base-lending: invalid order: trip needs the name of a person",
		},
		{
			"the watchdog is no person",
			headwatch.Action{Kind: headwatch.ActionReset, Actor: headwatch.Watchdog, Reason: "drill"},
			"circuit base-lending: invalid order: reset needs the name of a person",
		},
		{
			"no reason",
			headwatch.Action{Kind: headwatch.ActionReset, Actor: "ada", Reason: "\n"},
			"circuit base-lending: invalid order: reset needs a reason",
		},
		{
			"no length", hold(0),
			"circuit base-lending: invalid order: hold for 0s: must be more than 0 and at most 24h",
		},
		{
			"too long", hold(MaxHold + 1),
			"circuit base-lending: invalid order: hold for 24h0m0.000000001s: must be more than 0 and at most 24h",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := quiet(t).Do(t.Context(), test.action)
			if !errors.Is(err, ErrInvalid) || err.Error() != test.want {
				t.Errorf("got %v, want %s", err, test.want)
			}
		})
	}
}

func TestTheLongestHoldIsObeyed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := play(t, policy(), `1s live ada:hold=24h -> closed none held by ada`)
		if got, want := l.ledger.last().HeldUntil, began.Add(24*time.Hour+time.Second); !got.Equal(want) {
			t.Errorf("held until %s, want %s", got, want)
		}
	})
}
