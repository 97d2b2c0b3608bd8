package incident

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"headwatch"
)

// walk lets things happen and looks after each.
func walk(t *testing.T, prepare, look func(*world)) {
	t.Helper()
	rapid.Check(t, func(r *rapid.T) {
		w := newWorld(r)
		if prepare != nil {
			prepare(w)
		}
		for range rapid.IntRange(1, 40).Draw(r, "steps") {
			w.step()
			look(w)
		}
	})
}

func TestAnIncidentIsOpenExactlyAsLongAsItsCauseLasts(t *testing.T) {
	walk(t, nil, func(w *world) {
		for id, i := range w.incidents() {
			if i.Resolved.IsZero() == w.ended[id] {
				w.r.Fatalf("%s: resolved %v, its cause is over: %t", id, i.Resolved, w.ended[id])
			}
		}
		open := w.incidents()
		for _, id := range w.running() {
			if i, ok := open[id]; !ok || !i.Resolved.IsZero() {
				w.r.Fatalf("%s lasts, the book has %+v", id, i)
			}
		}
	})
}

// Whoever was rung is told of the end once, after everything that rings, and nobody else is. A silence, a cause, an acknowledgement
// or an escalation changes nothing about that.
func TestAResolveGoesOnceToExactlyThoseForWhomItWasOpened(t *testing.T) {
	walk(t, nil, func(w *world) {
		for id, notices := range w.told {
			opened, resolved := map[string]bool{}, map[string]bool{}
			for _, n := range notices {
				switch {
				case n.Kind == headwatch.StepResolve && (resolved[n.Channel] || !opened[n.Channel]):
					w.r.Fatalf("%s: a resolve too many for %s", id, n.Channel)
				case n.Kind == headwatch.StepResolve:
					resolved[n.Channel] = true
				case n.Kind.Opens() && resolved[n.Channel]:
					w.r.Fatalf("%s: %s rings after the end on %s", id, n.Kind, n.Channel)
				case n.Kind.Opens(), n.Kind == headwatch.StepHook && n.Report.Kind.Urgent():
					opened[n.Channel] = true
				case !opened[n.Channel]:
					w.r.Fatalf("%s: %s to %s, which has not heard of it", id, n.Kind, n.Channel)
				}
			}
			if w.ended[id] && !reflect.DeepEqual(opened, resolved) {
				w.r.Fatalf("%s: opened for %v, resolved for %v", id, opened, resolved)
			}
		}
	})
}

func TestAnAcknowledgedIncidentThatGetsWorseRingsAgain(t *testing.T) {
	walk(t, func(w *world) {
		before := w.incidents()
		w.saw = func(e headwatch.Event, notices []headwatch.Notice) {
			old, after := before, w.incidents()
			before = after
			if e.Transition == nil || e.Transition.Level == headwatch.LevelNone {
				return
			}
			was := old[e.Transition.Incident]
			if was.AckedBy == "" || e.Transition.Level <= was.Level && kindOf(*e.Transition) != headwatch.StepRelapse {
				return
			}
			if now := after[was.ID]; now.AckedBy != "" {
				w.r.Fatalf("%s: in the hand of %s, who took it at %s, though it is at %s now", was.ID, now.AckedBy, was.Level, now.Level)
			}
			heard := map[string]bool{}
			for _, n := range w.told[was.ID] {
				if n.Channel != "pause" {
					heard[n.Channel] = true
				}
			}
			for _, n := range notices {
				if n.Incident == was.ID && n.Kind.Opens() && n.AckedBy == "" {
					delete(heard, n.Channel)
				}
			}
			if len(heard) > 0 {
				w.r.Fatalf("%s: %v know of it, and are not rung when it gets worse", was.ID, heard)
			}
		}
	}, func(*world) {})
}

func TestEveryIncidentReachesWhoIsToKnowUnlessItIsSilenced(t *testing.T) {
	walk(t, nil, func(w *world) {
		told := map[string]map[string]bool{}
		tell := func(id, channel string) {
			if told[id] == nil {
				told[id] = map[string]bool{}
			}
			told[id][channel] = true
		}
		for _, notices := range w.told {
			for _, n := range notices {
				tell(n.Incident, n.Channel)
				if n.Dependant != nil {
					tell(n.Dependant.Incident, n.Channel)
				}
			}
		}
		incidents := w.incidents()
		for id, i := range incidents {
			if !i.Resolved.IsZero() || i.Silenced != "" {
				continue
			}
			for _, c := range many(i.Circuit).listening(i.Level) {
				if !told[id][c] && i.Beneath == "" && w.book.known(id).ready.IsZero() {
					w.r.Fatalf("%s at %s: %s has not heard of it", id, i.Level, c)
				}
			}
			w.r.Logf("%s told %v", id, told[id])
			if i.Level >= headwatch.LevelPage && len(told[id]) == 0 && w.book.known(id).ready.Before(w.now) {
				w.r.Fatalf("%s at %s: nobody at all has heard of it", id, i.Level)
			}
		}
	})
}

func TestWhatIsDueIsDueOnceAndWhenItWasSaid(t *testing.T) {
	walk(t, nil, func(w *world) {
		if due := w.book.Due(w.now); len(due) > 0 {
			w.r.Fatalf("due right after it was applied: %+v", due)
		}
		next := w.book.Next(w.now)
		if next.IsZero() {
			if due := w.book.Due(w.now.Add(1000 * time.Hour)); len(due) > 0 {
				w.r.Fatalf("never, it was said, and then %+v", due)
			}
			return
		}
		if !next.After(w.now) {
			w.r.Fatalf("next at %v, it is %v", next, w.now)
		}
		if due := w.book.Due(next.Add(-time.Nanosecond)); len(due) > 0 {
			w.r.Fatalf("due before %v: %+v", next, due)
		}
		due := w.book.Due(next)
		if len(due) == 0 {
			w.r.Fatalf("nothing is due at %v", next)
		}
		numbers := map[string]uint64{}
		for _, e := range due {
			if before, ok := numbers[e.Incident]; ok && e.N != before+1 {
				w.r.Fatalf("%s: %d after %d", e.Incident, e.N, before)
			}
			numbers[e.Incident] = e.N
		}
	})
}

// A process that dies anywhere, with any part of the last notices on record, goes on as if it had not.
func TestACrashAtAnyEventChangesNothing(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		w := newWorld(r)
		followed := map[uint64][]headwatch.Notice{}
		w.saw = func(e headwatch.Event, notices []headwatch.Notice) { followed[e.Seq] = notices }
		for range rapid.IntRange(1, 40).Draw(r, "steps") {
			w.step()
		}
		if len(w.events) == 0 {
			return
		}
		at := rapid.IntRange(0, len(w.events)-1).Draw(r, "crash")
		cut := w.events[at]
		whole := followed[cut.Seq]
		recorded := whole[:rapid.IntRange(0, len(whole)).Draw(r, "recorded")]

		book := NewBook(many)
		book.Consult(shifts{})
		late := rapid.Bool().Draw(r, "late") // other events may be on record before the notices of one
		var log []headwatch.Notice
		for i, e := range w.events[:at] {
			book.Restore(e)
			log = append(log, followed[e.Seq]...)
			if late && i < at-1 {
				continue
			}
			for _, n := range log {
				book.Restore(headwatch.Event{Notice: &n})
			}
			log = nil
		}
		for _, n := range recorded {
			book.Restore(headwatch.Event{Notice: &n})
		}
		book.Restored()
		for _, e := range w.events[at:] {
			want := lines(followed[e.Seq])
			got := lines(book.Apply(e))
			if e.Seq == cut.Seq {
				for _, n := range lines(recorded) {
					if !slices.Contains(got, n) {
						got = append(got, n)
					}
				}
				slices.Sort(got)
				slices.Sort(want)
			}
			if !slices.Equal(got, want) {
				r.Fatalf("event %d: told\n%s\nwant\n%s", e.Seq, strings.Join(got, "\n"), strings.Join(want, "\n"))
			}
		}
		if got, want := book.Incidents(), w.book.Incidents(); !reflect.DeepEqual(got, want) {
			r.Fatalf("incidents\n%+v\nwant\n%+v", got, want)
		}
		if got, want := book.Due(w.now.Add(3*time.Hour)), w.book.Due(w.now.Add(3*time.Hour)); !reflect.DeepEqual(got, want) {
			r.Fatalf("due\n%+v\nwant\n%+v", got, want)
		}
	})
}

func lines(notices []headwatch.Notice) []string {
	var all []string
	for _, n := range notices {
		dependant := ""
		if n.Dependant != nil {
			dependant = n.Dependant.Incident
		}
		all = append(all, fmt.Sprintf("%s.%d.%s %s %s %s", n.Incident, n.Step, n.Channel, n.Kind, dependant, n.AckedBy))
	}
	return all
}

// Each notice has a subject of its own: the journal would refuse a second one.
func TestNoNoticeIsTakenForAnother(t *testing.T) {
	walk(t, nil, func(w *world) {
		seen := map[string]bool{}
		for _, notices := range w.told {
			for _, n := range notices {
				if seen[subject(n)] {
					w.r.Fatalf("%s twice", subject(n))
				}
				seen[subject(n)] = true
			}
		}
	})
}
