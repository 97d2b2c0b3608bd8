package self_test

import (
	"strings"
	"testing"
	"time"

	"headwatch"
	"headwatch/breaker"
	"headwatch/config"
	"headwatch/self"
)

var (
	start    = time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC)
	watchdog = config.Watchdog{
		WarnAfter: config.Duration(30 * time.Second), PageAfter: config.Duration(2 * time.Minute), RecoverAfter: config.Duration(time.Minute),
	}
)

func at(d time.Duration) time.Time { return start.Add(d) }

// look assesses every second up to an instant, as the loop does, and gives the last verdict.
func look(j *self.Judge, from, to time.Duration, facts func(now time.Time) self.Facts) (a headwatch.Assessment) {
	for d := from; d <= to; d += time.Second {
		f := facts(at(d))
		f.At = at(d)
		a = j.Assess(f)
	}
	return a
}

func found(a headwatch.Assessment) string {
	var all []string
	for _, f := range a.Findings {
		all = append(all, string(f.Condition)+" "+f.Endpoint)
	}
	return strings.Join(all, ", ")
}

func TestWhatIsFound(t *testing.T) {
	peer := headwatch.PeerStatus{Name: "other", Limit: 19 * time.Second}
	beat := headwatch.HeartbeatStatus{Name: "outside", Every: time.Minute}
	refused := headwatch.Delivery{Incident: "lending-1", Kind: headwatch.StepPage, Outcome: headwatch.Refused, Decided: at(100 * time.Second), At: at(101 * time.Second)}
	for name, c := range map[string]struct {
		facts func(now time.Time) self.Facts
		until time.Duration
		want  string
		since time.Duration
	}{
		"nothing": {func(now time.Time) self.Facts { return self.Facts{} }, 300 * time.Second, "", 0},
		"a notice that waits for less than the warning takes": {func(time.Time) self.Facts {
			return self.Facts{Channels: []self.Channel{{Name: "chat", Oldest: at(100 * time.Second)}}}
		}, 129 * time.Second, "", 0},
		"a notice that waits as long": {func(time.Time) self.Facts {
			return self.Facts{Channels: []self.Channel{{Name: "chat", Oldest: at(100 * time.Second)}, {Name: "sms"}}}
		}, 130 * time.Second, "channel_failing chat", 100 * time.Second},
		"a notice from before the start has its time here first": {func(time.Time) self.Facts {
			return self.Facts{Channels: []self.Channel{{Name: "chat", Oldest: at(-time.Hour)}}}
		}, 29 * time.Second, "", 0},
		"and is as old as it is after that": {func(time.Time) self.Facts {
			return self.Facts{Channels: []self.Channel{{Name: "chat", Oldest: at(-time.Hour)}}}
		}, 30 * time.Second, "channel_failing chat", -time.Hour},
		"a notice that was refused": {func(time.Time) self.Facts {
			return self.Facts{Channels: []self.Channel{{Name: "chat", Refused: &refused}}}
		}, 102 * time.Second, "channel_failing chat", 100 * time.Second},
		"a refusal is told of for ten minutes": {func(time.Time) self.Facts {
			return self.Facts{Channels: []self.Channel{{Name: "chat", Refused: &refused}}}
		}, 101*time.Second + 10*time.Minute, "", 0},
		"a chain that is assessed": {func(now time.Time) self.Facts {
			return self.Facts{Chains: []self.Chain{{Name: "base", Assessed: now.Add(-10 * time.Second)}}}
		}, time.Minute, "", 0},
		"a chain that is not": {func(time.Time) self.Facts {
			return self.Facts{Chains: []self.Chain{{Name: "base", Assessed: at(20 * time.Second)}}}
		}, 31 * time.Second, "loop_stuck base", 20 * time.Second},
		"a chain that never was": {func(time.Time) self.Facts {
			return self.Facts{Chains: []self.Chain{{Name: "base"}}}
		}, 11 * time.Second, "loop_stuck base", 0},
		"a journal that takes nothing": {func(now time.Time) self.Facts {
			if now.Before(at(7 * time.Second)) {
				return self.Facts{}
			}
			return self.Facts{Journal: "no space left on device"}
		}, 60 * time.Second, "journal_failing ", 7 * time.Second},
		"a peer that is seen": {func(now time.Time) self.Facts {
			p := peer
			p.Seen = now.Add(-19 * time.Second)
			return self.Facts{Peers: []headwatch.PeerStatus{p}}
		}, time.Hour, "", 0},
		"a peer that was": {func(now time.Time) self.Facts {
			p := peer
			p.Seen = at(100 * time.Second)
			return self.Facts{Peers: []headwatch.PeerStatus{p}}
		}, 120 * time.Second, "peer_silent other", 100 * time.Second},
		"a peer that never was": {func(now time.Time) self.Facts {
			return self.Facts{Peers: []headwatch.PeerStatus{peer}}
		}, 20 * time.Second, "peer_silent other", 0},
		"a heartbeat that failed for three intervals": {func(now time.Time) self.Facts {
			b := beat
			b.Failing = at(10 * time.Second)
			return self.Facts{Heartbeats: []headwatch.HeartbeatStatus{b}}
		}, 190 * time.Second, "", 0},
		"and for longer": {func(now time.Time) self.Facts {
			b := beat
			b.Failing = at(10 * time.Second)
			return self.Facts{Heartbeats: []headwatch.HeartbeatStatus{b}}
		}, 191 * time.Second, "heartbeat_failing outside", 10 * time.Second},
		"a restart": {func(time.Time) self.Facts {
			return self.Facts{Restart: &self.Restart{Since: at(-time.Hour)}}
		}, 0, "restarted ", -time.Hour},
	} {
		a := look(self.New(watchdog, start, nil), 0, c.until, c.facts)
		if got := found(a); got != c.want {
			t.Errorf("%s: found %q, want %q", name, got, c.want)
			continue
		}
		if c.want == "" {
			continue
		}
		if f := a.Findings[0]; !f.Since.Equal(at(c.since)) || f.Value != c.until-c.since {
			t.Errorf("%s: since %s, value %s; want since %s", name, f.Since, f.Value, at(c.since))
		}
	}
}

// A laptop that was closed and a virtual machine that was moved make nothing late: what was awaited has its time anew.
func TestAMachineThatStoodStillMakesNothingLate(t *testing.T) {
	j := self.New(watchdog, start, nil)
	facts := func(time.Time) self.Facts {
		return self.Facts{
			Channels: []self.Channel{{Name: "chat", Oldest: at(time.Second)}},
			Chains:   []self.Chain{{Name: "base", Assessed: at(time.Second)}},
			Peers:    []headwatch.PeerStatus{{Name: "other", Seen: at(time.Second), Limit: 19 * time.Second}},
		}
	}
	look(j, 0, 2*time.Second, facts)
	if a := look(j, time.Hour, time.Hour+9*time.Second, facts); len(a.Findings) != 0 {
		t.Errorf("found %s at once", found(a))
	}
	if a := look(j, time.Hour+10*time.Second, time.Hour+40*time.Second, facts); len(a.Findings) != 3 {
		t.Errorf("found %s later on, want all three", found(a))
	}
}

// An incident that a restart interrupts goes on: what it was about is not over because nobody has looked yet.
func TestWhatHeldBeforeARestartGoesOn(t *testing.T) {
	before := &headwatch.Assessment{Findings: []headwatch.Finding{
		{Condition: headwatch.ChannelFailing, Endpoint: "chat", Since: at(-time.Hour)},
		{Condition: headwatch.PeerSilent, Endpoint: "other", Since: at(-2 * time.Hour)},
	}}
	a := self.New(watchdog, start, before).Assess(self.Facts{
		At:       at(time.Second),
		Channels: []self.Channel{{Name: "chat", Oldest: at(-time.Hour)}, {Name: "sms", Oldest: at(-time.Hour)}},
		Peers:    []headwatch.PeerStatus{{Name: "other", Limit: 19 * time.Second}, {Name: "third", Limit: 19 * time.Second}},
	})
	if got := found(a); got != "channel_failing chat, peer_silent other" {
		t.Fatalf("found %q", got)
	}
	if got := a.Find(headwatch.PeerSilent).Since; !got.Equal(at(-2 * time.Hour)) {
		t.Errorf("the peer is silent since %s", got)
	}
}

// An incident is told with one finding, so that one names the others.
func TestEveryFindingNamesTheOthers(t *testing.T) {
	var f self.Facts
	f.At = at(time.Minute)
	for _, name := range strings.Fields("a b c d e f g h i j k") {
		f.Chains = append(f.Chains, self.Chain{Name: name, Assessed: start})
	}
	j := self.New(watchdog, start, nil)
	a := look(j, 0, time.Minute, func(time.Time) self.Facts { return f })
	want := "b is not watched; also: loop stuck a, loop stuck c, loop stuck d, loop stuck e, loop stuck f, loop stuck g, loop stuck h, loop stuck i, 2 more"
	if got := a.Findings[1].Detail; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// The findings pass through the same circuit as those of chains: they warn, page, never trip, and end by themselves.
func TestTheCircuitTellsAndNeverOpens(t *testing.T) {
	cfg := config.Config{Watchdog: watchdog}
	circuit, err := breaker.New(*cfg.Circuit(headwatch.Watchdog), nil)
	if err != nil {
		t.Fatal(err)
	}
	j := self.New(watchdog, start, nil)
	var decided []headwatch.Transition
	for d := time.Duration(0); d < 2*time.Hour; d += time.Second {
		f := self.Facts{At: at(d)}
		if d < time.Hour {
			f.Channels = []self.Channel{{Name: "chat", Oldest: start}}
		}
		decided = append(decided, circuit.Feed(j.Assess(f))...)
	}
	want := []struct {
		level headwatch.Level
		after time.Duration
	}{{headwatch.LevelWarn, 30 * time.Second}, {headwatch.LevelPage, 2 * time.Minute}, {headwatch.LevelNone, time.Hour + time.Minute}}
	if len(decided) != len(want) {
		t.Fatalf("%d decisions: %+v", len(decided), decided)
	}
	for i, d := range decided {
		if d.To != headwatch.Closed || d.Level != want[i].level || !d.At.Equal(at(want[i].after)) || d.Incident != decided[0].Incident || !d.Told {
			t.Errorf("decision %d: %s to %s at %s in %s", i, d.Level, d.To, d.At, d.Incident)
		}
	}
}

func TestALongAbsencePagesAtOnceAndAShortOneWarns(t *testing.T) {
	for absence, want := range map[time.Duration]headwatch.Level{
		90 * time.Second: headwatch.LevelWarn, 2 * time.Minute: headwatch.LevelPage, time.Hour: headwatch.LevelPage,
	} {
		cfg := config.Config{Watchdog: watchdog}
		circuit, err := breaker.New(*cfg.Circuit(headwatch.Watchdog), nil)
		if err != nil {
			t.Fatal(err)
		}
		j := self.New(watchdog, start, nil)
		decided := circuit.Feed(j.Assess(self.Facts{At: start, Restart: &self.Restart{Since: start.Add(-absence)}}))
		if len(decided) == 0 || decided[len(decided)-1].Level != want {
			t.Errorf("after an absence of %s: %+v", absence, decided)
		}
	}
}
