package journal

import (
	"context"
	"slices"
	"strings"
	"testing"

	"headwatch"
	"headwatch/config"
)

func TestReadGivesEventsInOrderAfterAPosition(t *testing.T) {
	everywhere(t, func(t *testing.T, c config.Journal) {
		j := open(t, c)
		for range j.Read(t.Context(), 0, false) {
			t.Error("an event in an empty journal")
		}
		do(t, j.Decide(t.Context(), step("lending", 1)))
		_, err := j.Freeze(t.Context(), "i", "on-call", []byte("key"))
		do(t, err)
		do(t, j.Tell(t.Context(), note("i", 1, "on-call")))
		do(t, j.Record(t.Context(), ended(note("i", 1, "on-call"))))

		for after, want := range map[uint64]string{
			0: "transition notice delivery", 1: "notice delivery", 2: "notice delivery", 3: "delivery", 4: "", 1000: "",
		} {
			var got []string
			for e, err := range j.Read(t.Context(), after, false) {
				do(t, err)
				got = append(got, shape(e))
				if e.Seq <= after || e.At.IsZero() {
					t.Errorf("after %d: event %d at %s", after, e.Seq, e.At)
				}
			}
			if strings.Join(got, " ") != want {
				t.Errorf("after %d: %q, want %q", after, got, want)
			}
		}
		for e, err := range j.Read(t.Context(), 0, false) {
			do(t, err)
			if e.Transition == nil {
				t.Fatalf("first event %+v", e)
			}
			break // a reader may stop early
		}
	})
}

func shape(e headwatch.Event) string {
	switch {
	case e.Transition != nil:
		return "transition"
	case e.Action != nil:
		return "action"
	case e.Notice != nil:
		return "notice"
	case e.Delivery != nil:
		return "delivery"
	default:
		return "nothing"
	}
}

func TestReadFollowsUntilItsContextEnds(t *testing.T) {
	everywhere(t, func(t *testing.T, c config.Journal) {
		j := open(t, c)
		do(t, j.Decide(t.Context(), step("lending", 1)))
		ctx, cancel := context.WithCancel(t.Context())
		seen := make(chan uint64, 10)
		done := make(chan error, 1)
		go func() {
			for e, err := range j.Read(ctx, 0, true) {
				if err != nil {
					done <- err
					return
				}
				seen <- e.Transition.Seq
			}
			done <- nil
		}()
		for n := uint64(1); n < 5; n++ {
			if got := next(t, seen); got != n {
				t.Fatalf("got %d, want %d", got, n)
			}
			do(t, j.Decide(t.Context(), step("lending", n+1)))
		}
		cancel()
		do(t, next(t, done))
	})
}

func TestAnEventOfAnotherVersionIsReported(t *testing.T) {
	everywhere(t, func(t *testing.T, c config.Journal) {
		j := open(t, c)
		do(t, j.Decide(t.Context(), step("lending", 1)))
		do(t, j.once(t.Context(), "hw.transition.lending.2", []byte(`{"schema":"headwatch.transition/v9"}`)))
		do(t, j.once(t.Context(), "hw.notice.i.1.on-call", []byte(`{"schema":"headwatch.notice/v9"}`)))
		var got []string
		for e, err := range j.Read(t.Context(), 0, true) {
			if err != nil {
				got = append(got, err.Error())
			} else {
				got = append(got, shape(e))
			}
		}
		if len(got) != 2 || !strings.Contains(got[1], "event 2") || !strings.Contains(got[1], "v9") {
			t.Errorf("read %q", got)
		}
		if _, err := j.Last(t.Context()); err == nil {
			t.Error("Last skipped a transition that it could not read")
		}
		if err := j.Notices(t.Context(), "on-call", func(Pending) {}); err == nil {
			t.Error("a notice that cannot be read was skipped")
		}
		if err := j.Follow(t.Context(), "r", func(headwatch.Event) {}, func() {}, nil); err == nil {
			t.Error("a transition that cannot be read was skipped")
		}
	})
}

func TestTokensAreUniqueAndHoldNoSeparator(t *testing.T) {
	names := []string{"a", "a.b", "a b", "a*", ">", "a%2Eb", "ä", "on-call", "ON_call"}
	var tokens []string
	for _, n := range names {
		x := token(n)
		if strings.ContainsAny(x, ". *>\t") || slices.Contains(tokens, x) {
			t.Errorf("%q becomes %q", n, x)
		}
		tokens = append(tokens, x)
	}
}
