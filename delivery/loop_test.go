package delivery_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/zap"

	"headwatch"
	"headwatch/delivery"
	"headwatch/delivery/deliverytest"
)

func TestNoticesOfAnIncidentKeepTheirOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		failures := 2
		s := &sender{send: func(_ context.Context, _ json.RawMessage, n headwatch.Notice) error {
			if n.Kind == headwatch.StepWarn && failures > 0 {
				failures--
				return errDown
			}
			return nil
		}}
		j := deliverytest.NewJournal(notice("i", 1, headwatch.StepWarn), notice("i", 2, headwatch.StepPage))
		_, seen, _, stop := run(t, delivery.Channel{Sender: s}, j)
		j.Add(notice("i", 3, headwatch.StepResolve))
		time.Sleep(time.Minute)
		synctest.Wait()
		s.saw(t, "i/warn", "i/page", "i/resolve")
		wantOutcomes(t, j, "i/warn delivered", "i/page delivered", "i/resolve delivered")
		if d := j.Done()[0]; d.Attempts != 3 || d.Detail != "taken" || d.Channel != "chat" || d.At.Sub(d.Decided) < 2*time.Second {
			t.Errorf("recorded %+v", d)
		}
		if d := j.Done()[1]; d.Attempts != 1 || d.At != j.Done()[0].At {
			t.Errorf("the next notice starts afresh and at once, but it was recorded as %+v", d)
		}
		if seen.attempts[""] != 3 || seen.attempts[delivery.ReasonRefused] != 2 || len(seen.finished) != 3 {
			t.Errorf("observed %v %v", seen.attempts, seen.finished)
		}
		stop()
	})
}

func TestIncidentsDoNotWaitForEachOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &sender{send: func(ctx context.Context, _ json.RawMessage, n headwatch.Notice) error {
			if n.Incident == "stuck" {
				<-ctx.Done()
				return ctx.Err()
			}
			return nil
		}}
		j := deliverytest.NewJournal(notice("stuck", 1, headwatch.StepTrip), notice("stuck", 2, headwatch.StepResolve), notice("well", 1, headwatch.StepTrip))
		loop, seen, _, stop := run(t, delivery.Channel{Sender: s}, j)
		first := time.Now()
		synctest.Wait()
		s.saw(t, "well/trip")
		if got := loop.Oldest(); !got.Equal(first) {
			t.Errorf("oldest %v, want %v", got, first)
		}
		time.Sleep(15*time.Second + 1)
		synctest.Wait()
		if seen.attempts[delivery.ReasonTimeout] != 1 {
			t.Errorf("observed %v", seen.attempts)
		}
		stop()
	})
}

func TestAttemptsUnderWayAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &sender{send: func(ctx context.Context, _ json.RawMessage, _ headwatch.Notice) error {
			<-ctx.Done()
			return ctx.Err()
		}}
		j := deliverytest.NewJournal()
		for i := range 40 {
			j.Add(notice(fmt.Sprint(i), 1, headwatch.StepTrip))
		}
		_, _, _, stop := run(t, delivery.Channel{Sender: s}, j)
		synctest.Wait()
		if len(s.attempts) != 16 {
			t.Errorf("%d attempts under way, want 16", len(s.attempts))
		}
		stop()
	})
}

func TestStoppingLosesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		down := true
		s := &sender{send: func(ctx context.Context, _ json.RawMessage, n headwatch.Notice) error {
			switch {
			case n.Incident == "slow" && down:
				<-ctx.Done()
				return ctx.Err()
			case down:
				return errDown
			}
			return nil
		}}
		j := deliverytest.NewJournal(notice("slow", 1, headwatch.StepPage), notice("i", 1, headwatch.StepPage), notice("i", 2, headwatch.StepResolve))
		_, seen, _, stop := run(t, delivery.Channel{Sender: s}, j)
		time.Sleep(4 * time.Second)
		stop()
		wantOutcomes(t, j)
		if seen.attempts[delivery.ReasonTimeout]+seen.attempts[delivery.ReasonOther] != 0 {
			t.Errorf("an attempt that was cut short counts as failed: %v", seen.attempts)
		}
		down = false
		_, _, _, stop = run(t, delivery.Channel{Sender: s}, j)
		synctest.Wait()
		stop()
		got := outcomes(j)
		slices.Sort(got)
		if want := []string{"i/page delivered", "i/resolve delivered", "slow/page delivered"}; !slices.Equal(got, want) {
			t.Errorf("after the restart the journal has %q, want %q", got, want)
		}
	})
}

func TestALoopEndsWithTheJournalsError(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		broken := errors.New("stream gone")
		if loop := delivery.New(delivery.Channel{Name: "chat"}, brokenJournal{}, &counter{}, zap.NewNop()); loop.Run(t.Context()) == nil {
			t.Error("a journal that stops without an error is none")
		}
		s := &sender{send: func(context.Context, json.RawMessage, headwatch.Notice) error { return errDown }}
		loop := delivery.New(delivery.Channel{Name: "chat", Sender: s, Timeout: time.Second},
			brokenJournal{deliverytest.NewJournal(), notice("i", 1, headwatch.StepPage), broken}, &counter{}, zap.NewNop())
		if err := loop.Run(t.Context()); !errors.Is(err, broken) {
			t.Errorf("got %v", err)
		}
	})
}

type brokenJournal struct {
	*deliverytest.Journal
	notice headwatch.Notice
	err    error
}

func (b brokenJournal) Notices(_ context.Context, _ string, handle func(delivery.Pending)) error {
	if b.err != nil {
		handle(brokenPending{b})
	}
	time.Sleep(time.Second)
	return b.err
}

type brokenPending struct{ b brokenJournal }

func (p brokenPending) Notice() headwatch.Notice                       { return p.b.notice }
func (p brokenPending) Done(context.Context, headwatch.Delivery) error { return p.b.err }
