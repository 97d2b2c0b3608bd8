package journal

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"headwatch"
	"headwatch/config"
)

// follower is a reader that stops after some events.
type follower struct {
	restored, handled []string
	fail              map[string]bool // events that fail once
}

func (f *follower) run(t *testing.T, j *Journal, events int) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	err := j.Follow(ctx, "incidents", func(e headwatch.Event) { f.restored = append(f.restored, label(e)) }, func() {},
		func(_ context.Context, e headwatch.Event) error {
			if events == 0 {
				cancel() // as if the process died in the middle
				return errors.New("died")
			}
			f.handled = append(f.handled, label(e))
			if f.fail[label(e)] {
				delete(f.fail, label(e))
				return errors.New("no")
			}
			events--
			return nil
		})
	do(t, err)
}

func label(e headwatch.Event) string {
	switch {
	case e.Transition != nil:
		return fmt.Sprintf("t%d", e.Transition.Seq)
	case e.Notice != nil:
		return fmt.Sprintf("n%d", e.Notice.Step)
	default:
		return shape(e)
	}
}

func TestFollowGoesOnWhereItStoppedAndRestoresWhatWasBefore(t *testing.T) {
	everywhere(t, func(t *testing.T, c config.Journal) {
		j := open(t, c)
		do(t, j.Decide(t.Context(), step("lending", 1)))
		do(t, j.Decide(t.Context(), step("lending", 2)))
		do(t, j.Act(t.Context(), headwatch.Action{Kind: headwatch.ActionAck, Circuit: "lending", Actor: "ann", Reason: "on it"}))
		do(t, j.Tell(t.Context(), note("i", 1, "on-call"), note("i", 2, "on-call"))) // 2 was told, then the process died
		do(t, j.Decide(t.Context(), step("lending", 3)))

		a := follower{fail: map[string]bool{"t1": true}}
		a.run(t, j, 1)
		if want := []string{"n1", "n2"}; !slices.Equal(a.restored, want) {
			t.Errorf("restored %q, want %q", a.restored, want)
		}
		if want := []string{"t1", "t1"}; !slices.Equal(a.handled, want) {
			t.Errorf("handled %q, want %q", a.handled, want)
		}
		shut(t, j)

		j = open(t, c)
		do(t, j.Decide(t.Context(), step("lending", 4)))
		var b follower
		b.run(t, j, 3)
		if want := []string{"t1", "n1", "n2"}; !slices.Equal(b.restored, want) {
			t.Errorf("restored %q, want %q", b.restored, want)
		}
		if want := []string{"t2", "action", "t3"}; !slices.Equal(b.handled, want) {
			t.Errorf("handled %q, want %q", b.handled, want)
		}
	})
}
