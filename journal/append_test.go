package journal

import (
	"errors"
	"maps"
	"slices"
	"testing"

	"headwatch"
	"headwatch/config"
)

func TestADecisionSurvivesAndItsRepetitionChangesNothing(t *testing.T) {
	everywhere(t, func(t *testing.T, c config.Journal) {
		j := open(t, c)
		first := step("lending", 1)
		do(t, j.Decide(t.Context(), first))
		do(t, j.Decide(t.Context(), first)) // its acknowledgement was lost
		do(t, j.Decide(t.Context(), step("lending", 2)))
		do(t, j.Decide(t.Context(), step("perps.v2", 1)))
		do(t, j.Decide(t.Context(), first))
		if s := j.Stats(); s.Last > 3 {
			t.Errorf("a repetition was stored: %+v", s)
		}
		do(t, j.Err())
		shut(t, j)

		j = open(t, c)
		do(t, j.Decide(t.Context(), first)) // by a process that knows nothing yet
		last, err := j.Last(t.Context())
		do(t, err)
		if len(last) != 2 || last["lending"].Seq != 2 || last["perps.v2"].Seq != 1 {
			t.Errorf("last %+v", last)
		}
		do(t, j.Decide(t.Context(), step("lending", 3)))
	})
}

func TestADecisionThatWasTakenWithoutAnAnswerIsFoundWhenItIsMadeAgain(t *testing.T) {
	everywhere(t, func(t *testing.T, c config.Journal) {
		j := open(t, c)
		first := step("lending", 1)
		do(t, j.Decide(t.Context(), first))
		j.setHead("lending", nil)
		j.setFailed(errors.New("no answer"))
		do(t, j.Decide(t.Context(), first))
		do(t, j.Err())
	})
}

func TestADecisionThatDoesNotFollowTheNewestIsFenced(t *testing.T) {
	everywhere(t, func(t *testing.T, c config.Journal) {
		j := open(t, c)
		for n := range uint64(3) {
			do(t, j.Decide(t.Context(), step("lending", n+1)))
		}
		other := step("lending", 3)
		other.Actor = "somebody else"
		gap := step("lending", 5)
		for name, x := range map[string]headwatch.Transition{"same number": other, "gap": gap, "number 0": step("lending", 0)} {
			if err := j.Decide(t.Context(), x); !errors.Is(err, ErrFenced) {
				t.Errorf("%s: %v", name, err)
			}
		}
		do(t, j.Decide(t.Context(), step("lending", 4)))
		do(t, j.Err())
	})
}

func TestADeposedProcessIsFenced(t *testing.T) {
	c := external(t)
	old, young := open(t, c), open(t, c)
	do(t, old.Decide(t.Context(), step("lending", 1)))
	do(t, young.Decide(t.Context(), step("lending", 2)))
	do(t, young.Decide(t.Context(), step("lending", 3)))

	mine := step("lending", 2)
	mine.Level = headwatch.LevelTrip
	if err := old.Decide(t.Context(), mine); !errors.Is(err, ErrFenced) {
		t.Errorf("the deposed process decided: %v", err)
	}
	// Retention may have dropped the number that is in the way: the newest one still is.
	do(t, young.engine.stream.Purge(t.Context(), purgeOf(transitionSubject(mine))))
	old.setHead("lending", &head{1, 1})
	if err := old.Decide(t.Context(), mine); !errors.Is(err, ErrFenced) {
		t.Errorf("the deposed process decided: %v", err)
	}
	do(t, old.Err())
}

func TestANoticeIsTakenOnceHoweverLate(t *testing.T) {
	everywhere(t, func(t *testing.T, c config.Journal) {
		j := open(t, c)
		page, resolve := note("i.1", 2, "on-call"), note("i.1", 5, "on-call")
		do(t, j.Tell(t.Context(), page, note("i.1", 2, "ops chat"), resolve))
		do(t, j.Tell(t.Context(), page, resolve))
		shut(t, j)

		j = open(t, c)
		changed := page
		changed.Kind = headwatch.StepTrip
		do(t, j.Tell(t.Context(), changed, note("i.1", 6, "on-call")))
		do(t, j.Record(t.Context(), ended(page)))
		again := ended(page)
		again.Outcome = headwatch.Refused
		do(t, j.Record(t.Context(), again))
		ack := headwatch.Action{Kind: headwatch.ActionAck, Circuit: "lending", Actor: "ann", Reason: "on it", At: dawn}
		do(t, j.Act(t.Context(), ack))
		do(t, j.Act(t.Context(), ack))

		count := map[string]int{}
		for e, err := range j.Read(t.Context(), 0, false) {
			do(t, err)
			switch {
			case e.Notice != nil:
				count["notice"]++
				if e.Notice.Kind != headwatch.StepPage {
					t.Errorf("a repetition replaced %+v", e.Notice)
				}
			case e.Delivery != nil:
				count["delivery "+string(e.Delivery.Outcome)]++
			case e.Action != nil:
				count["action"]++
			}
		}
		if want := map[string]int{"notice": 4, "delivery delivered": 1, "action": 1}; !maps.Equal(count, want) {
			t.Errorf("the log has %v, want %v", count, want)
		}
		do(t, j.Err())
	})
}

func TestTheFirstRouteIsKept(t *testing.T) {
	everywhere(t, func(t *testing.T, c config.Journal) {
		for _, now := range []string{"key A", "key B"} {
			j := open(t, c)
			route, err := j.Freeze(t.Context(), "i", "on-call", []byte(now))
			do(t, err)
			if string(route) != "key A" {
				t.Errorf("got %q", route)
			}
			for e := range j.Read(t.Context(), 0, false) {
				t.Errorf("the secret is an event: %+v", e)
			}
			shut(t, j)
		}
	})
}

func TestARefusalThatIsNoRepetitionIsAnError(t *testing.T) {
	c := external(t)
	j := open(t, c)
	limited := streamConfig(false)
	limited.MaxMsgs = 1 // somebody else has set a limit, and the engine answers with the code of a repetition
	_, err := j.engine.js.UpdateStream(t.Context(), limited)
	do(t, err)
	do(t, j.Tell(t.Context(), note("i", 1, "on-call")))
	if err := j.Tell(t.Context(), note("i", 2, "on-call")); err == nil || j.Err() == nil {
		t.Errorf("a lost notice was reported as told: %v, %v", err, j.Err())
	}
	do(t, j.Tell(t.Context(), note("i", 1, "on-call")))
	do(t, j.Err())
}

func TestAnOrderOnASilenceIsOfNoCircuit(t *testing.T) {
	everywhere(t, func(t *testing.T, c config.Journal) {
		j := open(t, c)
		silence := headwatch.Action{Kind: headwatch.ActionSilence, Actor: "ann", Reason: "upgrade", Silence: &headwatch.Silence{ID: "s", Reason: "upgrade"}}
		do(t, j.Act(t.Context(), silence))
		do(t, j.Act(t.Context(), silence))
		end := silence
		end.Kind = headwatch.ActionUnsilence
		do(t, j.Act(t.Context(), end))
		var got []headwatch.ActionKind
		do(t, j.Reported(t.Context(), func(e headwatch.Event) { got = append(got, e.Action.Kind) }))
		if want := []headwatch.ActionKind{headwatch.ActionSilence, headwatch.ActionUnsilence}; !slices.Equal(got, want) {
			t.Errorf("%q; want %q", got, want)
		}
	})
}
