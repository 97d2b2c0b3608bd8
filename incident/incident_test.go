package incident

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"headwatch"
)

var start = time.Date(2025, 8, 5, 6, 7, 19, 0, time.UTC)

func plan(string) Plan {
	return Plan{
		On:     []headwatch.Condition{headwatch.UnsafeHeadStalled},
		Tell:   []headwatch.Condition{headwatch.Blind, headwatch.HookNotReady},
		Hooks:  []string{"pause"},
		Alerts: []Channel{{"chat", headwatch.LevelWarn}, {"pager", headwatch.LevelPage}, {"ceo", headwatch.LevelTrip}},
	}
}

// night is a circuit's decisions, a second apart.
type night struct {
	events []headwatch.Event
	state  headwatch.State
	level  headwatch.Level
	id     string
}

func (n *night) decide(to headwatch.State, level headwatch.Level, actor string) {
	seq := uint64(len(n.events) + 1)
	at := start.Add(time.Duration(seq) * time.Second)
	if n.id == "" {
		n.id = fmt.Sprintf("lending-%d", seq)
	}
	t := headwatch.Transition{
		Circuit: "lending", Seq: seq, From: n.state, To: to, At: at, Level: level, Actor: actor, Incident: n.id,
		Cause: headwatch.Assessment{Chain: "l2", Findings: []headwatch.Finding{
			{Condition: headwatch.ClockSkew, Since: start.Add(-time.Hour)},
			{Condition: headwatch.UnsafeHeadStalled, Since: at.Add(-30 * time.Second)},
		}},
	}
	n.state, n.level = to, level
	if level == headwatch.LevelNone {
		n.id = ""
	}
	n.events = append(n.events, headwatch.Event{Seq: seq, At: at, Transition: &t})
}

func (n *night) ack() {
	seq := uint64(len(n.events) + 1)
	n.events = append(n.events, headwatch.Event{Seq: seq, Action: &headwatch.Action{
		Kind: headwatch.ActionAck, Circuit: "lending", Incident: n.id, Actor: "alice", Reason: "mine",
	}})
}

func (n *night) report(kind headwatch.ReportKind, incident string) {
	seq := uint64(len(n.events) + 1)
	at := start.Add(time.Duration(seq) * time.Second)
	n.events = append(n.events, headwatch.Event{Seq: seq, At: at, Report: &headwatch.Report{
		Kind: kind, Hook: "pause", Incident: incident, Circuit: "lending", At: at, Detail: "clean",
	}})
}

func subjects(notices []headwatch.Notice) []string {
	var all []string
	for _, n := range notices {
		all = append(all, fmt.Sprintf("%s %s", n.Kind, n.Channel))
	}
	return all
}

func TestWhoIsToldOfWhat(t *testing.T) {
	n := &night{state: headwatch.Closed}
	steps := []struct {
		name string
		do   func()
		want []string
	}{
		{"warn", func() { n.decide(headwatch.Closed, headwatch.LevelWarn, headwatch.Watchdog) }, []string{"warn chat"}},
		{"page", func() { n.decide(headwatch.Closed, headwatch.LevelPage, headwatch.Watchdog) }, []string{"page chat", "page pager"}},
		{"trip", func() { n.decide(headwatch.Open, headwatch.LevelTrip, headwatch.Watchdog) }, []string{"trip pause", "trip ceo", "trip chat", "trip pager"}},
		{"ack", n.ack, []string{"ack ceo", "ack chat", "ack pager"}},
		{"hold", func() { n.decide(headwatch.Open, headwatch.LevelTrip, "alice") }, []string{"hold ceo", "hold chat", "hold pager"}},
		{"half-open", func() { n.decide(headwatch.HalfOpen, headwatch.LevelTrip, headwatch.Watchdog) }, []string{"recover pause", "recover ceo", "recover chat", "recover pager"}},
		{"relapse", func() { n.decide(headwatch.Open, headwatch.LevelTrip, headwatch.Watchdog) }, []string{"relapse pause", "unack ceo", "unack chat", "unack pager"}},
		{"half-open again", func() { n.decide(headwatch.HalfOpen, headwatch.LevelTrip, headwatch.Watchdog) }, []string{"recover pause", "recover ceo", "recover chat", "recover pager"}},
		{"close", func() { n.decide(headwatch.Closed, headwatch.LevelNone, headwatch.Watchdog) }, []string{"resolve pause", "resolve ceo", "resolve chat", "resolve pager"}},
		{"the next one only warns", func() { n.decide(headwatch.Closed, headwatch.LevelWarn, headwatch.Watchdog) }, []string{"warn chat"}},
		{"and is over", func() { n.decide(headwatch.Closed, headwatch.LevelNone, headwatch.Watchdog) }, []string{"resolve chat"}},
		{"a person trips a quiet circuit", func() { n.decide(headwatch.Open, headwatch.LevelTrip, "alice") }, []string{"trip pause", "trip ceo", "trip chat", "trip pager"}},
	}
	book := NewBook(plan)
	for _, s := range steps {
		s.do()
		notices := book.Apply(n.events[len(n.events)-1])
		if got := subjects(notices); !slices.Equal(got, s.want) {
			t.Errorf("%s: told %q, want %q", s.name, got, s.want)
		}
		for _, notice := range notices {
			if notice.DedupKey != notice.Incident || notice.Incident == "" {
				t.Errorf("%s: dedup key %q of incident %q", s.name, notice.DedupKey, notice.Incident)
			}
		}
	}
	all := book.Incidents()
	if len(all) != 3 || !all[0].Resolved.IsZero() || all[1].Resolved.IsZero() || all[2].ID != "lending-1" {
		t.Fatalf("incidents %+v, want the open one, then the two that are over, newest first", all)
	}
	first := all[2]
	if want := start.Add(time.Second - 30*time.Second); !first.Since.Equal(want) {
		t.Errorf("since %v, want %v: the cause of the circuit, not an old finding that it does not act on", first.Since, want)
	}
	if told := []string{"ceo", "chat", "pager"}; !slices.Equal(first.Told, told) || !slices.Equal(all[1].Told, []string{"chat"}) {
		t.Errorf("told %q and %q, want %q and the chat", first.Told, all[1].Told, told)
	}
	if first.Relapses != 1 || first.AckedBy != "" || first.Peak != headwatch.LevelTrip || len(first.Steps) != 10 {
		t.Errorf("incident %+v, want one relapse, in nobody's hand since, trip, ten steps", first)
	}
}

func TestADecisionOutsideAnyIncidentTellsNobody(t *testing.T) {
	book := NewBook(plan)
	hold := headwatch.Transition{Circuit: "lending", Seq: 1, From: headwatch.Closed, To: headwatch.Closed, Actor: "alice"}
	if got := book.Apply(headwatch.Event{Seq: 1, Transition: &hold}); got != nil {
		t.Errorf("told %q", subjects(got))
	}
	if got := book.Incidents(); len(got) != 0 {
		t.Errorf("incidents %+v", got)
	}
}

func TestWhoWasToldIsToldTheRestThoughThePlanChanged(t *testing.T) {
	n := &night{state: headwatch.Closed}
	n.decide(headwatch.Open, headwatch.LevelTrip, headwatch.Watchdog)
	told := NewBook(plan).Apply(n.events[0])
	after := NewBook(func(string) Plan { return Plan{Alerts: []Channel{{"new", headwatch.LevelWarn}}} })
	after.Apply(n.events[0])
	for _, notice := range told {
		after.Apply(headwatch.Event{Notice: &notice})
	}
	n.decide(headwatch.Closed, headwatch.LevelNone, headwatch.Watchdog)
	got := subjects(after.Apply(n.events[1]))
	for _, want := range []string{"resolve pager", "resolve chat", "resolve ceo", "resolve pause"} {
		if !slices.Contains(got, want) {
			t.Errorf("told %q, want also %q", got, want)
		}
	}
}

func TestADecisionOffTheRecordIsToldToPeopleOnly(t *testing.T) {
	n := &night{state: headwatch.Closed}
	n.decide(headwatch.Closed, headwatch.LevelPage, headwatch.Watchdog)
	n.decide(headwatch.Open, headwatch.LevelTrip, headwatch.Watchdog)
	n.decide(headwatch.Closed, headwatch.LevelNone, headwatch.Watchdog)
	book := NewBook(plan)
	want := [][]string{
		{"page chat", "page pager"},
		{"trip chat", "trip pager", "trip ceo"},
		{"resolve chat", "resolve pager", "resolve ceo"},
	}
	for i, e := range n.events {
		notices := book.Direct(*e.Transition)
		if got := subjects(notices); !slices.Equal(got, want[i]) {
			t.Errorf("told %q, want %q", got, want[i])
		}
		for _, notice := range notices {
			if !notice.Unjournaled || notice.DedupKey != "lending-1" {
				t.Errorf("notice %+v, want it marked, under the key of the incident", notice)
			}
		}
	}
	if got := book.Incidents(); len(got) != 0 {
		t.Errorf("telling directly changed the book: %+v", got)
	}
}

func TestResolvedIncidentsAreBounded(t *testing.T) {
	n, book := &night{state: headwatch.Closed}, NewBook(plan)
	for range maxResolved + 10 {
		n.decide(headwatch.Closed, headwatch.LevelWarn, headwatch.Watchdog)
		n.decide(headwatch.Closed, headwatch.LevelNone, headwatch.Watchdog)
	}
	for _, e := range n.events {
		book.Apply(e)
	}
	all := book.Incidents()
	if len(all) != maxResolved || all[0].ID != fmt.Sprintf("lending-%d", len(n.events)-1) {
		t.Errorf("%d incidents, the first %s", len(all), all[0].ID)
	}
}

// draw makes a night of any length that a circuit could have.
func draw(r *rapid.T) *night {
	n := &night{state: headwatch.Closed}
	for range rapid.IntRange(1, 40).Draw(r, "length") {
		actor := rapid.SampledFrom([]string{headwatch.Watchdog, "alice"}).Draw(r, "actor")
		if rapid.IntRange(0, 3).Draw(r, "report") == 0 && len(n.events) > 0 {
			first := n.events[rapid.IntRange(0, len(n.events)-1).Draw(r, "of")]
			if first.Transition != nil {
				n.report(rapid.SampledFrom(headwatch.ReportKinds()).Draw(r, "kind"), first.Transition.Incident)
			}
		}
		switch choice := rapid.IntRange(0, 5).Draw(r, "choice"); {
		case choice == 0 && n.id != "":
			n.ack()
		case choice == 1 && n.id != "" && n.state != headwatch.Open:
			n.decide(headwatch.Closed, headwatch.LevelNone, actor)
		case n.state == headwatch.Closed && n.level < headwatch.LevelPage && choice > 2:
			n.decide(headwatch.Closed, n.level+1, headwatch.Watchdog)
		case n.state == headwatch.Closed, n.state == headwatch.HalfOpen:
			n.decide(headwatch.Open, headwatch.LevelTrip, actor)
		case choice == 2:
			n.decide(headwatch.Open, headwatch.LevelTrip, "alice") // a hold
		default:
			n.decide(headwatch.HalfOpen, headwatch.LevelTrip, headwatch.Watchdog)
		}
	}
	return n
}

func subject(n headwatch.Notice) string {
	return fmt.Sprintf("%s.%d.%s", n.Incident, n.Step, n.Channel)
}

// A process that dies anywhere, with any part of the last notices appended, leaves the same notices behind in the end.
func TestACrashAnywhereChangesNoNotice(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		n := draw(r)
		whole := make(map[string]headwatch.Notice)
		straight := NewBook(plan)
		for _, e := range n.events {
			for _, notice := range straight.Apply(e) {
				if _, again := whole[subject(notice)]; again {
					r.Fatalf("%s twice", subject(notice))
				}
				whole[subject(notice)] = notice
			}
		}

		log := make(map[string]headwatch.Notice)
		book := NewBook(plan)
		for i, e := range n.events {
			notices := book.Apply(e)
			if rapid.IntRange(0, 4).Draw(r, "crash") == 0 {
				notices = notices[:rapid.IntRange(0, len(notices)).Draw(r, "appended")]
				for _, notice := range notices {
					log[subject(notice)] = notice
				}
				book = NewBook(plan)
				for _, before := range n.events[:i] {
					book.Apply(before)
				}
				for _, notice := range log {
					book.Apply(headwatch.Event{Notice: &notice})
				}
				notices = book.Apply(e)
			}
			for _, notice := range notices {
				if _, refused := log[subject(notice)]; !refused {
					log[subject(notice)] = notice
				}
			}
		}
		got, want := slices.Sorted(maps.Keys(log)), slices.Sorted(maps.Keys(whole))
		if !slices.Equal(got, want) {
			r.Fatalf("with crashes\n%s\nwithout\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	})
}

func TestAResolveGoesToExactlyThoseWhoWereTold(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		n, book := draw(r), NewBook(plan)
		told := make(map[string]map[string]bool)
		for _, e := range n.events {
			resolved := make(map[string]bool)
			for _, notice := range book.Apply(e) {
				if notice.Kind == headwatch.StepResolve {
					resolved[notice.Channel] = true
					continue
				}
				if notice.Kind == headwatch.StepHook && notice.Channel == "pause" {
					r.Fatalf("a hook is told what a hook reports: %+v", notice)
				}
				if told[notice.Incident] == nil {
					told[notice.Incident] = make(map[string]bool)
				}
				told[notice.Incident][notice.Channel] = true
			}
			if t := e.Transition; t != nil && t.Level == headwatch.LevelNone && !maps.Equal(resolved, told[t.Incident]) {
				r.Fatalf("%s: resolve to %v, told were %v", t.Incident, resolved, told[t.Incident])
			}
		}
		for _, i := range book.Incidents() {
			if i.Resolved.IsZero() && i.ID != n.id {
				r.Fatalf("%s is open though it ended", i.ID)
			}
		}
	})
}
