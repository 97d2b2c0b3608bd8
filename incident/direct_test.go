package incident

import (
	"slices"
	"strings"
	"testing"
	"time"

	"headwatch"
)

// Who was told of something by its own key, because the journal did not take it, must be told of its end by that key: whatever
// silence holds, or whatever cause speaks for it, once the journal has it.
func TestWhoWasToldWithoutAJournalIsToldTheEnd(t *testing.T) {
	for name, before := range map[string]func(*story){
		"in a silence":    func(s *story) { s.silence("s", time.Hour, false, "circuit=base") },
		"beneath a cause": func(s *story) { s.rise("eth", headwatch.LevelTrip) },
		"by itself":       func(*story) {},
	} {
		s := newStory(t)
		before(s)
		l := s.lanes["base"]
		l.cause = headwatch.Finding{Condition: headwatch.UnsafeHeadStalled, Since: s.now.Add(-time.Minute)}
		page := headwatch.Transition{
			Circuit: "base", Seq: 1, From: l.state, To: l.state, At: s.now, Level: headwatch.LevelPage, Actor: headwatch.Watchdog, Incident: "base-1",
			Cause: headwatch.Assessment{Chain: "base", At: s.now, Findings: []headwatch.Finding{l.cause}},
		}
		told := s.book.Direct(page)
		if got, want := subjects(told), []string{"page chat", "page pager", "page alice-phone"}; !slices.Equal(got, want) {
			t.Errorf("%s: told %v, want %v", name, got, want)
		}
		s.tick(time.Minute)
		s.lines = nil
		s.rise("base", headwatch.LevelPage) // the journal takes it now
		for _, n := range told {
			if !slices.ContainsFunc(s.told["base-1"], func(x headwatch.Notice) bool { return x.Channel == n.Channel && x.Step == n.Step }) {
				t.Errorf("%s: the journal has no word of what %s was told", name, n.Channel)
			}
		}
		for _, n := range s.told["base-1"] {
			if n.Kind == headwatch.StepEscalate {
				t.Errorf("%s: %s is rung a second time at once", name, n.Channel)
			}
		}
		s.lines = nil
		s.rise("base", headwatch.LevelNone)
		if want := "1m0s; base-1 resolve alice-phone chat pager"; len(s.lines) == 0 || !strings.HasPrefix(s.lines[0], want) {
			t.Errorf("%s: %v, want %s", name, s.lines, want)
		}
	}
}
