package incident

import (
	"slices"
	"testing"
	"time"

	"headwatch"
)

func TestAWeekOfRepeatsIsOneLine(t *testing.T) {
	s := newStory(t)
	s.rise("base", headwatch.LevelPage)
	s.tick(7 * 24 * time.Hour)
	i := s.incidents()["base-1"]
	if len(i.Steps) > 6 {
		t.Errorf("%d lines", len(i.Steps))
	}
	last := slices.IndexFunc(i.Steps, func(x headwatch.Step) bool { return x.Escalation != nil && x.Escalation.Round == 7*24*6 })
	if last < 0 {
		t.Errorf("the newest repeat is not there: %+v", i.Steps)
	}
}

func TestATimelineKeepsItsBeginningAndItsEnd(t *testing.T) {
	s := newStory(t)
	s.rise("base", headwatch.LevelTrip)
	for range 2 * maxSteps {
		s.turn("base", headwatch.HalfOpen)
		s.turn("base", headwatch.Open)
	}
	i := s.incidents()["base-1"]
	if len(i.Steps) != maxSteps || i.Steps[0].Kind != headwatch.StepTrip || i.Relapses != 2*maxSteps ||
		i.Steps[maxSteps-1].Seq != uint64(4*maxSteps+1) {
		t.Errorf("%d lines, %d relapses, first %+v, last %+v", len(i.Steps), i.Relapses, i.Steps[0], i.Steps[len(i.Steps)-1])
	}
}

func TestSilencesEndAndAreForgotten(t *testing.T) {
	s := newStory(t)
	s.silence("now", time.Hour, false, "circuit=base")
	s.silence("window", 2*time.Hour, false, "circuit=op")
	names := func() (all []string) {
		for _, q := range s.book.Silences(s.now) {
			all = append(all, q.ID)
		}
		return all
	}
	if got := names(); !slices.Equal(got, []string{"now", "window"}) {
		t.Errorf("silences %v", got)
	}
	s.order(headwatch.Action{Kind: headwatch.ActionUnsilence, Silence: &headwatch.Silence{ID: "now"}})
	if got := names(); !slices.Equal(got, []string{"window"}) {
		t.Errorf("silences %v after one was ended", got)
	}
	s.tick(4 * time.Hour)
	s.silence("later", time.Hour, false, "circuit=op")
	if got := names(); !slices.Equal(got, []string{"later"}) || len(s.book.silences) != 1 {
		t.Errorf("silences %v, %d known", got, len(s.book.silences))
	}
}

// A calendar is read again and again: what it says of a window must not undo what a person said.
func TestAWindowThatAPersonEndedStaysEnded(t *testing.T) {
	s := newStory(t)
	w := headwatch.Silence{ID: "w", Window: "upgrades", Matchers: matchers(t, "circuit=base"), Starts: s.now, Ends: s.now.Add(time.Hour)}
	s.order(headwatch.Action{Kind: headwatch.ActionSilence, Silence: &w})
	s.order(headwatch.Action{Kind: headwatch.ActionUnsilence, Silence: &headwatch.Silence{ID: "w"}})
	s.order(headwatch.Action{Kind: headwatch.ActionSilence, Silence: &w})
	if got := s.book.Silences(s.now); len(got) != 0 {
		t.Errorf("silences %+v", got)
	}
}

func TestASilenceThatIsBrokenSilencesNothing(t *testing.T) {
	for name, m := range map[string][]headwatch.Matcher{
		"no matcher":        nil,
		"an unknown name":   {{Name: "planet", Value: "mars"}},
		"no expression":     {{Name: "circuit", Value: "(", IsRegex: true, IsEqual: true}},
		"a negated one":     {{Name: "circuit", Value: "(", IsRegex: true}},
		"one of two is not": {{Name: "circuit", Value: "base", IsEqual: true}, {Name: "severity", Value: "trip", IsEqual: true}},
	} {
		s := newStory(t)
		s.order(headwatch.Action{Kind: headwatch.ActionSilence, Silence: &headwatch.Silence{ID: "s", Matchers: m, Starts: s.now, Ends: s.now.Add(time.Hour)}})
		s.rise("base", headwatch.LevelPage)
		if len(s.lines) == 0 || s.incidents()["base-1"].Silenced != "" {
			t.Errorf("%s: silenced", name)
		}
	}
}

func TestANumberCountsOnce(t *testing.T) {
	s := newStory(t)
	s.rise("base", headwatch.LevelPage)
	s.now = s.now.Add(10 * time.Minute)
	due := s.book.Due(s.now)
	if len(due) != 1 {
		t.Fatalf("due %+v", due)
	}
	first := s.apply(headwatch.Event{Escalation: &due[0]})
	if again := s.apply(headwatch.Event{Escalation: &due[0]}); len(first) != 1 || len(again) != 0 {
		t.Errorf("told %v and then %v", subjects(first), subjects(again))
	}
}

func TestAnEscalationThatAnAcknowledgementOvertookTellsNobody(t *testing.T) {
	s := newStory(t)
	s.rise("base", headwatch.LevelPage)
	s.now = s.now.Add(10 * time.Minute)
	due := s.book.Due(s.now)
	s.ack("base-1", time.Hour)
	if told := s.apply(headwatch.Event{Escalation: &due[0]}); len(told) != 0 {
		t.Errorf("told %v", subjects(told))
	}
}

func TestWithoutAJournalWhomAPolicyTellsAtOnceIsTold(t *testing.T) {
	book := NewBook(many)
	book.Consult(shifts{})
	decision := headwatch.Transition{
		Circuit: "base", Seq: 1, From: headwatch.Closed, To: headwatch.Closed, At: start, Level: headwatch.LevelPage, Actor: headwatch.Watchdog, Incident: "base-1",
	}
	if got, want := subjects(book.Direct(decision)), []string{"page chat", "page pager", "page alice-phone"}; !slices.Equal(got, want) {
		t.Errorf("told %v, want %v", got, want)
	}
	decision.Level = headwatch.LevelNone
	if got, want := subjects(book.Direct(decision)), []string{"resolve chat", "resolve pager", "resolve alice-phone"}; !slices.Equal(got, want) {
		t.Errorf("told %v, want %v", got, want)
	}
}

func TestItIsKnownWhichSilenceHoldsHooksBack(t *testing.T) {
	s := newStory(t)
	s.silence("s", time.Hour, true, "circuit=op")
	before := s.book.Holding("op", s.now)
	s.rise("op", headwatch.LevelTrip)
	during := s.book.Holding("op", s.now)
	s.tick(time.Hour)
	if after := s.book.Holding("op", s.now); before != "" || during != "s" || after != "" {
		t.Errorf("held by %q, %q and %q", before, during, after)
	}
}
