package incident

import (
	"slices"
	"testing"
	"time"

	"headwatch"
)

// A hook that is not ready for hours has been told and perhaps acknowledged. A stall that begins then rings under a key of its
// own, from the stall's beginning, and each of the two ends by itself.
func TestWhatIsOnlyToldAndWhatTripsAreIncidentsOfTheirOwn(t *testing.T) {
	hook := headwatch.Finding{Condition: headwatch.HookNotReady, Hook: "pause", Since: start.Add(-time.Hour)}
	stall := headwatch.Finding{Condition: headwatch.UnsafeHeadStalled, Since: start}
	decide := func(seq uint64, id string, told bool, level headwatch.Level, beside *headwatch.Aside, found ...headwatch.Finding) headwatch.Event {
		return headwatch.Event{Seq: seq, Transition: &headwatch.Transition{
			Circuit: "lending", Seq: seq, From: headwatch.Closed, To: headwatch.Closed, At: start.Add(time.Duration(seq) * time.Minute),
			Level: level, Actor: headwatch.Watchdog, Incident: id, Told: told, Aside: beside,
			Cause: headwatch.Assessment{Chain: "l2", Findings: found},
		}}
	}
	events := []headwatch.Event{
		decide(1, "hook", true, headwatch.LevelPage, nil, hook),
		decide(2, "stall", false, headwatch.LevelWarn, &headwatch.Aside{Incident: "hook", Level: headwatch.LevelPage}, hook, stall),
		decide(3, "stall", false, headwatch.LevelPage, &headwatch.Aside{Incident: "hook", Level: headwatch.LevelPage}, hook, stall),
		decide(4, "stall", false, headwatch.LevelNone, &headwatch.Aside{Incident: "hook", Level: headwatch.LevelPage}, hook),
		decide(5, "hook", true, headwatch.LevelNone, nil),
	}
	want := [][]string{
		{"page chat", "page pager"}, {"warn chat"}, {"page chat", "page pager"}, {"resolve chat", "resolve pager"}, {"resolve chat", "resolve pager"},
	}
	book := NewBook(plan)
	for i, e := range events {
		notices := book.Apply(e)
		if got := subjects(notices); !slices.Equal(got, want[i]) {
			t.Errorf("decision %d: told %q, want %q", i+1, got, want[i])
		}
		began := stall
		if e.Transition.Told {
			began = hook
		}
		for _, n := range notices {
			if n.DedupKey != e.Transition.Incident || !n.Since.Equal(began.Since) ||
				n.Trigger == nil || *n.Trigger != (headwatch.Trigger{Condition: began.Condition, Hook: began.Hook}) {
				t.Errorf("decision %d: notice %+v, want it under its own key, about %s", i+1, n, began.Condition)
			}
		}
		restored := NewBook(plan) // a restart in between changes nothing
		for _, e := range events[:i+1] {
			restored.Restore(e)
		}
		for _, n := range notices {
			restored.Restore(headwatch.Event{Notice: &n})
		}
		if r := restored.known(e.Transition.Incident); *r.began != *book.known(e.Transition.Incident).began {
			t.Errorf("decision %d: restored as begun with %+v", i+1, r.began)
		}
	}
}
