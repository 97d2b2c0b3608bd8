package incident

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"headwatch"
)

// A pager rings for no alert that somebody has acknowledged, so each notice says how often the incident had to ring anew.
func TestWhatRingsAnewIsCounted(t *testing.T) {
	s := newStory(t)
	var got []string
	s.saw = func(_ headwatch.Event, notices []headwatch.Notice) {
		for _, n := range notices {
			if n.Incident == "base-1" && n.Channel == "pager" {
				got = append(got, fmt.Sprintf("%s %d", n.Kind, n.Rings))
			}
		}
	}
	report := func(kind headwatch.ReportKind) {
		s.apply(headwatch.Event{Report: &headwatch.Report{Kind: kind, Hook: "pause", At: s.now, Incident: "base-1", Circuit: "base"}})
	}
	s.rise("base", headwatch.LevelPage)
	s.tick(time.Minute)
	s.ack("base-1", 0)
	s.rise("base", headwatch.LevelTrip) // a rung that makes it void
	s.ack("base-1", 0)
	s.turn("base", headwatch.HalfOpen)
	s.turn("base", headwatch.Open) // falling back does, too
	s.turn("base", headwatch.HalfOpen)
	s.turn("base", headwatch.Open) // nobody had it in hand
	s.ack("base-1", 0)
	s.tick(31 * time.Minute) // it expires
	s.ack("base-1", 0)
	report(headwatch.ReportEffective)
	report(headwatch.ReportFailed) // who has it in hand took a stall
	s.rise("base", headwatch.LevelNone)
	report(headwatch.ReportFailed)
	want := []string{
		"page 0", "ack 0", "trip 1", "ack 1", "recover 1", "unack 2", "recover 2", "relapse 2", "ack 2", "unack 3", "ack 3",
		"hook 3", "hook 4", "resolve 4", "hook 5",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	if i := s.book.Incidents()[0]; i.Rings != 5 {
		t.Errorf("the incident says %d", i.Rings)
	}
}

// A consequence that is worse rings anew under the key of the cause.
func TestAConsequenceThatIsWorseRingsAnew(t *testing.T) {
	s := newStory(t)
	rings := -1
	s.saw = func(_ headwatch.Event, notices []headwatch.Notice) {
		for _, n := range notices {
			if n.Kind == headwatch.StepJoin && n.Channel == "eth-chat" {
				rings = n.Rings
			}
		}
	}
	s.rise("eth", headwatch.LevelPage)
	s.ack("eth-1", 0)
	s.rise("base", headwatch.LevelTrip)
	if rings != 1 {
		t.Errorf("got %d", rings)
	}
}

// After a restart the count goes on, also where another configuration counted differently.
func TestTheCountOutlivesARestart(t *testing.T) {
	s := newStory(t)
	s.rise("base", headwatch.LevelPage)
	s.ack("base-1", 0)
	s.rise("base", headwatch.LevelTrip)
	for name, count := range map[string]int{"as it was": 1, "more was told": 3} {
		book := NewBook(many)
		for _, e := range s.events {
			book.Restore(e)
		}
		told := s.told["base-1"][len(s.told["base-1"])-1]
		told.Rings = count
		book.Restore(headwatch.Event{Notice: &told})
		book.Restored()
		if got := book.Incidents()[0].Rings; got != count {
			t.Errorf("%s: got %d, want %d", name, got, count)
		}
	}
}

// What the journal does not take rings anew as well, and its end reaches it.
func TestWhatIsNotOnRecordRingsAnew(t *testing.T) {
	s := newStory(t)
	s.rise("base", headwatch.LevelTrip)
	s.turn("base", headwatch.HalfOpen)
	s.ack("base-1", 0)
	last := headwatch.Transition{
		Circuit: "base", Incident: "base-1", Seq: 99, From: headwatch.HalfOpen, To: headwatch.Open, At: s.now, Actor: headwatch.Watchdog, Level: headwatch.LevelTrip,
	}
	for _, n := range s.book.Direct(last) {
		if n.Kind != headwatch.StepUnack || n.Escalation == nil || n.Rings != 1 || n.AckedBy != "" {
			t.Errorf("told %s, %d, %+v", n.Kind, n.Rings, n.Escalation)
		}
	}
	last.From, last.To, last.Level = headwatch.Open, headwatch.Closed, headwatch.LevelNone
	for _, n := range s.book.Direct(last) {
		if n.Kind != headwatch.StepResolve || n.Rings != 1 {
			t.Errorf("told %s, %d", n.Kind, n.Rings)
		}
	}
	if i := s.book.Incidents()[0]; i.Rings != 0 || i.AckedBy == "" {
		t.Errorf("it changed the book: %+v", i)
	}
}

// Whatever happens: once somebody acknowledged on a channel, what rings there while nobody has the incident in hand goes to an alert
// that came later, and the end knows of every alert there was.
func TestNothingRingsOnAnAlertThatWasAcknowledged(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		w := newWorld(r)
		acked, most := map[string]int{}, map[string]int{}
		w.saw = func(_ headwatch.Event, notices []headwatch.Notice) {
			for _, n := range notices {
				on := n.Incident + " on " + n.Channel
				rings := n.Kind.Opens() || n.Kind == headwatch.StepHook && n.Report.Kind.Urgent()
				before, was := acked[on]
				switch {
				case n.Rings < most[n.Incident]:
					r.Fatalf("%s: %s says %d after %d", on, n.Kind, n.Rings, most[n.Incident])
				case n.Kind == headwatch.StepAck:
					acked[on] = n.Rings
				case rings && was && n.Rings <= before && (n.AckedBy == "" || n.Kind == headwatch.StepHook):
					r.Fatalf("%s: %s goes to alert %d, which was acknowledged", on, n.Kind, n.Rings)
				}
				most[n.Incident] = n.Rings
			}
		}
		for range rapid.IntRange(1, 40).Draw(r, "steps") {
			w.step()
		}
	})
}
