package explain

import (
	"errors"
	"iter"
	"testing"
	"time"

	"headwatch"
)

// journal yields one event a second from began on, and then an error if there is one.
func journal(err error, events ...headwatch.Event) iter.Seq2[headwatch.Event, error] {
	return func(yield func(headwatch.Event, error) bool) {
		for i, e := range events {
			e.At = after(time.Duration(i) * time.Second)
			if e.Transition != nil {
				e.Transition.At = e.At
			}
			if !yield(e, nil) {
				return
			}
		}
		if err != nil {
			yield(headwatch.Event{}, err)
		}
	}
}

func decided(circuit string, level headwatch.Level) headwatch.Event {
	return headwatch.Event{Transition: &headwatch.Transition{
		Circuit: circuit, Level: level, Cause: headwatch.Assessment{Chain: "base", Findings: []headwatch.Finding{{Condition: headwatch.Blind}}},
	}}
}

func TestThePastIsTheNewestDecisionByThen(t *testing.T) {
	const a, other = "a", "other"
	log := func() []headwatch.Event {
		return []headwatch.Event{
			{Delivery: &headwatch.Delivery{}},
			decided(other, headwatch.LevelWarn), decided(a, headwatch.LevelWarn), decided(a, headwatch.LevelPage),
			decided(other, headwatch.LevelTrip), decided(a, headwatch.LevelNone), decided(a, headwatch.LevelWarn),
		}
	}
	for _, test := range []struct {
		circuit          string
		at               time.Duration
		found            bool
		second, followed int
	}{
		{a, -time.Hour, false, 0, 0},
		{a, 1999 * time.Millisecond, false, 0, 0},
		{a, 2 * time.Second, true, 2, 2},
		{a, 4 * time.Second, true, 3, 1},
		{a, 5 * time.Second, true, 5, 1},
		{a, time.Hour, true, 6, 0},
		{other, 3 * time.Second, true, 1, 1},
		{"nobody", time.Hour, false, 0, 0},
	} {
		p, oldest, err := Find(test.circuit, after(test.at), journal(nil, log()...))
		switch {
		case err != nil || !oldest.Equal(began) || (p != nil) != test.found:
			t.Errorf("%s at %s: %+v, oldest %v, %v", test.circuit, test.at, p, oldest, err)
		case p == nil:
		case !p.Decision.At.Equal(after(time.Duration(test.second)*time.Second)) || len(p.Followed) != test.followed || len(p.Decision.Cause.Findings) != 1:
			t.Errorf("%s at %s: %+v", test.circuit, test.at, p)
		case len(p.Followed) > 0 && (p.Followed[0].Cause.Findings != nil || p.Followed[0].Cause.Chain != "base"):
			t.Errorf("%s at %s: followed by %+v", test.circuit, test.at, p.Followed[0])
		}
	}
}

func TestWhatFollowedIsBounded(t *testing.T) {
	events := make([]headwatch.Event, 3*MaxFollowed)
	for i := range events {
		events[i] = decided("a", headwatch.LevelTrip)
	}
	p, _, err := Find("a", began, journal(nil, events...))
	if err != nil || len(p.Followed) != MaxFollowed {
		t.Errorf("%d followed, %v", len(p.Followed), err)
	}
}

func TestAJournalThatCannotBeReadIsAnError(t *testing.T) {
	broken := errors.New("broken")
	if p, _, err := Find("a", after(time.Hour), journal(broken, decided("a", headwatch.LevelTrip))); p != nil || !errors.Is(err, broken) {
		t.Errorf("%+v, %v", p, err)
	}
	if p, oldest, err := Find("a", began, journal(nil)); p != nil || !oldest.IsZero() || err != nil {
		t.Errorf("%+v, %v, %v", p, oldest, err)
	}
}
