package delivery_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"headwatch"
	"headwatch/delivery"
	"headwatch/delivery/deliverytest"
)

// outage runs a channel that is down until an instant, with an incident whose notices come at the given minutes.
func outage(t *testing.T, wrap func(*sender) delivery.Sender, coalesce, down time.Duration, at map[headwatch.StepKind]time.Duration) (*sender, *deliverytest.Journal) {
	t.Helper()
	start := time.Now()
	s := &sender{send: func(context.Context, json.RawMessage, headwatch.Notice) error {
		if time.Since(start) < down {
			return errDown
		}
		return nil
	}}
	j := deliverytest.NewJournal()
	for i, kind := range []headwatch.StepKind{headwatch.StepPage, headwatch.StepTrip, headwatch.StepRecover, headwatch.StepResolve} {
		if after, told := at[kind]; told {
			time.AfterFunc(after, func() { j.Add(notice("i", uint64(i), kind)) })
		}
	}
	_, _, _, stop := run(t, delivery.Channel{Sender: wrap(s), Coalesce: coalesce}, j)
	time.Sleep(4 * time.Hour)
	synctest.Wait()
	stop()
	return s, j
}

func plainSender(s *sender) delivery.Sender { return s }

// chatty tells in one message what was late.
type chatty struct{ *sender }

func (c chatty) Coalesced(ctx context.Context, route json.RawMessage, trigger, resolve headwatch.Notice) (string, error) {
	n := resolve
	n.Kind = headwatch.StepKind(fmt.Sprintf("%s+%s", trigger.Kind, resolve.Kind))
	return c.Send(ctx, route, n)
}

func TestALateTriggerAndItsResolveCancelOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, j := outage(t, plainSender, time.Hour, 3*time.Hour, map[headwatch.StepKind]time.Duration{
			headwatch.StepPage: 0, headwatch.StepTrip: time.Minute, headwatch.StepRecover: 20 * time.Minute, headwatch.StepResolve: 30 * time.Minute,
		})
		s.saw(t)
		wantOutcomes(t, j, "i/page coalesced", "i/trip coalesced", "i/recover coalesced", "i/resolve coalesced")
		for _, d := range j.Done() {
			if !strings.Contains(d.Detail, "the page was unsent for 1h0m") {
				t.Errorf("the journal does not say it: %q", d.Detail)
			}
		}
	})
}

func TestAChatIsToldInOneMessageOnceItIsBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, j := outage(t, func(s *sender) delivery.Sender { return chatty{s} }, time.Hour, 3*time.Hour, map[headwatch.StepKind]time.Duration{
			headwatch.StepPage: 0, headwatch.StepTrip: time.Minute, headwatch.StepResolve: 30 * time.Minute,
		})
		s.saw(t, "i/page+resolve")
		wantOutcomes(t, j, "i/page coalesced", "i/trip coalesced", "i/resolve coalesced")
		if d := j.Done()[0]; !strings.HasSuffix(d.Detail, "told in one message: taken") {
			t.Errorf("the journal does not say it: %q", d.Detail)
		}
	})
}

func TestNothingIsCoalescedBeforeTheLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, j := outage(t, plainSender, time.Hour, 50*time.Minute, map[headwatch.StepKind]time.Duration{
			headwatch.StepPage: 0, headwatch.StepResolve: 30 * time.Minute,
		})
		s.saw(t, "i/page", "i/resolve")
		wantOutcomes(t, j, "i/page delivered", "i/resolve delivered")
	})
}

func TestATriggerWithoutItsResolveIsNeverDropped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, _ := outage(t, plainSender, time.Hour, 3*time.Hour, map[headwatch.StepKind]time.Duration{
			headwatch.StepPage: 0, headwatch.StepTrip: time.Minute,
		})
		s.saw(t, "i/page", "i/trip")
	})
}

func TestAResolveOfAToldTriggerIsNeverDropped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, _ := outage(t, plainSender, time.Hour, 3*time.Hour, map[headwatch.StepKind]time.Duration{
			headwatch.StepRecover: 0, headwatch.StepResolve: time.Minute, // the page went out before
		})
		s.saw(t, "i/recover", "i/resolve")
	})
}

func TestAHookNeverCoalesces(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, _ := outage(t, plainSender, 0, 3*time.Hour, map[headwatch.StepKind]time.Duration{
			headwatch.StepTrip: 0, headwatch.StepResolve: time.Minute,
		})
		s.saw(t, "i/trip", "i/resolve")
	})
}
