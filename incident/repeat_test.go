package incident

import (
	"reflect"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"headwatch"
)

// The journal may be down when the notices of an event are to be appended: they are asked for again until it takes them.
func TestAnEventThatIsAppliedAgainChangesNothing(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		n, once, often := draw(r), NewBook(plan), NewBook(plan)
		for _, e := range n.events {
			want := once.Apply(e)
			for range rapid.IntRange(1, 3).Draw(r, "times") {
				if got := often.Apply(e); !reflect.DeepEqual(got, want) {
					r.Fatalf("event %d: told %q, want %q", e.Seq, subjects(got), subjects(want))
				}
			}
		}
		if !reflect.DeepEqual(once.Incidents(), often.Incidents()) {
			r.Fatalf("incidents\n%+v\nwant\n%+v", often.Incidents(), once.Incidents())
		}
	})
}

func TestAChannelThatIsNewSinceTheRestartGetsNoResolveOfWhatItNeverHeard(t *testing.T) {
	n := &night{state: headwatch.Closed}
	n.decide(headwatch.Closed, headwatch.LevelPage, headwatch.Watchdog)
	before := NewBook(plan)
	told := before.Apply(n.events[0])

	after := NewBook(func(string) Plan {
		return Plan{Alerts: []Channel{{"chat", headwatch.LevelWarn}, {"new", headwatch.LevelWarn}}}
	})
	after.Restore(n.events[0])
	for _, notice := range told {
		after.Restore(headwatch.Event{Notice: &notice})
	}
	if !reflect.DeepEqual(after.Incidents(), before.Incidents()) {
		t.Errorf("incidents %+v, want %+v", after.Incidents(), before.Incidents())
	}
	n.decide(headwatch.Closed, headwatch.LevelNone, headwatch.Watchdog)
	if got, want := subjects(after.Apply(n.events[1])), []string{"resolve chat", "resolve pager"}; !slices.Equal(got, want) {
		t.Errorf("told %q, want %q", got, want)
	}
}
