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
	"headwatch/breaker"
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
	ids      map[string]string // of incidents, by what the tests call them
	received chan string       // what the hook was sent
	screen   *safeBuffer

	journal *journal.Journal
	desk    *desk
	stop    func()

	mu      sync.Mutex
	circuit *breaker.Circuit
	seen    headwatch.Assessment // what the chain looks like
}

func newAfternoon(t *testing.T, toml string) *afternoon {
	a := &afternoon{t: t, dir: t.TempDir(), ids: map[string]string{}, received: make(chan string, 100), screen: &safeBuffer{}}
	receiver := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { a.received <- r.Header.Get("webhook-id") }))
	t.Cleanup(receiver.Close)
	cfg, err := config.Parse("t", fmt.Appendf(nil, toml, receiver.URL), func(string) (string, bool) { return "", false })
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
	net, err := wire(a.cfg, last, nil, zap.NewNop())
	if err != nil {
		a.t.Fatal(err)
	}
	a.circuit = net.circuits["one"][0]
	a.look(nil)
	metrics, book := web.NewMetrics(a.cfg), incident.NewBook(plan(a.cfg))
	all, err := openChannels(a.cfg, net, a.screen, j, ledger, book, metrics, zap.NewNop())
	if err != nil {
		a.t.Fatal(err)
	}
	a.journal, a.desk = j, &desk{cfg: a.cfg, book: book, ledger: ledger, journal: j}
	var running sync.WaitGroup
	running.Go(func() {
		beat := time.NewTicker(time.Second)
		defer beat.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-beat.C:
				a.look(nil)
			}
		}
	})
	running.Go(func() {
		if err := keepBooks(ctx, j, ledger, book, all, metrics, zap.NewNop()); err != nil {
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

// look is a look at the chain as it is now, or else as it was last seen.
func (a *afternoon) look(now *headwatch.Assessment) []headwatch.Transition {
	a.mu.Lock()
	defer a.mu.Unlock()
	if now != nil {
		a.seen = *now
	}
	if at := time.Now(); at.After(a.seen.At) {
		a.seen.At = at
	}
	a.seen.Chain = "one"
	return a.circuit.Feed(a.seen)
}

// see lets the chain look like something else, puts what the circuit decides on record, and keeps the incident's name.
func (a *afternoon) see(incident string, now headwatch.Assessment) {
	a.t.Helper()
	for _, t := range a.look(&now) {
		a.ids[incident] = t.Incident
		if err := a.journal.Decide(a.t.Context(), t); err != nil {
			a.t.Fatal(err)
		}
	}
}

func (a *afternoon) trip(incident string) { a.see(incident, standstill()) }

func (a *afternoon) resolve(incident string) {
	a.see(incident, headwatch.Assessment{Phase: headwatch.Live})
	a.see(incident, headwatch.Assessment{Phase: headwatch.Live, At: time.Now().Add(6 * time.Minute)})
}

// standstill is old enough to trip.
func standstill() headwatch.Assessment {
	return headwatch.Assessment{
		Phase: headwatch.Stalled, Findings: []headwatch.Finding{{Condition: headwatch.L1HeadStalled, Since: time.Now().Add(-time.Minute)}},
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
		return e.Report != nil && e.Report.Incident == a.ids[incident] && e.Report.Kind == kind
	}).Report
}

// awaitEnd gives how a notice of the hook ended.
func (a *afternoon) awaitEnd(incident string, kind headwatch.StepKind) headwatch.Delivery {
	a.t.Helper()
	return *a.await("the end of "+incident, func(e headwatch.Event) bool {
		return e.Delivery != nil && e.Delivery.Channel == "pause" && e.Delivery.Incident == a.ids[incident] && e.Delivery.Kind == kind
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
	a := newAfternoon(t, waitingConfig)
	a.trip("lending-1")
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
	a := newAfternoon(t, waitingConfig)
	a.trip("lending-1")
	a.awaitReport("lending-1", headwatch.ReportAnnounced)
	a.mustOrder(headwatch.ActionApprove)
	if end := a.awaitEnd("lending-1", headwatch.StepTrip); end.Outcome != headwatch.Delivered {
		t.Errorf("it ended with %+v", end)
	}
	<-a.received
	a.resolve("lending-1")
	<-a.received // what fired is told of the recovery
	<-a.received // and of the end
	a.awaitEnd("lending-1", headwatch.StepResolve)
	a.restart()

	a.trip("lending-2")
	if r := a.awaitReport("lending-2", headwatch.ReportWithheld); !strings.Contains(r.Detail, "max_per_day of the hook is 1, used up by pause for "+a.ids["lending-1"]) {
		t.Errorf("reported %+v", r)
	}
	a.restart()
	a.resolve("lending-2")
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
	a := newAfternoon(t, waitingConfig)
	a.trip("lending-1")
	a.awaitReport("lending-1", headwatch.ReportAnnounced)
	a.stop()

	j, err := journal.Open(t.Context(), config.Journal{Dir: a.dir}, zap.NewNop())
	if err != nil {
		t.Fatal(err)
	}
	fired := headwatch.Report{Kind: headwatch.ReportFired, Hook: "pause", Incident: a.ids["lending-1"], Circuit: "lending", At: time.Now()}
	if err := errors.Join(j.Report(t.Context(), fired), j.Close()); err != nil {
		t.Fatal(err)
	}

	a.start()
	<-a.received // it was on record, so it goes on
	if err := a.order(headwatch.ActionVeto); !errors.Is(err, web.ErrConflict) || !strings.Contains(err.Error(), "has fired for "+a.ids["lending-1"]) {
		t.Errorf("vetoed after it fired: %v", err)
	}
}

// The process that decided the trip dies before its hook is told. The next one knows that the circuit was open, not that it is.
func TestATripThatWasDecidedBeforeARestartFiresWhenItsChainWasSeenAgain(t *testing.T) {
	a := newAfternoon(t, strings.Replace(waitingConfig, "mode = \"confirm\"\nveto_for = \"1h\"", "mode = \"armed\"", 1))
	a.stop()
	j, err := journal.Open(t.Context(), config.Journal{Dir: a.dir}, zap.NewNop())
	if err != nil {
		t.Fatal(err)
	}
	a.journal = j
	a.trip("lending-1")
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	a.seen = headwatch.Assessment{}
	a.start()
	full := errors.New("the disk is full")
	until(t, a.screen, func() bool { // an order that is possible, but never on record
		_, err := a.desk.ledger.Order(t.Context(), headwatch.Action{Kind: headwatch.ActionApprove, Hook: "pause"},
			func(context.Context, headwatch.Action) error { return full })
		return errors.Is(err, full)
	})
	if len(a.received) != 0 {
		t.Error("it fired blindly")
	}
	a.see("lending-1", standstill())
	<-a.received
}

// A hook fires only while its circuit shows that it is open: it must show that before anybody can be told of the trip.
func TestACircuitIsOpenBeforeItsTripIsDecided(t *testing.T) {
	a := newAfternoon(t, waitingConfig)
	a.stop()
	net, err := wire(a.cfg, nil, nil, zap.NewNop())
	if err != nil {
		t.Fatal(err)
	}
	tripped := false
	decide := func(_ context.Context, d headwatch.Transition) error {
		if d.To != headwatch.Open {
			return nil
		}
		tripped = true
		s := net.signals(time.Minute)[0]
		if s.State != headwatch.Open || s.Incident != d.Incident || s.Seq != d.Seq || s.Phase != headwatch.Stalled || !s.Well.IsZero() || !time.Now().Before(s.ValidUntil) {
			t.Errorf("while it is decided that %s opens, the signal is %+v", d.Circuit, s)
		}
		return nil
	}
	seen := standstill()
	seen.Chain, seen.At = "one", time.Now()
	if err := judge(t.Context(), net.circuits["one"], decide)(seen); err != nil || !tripped {
		t.Errorf("tripped %t: %v", tripped, err)
	}
}

func TestOrdersForHooksThatDoNotWait(t *testing.T) {
	cfg := &config.Config{Hooks: []config.Hook{
		{Name: "pause", Mode: config.ModeConfirm}, {Name: "dry", Mode: config.ModeDryRun}, {Name: "bot", Mode: config.ModeArmed},
	}}
	d := &desk{cfg: cfg, ledger: hook.NewLedger(), journal: &journal.Journal{}}
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
