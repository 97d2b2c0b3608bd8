package delivery_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/zap/zapcore"

	"headwatch"
	"headwatch/delivery"
	"headwatch/delivery/deliverytest"
)

func TestAttemptsBackOffAndNeverStop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &sender{send: func(context.Context, json.RawMessage, headwatch.Notice) error { return errDown }}
		j := deliverytest.NewJournal(notice("i", 1, headwatch.StepPage))
		loop, _, logs, stop := run(t, delivery.Channel{Sender: s}, j)
		start := time.Now()
		time.Sleep(time.Hour)
		synctest.Wait()
		before := start
		for i, about := range []time.Duration{0, 1000, 2150, 4623, 9938, 21367, 30000, 30000, 30000} {
			about *= time.Millisecond
			wait := s.attempts[i].Sub(before)
			if wait < about*79/100 || wait > about*121/100 {
				t.Errorf("attempt %d came after %v, want about %v", i+1, wait, about)
			}
			before = s.attempts[i]
		}
		if len(s.attempts) < 100 {
			t.Errorf("%d attempts in an hour", len(s.attempts))
		}
		if got := logs.FilterMessage("attempt failed, will try again").Len(); got != 1 {
			t.Errorf("the same error was logged %d times", got)
		}
		if !loop.Oldest().Equal(start) {
			t.Errorf("oldest %v, want %v", loop.Oldest(), start)
		}
		stop()
		wantOutcomes(t, j)
	})
}

func TestAFailureIsLoggedAgainWhenItReadsDifferently(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		texts := []string{"a", "a", "b", "b", "a"}
		s := &sender{}
		s.send = func(context.Context, json.RawMessage, headwatch.Notice) error {
			if i := len(s.attempts) - 1; i < len(texts) {
				return errors.New(texts[i])
			}
			return nil
		}
		j := deliverytest.NewJournal(notice("i", 1, headwatch.StepPage))
		_, seen, logs, stop := run(t, delivery.Channel{Sender: s}, j)
		time.Sleep(2 * time.Minute)
		stop()
		if got := logs.FilterMessage("attempt failed, will try again").Len(); got != 3 {
			t.Errorf("%d lines, want 3", got)
		}
		if seen.attempts[delivery.ReasonOther] != 5 {
			t.Errorf("observed %v", seen.attempts)
		}
	})
}

// What a receiver said is there for a person for as long as the newest attempt is a failed one.
func TestWhyAChannelFailsIsKnown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		failures := []error{
			&delivery.Error{Reason: delivery.ReasonHTTP4xx, Status: 401, Detail: "401 from example.org: invalid_auth"},
			&delivery.Error{Reason: delivery.ReasonTimeout, Detail: "example.org: nobody there"},
			&delivery.Error{Reason: delivery.ReasonBadAnswer, Status: 200, Detail: strings.Repeat("x", 1000)},
		}
		s := &sender{}
		s.send = func(context.Context, json.RawMessage, headwatch.Notice) error {
			if i := len(s.attempts) - 1; i < len(failures) {
				return failures[i]
			}
			return nil
		}
		loop, _, _, stop := run(t, delivery.Channel{Sender: s}, deliverytest.NewJournal(notice("i", 1, headwatch.StepPage)))
		defer stop()
		var got []string
		for range 600 {
			time.Sleep(100 * time.Millisecond)
			if f := loop.Failure(); len(got) == 0 || got[len(got)-1] != f {
				got = append(got, f)
			}
		}
		want := []string{"http 4xx: 401 from example.org: invalid_auth", "timeout", delivery.Cut("bad answer: "+strings.Repeat("x", 1000), 200), ""}
		if !slices.Equal(got, want) {
			t.Errorf("got %q", got)
		}
	})
}

func TestRetryAfterIsHonoured(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &sender{}
		s.send = func(context.Context, json.RawMessage, headwatch.Notice) error {
			if len(s.attempts) == 1 {
				return &delivery.Error{Reason: delivery.ReasonRateLimited, RetryAfter: 3 * time.Minute}
			}
			return nil
		}
		_, _, _, stop := run(t, delivery.Channel{Sender: s}, deliverytest.NewJournal(notice("i", 1, headwatch.StepPage)))
		time.Sleep(3*time.Minute - 1)
		synctest.Wait()
		s.saw(t)
		time.Sleep(time.Nanosecond)
		synctest.Wait()
		s.saw(t, "i/page")
		stop()
	})
}

func TestARefusalForGoodEndsTheNoticeAndNotTheIncident(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &sender{send: func(_ context.Context, _ json.RawMessage, n headwatch.Notice) error {
			if n.Kind == headwatch.StepPage {
				return &delivery.Error{Reason: delivery.ReasonHTTP4xx, Status: 400, Permanent: true, Detail: "400 from example.org: bad key"}
			}
			return nil
		}}
		j := deliverytest.NewJournal(notice("i", 1, headwatch.StepPage), notice("i", 2, headwatch.StepResolve))
		_, _, logs, stop := run(t, delivery.Channel{Sender: s}, j)
		synctest.Wait()
		stop()
		wantOutcomes(t, j, "i/page refused", "i/resolve delivered")
		if d := j.Done()[0]; d.Detail != "http_4xx: 400 from example.org: bad key" || d.Attempts != 1 {
			t.Errorf("recorded %+v", d)
		}
		if logs.FilterLevelExact(zapcore.ErrorLevel).Len() != 1 {
			t.Error("a lost notice must be logged as an error")
		}
	})
}

func TestDryRunSendsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &sender{}
		j := deliverytest.NewJournal(notice("i", 1, headwatch.StepTrip), notice("i", 2, headwatch.StepResolve))
		_, seen, _, stop := run(t, delivery.Channel{Sender: previewer{s}, DryRun: true}, j)
		synctest.Wait()
		stop()
		wantOutcomes(t, j, "i/trip dry_run", "i/resolve dry_run")
		if len(s.attempts)+len(seen.attempts) != 0 {
			t.Error("something was sent")
		}
		if d := j.Done()[0]; d.Detail != "would send trip" || d.Attempts != 0 {
			t.Errorf("recorded %+v", d)
		}
	})
}

type previewer struct{ *sender }

func (p previewer) Preview(n headwatch.Notice) string { return "would send " + string(n.Kind) }

func TestAPanicInASenderIsAFailedAttempt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &sender{}
		s.send = func(context.Context, json.RawMessage, headwatch.Notice) error {
			if len(s.attempts) == 1 {
				panic("a key that must not be shown")
			}
			return nil
		}
		j := deliverytest.NewJournal(notice("i", 1, headwatch.StepPage))
		_, seen, logs, stop := run(t, delivery.Channel{Sender: s}, j)
		time.Sleep(2 * time.Second)
		synctest.Wait()
		stop()
		wantOutcomes(t, j, "i/page delivered")
		if seen.attempts[delivery.ReasonPanic] != 1 {
			t.Errorf("observed %v", seen.attempts)
		}
		for _, e := range logs.All() {
			if text := fmt.Sprint(e.ContextMap()["error"]); text == "panic: a key that must not be shown" {
				t.Error("the panic's value is in the log")
			}
		}
	})
}
