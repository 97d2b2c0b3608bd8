package postmortem_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"headwatch"
	"headwatch/postmortem"
)

var update = flag.Bool("update", false, "write the golden files anew")

// recorded is the journal of a real run: the demo's outage on real chains, acknowledged by its operator.
func recorded(t *testing.T) (id string, all []headwatch.Event) {
	t.Helper()
	f, err := os.Open("testdata/journal.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var e headwatch.Event
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
			t.Fatal(err)
		}
		all = append(all, e)
		if id == "" && e.Transition != nil {
			id = e.Transition.Incident
		}
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return id, all
}

func each(all []headwatch.Event) iter.Seq2[headwatch.Event, error] {
	return func(yield func(headwatch.Event, error) bool) {
		for _, e := range all {
			if !yield(e, nil) {
				return
			}
		}
	}
}

func write(t testing.TB, d *postmortem.Draft, format string) string {
	t.Helper()
	for _, f := range postmortem.Formats() {
		if f.Name == format {
			var b bytes.Buffer
			if err := f.Write(d, &b); err != nil {
				t.Fatal(err)
			}
			return b.String()
		}
	}
	t.Fatalf("no format %s", format)
	return ""
}

func TestTheReportOfARealIncident(t *testing.T) {
	id, all := recorded(t)
	d, err := postmortem.Read(id, each(all))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range postmortem.Formats() {
		path, got := filepath.Join("testdata", "report."+f.Name), write(t, d, f.Name)
		if *update {
			if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if got != string(want) {
			t.Errorf("%s differs; see the difference with -update and git diff", path)
		}
	}
	delivered, decided := 0, 0
	for _, e := range all {
		if e.Delivery != nil && e.Delivery.Incident == id {
			delivered++
		}
		if e.Transition != nil && e.Transition.Incident == id {
			decided++
		}
	}
	listed := 0
	for _, c := range d.Channels {
		listed += len(c.Deliveries)
	}
	if delivered < 10 || listed != delivered || decided < 5 {
		t.Errorf("the journal has %d deliveries and %d decisions of %s, the report %d deliveries", delivered, decided, id, listed)
	}
}

func TestAnOpenIncidentLastsUntilTheNewestEvent(t *testing.T) {
	id, all := recorded(t)
	for i, e := range all {
		if e.Transition != nil && e.Transition.Level == headwatch.LevelTrip {
			all = all[:i+1]
			break
		}
	}
	d, err := postmortem.Read(id, each(all))
	if err != nil {
		t.Fatal(err)
	}
	if s := d.Summary; !s.Resolved.IsZero() || s.Lasted != d.AsOf.Sub(s.Began) || s.Peak != headwatch.LevelTrip {
		t.Errorf("an open incident: %+v as of %s", s, d.AsOf)
	}
	if md := write(t, d, "md"); !strings.Contains(md, "STILL OPEN, for 10s so far") || !strings.Contains(md, "for 10s so far |") {
		t.Errorf("an open incident reads\n%s", md)
	}
}

func TestWhatTheJournalDoesNotHold(t *testing.T) {
	id, all := recorded(t)
	for _, id := range []string{"", "lending-0", id + "x"} {
		if _, err := postmortem.Read(id, each(all)); !errors.Is(err, postmortem.ErrUnknown) {
			t.Errorf("incident %q: %v", id, err)
		}
	}
	broken := errors.New("the disk is gone")
	_, err := postmortem.Read(id, func(yield func(headwatch.Event, error) bool) { yield(headwatch.Event{}, broken) })
	if !errors.Is(err, broken) {
		t.Errorf("a journal that cannot be read: %v", err)
	}
}

// A silence that was there before the incident is in no event of it until it ends.
func TestASilenceThatWasThereBeforeIsInTheReport(t *testing.T) {
	events := slices.DeleteFunc(night(), func(e headwatch.Event) bool { return e.Escalation != nil && e.Escalation.Kind == headwatch.StepSilence })
	ordered := *events[0].Action
	for condition, want := range map[headwatch.Condition]int{"": 1, headwatch.UnsafeHeadStalled: 1, headwatch.Reorg: 0} {
		a, s := ordered, *ordered.Silence
		if condition != "" {
			s.Matchers = append(slices.Clone(s.Matchers), headwatch.Matcher{Name: "condition", Value: string(condition), IsEqual: true})
		}
		a.Silence = &s
		events[0].Action = &a
		d, err := postmortem.Read("base-lending-20260625T215830Z", each(events))
		if err != nil || len(d.Silences) != want {
			t.Fatalf("%q: %+v, %v", condition, d.Silences, err)
		}
		if want == 0 {
			continue
		}
		if x := d.Silences[0]; !x.Held.Equal(events[1].Transition.At) || x.EndedBy != "carol" || x.Released.IsZero() || x.Silence.Author != "bob" {
			t.Errorf("%q: %+v", condition, x)
		}
		if !slices.ContainsFunc(d.Timeline, func(e postmortem.Entry) bool { return e.Text == "silence: silence s1 of bob: upgrade" }) {
			t.Errorf("%q: the timeline does not say it: %+v", condition, d.Timeline)
		}
	}
}

// night is an incident of everything that the demo does not show.
func night() []headwatch.Event {
	start := time.Date(2026, 6, 25, 23, 58, 0, 0, time.FixedZone("CEST", 2*3600))
	at := func(s int) time.Time { return start.Add(time.Duration(s) * time.Second) }
	head := func(n uint64, s int) *headwatch.Head { return &headwatch.Head{Number: n, Time: at(s)} }
	const id = "base-lending-20260625T215830Z"
	trigger := &headwatch.Trigger{Condition: headwatch.UnsafeHeadStalled, Hint: headwatch.HintUnsafe}
	since := at(0)
	transition := func(seq uint64, s int, from, to headwatch.State, level headwatch.Level, h *headwatch.Head, findings ...headwatch.Finding) headwatch.Event {
		phase := headwatch.Stalled
		if findings == nil {
			phase = headwatch.Live
		}
		return headwatch.Event{At: at(s), Transition: &headwatch.Transition{
			Circuit: "base-lending", Seq: seq, From: from, To: to, At: at(s), Level: level, Actor: headwatch.Watchdog, Incident: id,
			Cause: headwatch.Assessment{Chain: "base", At: at(s), Phase: phase, Hint: headwatch.HintUnsafe, Findings: findings, Head: h},
		}}
	}
	stalled := func(votes ...headwatch.Vote) headwatch.Finding {
		return headwatch.Finding{Condition: headwatch.UnsafeHeadStalled, Since: since, Votes: votes}
	}
	vote := func(name string, v headwatch.Verdict, reason string) headwatch.Vote {
		return headwatch.Vote{Endpoint: name, Verdict: v, Reason: reason, Number: new(uint64(100)), Age: 30 * time.Second, Heard: at(29)}
	}
	notice := func(seq uint64, s int, kind headwatch.StepKind, channel string) headwatch.Notice {
		return headwatch.Notice{Incident: id, Step: seq, Kind: kind, Channel: channel, Since: since, Trigger: trigger, Transition: headwatch.Transition{At: at(s), Actor: headwatch.Watchdog}}
	}
	told := func(n headwatch.Notice) headwatch.Event { return headwatch.Event{At: n.Transition.At, Notice: &n} }
	delivered := func(n headwatch.Notice, outcome headwatch.Outcome, after, attempts int) headwatch.Event {
		return headwatch.Event{At: n.Transition.At, Delivery: &headwatch.Delivery{
			Incident: n.Incident, Step: n.Step, Kind: n.Kind, Channel: n.Channel, Outcome: outcome, Attempts: attempts, Decided: n.Transition.At,
			At: n.Transition.At.Add(time.Duration(after) * time.Millisecond), Took: 80 * time.Millisecond, Detail: "202 from events.pagerduty.com",
		}}
	}
	page, trip, resolve := notice(2, 60, headwatch.StepPage, "on-call"), notice(3, 120, headwatch.StepTrip, "on-call"), notice(7, 2000, headwatch.StepResolve, "on-call")
	ack := notice(1<<40|20, 200, headwatch.StepAck, "on-call")
	ack.AckedBy, ack.AckedUntil, ack.Transition.Actor = "Ada [x](http://evil)", at(200+1800), "Ada [x](http://evil)"
	join := notice(1<<40|21, 210, headwatch.StepJoin, "on-call")
	join.Dependant = &headwatch.Dependant{Incident: "base-amm-20260625T215900Z", Circuit: "base-amm", Chain: "base", Level: headwatch.LevelPage}
	silence := headwatch.Silence{
		ID: "s1", Matchers: []headwatch.Matcher{{Name: "chain", Value: "base", IsEqual: true}}, Starts: at(-60), Ends: at(100), Author: "bob", Reason: "upgrade",
	}
	events := []headwatch.Event{
		{At: at(-60), Action: &headwatch.Action{Kind: headwatch.ActionSilence, Actor: "bob", Reason: "upgrade", Silence: &silence, At: at(-60)}},
		transition(1, 30, headwatch.Closed, headwatch.Closed, headwatch.LevelWarn, head(100, 0), stalled(vote("own", headwatch.VoteStale, ""), vote("vendor|1", headwatch.NoVote, "silent: <b>timeout</b>"))),
		{At: at(30), Escalation: &headwatch.Escalation{Incident: id, Circuit: "base-lending", N: 1, Kind: headwatch.StepSilence, At: at(30), Silence: "s1", Why: "silence s1 holds it back"}},
		transition(2, 60, headwatch.Closed, headwatch.Closed, headwatch.LevelPage, head(100, 0), stalled(vote("own", headwatch.VoteStale, ""), vote("vendor|1", headwatch.NoVote, "silent"))),
		told(page),
		{At: at(90), Action: &headwatch.Action{Kind: headwatch.ActionUnsilence, Actor: "carol", Reason: "it is real", Silence: &headwatch.Silence{ID: "s1"}, At: at(90)}},
		{At: at(90), Escalation: &headwatch.Escalation{Incident: id, Circuit: "base-lending", N: 2, Kind: headwatch.StepRelease, At: at(90), Silence: "s1", Channels: []string{"on-call"}, Why: "the silence is over and it lasts"}},
		delivered(page, headwatch.Delivered, 31200, 4),
		transition(3, 120, headwatch.Closed, headwatch.Open, headwatch.LevelTrip, head(100, 0), stalled(vote("own", headwatch.VoteStale, ""), vote("vendor|1", headwatch.VoteStale, ""))),
		told(trip), delivered(trip, headwatch.Refused, 700, 1),
		{At: at(180), Escalation: &headwatch.Escalation{Incident: id, Circuit: "base-lending", N: 3, Kind: headwatch.StepEscalate, At: at(180), Policy: "nights", Step: 1, Round: 1, Channels: []string{"phone-ada"}, OnCall: []string{"ada"}, Why: "nobody acknowledged within 2m"}},
		{At: at(200), Action: &headwatch.Action{Kind: headwatch.ActionAck, Circuit: "base-lending", Incident: id, Actor: "Ada [x](http://evil)", Reason: "on it\n# not a heading", Via: "link", At: at(200)}},
		told(ack), delivered(ack, headwatch.Delivered, 90, 1),
		told(join), delivered(join, headwatch.Delivered, 120, 1),
		{At: at(240), Action: &headwatch.Action{Kind: headwatch.ActionNote, Circuit: "base-lending", Incident: id, Actor: "ada", Reason: "vendor says #1234 @everyone https://evil.example/?a=b", At: at(240)}},
		{At: at(250), Report: &headwatch.Report{Kind: headwatch.ReportEffective, Hook: "pause-lending", Incident: id, Circuit: "base-lending", Chain: "base", At: at(250), Tx: "0xabc", Detail: "paused() is true"}},
		transition(4, 1000, headwatch.Open, headwatch.HalfOpen, headwatch.LevelTrip, head(550, 1000)),
		transition(5, 1100, headwatch.HalfOpen, headwatch.Open, headwatch.LevelTrip, head(580, 1060), headwatch.Finding{Condition: headwatch.UnsafeHeadStalled, Since: at(1070)}),
		{At: at(1100), Escalation: &headwatch.Escalation{Incident: id, Circuit: "base-lending", N: 4, Kind: headwatch.StepUnack, At: at(1100), Channels: []string{"on-call"}, Why: "it relapsed"}},
		transition(6, 1600, headwatch.Open, headwatch.HalfOpen, headwatch.LevelTrip, head(850, 1600)),
		transition(7, 2000, headwatch.HalfOpen, headwatch.Closed, headwatch.LevelNone, head(1050, 2000)),
		told(resolve),
	}
	for i := range events {
		events[i].Seq = uint64(i + 1)
	}
	return events
}

func TestTheReportOfABadNight(t *testing.T) {
	d, err := postmortem.Read("base-lending-20260625T215830Z", each(night()))
	if err != nil {
		t.Fatal(err)
	}
	s := d.Summary
	if *s.Paged != time.Minute || *s.Tripped != 2*time.Minute || s.Lasted != 2000*time.Second || s.Relapses != 1 || *s.Taken != 200*time.Second || s.Began.Location() != time.UTC {
		t.Errorf("summary %+v", s)
	}
	// It stood from 0 to 1000 and from 1070 to 1600; live it made 200 blocks in 400 seconds.
	if i := d.Impact; i == nil || i.Stood != 1530*time.Second || *i.BlockTime != 2*time.Second || *i.Missed != 765 {
		t.Errorf("impact %+v", d.Impact)
	}
	if h := d.InHand; len(h) != 1 || h[0].Ended.IsZero() || h[0].Why != "void: it fell back" || h[0].Until.IsZero() {
		t.Errorf("in hand %+v", h)
	}
	if x := d.Silences; len(x) != 1 || x[0].EndedBy != "carol" || x[0].Released.IsZero() || x[0].Silence == nil {
		t.Errorf("silences %+v", x)
	}
	if len(d.Pending) != 1 || d.Pending[0].Kind != headwatch.StepResolve || len(d.Dependants) != 1 || len(d.Channels) != 1 {
		t.Errorf("pending %+v, dependants %+v, channels %+v", d.Pending, d.Dependants, d.Channels)
	}
	if c := d.Channels[0]; c.Failed != 1 || c.Slowest != 31200*time.Millisecond || len(c.Deliveries) != 4 {
		t.Errorf("channel %+v", c)
	}
	votes := 0
	for _, e := range d.Timeline {
		if e.Votes != nil {
			votes++
		}
	}
	if votes != 2 {
		t.Errorf("votes are shown %d times: at first and at the one change, want 2", votes)
	}
	for _, f := range postmortem.Formats() {
		path, got := filepath.Join("testdata", "night."+f.Name), write(t, d, f.Name)
		if *update {
			if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if want, err := os.ReadFile(path); err != nil || got != string(want) {
			t.Errorf("%s differs (%v); see the difference with -update and git diff", path, err)
		}
	}
}

// escaped is a character of Markdown that stands for itself.
var escaped = regexp.MustCompile(`\\[[:punct:]]`)

// What somebody else wrote is text, whatever it looks like.
func TestNothingFromOutsideIsMarkup(t *testing.T) {
	for _, evil := range []string{
		"[x](javascript:alert(1))", "<script>alert(1)</script>", "a | b | c", "**bold** _it_ `code` ~~gone~~", "\n# heading\n- list", "@everyone #1 $1$",
		"https://evil.example www.evil.example", "![i](http://evil/x.png)", "\u202eevil\u202c", "&lt;b&gt; &#64;", `\\ \| \`, "x\r\ny",
	} {
		events := night()
		for i := range events {
			switch e := &events[i]; {
			case e.Action != nil:
				a := *e.Action
				a.Actor, a.Reason = evil, evil
				e.Action = &a
			case e.Delivery != nil:
				x := *e.Delivery
				x.Channel, x.Detail = evil, evil
				e.Delivery = &x
			case e.Transition != nil && len(e.Transition.Cause.Findings) > 0:
				for v := range e.Transition.Cause.Findings[0].Votes {
					e.Transition.Cause.Findings[0].Votes[v].Endpoint = evil + fmt.Sprint(v)
				}
			}
		}
		d, err := postmortem.Read("base-lending-20260625T215830Z", each(events))
		if err != nil {
			t.Fatal(err)
		}
		md, html := write(t, d, "md"), write(t, d, "html")
		plain := escaped.ReplaceAllString(md, "")
		for _, bad := range []string{"<", "](", "://", "@everyone", "\u202e", "www.evil", " #1 ", "**bold", " _it_", "\r"} {
			if strings.Contains(plain, bad) {
				t.Errorf("%q: the Markdown holds %q", evil, bad)
			}
		}
		for line := range strings.Lines(plain) {
			if strings.HasPrefix(line, "|") && strings.Count(line, "|") > 7 {
				t.Errorf("%q breaks a table: %s", evil, line)
			}
		}
		for _, bad := range []string{"<script", "<img", "<b>", "href", "src=", "\u202e"} {
			if strings.Contains(html, bad) {
				t.Errorf("%q: the HTML holds %q", evil, bad)
			}
		}
	}
}

// Whatever the order and the content of the events, there is a report, and every delivery is in it once.
func TestEveryDeliveryIsListedOnce(t *testing.T) {
	base := night()
	rapid.Check(t, func(t *rapid.T) {
		events := rapid.SliceOfN(rapid.SampledFrom(base), 1, 60).Draw(t, "events")
		for i := range events {
			events[i].Seq = uint64(i + 1)
			if x := events[i].Transition; x != nil {
				c := *x
				c.Seq = rapid.Uint64Range(1, 9).Draw(t, "seq")
				c.Level = headwatch.Level(rapid.IntRange(0, 3).Draw(t, "level"))
				c.From, c.To = headwatch.State(rapid.IntRange(0, 3).Draw(t, "from")), headwatch.State(rapid.IntRange(0, 3).Draw(t, "to"))
				c.At = c.At.Add(time.Duration(rapid.IntRange(-3000, 3000).Draw(t, "shift")) * time.Second)
				events[i].Transition = &c
			}
		}
		const id = "base-lending-20260625T215830Z"
		want, decided := map[string]int{}, false
		for _, e := range events {
			if d := e.Delivery; d != nil {
				want[fmt.Sprint(d.Channel, d.Step, d.Outcome)]++
			}
			decided = decided || e.Transition != nil
		}
		d, err := postmortem.Read(id, each(events))
		if !decided {
			if !errors.Is(err, postmortem.ErrUnknown) {
				t.Fatalf("no decision: %v", err)
			}
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range d.Channels {
			for _, x := range c.Deliveries {
				want[fmt.Sprint(c.Name, x.Step, x.Outcome)]--
			}
			for _, p := range d.Pending {
				for _, x := range c.Deliveries {
					if p.Channel == c.Name && p.Step == x.Step {
						t.Fatalf("step %d on %s has an end and none", x.Step, c.Name)
					}
				}
			}
		}
		for x, n := range want {
			if n != 0 {
				t.Fatalf("delivery %s is listed %d times too few", x, n)
			}
		}
		for _, f := range postmortem.Formats() {
			if err := f.Write(d, new(bytes.Buffer)); err != nil {
				t.Fatal(err)
			}
		}
	})
}

func TestAnAcknowledgementEndsWhenItGetsWorse(t *testing.T) {
	const id = "base-lending-20260625T215830Z"
	at := func(s int) time.Time { return time.Date(2026, 6, 25, 21, 58, s, 0, time.UTC) }
	ack := func(s int) headwatch.Event {
		return headwatch.Event{At: at(s), Action: &headwatch.Action{Kind: headwatch.ActionAck, Circuit: "base-lending", Incident: id, Actor: "ada", Reason: "on it", At: at(s)}}
	}
	climb := func(seq uint64, s int, from, to headwatch.State, l headwatch.Level) headwatch.Event {
		return headwatch.Event{At: at(s), Transition: &headwatch.Transition{Circuit: "base-lending", Seq: seq, From: from, To: to, At: at(s), Level: l, Actor: headwatch.Watchdog, Incident: id}}
	}
	d, err := postmortem.Read(id, each([]headwatch.Event{
		climb(1, 60, headwatch.Closed, headwatch.Closed, headwatch.LevelPage), ack(90),
		climb(2, 120, headwatch.Closed, headwatch.Open, headwatch.LevelTrip), ack(130),
		climb(3, 300, headwatch.Open, headwatch.HalfOpen, headwatch.LevelTrip),
		climb(4, 310, headwatch.HalfOpen, headwatch.Open, headwatch.LevelTrip), ack(320),
	}))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, h := range d.InHand {
		got = append(got, fmt.Sprintf("%s %s", h.Ended.Sub(h.At), h.Why))
	}
	if want := []string{"30s void: it came to trip", "3m0s void: it fell back"}; len(got) != 3 || !slices.Equal(got[:2], want) || !d.InHand[2].Ended.IsZero() {
		t.Errorf("%q, want %q and one that holds", got, want)
	}
}
