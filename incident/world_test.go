package incident

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"time"

	"pgregory.net/rapid"

	"headwatch"
)

// many is a plan of three circuits: on a layer 1, and on two chains that settle on it.
func many(circuit string) Plan {
	p := Plan{
		On:        []headwatch.Condition{headwatch.UnsafeHeadStalled},
		Tell:      []headwatch.Condition{headwatch.Blind, headwatch.HookNotReady, headwatch.EndpointUnreachable},
		Hooks:     []string{"pause"},
		L1:        "eth",
		Operators: map[string]string{"a": "acme", "b": "acme"},
	}
	switch circuit {
	case "eth":
		p.On, p.L1, p.Hooks = []headwatch.Condition{headwatch.L1HeadStalled}, "", nil
		p.Alerts = []Channel{{"eth-chat", headwatch.LevelWarn}, {"pager", headwatch.LevelTrip}}
	case "base":
		p.Recovers = 4 * time.Minute // no other has any
		p.Alerts = []Channel{{"chat", headwatch.LevelWarn}, {"pager", headwatch.LevelPage}}
		p.Policy = &Policy{Name: "primary", AckFor: 30 * time.Minute, Steps: []PolicyStep{
			{Tell: []string{"on-call"}, From: headwatch.LevelPage, Every: 10 * time.Minute},
			{Tell: []string{"boss"}, From: headwatch.LevelPage, After: 15 * time.Minute, Outside: "office"},
			{Tell: []string{"ceo"}, From: headwatch.LevelTrip, After: 5 * time.Minute, Every: time.Hour, During: "office"},
		}}
	case "op":
		p.Alerts = []Channel{{"pager", headwatch.LevelPage}, {"chat", headwatch.LevelTrip}}
		p.Policy = &Policy{Name: "weak", Steps: []PolicyStep{{Tell: []string{"boss"}, From: headwatch.LevelWarn, After: time.Minute}}}
	}
	return p
}

// shifts is a Roster: the office is open in every other quarter of an hour.
type shifts struct{}

const quarter = 15 * time.Minute

func (shifts) Reach(tell []string, at time.Time) (channels, people []string) {
	for _, name := range tell {
		if name == "on-call" {
			name = []string{"alice-phone", "bob-phone"}[at.Hour()%2]
			people = append(people, name[:3])
		}
		channels = append(channels, name)
	}
	return channels, people
}

func (shifts) Within(_ string, at time.Time) bool { return at.Sub(start)/quarter%2 == 1 }

func (shifts) Next(_ string, at time.Time) time.Time {
	return start.Add((at.Sub(start)/quarter + 1) * quarter)
}

// lane is one of the two incidents of a circuit as it really stands.
type lane struct {
	id    string
	level headwatch.Level
	state headwatch.State // of the circuit; only what trips changes it
	cause headwatch.Finding
	hint  headwatch.Hint
}

// world makes up what happens on all circuits, and drives a Book with it.
type world struct {
	r      *rapid.T
	book   *Book
	now    time.Time
	seq    uint64
	events []headwatch.Event
	lanes  map[string]*lane // by circuit, and whether it only tells
	counts map[string]uint64
	ended  map[string]bool // incidents that are over
	told   map[string][]headwatch.Notice
	saw    func(e headwatch.Event, notices []headwatch.Notice)
}

func newWorld(r *rapid.T) *world {
	w := &world{
		r: r, book: NewBook(many), now: start, lanes: map[string]*lane{}, counts: map[string]uint64{}, ended: map[string]bool{},
		told: map[string][]headwatch.Notice{}, saw: func(headwatch.Event, []headwatch.Notice) {},
	}
	w.book.Consult(shifts{})
	for _, circuit := range []string{"eth", "base", "op"} {
		w.lanes[circuit] = &lane{state: headwatch.Closed}
		w.lanes[circuit+" tell"] = &lane{state: headwatch.Closed}
	}
	return w
}

func (w *world) apply(e headwatch.Event) []headwatch.Notice {
	w.seq++
	e.Seq = w.seq
	w.events = append(w.events, e)
	notices := w.book.Apply(e)
	for _, n := range notices {
		w.told[n.Incident] = append(w.told[n.Incident], n)
	}
	w.saw(e, notices)
	return notices
}

// tick lets time pass, and the clock bring about what it does, as a process that lives does it: at the very instant.
func (w *world) tick(d time.Duration) {
	until := w.now.Add(d)
	for {
		next := w.book.Next(w.now)
		if next.IsZero() || next.After(until) {
			break
		}
		w.now = next
		w.bringAbout(w.book.Due(next))
	}
	w.now = until
}

func (w *world) bringAbout(due []headwatch.Escalation) {
	for _, e := range due {
		w.apply(headwatch.Event{Escalation: &e})
	}
}

func (w *world) pick(what string, n int) int { return rapid.IntRange(0, n-1).Draw(w.r, what) }

// step lets one thing happen.
func (w *world) step() {
	w.tick(rapid.SampledFrom([]time.Duration{0, 0, time.Second, time.Minute, 7 * time.Minute, 20 * time.Minute, 2 * time.Hour}).Draw(w.r, "pass"))
	var raced []headwatch.Escalation
	if w.pick("race", 4) == 0 { // something comes between what is due and its append
		w.now = w.now.Add(rapid.SampledFrom([]time.Duration{time.Minute, time.Hour}).Draw(w.r, "asleep"))
		raced = w.book.Due(w.now)
	}
	open := w.running()
	switch what := w.pick("what", 12); {
	case what < 7:
		w.decide(rapid.SampledFrom(slices.Sorted(maps.Keys(w.lanes))).Draw(w.r, "circuit"))
	case what == 7 && len(open) > 0:
		holds := rapid.SampledFrom([]time.Duration{0, time.Minute, 3 * time.Hour}).Draw(w.r, "holds")
		w.order(headwatch.Action{Kind: headwatch.ActionAck, Incident: rapid.SampledFrom(open).Draw(w.r, "of"), Actor: "alice", For: holds})
	case what == 8:
		matcher := rapid.SampledFrom([]headwatch.Matcher{
			{Name: "circuit", Value: "base", IsEqual: true},
			{Name: "severity", Value: "trip"},
			{Name: "chain", Value: "eth|op", IsRegex: true, IsEqual: true},
			{Name: "condition", Value: "blind", IsEqual: true},
			{Name: "condition", Value: "unsafe_head_stalled", IsEqual: true},
		}).Draw(w.r, "matcher")
		starts := w.now.Add(rapid.SampledFrom([]time.Duration{0, 0, 10 * time.Minute}).Draw(w.r, "starts"))
		w.order(headwatch.Action{Kind: headwatch.ActionSilence, Actor: "bob", Silence: &headwatch.Silence{
			ID: fmt.Sprintf("s%d", w.pick("silence", 3)), Matchers: []headwatch.Matcher{matcher}, Starts: starts,
			Ends:      starts.Add(rapid.SampledFrom([]time.Duration{time.Minute, time.Hour}).Draw(w.r, "lasts")),
			HoldHooks: w.pick("hold hooks", 2) == 0,
		}})
	case what == 9:
		w.order(headwatch.Action{Kind: headwatch.ActionUnsilence, Actor: "bob", Silence: &headwatch.Silence{ID: fmt.Sprintf("s%d", w.pick("silence", 3))}})
	case what == 10 && len(open) > 0:
		w.order(headwatch.Action{Kind: headwatch.ActionNote, Incident: rapid.SampledFrom(open).Draw(w.r, "of"), Actor: "carol", Reason: "noted"})
	case what == 11 && len(open) > 0:
		w.apply(headwatch.Event{Report: &headwatch.Report{
			Kind: rapid.SampledFrom(headwatch.ReportKinds()).Draw(w.r, "report"), Hook: "pause", At: w.now,
			Incident: rapid.SampledFrom(open).Draw(w.r, "of"), Circuit: "base",
		}})
	}
	w.bringAbout(raced)
	w.tick(0)
}

// running gives the incidents that are open.
func (w *world) running() []string {
	var open []string
	for _, l := range w.lanes {
		if l.id != "" {
			open = append(open, l.id)
		}
	}
	slices.Sort(open)
	return open
}

func (w *world) order(a headwatch.Action) {
	a.At = w.now
	w.apply(headwatch.Event{Action: &a})
}

// decide takes an incident one decision further.
func (w *world) decide(key string) {
	circuit, told := key, false
	if n := len(key) - len(" tell"); n > 0 && key[n:] == " tell" {
		circuit, told = key[:n], true
	}
	l := w.lanes[key]
	t := headwatch.Transition{Circuit: circuit, From: l.state, To: l.state, At: w.now, Actor: headwatch.Watchdog, Told: told, Level: l.level}
	choice := w.pick("choice", 4)
	switch {
	case l.id == "":
		l.cause = headwatch.Finding{Condition: rapid.SampledFrom(many(circuit).causes(told)).Draw(w.r, "condition"), Since: w.now.Add(-time.Minute)}
		l.hint = rapid.SampledFrom([]headwatch.Hint{"", headwatch.HintUs}).Draw(w.r, "hint")
		if l.cause.Condition == headwatch.EndpointUnreachable {
			l.cause.Endpoint = rapid.SampledFrom([]string{"a", "b", "c"}).Draw(w.r, "endpoint")
		}
		t.Level = headwatch.LevelWarn
		if choice == 0 && !told {
			t.Actor, t.To, t.Level, l.cause = "dave", headwatch.Open, headwatch.LevelTrip, headwatch.Finding{}
		}
	case choice == 0 && l.state != headwatch.Open:
		t.Level, t.To = headwatch.LevelNone, headwatch.Closed
	case l.state == headwatch.Open && choice == 1:
		t.Actor = "erin" // a hold
	case l.state == headwatch.Open:
		t.To = headwatch.HalfOpen
	case l.state == headwatch.HalfOpen:
		t.To = headwatch.Open
	case l.level == headwatch.LevelWarn:
		t.Level = headwatch.LevelPage
	case !told:
		t.Level, t.To = headwatch.LevelTrip, headwatch.Open
	default:
		t.Level = headwatch.LevelNone
	}
	w.transit(key, t)
}

// transit puts a decision of an incident on record.
func (w *world) transit(key string, t headwatch.Transition) {
	l := w.lanes[key]
	w.counts[t.Circuit]++
	t.Seq = w.counts[t.Circuit]
	l.id = cmp.Or(l.id, fmt.Sprintf("%s-%d", t.Circuit, t.Seq))
	t.Incident = l.id
	t.Cause = headwatch.Assessment{Chain: t.Circuit, At: t.At, Hint: l.hint}
	if t.Level != headwatch.LevelNone && l.cause.Condition != "" {
		t.Cause.Findings = []headwatch.Finding{l.cause}
	}
	l.state, l.level = t.To, t.Level
	if t.Level == headwatch.LevelNone {
		w.ended[l.id] = true
		l.id = ""
	}
	w.apply(headwatch.Event{Transition: &t})
}

// incidents gives the incidents of the book by id.
func (w *world) incidents() map[string]headwatch.Incident {
	all := make(map[string]headwatch.Incident)
	for _, i := range w.book.Incidents() {
		all[i.ID] = i
	}
	return all
}
