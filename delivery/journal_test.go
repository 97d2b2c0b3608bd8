package delivery_test

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"headwatch"
	"headwatch/delivery"
	"headwatch/delivery/deliverytest"
)

func TestTheFirstRouteOfAnIncidentIsUsedToItsEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var used []string
		send := func(_ context.Context, route json.RawMessage, n headwatch.Notice) error {
			used = append(used, n.Incident+" "+string(route))
			return nil
		}
		j := deliverytest.NewJournal(notice("old", 1, headwatch.StepPage))
		_, _, _, stop := run(t, delivery.Channel{Sender: &sender{route: json.RawMessage(`"A"`), send: send}}, j)
		synctest.Wait()
		stop()
		// The configuration changes over a restart.
		j.Add(notice("old", 2, headwatch.StepResolve))
		_, _, _, stop = run(t, delivery.Channel{Sender: &sender{route: json.RawMessage(`"B"`), send: send}}, j)
		synctest.Wait()
		j.Add(notice("new", 1, headwatch.StepPage))
		synctest.Wait()
		stop()
		if want := []string{`old "A"`, `old "A"`, `new "B"`}; !slices.Equal(used, want) {
			t.Errorf("used %q, want %q", used, want)
		}
	})
}

func TestWithoutAFrozenRouteAPageIsSentAndAResolveWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var healthy atomic.Bool
		j := deliverytest.NewJournal(notice("i", 1, headwatch.StepPage), notice("i", 2, headwatch.StepResolve))
		j.FreezeErr = func() error {
			if healthy.Load() {
				return nil
			}
			return errors.New("no quorum")
		}
		s := &sender{route: json.RawMessage(`"A"`)}
		_, seen, _, stop := run(t, delivery.Channel{Sender: s}, j)
		time.Sleep(time.Minute)
		synctest.Wait()
		s.saw(t, "i/page")
		if seen.attempts[delivery.ReasonJournal] == 0 {
			t.Errorf("observed %v", seen.attempts)
		}
		healthy.Store(true)
		time.Sleep(time.Minute)
		synctest.Wait()
		s.saw(t, "i/page", "i/resolve")
		stop()
	})
}

func TestWhatWasToldIsNotToldAgainWhileTheJournalCannotRecordIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var healthy atomic.Bool
		page, resolve := notice("i", 1, headwatch.StepPage), notice("i", 2, headwatch.StepResolve)
		j := deliverytest.NewJournal(page, resolve)
		j.DoneErr = func() error {
			if healthy.Load() {
				return nil
			}
			return errors.New("disk full")
		}
		s := &sender{}
		loop, seen, _, stop := run(t, delivery.Channel{Sender: s}, j)
		synctest.Wait()
		s.saw(t, "i/page", "i/resolve") // the second does not wait for the record of the first
		j.Add(page, resolve)
		time.Sleep(time.Minute)
		synctest.Wait()
		s.saw(t, "i/page", "i/resolve")
		wantOutcomes(t, j)
		if loop.Oldest().IsZero() {
			t.Error("nothing waits, although nothing is recorded")
		}

		healthy.Store(true)
		time.Sleep(time.Minute)
		synctest.Wait()
		if got := outcomes(j); len(got) != 2 || len(seen.finished) != 2 {
			t.Errorf("the journal has %q, %d ends were observed", got, len(seen.finished))
		}
		if !loop.Oldest().IsZero() {
			t.Errorf("oldest %v, want none", loop.Oldest())
		}
		stop()
	})
}

func TestANoticeHandedOutTwiceIsToldOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var up atomic.Bool
		s := &sender{send: func(context.Context, json.RawMessage, headwatch.Notice) error {
			if !up.Load() {
				return errDown
			}
			return nil
		}}
		page, resolve := notice("i", 1, headwatch.StepPage), notice("i", 2, headwatch.StepResolve)
		j := deliverytest.NewJournal(page, resolve, page, resolve)
		_, _, _, stop := run(t, delivery.Channel{Sender: s}, j)
		synctest.Wait()
		j.Add(page)
		synctest.Wait()
		up.Store(true)
		time.Sleep(time.Minute)
		synctest.Wait()
		s.saw(t, "i/page", "i/resolve")
		wantOutcomes(t, j, "i/page delivered", "i/resolve delivered")
		stop()
	})
}

func TestWhatWasToldIsRecordedAlthoughTheProcessStops(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		answered := make(chan struct{})
		s := &sender{send: func(context.Context, json.RawMessage, headwatch.Notice) error {
			<-answered // the receiver answers while the process is stopping
			return nil
		}}
		j := deliverytest.NewJournal(notice("i", 1, headwatch.StepPage))
		_, _, _, stop := run(t, delivery.Channel{Sender: s}, j)
		synctest.Wait()
		time.AfterFunc(time.Second, func() { close(answered) })
		stop()
		wantOutcomes(t, j, "i/page delivered")
	})
}
