package delivery_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"headwatch"
	"headwatch/delivery"
	"headwatch/delivery/deliverytest"
)

// After an outage of an hour two channels with one key have far more to tell than its receiver takes a minute.
func TestNoReceiverIsToldMoreThanItTakesAndNothingIsLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const burst, every, limit = 20, 600 * time.Millisecond, 120
		limiter := delivery.NewLimiter(burst, every)
		var notices []headwatch.Notice
		for i := range 150 {
			id := fmt.Sprintf("incident-%d", i)
			notices = append(notices, notice(id, 1, headwatch.StepPage), notice(id, 2, headwatch.StepResolve))
		}
		first, second := &sender{}, &sender{}
		j1, j2 := deliverytest.NewJournal(notices...), deliverytest.NewJournal(notices...)
		_, _, _, stop1 := run(t, delivery.Channel{Sender: first, Limit: limiter}, j1)
		_, _, _, stop2 := run(t, delivery.Channel{Sender: second, Limit: limiter}, j2)
		time.Sleep(10 * time.Minute)
		synctest.Wait()
		stop1()
		stop2()
		if len(j1.Done()) != len(notices) || len(j2.Done()) != len(notices) {
			t.Errorf("%d and %d of %d told", len(j1.Done()), len(j2.Done()), len(notices))
		}
		all := slices.Concat(first.attempts, second.attempts)
		slices.SortFunc(all, time.Time.Compare)
		for i := range len(all) - limit {
			if took := all[i+limit].Sub(all[i]); took < time.Minute {
				t.Fatalf("%d attempts within %v", limit+1, took)
			}
		}
		if took := all[len(all)-1].Sub(all[0]); took > time.Duration(len(all))*every {
			t.Errorf("%d attempts took %v", len(all), took)
		}
		for _, s := range []*sender{first, second} {
			for i := range 150 {
				page, resolve := slices.Index(s.told, fmt.Sprintf("incident-%d/page", i)), slices.Index(s.told, fmt.Sprintf("incident-%d/resolve", i))
				if page < 0 || page > resolve {
					t.Fatalf("incident %d: page %d, resolve %d", i, page, resolve)
				}
			}
		}
	})
}

func TestWhenAReceiverAsksForSilenceEverybodyIsSilent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		s := &sender{}
		s.send = func(_ context.Context, _ json.RawMessage, n headwatch.Notice) error {
			if time.Since(start) < time.Minute {
				return &delivery.Error{Reason: delivery.ReasonRateLimited, RetryAfter: time.Minute - time.Since(start)}
			}
			return nil
		}
		j := deliverytest.NewJournal(notice("first", 1, headwatch.StepPage))
		_, _, _, stop := run(t, delivery.Channel{Sender: s, Limit: delivery.NewLimiter(0, 0)}, j)
		synctest.Wait()
		for i := range 50 {
			time.Sleep(time.Second)
			j.Add(notice(fmt.Sprintf("later-%d", i), 1, headwatch.StepPage))
		}
		synctest.Wait()
		s.mu.Lock()
		if len(s.attempts) != 1 {
			t.Errorf("%d attempts while the receiver wants none", len(s.attempts))
		}
		s.mu.Unlock()
		time.Sleep(time.Minute - time.Since(start))
		synctest.Wait()
		if len(j.Done()) < 50 {
			t.Errorf("%d of 51 told when it is over", len(j.Done()))
		}
		time.Sleep(time.Minute)
		stop()
		if len(j.Done()) != 51 {
			t.Errorf("%d of 51 told in the end", len(j.Done()))
		}
	})
}

func TestAnyOtherFailureHoldsUpNobodyElse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &sender{send: func(_ context.Context, _ json.RawMessage, n headwatch.Notice) error {
			if n.Incident == "bad" {
				return &delivery.Error{Reason: delivery.ReasonHTTP5xx, RetryAfter: time.Minute}
			}
			return nil
		}}
		j := deliverytest.NewJournal(notice("bad", 1, headwatch.StepPage))
		_, _, _, stop := run(t, delivery.Channel{Sender: s, Limit: delivery.NewLimiter(2, time.Second)}, j)
		synctest.Wait()
		j.Add(notice("good", 1, headwatch.StepPage))
		synctest.Wait()
		s.saw(t, "good/page")
		stop()
	})
}
