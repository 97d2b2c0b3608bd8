package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/zap"

	"headwatch"
	"headwatch/config"
	"headwatch/hook"
	"headwatch/incident"
	"headwatch/journal"
	"headwatch/web"
)

const waitingConfig = `
[[chain]]
name = "one"
kind = "evm"
chain_id = 900
block_time = "2s"
[[chain.endpoint]]
url = "http://127.0.0.1:1"
[[circuit]]
name = "lending"
chain = "one"
on = ["l1_head_stalled"]
warn_after = "10s"
page_after = "20s"
trip_after = "30s"
recover_after = "5m"
hooks = ["pause"]
alerts = ["terminal"]
[[hook]]
name = "pause"
kind = "webhook"
mode = "confirm"
veto_for = "1h"
max_per_day = 1
url = %q
secrets = ["whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3"]
[[alert]]
name = "terminal"
kind = "console"
`

// afternoon is the part of the program behind the decisions, on a real journal, as one process after the other runs it.
type afternoon struct {
	t        *testing.T
	cfg      *config.Config
	dir      string
	seq      uint64
	received chan string // what the hook was sent
	screen   *safeBuffer

	journal *journal.Journal
	desk    *desk
	stop    func()
}

func newAfternoon(t *testing.T) *afternoon {
	a := &afternoon{t: t, dir: t.TempDir(), received: make(chan string, 100), screen: &safeBuffer{}}
	receiver := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { a.received <- r.Header.Get("webhook-id") }))
	t.Cleanup(receiver.Close)
	cfg, err := config.Parse("t", fmt.Appendf(nil, waitingConfig, receiver.URL), func(string) (string, bool) { return "", false })
	if err != nil {
		t.Fatal(err)
	}
	a.cfg = cfg
	a.start()
	t.Cleanup(func() { a.stop() })
	return a
}

// start is a new process.
func (a *afternoon) start() {
	a.t.Helper()
	ctx, cancel := context.WithCancel(a.t.Context())
	j, err := journal.Open(ctx, config.Journal{Dir: a.dir}, zap.NewNop())
	if err != nil {
		a.t.Fatal(err)
	}
	last, err := j.Last(ctx)
	if err != nil {
		a.t.Fatal(err)
	}
	ledger, err := restoreLedger(ctx, j, last)
	if err != nil {
		a.t.Fatal(err)
	}
	metrics, book := web.NewMetrics(a.cfg), incident.NewBook(plan(a.cfg))
	all, err := openChannels(a.cfg, &network{}, a.screen, j, ledger, metrics, zap.NewNop())
	if err != nil {
		a.t.Fatal(err)
	}
	a.journal, a.desk = j, &desk{cfg: a.cfg, book: book, ledger: ledger, journal: j}
	var running sync.WaitGroup
	running.Go(func() {
		if err := keepBooks(ctx, j, ledger, book, metrics); err != nil {
			a.t.Error(err)
		}
	})
	for _, loop := range all.loops {
		running.Go(func() {
			if err := loop.Run(ctx); err != nil {
				a.t.Error(err)
			}
		})
	}
	a.stop = sync.OnceFunc(func() {
		cancel()
		running.Wait()
		if err := j.Close(); err != nil {
			a.t.Error(err)
		}
	})
}

func (a *afternoon) restart() {
	a.t.Helper()
	a.stop()
	a.start()
}

// decide puts a trip or the end of an incident on record.
func (a *afternoon) decide(incident string, to headwatch.State, level headwatch.Level) {
	a.t.Helper()
	a.seq++
	from := headwatch.Closed
	if to == headwatch.Closed {
		from = headwatch.Open
	}
	err := a.journal.Decide(a.t.Context(), headwatch.Transition{
		Circuit: "lending", Seq: a.seq, From: from, To: to, At: time.Now(), Since: time.Now(), Level: level, Actor: headwatch.Watchdog,
		Incident: incident, Cause: headwatch.Assessment{Chain: "one"},
	})
	if err != nil {
		a.t.Fatal(err)
	}
}

// await gives the first event of the journal, old or new, that is looked for.
func (a *afternoon) await(what string, is func(headwatch.Event) bool) headwatch.Event {
	a.t.Helper()
	ctx, cancel := context.WithTimeout(a.t.Context(), time.Minute)
	defer cancel()
	for e, err := range a.journal.Read(ctx, 0, true) {
		if err != nil {
			a.t.Fatal(err)
		}
		if is(e) {
			return e
		}
	}
	a.t.Fatalf("the journal never held %s; on the screen:\n%s", what, a.screen.String())
	return headwatch.Event{}
}

func (a *afternoon) awaitReport(incident string, kind headwatch.ReportKind) headwatch.Report {
	a.t.Helper()
	return *a.await(string(kind)+" of "+incident, func(e headwatch.Event) bool {
		return e.Report != nil && e.Report.Incident == incident && e.Report.Kind == kind
	}).Report
}

// awaitEnd gives how a notice of the hook ended.
func (a *afternoon) awaitEnd(incident string, kind headwatch.StepKind) headwatch.Delivery {
	a.t.Helper()
	return *a.await("the end of "+incident, func(e headwatch.Event) bool {
		return e.Delivery != nil && e.Delivery.Channel == "pause" && e.Delivery.Incident == incident && e.Delivery.Kind == kind
	}).Delivery
}

func (a *afternoon) order(kind headwatch.ActionKind) error {
	_, err := a.desk.act(a.t.Context(), headwatch.Action{Kind: kind, Hook: "pause", Actor: "alice", Reason: "a drill", At: time.Now()})
	return err
}

// mustOrder gives an order that is possible in a moment: the hook has said that it waits.
func (a *afternoon) mustOrder(kind headwatch.ActionKind) {
	a.t.Helper()
	until(a.t, a.screen, func() bool { return a.order(kind) == nil })
}

func TestAProcessThatDiesInTheTimeForAVetoKeepsIt(t *testing.T) {
	a := newAfternoon(t)
	a.decide("lending-1", headwatch.Open, headwatch.LevelTrip)
	before := a.awaitReport("lending-1", headwatch.ReportAnnounced)
	if left := time.Until(before.Until); left < 59*time.Minute || left > time.Hour {
		t.Errorf("it fires in %s", left)
	}
	a.restart()
	if after := a.awaitReport("lending-1", headwatch.ReportAnnounced); !after.Until.Equal(before.Until) {
		t.Errorf("after the restart it fires at %s, before at %s", after.Until, before.Until)
	}
	a.mustOrder(headwatch.ActionVeto)
	a.restart()
	if end := a.awaitEnd("lending-1", headwatch.StepTrip); end.Outcome != headwatch.Withheld || !strings.Contains(end.Detail, "vetoed by alice: a drill") {
		t.Errorf("it ended with %+v", end)
	}
	if err := a.order(headwatch.ActionApprove); !errors.Is(err, web.ErrConflict) || !strings.Contains(err.Error(), "that is final") {
		t.Errorf("approved after the veto: %v", err)
	}
	a.await("the veto, told", func(e headwatch.Event) bool {
		return e.Delivery != nil && e.Delivery.Channel == "terminal" && e.Delivery.Kind == headwatch.StepHook && strings.Contains(a.screen.String(), "VETOED lending: pause does not fire, by order of alice")
	})
	if len(a.received) != 0 {
		t.Errorf("%d firings", len(a.received))
	}
}

func TestAFiringIsCountedOverEveryRestart(t *testing.T) {
	a := newAfternoon(t)
	a.decide("lending-1", headwatch.Open, headwatch.LevelTrip)
	a.awaitReport("lending-1", headwatch.ReportAnnounced)
	a.mustOrder(headwatch.ActionApprove)
	if end := a.awaitEnd("lending-1", headwatch.StepTrip); end.Outcome != headwatch.Delivered {
		t.Errorf("it ended with %+v", end)
	}
	<-a.received
	a.decide("lending-1", headwatch.Closed, headwatch.LevelNone)
	<-a.received // what fired is told of the end
	a.awaitEnd("lending-1", headwatch.StepResolve)
	a.restart()

	a.decide("lending-2", headwatch.Open, headwatch.LevelTrip)
	if r := a.awaitReport("lending-2", headwatch.ReportWithheld); !strings.Contains(r.Detail, "max_per_day of the hook is 1, used up by pause for lending-1") {
		t.Errorf("reported %+v", r)
	}
	a.restart()
	a.decide("lending-2", headwatch.Closed, headwatch.LevelNone)
	if end := a.awaitEnd("lending-2", headwatch.StepTrip); end.Outcome != headwatch.Withheld {
		t.Errorf("it ended with %+v", end)
	}
	a.awaitReport("lending-2", headwatch.ReportLapsed)
	if len(a.received) != 0 {
		t.Errorf("%d firings more", len(a.received))
	}
}

// The keeper of the books may be far behind when the process dies: what is on record counts, not what it has seen.
func TestAFiringThatTheBooksDoNotHaveIsNoReasonForASecondOne(t *testing.T) {
	a := newAfternoon(t)
	a.decide("lending-1", headwatch.Open, headwatch.LevelTrip)
	a.awaitReport("lending-1", headwatch.ReportAnnounced)
	a.stop()

	j, err := journal.Open(t.Context(), config.Journal{Dir: a.dir}, zap.NewNop())
	if err != nil {
		t.Fatal(err)
	}
	fired := headwatch.Report{Kind: headwatch.ReportFired, Hook: "pause", Incident: "lending-1", Circuit: "lending", At: time.Now()}
	if err := errors.Join(j.Report(t.Context(), fired), j.Close()); err != nil {
		t.Fatal(err)
	}

	a.start()
	<-a.received // it was on record, so it goes on
	if err := a.order(headwatch.ActionVeto); !errors.Is(err, web.ErrConflict) || !strings.Contains(err.Error(), "has fired for lending-1") {
		t.Errorf("vetoed after it fired: %v", err)
	}
}

func TestOrdersForHooksThatDoNotWait(t *testing.T) {
	cfg := &config.Config{Hooks: []config.Hook{
		{Name: "pause", Mode: config.ModeConfirm}, {Name: "dry", Mode: config.ModeDryRun}, {Name: "bot", Mode: config.ModeArmed},
	}}
	d := &desk{cfg: cfg, ledger: hook.NewLedger()}
	for name, want := range map[string]struct {
		kind error
		says string
	}{
		"pausse": {web.ErrNotFound, "did you mean pause?"},
		"dry":    {web.ErrConflict, "dry is DRY RUN and waits for nobody"},
		"bot":    {web.ErrConflict, "bot is armed and waits for nobody"},
		"pause":  {web.ErrConflict, "pause waits in no open incident"},
	} {
		_, err := d.act(t.Context(), headwatch.Action{Kind: headwatch.ActionVeto, Hook: name})
		if !errors.Is(err, want.kind) || !strings.Contains(err.Error(), want.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestTheScreenSaysWhenAHookMayFire(t *testing.T) {
	h := config.Hook{Name: "pause", Kind: config.HookEVM, VetoFor: config.Duration(2 * time.Minute), MaxPerDay: 1, Cooldown: config.Duration(6 * time.Hour)}
	for mode, want := range map[string]string{
		config.ModeOff: "hook pause (evm, OFF)", config.ModeDryRun: "hook pause (evm, DRY RUN)",
		config.ModeArmed:   "hook pause (evm, armed, at most 1 a day, cooldown 6h)",
		config.ModeConfirm: "hook pause (evm, fires unless vetoed in 120s, at most 1 a day, cooldown 6h)",
	} {
		h.Mode = mode
		if got := fired(&config.Config{Hooks: []config.Hook{h}}, config.Circuit{Hooks: []string{"pause"}}); got[0] != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestWhatAWaitingHookLooksLike(t *testing.T) {
	now := time.Date(2026, 3, 1, 3, 10, 20, 0, time.UTC)
	for want, r := range map[string]headwatch.Report{
		"pause fires at 03:12:00Z in 1m40s; stop it: headwatch veto pause --reason ...":                 {Kind: headwatch.ReportAnnounced, Hook: "pause", Until: now.Add(100 * time.Second)},
		"pause was held back: its cooldown ends at noon; fire it: headwatch approve pause --reason ...": {Kind: headwatch.ReportWithheld, Hook: "pause", Detail: "its cooldown ends at noon"},
	} {
		if got := waiting(r, now); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
