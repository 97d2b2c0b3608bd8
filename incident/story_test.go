package incident

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"headwatch"
)

// story is a world in which nothing is left to chance. Its lines are who was told of what, a line an event.
type story struct {
	*world
	t     *testing.T
	lines []string
}

func newStory(t *testing.T) *story {
	s := &story{newWorld(nil), t, nil}
	s.saw = func(_ headwatch.Event, notices []headwatch.Notice) {
		line := ""
		for i, n := range notices {
			if i == 0 || n.Kind != notices[i-1].Kind || n.Incident != notices[i-1].Incident {
				line += fmt.Sprintf("; %s %s", n.Incident, n.Kind)
				if n.Dependant != nil {
					line += " of " + n.Dependant.Incident
				}
			}
			line += " " + n.Channel
		}
		if line != "" {
			s.lines = append(s.lines, s.now.Sub(start).String()+line)
		}
	}
	return s
}

// rise takes what trips on a circuit to a level; "" keeps the condition.
func (s *story) rise(circuit string, level headwatch.Level) {
	l := s.lanes[circuit]
	l.cause = headwatch.Finding{Condition: many(circuit).On[0], Since: start.Add(-time.Minute)}
	t := headwatch.Transition{Circuit: circuit, From: l.state, To: l.state, At: s.now, Actor: headwatch.Watchdog, Level: level}
	if level == headwatch.LevelTrip {
		t.To = headwatch.Open
	}
	if level == headwatch.LevelNone {
		t.To = headwatch.Closed
	}
	s.transit(circuit, t)
	s.tick(0)
}

// turn changes the state of a circuit that tripped.
func (s *story) turn(circuit string, to headwatch.State) {
	l := s.lanes[circuit]
	s.transit(circuit, headwatch.Transition{Circuit: circuit, From: l.state, To: to, At: s.now, Actor: headwatch.Watchdog, Level: l.level})
	s.tick(0)
}

func (s *story) ack(incident string, holds time.Duration) {
	s.order(headwatch.Action{Kind: headwatch.ActionAck, Incident: incident, Actor: "alice", For: holds})
	s.tick(0)
}

func (s *story) silence(id string, lasts time.Duration, holdHooks bool, matcher ...string) {
	s.order(headwatch.Action{Kind: headwatch.ActionSilence, Actor: "bob", Silence: &headwatch.Silence{
		ID: id, Matchers: matchers(s.t, matcher...), Starts: s.now, Ends: s.now.Add(lasts), Author: "bob", HoldHooks: holdHooks,
	}})
	s.tick(0)
}

func TestWhoIsToldInWhichCase(t *testing.T) {
	const warn, page, trip, over = headwatch.LevelWarn, headwatch.LevelPage, headwatch.LevelTrip, headwatch.LevelNone
	for name, c := range map[string]struct {
		do   func(*story)
		want string
	}{
		"nobody acknowledges: the rest of the escalation, one step at its hours": {
			func(s *story) { s.rise("base", page); s.tick(31 * time.Minute); s.rise("base", over) }, `
				0s; base-1 page chat pager
				0s; base-1 escalate alice-phone
				10m0s; base-1 escalate alice-phone
				20m0s; base-1 escalate alice-phone
				30m0s; base-1 escalate alice-phone
				30m0s; base-1 escalate boss
				31m0s; base-1 resolve alice-phone boss chat pager`,
		},
		"nobody was there for an hour: each step once": {
			func(s *story) {
				s.rise("base", page)
				s.now = s.now.Add(65 * time.Minute)
				s.tick(0)
				s.tick(9 * time.Minute)
			}, `
				0s; base-1 page chat pager
				0s; base-1 escalate alice-phone
				1h5m0s; base-1 escalate bob-phone
				1h5m0s; base-1 escalate boss`,
		},
		"an acknowledgement stops it, and expires": {
			func(s *story) { s.rise("base", page); s.ack("base-1", 0); s.tick(35 * time.Minute) }, `
				0s; base-1 page chat pager
				0s; base-1 escalate alice-phone
				0s; base-1 ack alice-phone chat pager
				30m0s; base-1 unack alice-phone chat pager`,
		},
		"nobody is called while it is back on probation, and at once when it falls back": {
			func(s *story) {
				s.rise("base", page)
				s.rise("base", trip)
				s.tick(9 * time.Minute)
				s.turn("base", headwatch.HalfOpen)
				s.tick(4 * time.Minute)
				s.turn("base", headwatch.Open)
				s.tick(time.Second)
			}, `
				0s; base-1 page chat pager
				0s; base-1 escalate alice-phone
				0s; base-1 trip pause alice-phone chat pager
				9m0s; base-1 recover pause alice-phone chat pager
				13m0s; base-1 relapse pause alice-phone chat pager
				13m0s; base-1 escalate alice-phone`,
		},
		"an acknowledgement that ends on probation is told when it falls back, or never": {
			func(s *story) {
				s.rise("base", page)
				s.rise("base", trip)
				s.ack("base-1", time.Minute)
				s.turn("base", headwatch.HalfOpen)
				s.tick(5 * time.Minute)
				s.rise("base", over)
			}, `
				0s; base-1 page chat pager
				0s; base-1 escalate alice-phone
				0s; base-1 trip pause alice-phone chat pager
				0s; base-1 ack alice-phone chat pager
				0s; base-1 recover pause alice-phone chat pager
				5m0s; base-1 resolve pause alice-phone chat pager`,
		},
		"an acknowledgement is void when it trips, and when it falls back": {
			func(s *story) {
				s.rise("base", page)
				s.ack("base-1", 0)
				s.tick(time.Minute)
				s.rise("base", trip)
				s.ack("base-1", 0)
				s.turn("base", headwatch.HalfOpen)
				s.turn("base", headwatch.Open)
			}, `
				0s; base-1 page chat pager
				0s; base-1 escalate alice-phone
				0s; base-1 ack alice-phone chat pager
				1m0s; base-1 trip pause alice-phone chat pager
				1m0s; base-1 ack alice-phone chat pager
				1m0s; base-1 recover pause alice-phone chat pager
				1m0s; base-1 relapse pause; base-1 unack alice-phone chat pager`,
		},
		"a silence holds back the first word and escalation, not the end": {
			func(s *story) {
				s.silence("s", time.Hour, false, "circuit=base")
				s.rise("base", page)
				s.tick(2 * time.Hour)
				s.rise("base", over)
			}, `
				1h0m0s; base-1 release chat pager
				1h0m0s; base-1 escalate bob-phone
				1h10m0s; base-1 escalate bob-phone
				1h20m0s; base-1 escalate bob-phone
				1h30m0s; base-1 escalate bob-phone
				1h30m0s; base-1 escalate boss
				1h40m0s; base-1 escalate bob-phone
				1h50m0s; base-1 escalate bob-phone
				2h0m0s; base-1 escalate alice-phone
				2h0m0s; base-1 resolve alice-phone bob-phone boss chat pager`,
		},
		"who knew before the silence is told the rest": {
			func(s *story) {
				s.rise("base", warn)
				s.silence("s", time.Hour, false, "chain=~ba.*")
				s.rise("base", page)
				s.rise("base", over)
			}, `
				0s; base-1 warn chat
				0s; base-1 page chat
				0s; base-1 resolve chat`,
		},
		"a silence for all but trips": {
			func(s *story) {
				s.silence("s", time.Hour, true, "severity!=trip")
				s.rise("op", page)
				s.tick(10 * time.Minute)
				s.rise("op", trip)
			}, `
				10m0s; op-1 trip pause chat pager`,
		},
		"hooks are held back only when the silence says so, and hear of the trip while it lasts": {
			func(s *story) {
				s.silence("s", time.Hour, true, "circuit=op")
				s.rise("op", trip)
				s.tick(2 * time.Hour)
				s.rise("op", over)
			}, `
				1h0m0s; op-1 trip pause; op-1 release chat pager
				1h1m0s; op-1 escalate boss
				2h0m0s; op-1 resolve pause boss chat pager`,
		},
		"hooks that never heard of a trip hear nothing of it": {
			func(s *story) {
				s.silence("s", time.Hour, true, "circuit=op")
				s.rise("op", trip)
				s.turn("op", headwatch.HalfOpen)
				s.rise("op", over)
			}, ``,
		},
		"what a person trips is held back from no hook": {
			func(s *story) {
				s.silence("s", time.Hour, true, "circuit=op")
				s.rise("op", page)
				s.transit("op", headwatch.Transition{
					Circuit: "op", From: headwatch.Closed, To: headwatch.Open, At: s.now, Actor: "dave", Reason: "pause it", Level: trip, Latched: true,
				})
				s.tick(0)
			}, `
				0s; op-1 trip pause`,
		},
		"a person who trips what is on probation lets hooks hear of a trip that was held back": {
			func(s *story) {
				s.silence("s", time.Hour, true, "circuit=op")
				s.rise("op", trip)
				s.turn("op", headwatch.HalfOpen)
				s.transit("op", headwatch.Transition{
					Circuit: "op", From: headwatch.HalfOpen, To: headwatch.Open, At: s.now, Actor: "dave", Reason: "pause it", Level: trip, Latched: true,
				})
				s.tick(0)
			}, `
				0s; op-1 trip pause`,
		},
		"a fall back after the silence is the first that hooks hear": {
			func(s *story) {
				s.silence("s", time.Minute, true, "circuit=op")
				s.rise("op", trip)
				s.turn("op", headwatch.HalfOpen)
				s.now = s.now.Add(time.Hour)
				s.turn("op", headwatch.Open)
			}, `
				1h0m0s; op-1 trip pause
				1h0m0s; op-1 release chat pager`,
		},
		"a silence of a condition is none for an incident of another": {
			func(s *story) { s.silence("s", time.Hour, false, "condition=blind"); s.rise("op", page) }, `
				0s; op-1 page pager`,
		},
		"a layer 1 stalls, and takes what settles on it with it": {
			func(s *story) {
				s.rise("eth", warn)
				s.tick(time.Minute)
				s.rise("op", page)
				s.rise("op", trip)
				s.tick(time.Minute)
				s.rise("eth", over)
				s.tick(2 * time.Minute)
				s.rise("op", over)
			}, `
				0s; eth-1 warn eth-chat
				1m0s; eth-1 join of op-1 pager
				1m0s; op-1 trip pause; eth-1 join of op-1 chat pager
				2m0s; eth-1 escalate of op-1 boss
				2m0s; eth-1 resolve boss chat eth-chat pager
				3m0s; op-1 release chat pager
				4m0s; op-1 escalate boss
				4m0s; op-1 resolve pause boss chat pager`,
		},
		"what ends with its cause is never told by itself": {
			func(s *story) {
				s.rise("eth", trip)
				s.rise("op", page)
				s.tick(30 * time.Second)
				s.rise("eth", over)
				s.tick(30 * time.Second)
				s.rise("op", over)
				s.tick(time.Hour)
			}, `
				0s; eth-1 trip eth-chat pager
				0s; eth-1 join of op-1 pager
				30s; eth-1 resolve eth-chat pager`,
		},
		"one that must be well for longer than its cause has that time to end": {
			func(s *story) {
				s.rise("eth", trip)
				s.rise("base", page)
				s.rise("eth", over)
				s.tick(4*time.Minute + 59*time.Second)
				s.rise("base", over)
			}, `
				0s; eth-1 trip eth-chat pager
				0s; eth-1 join of base-1 chat pager
				0s; eth-1 escalate of base-1 alice-phone
				0s; eth-1 resolve alice-phone chat eth-chat pager`,
		},
		"an open circuit has proved nothing, and waits no longer than it must": {
			func(s *story) {
				s.rise("eth", trip)
				s.rise("base", trip)
				s.rise("eth", over)
				s.tick(2 * time.Minute)
			}, `
				0s; eth-1 trip eth-chat pager
				0s; base-1 trip pause; eth-1 join of base-1 chat pager
				0s; eth-1 escalate of base-1 alice-phone
				0s; eth-1 resolve alice-phone chat eth-chat pager
				1m0s; base-1 release chat pager
				1m0s; base-1 escalate alice-phone`,
		},
		"a dependant that gets worse than all that was known voids the acknowledgement of its cause": {
			func(s *story) {
				s.rise("eth", warn)
				s.ack("eth-1", 0)
				s.tick(time.Minute)
				s.rise("base", page)
				s.rise("base", over)
			}, `
				0s; eth-1 warn eth-chat
				0s; eth-1 ack eth-chat
				1m0s; eth-1 join of base-1 eth-chat chat pager
				1m0s; eth-1 escalate of base-1 alice-phone
				1m0s; eth-1 leave of base-1 alice-phone chat eth-chat pager`,
		},
		"who was told of the dependant before stays with it": {
			func(s *story) {
				s.rise("op", page)
				s.rise("eth", warn)
				s.tick(30 * time.Second)
				s.rise("op", trip)
				s.rise("op", over)
				s.rise("eth", over)
			}, `
				0s; op-1 page pager
				0s; eth-1 warn eth-chat
				30s; op-1 trip pause pager; eth-1 join of op-1 chat
				30s; op-1 resolve pause pager; eth-1 leave of op-1 chat
				30s; eth-1 resolve chat eth-chat`,
		},
		"whoever a dependant escalates to is told, whatever other escalation its cause follows": {
			func(s *story) {
				s.rise("eth", trip)
				s.rise("base", page)
				s.tick(30 * time.Second)
				s.rise("op", page)
				s.tick(2 * time.Minute)
			}, `
				0s; eth-1 trip eth-chat pager
				0s; eth-1 join of base-1 chat pager
				0s; eth-1 escalate of base-1 alice-phone
				30s; eth-1 join of op-1 pager
				1m30s; eth-1 escalate of op-1 boss`,
		},
		"the escalation of one dependant does not stand for that of another": {
			func(s *story) {
				s.rise("eth", trip)
				s.rise("base", page)
				s.tick(30 * time.Second)
				s.rise("base", over)
				s.rise("op", page)
				s.tick(2 * time.Minute)
			}, `
				0s; eth-1 trip eth-chat pager
				0s; eth-1 join of base-1 chat pager
				0s; eth-1 escalate of base-1 alice-phone
				30s; eth-1 leave of base-1 alice-phone chat pager
				30s; eth-1 join of op-1 pager
				1m30s; eth-1 escalate of op-1 boss`,
		},
		"a cause that is silenced speaks for nobody": {
			func(s *story) {
				s.silence("s", time.Hour, false, "circuit=eth")
				s.rise("eth", page)
				s.rise("op", page)
				s.tick(time.Minute)
			}, `
				0s; op-1 page pager
				1m0s; op-1 escalate boss`,
		},
	} {
		s := newStory(t)
		c.do(s)
		want := strings.FieldsFunc(strings.ReplaceAll(c.want, "\t", ""), func(r rune) bool { return r == '\n' })
		if !slices.Equal(s.lines, want) {
			t.Errorf("%s:\n%s\nwant\n%s", name, strings.Join(s.lines, "\n"), strings.Join(want, "\n"))
		}
	}
}
