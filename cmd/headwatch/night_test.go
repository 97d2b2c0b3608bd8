package main

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"headwatch"
	"headwatch/config"
)

// Every night under testdata/nights comes true to the second: the program from the endpoints' answers to what each channel was
// told, with a journal in memory. With -v it prints what people read.
func TestNights(t *testing.T) {
	files, err := filepath.Glob("testdata/nights/*.night")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d nights, %v", len(files), err)
	}
	for _, path := range files {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".night"), func(t *testing.T) {
			t.Parallel()
			s := readNight(t, path)
			cfg, err := config.Load(filepath.Join(filepath.Dir(path), s.config))
			if err != nil {
				t.Fatal(err)
			}
			synctest.Test(t, func(t *testing.T) {
				n := &nightRun{t: t, script: s, cfg: cfg, journal: newNightJournal(), down: map[string]bool{}, links: map[string][]string{}}
				n.play()
				for _, fault := range n.faults() {
					t.Error(fault)
				}
				if t.Failed() || testing.Verbose() {
					t.Logf("what was told:\n%s", n.transcript())
				}
			})
		})
	}
}

// nightRun is one night as it happens.
type nightRun struct {
	t       *testing.T
	script  *nightScript
	cfg     *config.Config
	world   *nightWorld
	journal *nightJournal
	life    *nightLife // nil while no process runs

	mu    sync.Mutex
	down  map[string]bool     // channels
	links map[string][]string // to acknowledge, by channel and circuit, as they were sent
	told  []nightMessage
}

// nightMessage is what a channel took.
type nightMessage struct {
	at     time.Time
	route  string
	notice headwatch.Notice
	text   string // as a person reads it
}

func (m nightMessage) String() string {
	return fmt.Sprintf("%s expect %s %s %s", m.at.UTC().Format("2006-01-02 15:04:05"), m.notice.Kind, m.notice.Transition.Circuit, m.notice.Channel)
}

func (n *nightRun) play() {
	s := n.script
	time.Sleep(time.Until(s.begin))
	n.world = newNightWorld(n.cfg, s.begin)
	n.life = n.start()
	for _, a := range s.acts {
		time.Sleep(time.Until(a.at))
		synctest.Wait()
		if err := n.do(a); err != nil {
			n.t.Errorf("%s: %s: %v", a.where, a.verb, err)
		}
	}
	time.Sleep(time.Until(s.end))
	synctest.Wait()
	n.life.stop(true)
}

// do lets something happen.
func (n *nightRun) do(a act) error {
	var name string
	if len(a.names) > 0 {
		name = a.names[0]
	}
	switch a.verb {
	case "stall", "resume":
		c := n.world.chains[name]
		if c == nil {
			return fmt.Errorf("there is no chain %q", name)
		}
		n.world.set(func() { c.still = a.verb == "stall" })
	case "unreachable", "reachable":
		if !slices.ContainsFunc(n.cfg.Chains, func(c config.Chain) bool {
			return slices.ContainsFunc(c.Endpoints, func(e config.Endpoint) bool { return e.Name == name })
		}) {
			return fmt.Errorf("there is no endpoint %q", name)
		}
		n.world.set(func() { n.world.dark[name] = a.verb == "unreachable" })
	case "channel":
		if n.cfg.Alert(name) == nil && n.cfg.Hook(name) == nil {
			return fmt.Errorf("there is no channel %q", name)
		}
		n.mu.Lock()
		n.down[name] = a.names[1] == "down"
		n.mu.Unlock()
	case "empty", "full":
		c := n.world.chains[name]
		if c == nil {
			return fmt.Errorf("there is no chain %q", name)
		}
		n.world.set(func() { c.empty = a.verb == "empty" })
	case "journal":
		n.journal.set(name == "down")
	case "restart", "kill":
		n.life.stop(a.verb == "restart")
		time.Sleep(a.lasts)
		n.life = n.start()
	default:
		return n.life.order(a)
	}
	return nil
}

func (n *nightRun) transcript() string {
	var b strings.Builder
	for _, m := range n.told {
		fmt.Fprintln(&b, m)
		if testing.Verbose() {
			fmt.Fprintln(&b, m.text)
		}
	}
	return b.String()
}

// faults holds what was told against what was expected, and against what holds in every night.
func (n *nightRun) faults() (all []string) {
	slices.SortStableFunc(n.told, func(a, b nightMessage) int { return a.at.Compare(b.at) })
	for _, m := range n.told {
		switch e := n.script.meet(m); {
		case e == nil:
			all = append(all, fmt.Sprintf("%s: nobody expected %s", n.script.config, m))
		case !strings.Contains(m.text, e.saying):
			all = append(all, fmt.Sprintf("%s: %q is not in\n%s", e.where, e.saying, m.text))
		}
		for _, q := range n.script.quiet {
			if q.channel == m.notice.Channel && !m.at.Before(q.from) && m.at.Before(q.until) {
				all = append(all, fmt.Sprintf("%s: nothing was expected on %s, and there came %s", q.where, q.channel, m))
			}
		}
	}
	for _, e := range n.script.expect {
		if !e.met {
			all = append(all, fmt.Sprintf("%s: %s of %s did not come to %s from %s to %s", e.where, e.kind, e.circuit, e.channel,
				e.from.Format(time.TimeOnly), e.until.Format(time.TimeOnly)))
		}
	}
	return append(all, n.broken()...)
}

// meet takes the expectation that a message meets: of several the one that ends first.
func (s *nightScript) meet(m nightMessage) *expectation {
	var best *expectation
	for _, e := range s.expect {
		if e.met || e.kind != string(m.notice.Kind) || e.circuit != m.notice.Transition.Circuit || e.channel != m.notice.Channel ||
			m.at.Before(e.from) || m.at.After(e.until) {
			continue
		}
		if best == nil || e.until.Before(best.until) {
			best = e
		}
	}
	if best != nil {
		best.met = true
	}
	return best
}

// broken says what is wrong whatever the night: the steps of an incident come to a channel in the order of the journal and once,
// under one key and one route; what was told there of an incident that is over ends with its end; every notice has an end.
func (n *nightRun) broken() (all []string) {
	type lane struct{ incident, channel string }
	type place struct {
		lane
		step uint64
	}
	journaled, delivered, over := map[place]uint64{}, map[place]bool{}, map[string]bool{}
	for _, e := range n.journal.events() {
		switch {
		case e.Transition != nil && e.Transition.Level == headwatch.LevelNone:
			over[e.Transition.Incident] = true
		case e.Notice != nil:
			journaled[place{lane{e.Notice.Incident, e.Notice.Channel}, e.Notice.Step}] = e.Seq
		case e.Delivery != nil:
			delivered[place{lane{e.Delivery.Incident, e.Delivery.Channel}, e.Delivery.Step}] = true
		}
	}
	last := map[lane]nightMessage{}
	for _, m := range n.told {
		l := lane{m.notice.Incident, m.notice.Channel}
		before, begun := last[l]
		if begun && journaled[place{l, m.notice.Step}] <= journaled[place{l, before.notice.Step}] {
			all = append(all, fmt.Sprintf("told twice or out of order: %s after %s", m, before))
		}
		if begun && (before.notice.DedupKey != m.notice.DedupKey || before.route != m.route) {
			all = append(all, fmt.Sprintf("under another key or route: %s", m))
		}
		last[l] = m
	}
	for l, m := range last {
		if k := m.notice.Kind; over[l.incident] && k != headwatch.StepResolve && k != missed && k != headwatch.StepHook {
			all = append(all, fmt.Sprintf("%s is over, and the last that %s heard of it is %s", l.incident, l.channel, k))
		}
	}
	for p := range journaled {
		if !delivered[p] {
			all = append(all, fmt.Sprintf("step %d of %s has no end on %s", p.step, p.incident, p.channel))
		}
	}
	slices.Sort(all)
	return all
}

func TestANightIsExact(t *testing.T) {
	s, err := parseNight("n", `config x.toml
date 2026-11-22
00:00 begin
00:10 expect page lending pager within 10s
00:10 expect page lending pager within 20s
00:10 expect nothing chat until 00:20
00:25 expect warn lending chat saying tired
00:30 expect resolve lending pager
01:00 end`)
	if err != nil {
		t.Fatal(err)
	}
	at := func(clock string, kind headwatch.StepKind, channel string) nightMessage {
		when, err := clockTime(s.begin, clock)
		if err != nil {
			t.Fatal(err)
		}
		return nightMessage{when, "r", headwatch.Notice{Incident: "i", Kind: kind, Channel: channel, Transition: headwatch.Transition{Circuit: "lending"}}, ""}
	}
	n := &nightRun{script: s, journal: newNightJournal(), told: []nightMessage{
		at("00:10:05", headwatch.StepPage, "pager"), at("00:10:12", headwatch.StepPage, "pager"), // each meets its own line
		at("00:10:13", headwatch.StepPage, "pager"), // one too many
		at("00:15", headwatch.StepWarn, "chat"),     // at the wrong time, and expected by nobody
		at("00:25", headwatch.StepWarn, "chat"),     // in other words
		at("00:31", headwatch.StepResolve, "pager"), // a minute late
	}}
	got := strings.Join(n.faults(), "\n")
	for _, want := range []string{
		"nobody expected 2026-11-22 00:10:13 expect page lending pager", "nobody expected 2026-11-22 00:15:00 expect warn lending chat",
		"n:6: nothing was expected on chat", "nobody expected 2026-11-22 00:31:00 expect resolve", "n:8: resolve of lending did not come to pager",
		`n:7: "tired" is not in`,
		"told twice or out of order",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is missing in\n%s", want, got)
		}
	}
	if strings.Contains(got, "n:4") || strings.Contains(got, "n:5") {
		t.Errorf("what came in time is at fault:\n%s", got)
	}
}
