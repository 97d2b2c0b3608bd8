package journal

import (
	"testing"
	"time"

	"headwatch/config"
)

func TestNoticesAreHandedOutInOrderUntilTheyAreDone(t *testing.T) {
	everywhere(t, func(t *testing.T, c config.Journal) {
		j := open(t, c)
		for n := range uint64(4) {
			do(t, j.Tell(t.Context(), note("i", n+1, "on-call"), note("i", n+1, "ops.chat")))
		}
		got, stop := hand(t, j, "on-call")
		var pending []Pending
		for n := range uint64(4) {
			p := next(t, got)
			if p.Notice().Channel != "on-call" || p.Notice().Step != n+1 {
				t.Fatalf("got %+v, want step %d", p.Notice(), n+1)
			}
			pending = append(pending, p)
		}
		do(t, j.Tell(t.Context(), note("i", 5, "on-call")))
		if p := next(t, got); p.Notice().Step != 5 {
			t.Fatalf("got %+v", p.Notice())
		}
		for _, p := range []Pending{pending[1], pending[2], pending[1]} {
			do(t, p.Done(t.Context(), ended(p.Notice())))
		}
		stop()
		shut(t, j)

		j = open(t, c)
		do(t, j.Tell(t.Context(), note("i", 6, "on-call")))
		got, stop = hand(t, j, "on-call")
		for _, want := range []uint64{1, 4, 5, 6} { // what was under way comes first, and in order
			if p := next(t, got); p.Notice().Step != want {
				t.Fatalf("got step %d, want %d", p.Notice().Step, want)
			}
		}
		stop()
		if len(got) > 0 {
			t.Errorf("handed out again: %+v", (<-got).Notice())
		}
	})
}

func TestAChannelHasABoundedNumberOfNoticesInHand(t *testing.T) {
	j := open(t, external(t))
	for n := range uint64(maxOpen + 2) {
		do(t, j.Tell(t.Context(), note("i", n, "on-call")))
	}
	got, stop := hand(t, j, "on-call")
	defer stop()
	first := next(t, got)
	for range maxOpen - 1 {
		next(t, got)
	}
	select {
	case p := <-got:
		t.Fatalf("one too many: %+v", p.Notice())
	case <-time.After(50 * time.Millisecond):
	}
	do(t, first.Done(t.Context(), ended(first.Notice())))
	do(t, first.Done(t.Context(), ended(first.Notice()))) // frees one place, not two
	if p := next(t, got); p.Notice().Step != maxOpen {
		t.Fatalf("got %+v", p.Notice())
	}
	select {
	case p := <-got:
		t.Fatalf("one too many: %+v", p.Notice())
	case <-time.After(50 * time.Millisecond):
	}
}
