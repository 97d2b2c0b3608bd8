package main

import (
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/zap"

	"headwatch"
	"headwatch/config"
	"headwatch/delivery"
	"headwatch/duty"
	"headwatch/hook"
	"headwatch/incident"
	"headwatch/watcher"
	"headwatch/web"
)

// Every night under testdata/nights comes true to the second: the program from the endpoints' answers to what each channel was
// told, with a journal in memory.
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
				n := &nightRun{t: t, script: s, cfg: cfg, journal: newNightJournal(), down: map[string]bool{}}
				n.play()
				for _, fault := range n.faults() {
					t.Error(fault)
				}
				if t.Failed() {
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

	mu   sync.Mutex
	down map[string]bool // channels
	told []nightMessage
}

// nightMessage is what a channel took.
type nightMessage struct {
	at     time.Time
	route  string
	notice headwatch.Notice
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
	n.life.stop()
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
	case "restart":
		n.life.stop()
		time.Sleep(a.lasts)
		n.life = n.start()
	default:
		return n.life.order(a)
	}
	return nil
}

// nightLife is one process: everything but the journal and the world begins anew with it.
type nightLife struct {
	run     *nightRun
	net     *network
	book    *incident.Book
	cancel  context.CancelFunc
	running sync.WaitGroup
}

func (n *nightRun) start() *nightLife {
	n.t.Helper()
	last := n.journal.Last()
	net, err := wire(n.cfg, last, nil, zap.NewNop())
	if err != nil {
		n.t.Fatal(err)
	}
	metrics, ledger := web.NewMetrics(n.cfg), hook.NewLedger()
	l := &nightLife{run: n, net: net, book: incident.NewBook(plan(n.cfg))}
	roster, err := duty.New(n.cfg, zap.NewNop())
	if err != nil {
		n.t.Fatal(err)
	}
	l.book.Consult(roster)
	ctx, cancel := context.WithCancel(n.t.Context())
	l.cancel = cancel
	recorder := newRecorder(n.journal, func(headwatch.Transition) { n.t.Error("the journal refused a decision") }, metrics, zap.NewNop())
	l.goes(ctx, func() error {
		return watcher.Replay(net.chains, n.world.heard(ctx), func(a headwatch.Assessment) error {
			return judge(ctx, net.circuits[a.Chain], recorder.decide)(a)
		})
	})
	l.goes(ctx, func() error {
		return n.journal.Follow(ctx, "incidents", l.book.Restore, l.book.Restored, func(ctx context.Context, e headwatch.Event) error {
			ledger.Apply(e)
			return n.journal.Tell(ctx, l.book.Apply(e)...)
		})
	})
	l.goes(ctx, func() error {
		return keepTime(ctx, l.book, n.journal, func([]headwatch.Notice) { n.t.Error("the journal refused what was due") }, zap.NewNop())
	})
	for _, a := range n.cfg.Alerts {
		l.channel(ctx, delivery.Channel{Name: a.Name, Timeout: a.Timeout.D(), Coalesce: a.Coalesce.D()})
	}
	for _, h := range n.cfg.Hooks {
		l.channel(ctx, delivery.Channel{Name: h.Name, Timeout: h.Timeout.D()})
	}
	return l
}

func (l *nightLife) channel(ctx context.Context, c delivery.Channel) {
	c.Sender = nightChannel{l.run, c.Name}
	loop := delivery.New(c, l.run.journal, unobserved{}, zap.NewNop())
	l.goes(ctx, func() error { return loop.Run(ctx) })
}

// unobserved is a delivery.Observer that looks away.
type unobserved struct{}

func (unobserved) Attempt(string, delivery.Reason) {}

func (unobserved) Finished(headwatch.Delivery) {}

// goes runs a part of the process, which may end only with all of it.
func (l *nightLife) goes(ctx context.Context, part func() error) {
	l.running.Go(func() {
		if err := part(); err != nil || ctx.Err() == nil {
			l.run.t.Errorf("a part of the process ended: %v", err)
		}
	})
}

func (l *nightLife) stop() {
	l.cancel()
	l.running.Wait()
}

// order is what a person does.
func (l *nightLife) order(a act) error {
	order := headwatch.Action{
		Kind: headwatch.ActionKind(a.verb), Circuit: a.names[0], Actor: a.who, Reason: "a line of the night", At: time.Now(), For: a.lasts,
	}
	if order.Kind == headwatch.ActionSilence || order.Kind == headwatch.ActionUnsilence {
		order.Circuit, order.For = "", 0
		order.Silence = &headwatch.Silence{ID: "the silence of " + a.names[0], Matchers: matchersOf(a.names[0]), Starts: order.At, Ends: order.At.Add(a.lasts), Author: a.who, Reason: order.Reason, HoldHooks: len(a.names) > 1}
		return l.run.journal.Act(l.run.t.Context(), order)
	}
	circuit, _, err := l.net.circuit(order.Circuit)
	if err != nil {
		return err
	}
	if order.Kind == headwatch.ActionAck {
		i := calling(l.book.Incidents(), order.Circuit, "")
		if i == nil {
			return fmt.Errorf("circuit %s has no open incident", order.Circuit)
		}
		order.Incident = i.ID
		return l.run.journal.Act(l.run.t.Context(), order)
	}
	_, err = circuit.Do(l.run.t.Context(), order)
	return err
}

// matchersOf reads matchers that ask for equality.
func matchersOf(text string) (all []headwatch.Matcher) {
	for m := range strings.SplitSeq(text, ",") {
		name, value, _ := strings.Cut(m, "=")
		bare, unequal := strings.CutSuffix(name, "!")
		all = append(all, headwatch.Matcher{Name: bare, Value: value, IsEqual: !unequal})
	}
	return all
}

// nightChannel is the other end of a channel.
type nightChannel struct {
	run  *nightRun
	name string
}

// Route implements delivery.Sender.
func (c nightChannel) Route() json.RawMessage { return json.RawMessage(`"` + c.name + `"`) }

// Send implements delivery.Sender.
func (c nightChannel) Send(_ context.Context, route json.RawMessage, n headwatch.Notice) (string, error) {
	c.run.mu.Lock()
	defer c.run.mu.Unlock()
	if c.run.down[c.name] {
		return "", &delivery.Error{Reason: delivery.ReasonRefused, Detail: "the channel is down"}
	}
	c.run.told = append(c.run.told, nightMessage{time.Now(), string(route), n})
	return "taken", nil
}

// missed is what a line expects where a channel is told in one message of an incident that is over already.
const missed headwatch.StepKind = "missed"

// Coalesced implements delivery.Coalescer: it is told as what ends the incident.
func (c nightChannel) Coalesced(ctx context.Context, route json.RawMessage, _, resolve headwatch.Notice) (string, error) {
	resolve.Kind = missed
	return c.Send(ctx, route, resolve)
}

func (n *nightRun) transcript() string {
	var b strings.Builder
	for _, m := range n.told {
		fmt.Fprintln(&b, m)
	}
	return b.String()
}

// faults holds what was told against what was expected, and against what holds in every night.
func (n *nightRun) faults() (all []string) {
	slices.SortStableFunc(n.told, func(a, b nightMessage) int { return a.at.Compare(b.at) })
	for _, m := range n.told {
		if e := n.script.meet(m); e == nil {
			all = append(all, fmt.Sprintf("%s: nobody expected %s", n.script.config, m))
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
		return nightMessage{when, "r", headwatch.Notice{Incident: "i", Kind: kind, Channel: channel, Transition: headwatch.Transition{Circuit: "lending"}}}
	}
	n := &nightRun{script: s, journal: newNightJournal(), told: []nightMessage{
		at("00:10:05", headwatch.StepPage, "pager"), at("00:10:12", headwatch.StepPage, "pager"), // each meets its own line
		at("00:10:13", headwatch.StepPage, "pager"), // one too many
		at("00:15", headwatch.StepWarn, "chat"),     // at the wrong time, and expected by nobody
		at("00:31", headwatch.StepResolve, "pager"), // a minute late
	}}
	got := strings.Join(n.faults(), "\n")
	for _, want := range []string{
		"nobody expected 2026-11-22 00:10:13 expect page lending pager", "nobody expected 2026-11-22 00:15:00 expect warn lending chat",
		"n:6: nothing was expected on chat", "nobody expected 2026-11-22 00:31:00 expect resolve", "n:7: resolve of lending did not come to pager",
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
