package incident

import (
	"reflect"
	"slices"
	"testing"

	"headwatch"
)

func TestWhoIsToldWhatAHookReports(t *testing.T) {
	for name, c := range map[string]struct {
		before func(*night)
		kind   headwatch.ReportKind
		want   []string
	}{
		"after a trip everybody was told": {
			func(n *night) { n.decide(headwatch.Open, headwatch.LevelTrip, headwatch.Watchdog) },
			headwatch.ReportEffective,
			[]string{"hook ceo", "hook chat", "hook pager"},
		},
		"of what needs nobody, those who were told": {
			func(n *night) { n.decide(headwatch.Closed, headwatch.LevelWarn, headwatch.Watchdog) },
			headwatch.ReportSent,
			[]string{"hook chat"},
		},
		"of what needs a person, also those who are paged": {
			func(n *night) { n.decide(headwatch.Closed, headwatch.LevelWarn, headwatch.Watchdog) },
			headwatch.ReportWithheld,
			[]string{"hook chat", "hook pager"},
		},
		"after the end those who had been told": {
			func(n *night) {
				n.decide(headwatch.Closed, headwatch.LevelPage, headwatch.Watchdog)
				n.decide(headwatch.Closed, headwatch.LevelNone, headwatch.Watchdog)
			},
			headwatch.ReportEffective,
			[]string{"hook chat", "hook pager"},
		},
		"after the end of a warning it may still ring": {
			func(n *night) {
				n.decide(headwatch.Closed, headwatch.LevelWarn, headwatch.Watchdog)
				n.decide(headwatch.Closed, headwatch.LevelNone, headwatch.Watchdog)
			},
			headwatch.ReportFailed,
			[]string{"hook chat", "hook pager"},
		},
	} {
		n, book := &night{state: headwatch.Closed}, NewBook(plan)
		c.before(n)
		for _, e := range n.events {
			book.Apply(e)
		}
		n.report(c.kind, "lending-1")
		last := n.events[len(n.events)-1]
		notices := book.Apply(last)
		if got := subjects(notices); !slices.Equal(got, c.want) {
			t.Errorf("%s: told %q, want %q", name, got, c.want)
		}
		for _, notice := range notices {
			if *notice.Report != *last.Report || notice.DedupKey != "lending-1" || notice.Step != besides|last.Seq || !notice.Transition.At.Equal(last.Report.At) {
				t.Errorf("%s: notice %+v", name, notice)
			}
		}
		i := book.Incidents()[0]
		if s := i.Steps[len(i.Steps)-1]; s.Kind != headwatch.StepHook || s.Report == nil || s.Report.Kind != c.kind || s.Reason != "clean" {
			t.Errorf("%s: the last step is %+v", name, s)
		}
	}
}

func TestWhoWasRungByAReportIsToldOfTheEnd(t *testing.T) {
	n, book := &night{state: headwatch.Closed}, NewBook(plan)
	n.decide(headwatch.Closed, headwatch.LevelWarn, headwatch.Watchdog)
	n.report(headwatch.ReportWithheld, "lending-1")
	n.decide(headwatch.Closed, headwatch.LevelNone, headwatch.Watchdog)
	var got []string
	for _, e := range n.events {
		got = subjects(book.Apply(e))
	}
	if want := []string{"resolve chat", "resolve pager"}; !slices.Equal(got, want) {
		t.Errorf("told %q, want %q", got, want)
	}
}

func TestAReportOfAnIncidentThatNobodyKnowsTellsNobody(t *testing.T) {
	n, book := &night{state: headwatch.Closed}, NewBook(plan)
	n.report(headwatch.ReportFailed, "lending-1")
	if got := book.Apply(n.events[0]); len(got) != 0 || len(book.Incidents()) != 0 {
		t.Errorf("told %q", subjects(got))
	}
}

func TestAfterARestartALateReportReachesThoseWhoHadBeenTold(t *testing.T) {
	n, before := &night{state: headwatch.Closed}, NewBook(plan)
	n.decide(headwatch.Open, headwatch.LevelTrip, headwatch.Watchdog)
	n.decide(headwatch.Closed, headwatch.LevelNone, headwatch.Watchdog)
	after := NewBook(func(string) Plan { return Plan{Hooks: []string{"pause"}} })
	for _, e := range n.events {
		notices := before.Apply(e)
		after.Restore(e)
		for _, notice := range notices {
			after.Restore(headwatch.Event{Notice: &notice})
		}
	}
	n.report(headwatch.ReportEffective, "lending-1")
	last := n.events[2]
	if got, want := after.Apply(last), before.Apply(last); !reflect.DeepEqual(subjects(got), subjects(want)) || len(got) != 3 {
		t.Errorf("told %q, want %q", subjects(got), subjects(want))
	}
}
