package hook

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"headwatch"
	"headwatch/config"
	"headwatch/delivery"
	"headwatch/delivery/deliverytest"
	"headwatch/hook/evm"
)

// book is a journal in memory that takes reports, and can be made to refuse or to lose its answers.
type book struct {
	evm.Journal
	mu     sync.Mutex
	all    []headwatch.Report
	broken error // nothing is taken
	silent error // what is taken is not said to be
}

func (b *book) Report(_ context.Context, r headwatch.Report) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.broken != nil {
		return b.broken
	}
	if !slices.ContainsFunc(b.all, func(o headwatch.Report) bool { return o.Incident == r.Incident && o.Hook == r.Hook && o.Kind == r.Kind }) {
		b.all = append(b.all, r)
	}
	return b.silent
}

// said gives the kinds of a hook's reports on an incident.
func (b *book) said(incident, hook string) (kinds []headwatch.ReportKind) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, r := range b.all {
		if r.Incident == incident && r.Hook == hook {
			kinds = append(kinds, r.Kind)
		}
	}
	return kinds
}

func (b *book) last() headwatch.Report {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.all[len(b.all)-1]
}

// target is a hook that counts what reaches it.
type target struct {
	mu       sync.Mutex
	got      []string
	needless string
	journal  *book
	hook     string
	early    bool // it was reached before its firing was on record
}

func (x *target) Route() json.RawMessage { return nil }

func (x *target) Send(_ context.Context, _ json.RawMessage, n headwatch.Notice) (string, error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.got = append(x.got, n.Incident+" "+string(n.Kind))
	x.early = x.early || !slices.Contains(x.journal.said(n.Incident, x.hook), headwatch.ReportFired)
	return "sent", nil
}

func (x *target) Needless(context.Context, headwatch.Notice) string { return x.needless }

// world is hooks before one journal and one ledger, and circuits that judge their chains all the time.
type world struct {
	t        *testing.T
	book     *book
	ledger   *Ledger
	seq      map[string]uint64
	guards   []*guard
	circuits map[string]*headwatch.Signal
	gone     bool // nothing judges
}

func newWorld(t *testing.T) *world {
	return &world{t: t, book: &book{}, ledger: NewLedger(), seq: map[string]uint64{}, circuits: map[string]*headwatch.Signal{}}
}

func (w *world) hook(c config.Hook, s config.Scarcity) (delivery.Sender, *target) {
	x := &target{journal: w.book, hook: c.Name}
	return w.guarded(x, c, s), x
}

func (w *world) guarded(x delivery.Sender, c config.Hook, s config.Scarcity) delivery.Sender {
	g := guarded(x, c, Deps{Config: &config.Config{Scarcity: s}, Journal: w.book, Ledger: w.ledger, Signals: w.signals})
	w.guards = append(w.guards, g.(*guard))
	return g
}

func (w *world) signals(lease time.Duration) (all []headwatch.Signal) {
	for _, s := range w.circuits {
		told := *s
		if told.ValidUntil = time.Now().Add(lease); w.gone {
			told.ValidUntil = time.Now()
		}
		all = append(all, told)
	}
	return all
}

// see is what the newest look at a circuit's chain shows.
func (w *world) see(circuit string, phase headwatch.Phase) {
	s := w.circuits[circuit]
	s.Phase, s.Well = phase, time.Time{}
	if phase == headwatch.Live {
		s.Well = time.Now()
	}
}

// decide is a step of an incident of the circuit that its name begins with: a-1 is circuit a's.
func (w *world) decide(incident string, kind headwatch.StepKind) headwatch.Notice {
	circuit, _, _ := strings.Cut(incident, "-")
	w.seq[circuit]++
	n := deliverytest.Notice(kind, "")
	n.Incident, n.Step = incident, w.seq[circuit]
	t := &n.Transition
	t.Circuit, t.Incident, t.Seq, t.At, t.Cause.Chain = circuit, incident, w.seq[circuit], time.Now(), "l2"
	t.Since = t.At
	w.circuits[circuit] = &headwatch.Signal{Circuit: circuit, State: t.To, Incident: incident, Phase: headwatch.Stalled}
	if kind == headwatch.StepResolve {
		w.circuits[circuit].Incident = ""
	}
	w.ledger.Apply(headwatch.Event{Transition: t})
	return n
}

func (w *world) order(kind headwatch.ActionKind, hook, incident string) error {
	_, err := w.ledger.Order(w.t.Context(), headwatch.Action{
		Kind: kind, Hook: hook, Incident: incident, Actor: "alice", Reason: "a drill", At: time.Now(),
	}, func(context.Context, headwatch.Action) error { return nil })
	return err
}

// restart forgets everything but the journal; orders are in it, too. No chain was seen yet.
func (w *world) restart() {
	fresh := NewLedger()
	w.ledger.mu.Lock()
	for _, t := range w.ledger.circuits {
		fresh.Apply(headwatch.Event{Transition: &t})
	}
	for _, x := range w.ledger.accounts {
		for _, o := range []*headwatch.Action{x.veto, x.approval} {
			if o != nil {
				fresh.Apply(headwatch.Event{Action: o})
			}
		}
	}
	w.ledger.mu.Unlock()
	for _, r := range w.book.all {
		fresh.Apply(headwatch.Event{Report: &r})
	}
	w.ledger.mu.Lock()
	defer w.ledger.mu.Unlock()
	fresh.mu.Lock()
	defer fresh.mu.Unlock()
	w.ledger.accounts, w.ledger.circuits = fresh.accounts, fresh.circuits
	for _, g := range w.guards {
		g.watch = newWatch(w.signals)
	}
	for circuit := range w.circuits {
		w.see(circuit, headwatch.Unknown)
	}
}

// try makes one attempt and gives what became of it: "sent", "waits", "retried" or why it was withheld.
func try(t *testing.T, s delivery.Sender, n headwatch.Notice) string {
	t.Helper()
	_, err := s.Send(t.Context(), nil, n)
	e, _ := errors.AsType[*delivery.Error](err)
	switch {
	case err == nil:
		return "sent"
	case e != nil && e.Underway && e.RetryAfter > 0 && e.RetryAfter <= lookEvery:
		return "waits"
	case e != nil && e.Permanent && e.Outcome == headwatch.Withheld:
		return e.Detail
	case e != nil && e.Reason == delivery.ReasonJournal && !e.Permanent:
		return "retried"
	}
	t.Fatalf("%s of %s: %#v", n.Kind, n.Incident, err)
	return ""
}

func want(t *testing.T, what, got, want string) {
	t.Helper()
	if !strings.Contains(got, want) || want == "" {
		t.Errorf("%s: got %q, want %q", what, got, want)
	}
}

var (
	confirm = config.Hook{Name: "pause", Mode: config.ModeConfirm, VetoFor: config.Duration(2 * time.Minute), Chain: "l2"}
	armed   = config.Hook{Name: "pause", Mode: config.ModeArmed, MaxPerDay: 1, Chain: "l2"}
)

func TestWhatHasNoRuleIsNotGuarded(t *testing.T) {
	for _, c := range []config.Hook{
		{Mode: config.ModeArmed, Kind: config.HookWebhook},
		{Mode: config.ModeArmed, Kind: config.HookUptimeFeed},
		{Mode: config.ModeDryRun, Kind: config.HookEVM, MaxPerDay: 1},
	} {
		x := &target{}
		if s := guarded(x, c, Deps{}); s != delivery.Sender(x) {
			t.Errorf("%+v is guarded", c)
		}
	}
	for _, c := range []config.Hook{
		{Mode: config.ModeOff, Kind: config.HookWebhook},
		{Mode: config.ModeConfirm, Kind: config.HookWebhook},
		{Mode: config.ModeArmed, Kind: config.HookEVM},
		{Mode: config.ModeArmed, Kind: config.HookCommand, MaxPerDay: 1},
		{Mode: config.ModeArmed, Kind: config.HookCommand, Cooldown: 1},
	} {
		x := &target{}
		s := guarded(x, c, Deps{})
		if s == delivery.Sender(x) {
			t.Errorf("%+v is not guarded", c)
		}
		if i, ok := As[Inspector](s); !ok || i != Inspector(x) {
			t.Errorf("%+v hides the hook", c)
		}
	}
	if _, ok := As[Readier](&target{}); ok {
		t.Error("it is no Readier")
	}
}

func TestAHookThatIsOffDoesNothingAndSaysSo(t *testing.T) {
	w := newWorld(t)
	s, x := w.hook(config.Hook{Name: "pause", Mode: config.ModeOff}, config.Scarcity{})
	for _, kind := range []headwatch.StepKind{headwatch.StepTrip, headwatch.StepRecover, headwatch.StepResolve} {
		want(t, string(kind), try(t, s, w.decide("a-1", kind)), "switched off")
	}
	if len(x.got)+len(w.book.all) != 0 {
		t.Errorf("sent %q, reported %v", x.got, w.book.all)
	}
}

func TestAnArmedHookFiresAtOnceAndOnRecord(t *testing.T) {
	w := newWorld(t)
	s, x := w.hook(armed, config.Scarcity{})
	for _, kind := range []headwatch.StepKind{headwatch.StepTrip, headwatch.StepRecover, headwatch.StepRelapse, headwatch.StepResolve} {
		want(t, string(kind), try(t, s, w.decide("a-1", kind)), "sent")
	}
	if x.early || !slices.Equal(w.book.said("a-1", "pause"), []headwatch.ReportKind{headwatch.ReportFired}) {
		t.Errorf("sent %q, reported %v", x.got, w.book.all)
	}
	if r := w.book.last(); r.Circuit != "a" || r.Chain != "l2" || r.At.IsZero() {
		t.Errorf("reported %+v", r)
	}
}

func TestWithoutARecordNothingFires(t *testing.T) {
	for name, c := range map[string]config.Hook{"armed": armed, "confirm": confirm} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t)
			s, x := w.hook(c, config.Scarcity{})
			w.book.broken = errors.New("the disk is full at nats://user:secret@host")
			n := w.decide("a-1", headwatch.StepTrip)
			for range 5 {
				want(t, name, try(t, s, n), "retried")
				time.Sleep(time.Minute)
			}
			w.book.broken = nil
			if name == "confirm" {
				want(t, name, try(t, s, n), "waits")
				time.Sleep(2 * time.Minute)
			}
			want(t, name, try(t, s, n), "sent")
			if x.early || len(x.got) != 1 {
				t.Errorf("%s: sent %q", name, x.got)
			}
		})
	}
}

func TestAHookInConfirmFiresWhenTheTimeForAVetoIsOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		s, x := w.hook(confirm, config.Scarcity{})
		n := w.decide("a-1", headwatch.StepTrip)
		until := time.Now().Add(2 * time.Minute)
		want(t, "at once", try(t, s, n), "waits")
		if r := w.book.last(); r.Kind != headwatch.ReportAnnounced || !r.Until.Equal(until) {
			t.Errorf("reported %+v", r)
		}
		time.Sleep(2*time.Minute - time.Nanosecond)
		want(t, "just before", try(t, s, n), "waits")
		time.Sleep(time.Nanosecond)
		want(t, "in time", try(t, s, n), "sent")
		want(t, "what follows", try(t, s, w.decide("a-1", headwatch.StepResolve)), "sent")
		if x.early || len(x.got) != 2 {
			t.Errorf("sent %q", x.got)
		}
	})
}

func TestATripThatWasAnnouncedLateLeavesPeopleTime(t *testing.T) {
	for late, left := range map[time.Duration]time.Duration{
		time.Second:      119 * time.Second,
		time.Minute:      time.Minute,
		90 * time.Second: time.Minute,
		time.Hour:        time.Minute,
	} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t)
			s, _ := w.hook(confirm, config.Scarcity{})
			n := w.decide("a-1", headwatch.StepTrip)
			time.Sleep(late)
			want(t, "late", try(t, s, n), "waits")
			if got := time.Until(w.book.last().Until); got != left {
				t.Errorf("announced %s late it fires in %s, want %s", late, got, left)
			}
		})
	}
}

func TestAVetoIsFinal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		s, x := w.hook(confirm, config.Scarcity{})
		n := w.decide("a-1", headwatch.StepTrip)
		if err := w.order(headwatch.ActionVeto, "pause", ""); !errors.Is(err, ErrNotNow) || !strings.Contains(err.Error(), "waits in no open incident") {
			t.Errorf("got %v", err)
		}
		try(t, s, n)
		if err := w.order(headwatch.ActionVeto, "pause", ""); err != nil {
			t.Fatal(err)
		}
		for _, kind := range []headwatch.ActionKind{headwatch.ActionVeto, headwatch.ActionApprove} {
			if err := w.order(kind, "pause", ""); !errors.Is(err, ErrNotNow) || !strings.Contains(err.Error(), "vetoed for a-1 by alice, and that is final") {
				t.Errorf("%s: %v", kind, err)
			}
		}
		w.restart()
		time.Sleep(time.Hour)
		want(t, "the trip", try(t, s, n), "vetoed by alice: a drill")
		want(t, "the relapse", try(t, s, w.decide("a-1", headwatch.StepRelapse)), "it has not fired")
		if r := w.book.last(); r.Kind != headwatch.ReportVetoed || r.Actor != "alice" || len(x.got) != 0 {
			t.Errorf("sent %q, reported %+v", x.got, r)
		}
	})
}

func TestAnApprovalEndsTheWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		s, x := w.hook(confirm, config.Scarcity{})
		n := w.decide("a-1", headwatch.StepTrip)
		try(t, s, n)
		if err := w.order(headwatch.ActionApprove, "pause", "a-1"); err != nil {
			t.Fatal(err)
		}
		if err := w.order(headwatch.ActionApprove, "pause", ""); !errors.Is(err, ErrNotNow) || !strings.Contains(err.Error(), "alice has approved") {
			t.Errorf("twice: %v", err)
		}
		want(t, "approved", try(t, s, n), "sent")
		if err := w.order(headwatch.ActionVeto, "pause", ""); !errors.Is(err, ErrNotNow) || !strings.Contains(err.Error(), "has fired for a-1 at") {
			t.Errorf("too late: %v", err)
		}
		if r := w.book.last(); r.Kind != headwatch.ReportFired || r.Actor != "alice" || len(x.got) != 1 {
			t.Errorf("sent %q, reported %+v", x.got, r)
		}
	})
}

func TestAnOrderNamesTheIncidentWhenThereAreTwo(t *testing.T) {
	w := newWorld(t)
	s, _ := w.hook(confirm, config.Scarcity{})
	try(t, s, w.decide("a-1", headwatch.StepTrip))
	try(t, s, w.decide("b-1", headwatch.StepTrip))
	if err := w.order(headwatch.ActionVeto, "pause", ""); !errors.Is(err, ErrNotNow) || !strings.Contains(err.Error(), "waits in a-1 and b-1") {
		t.Errorf("got %v", err)
	}
	if err := w.order(headwatch.ActionVeto, "pause", "b-1"); err != nil {
		t.Error(err)
	}
	if err := w.order(headwatch.ActionVeto, "pause", ""); err != nil {
		t.Errorf("one is left: %v", err)
	}
}

func TestAnIncidentThatIsOverFiresNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		s, x := w.hook(confirm, config.Scarcity{})
		n := w.decide("a-1", headwatch.StepTrip)
		try(t, s, n)
		time.Sleep(time.Minute)
		resolve := w.decide("a-1", headwatch.StepResolve)
		time.Sleep(time.Hour)
		want(t, "the trip", try(t, s, n), "over before it could fire")
		want(t, "the resolve", try(t, s, resolve), "it has not fired")
		if got := w.book.last().Kind; got != headwatch.ReportLapsed || len(x.got) != 0 {
			t.Errorf("sent %q, last %s", x.got, got)
		}
		if err := w.order(headwatch.ActionApprove, "pause", ""); !errors.Is(err, ErrNotNow) {
			t.Errorf("got %v", err)
		}
	})
}

func TestWhatIsDoneAlreadyIsNotDoneAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		s, x := w.hook(armed, config.Scarcity{})
		x.needless = "paused() is true since block 14"
		want(t, "the trip", try(t, s, w.decide("a-1", headwatch.StepTrip)), x.needless)
		if r := w.book.last(); r.Kind != headwatch.ReportNeedless || r.Detail != x.needless {
			t.Errorf("reported %+v", r)
		}
		x.needless = ""
		want(t, "the next one is not counted against", try(t, s, w.decide("a-2", headwatch.StepTrip)), "sent")

		late, y := w.hook(confirm, config.Scarcity{})
		n := w.decide("b-1", headwatch.StepTrip)
		want(t, "confirm", try(t, late, n), "waits")
		time.Sleep(2 * time.Minute)
		y.needless = "somebody was faster"
		want(t, "confirm, just before", try(t, late, n), "somebody was faster")
		if len(x.got) != 1 || len(y.got) != 0 {
			t.Errorf("sent %q and %q", x.got, y.got)
		}
	})
}

func TestLimits(t *testing.T) {
	twice, cooled := armed, armed
	twice.MaxPerDay = 2
	cooled.MaxPerDay, cooled.Cooldown = 0, config.Duration(36*time.Hour)
	other := config.Hook{Name: "other", Mode: config.ModeArmed, MaxPerDay: 9, Chain: "l2"}
	for name, c := range map[string]struct {
		hook     config.Hook
		scarcity config.Scarcity
		before   []config.Hook // fire first, an hour apart
		wait     time.Duration // after the last of them
		want     string
	}{
		"its budget":                    {armed, config.Scarcity{}, []config.Hook{armed}, time.Hour, "max_per_day of the hook is 1, used up by pause for x-0 at 2000-01-01T00:00:00Z; free again at 2000-01-02T00:00:00Z"},
		"almost a day later":            {armed, config.Scarcity{}, []config.Hook{armed}, perDay - time.Nanosecond, "max_per_day of the hook is 1"},
		"a day later":                   {armed, config.Scarcity{}, []config.Hook{armed}, perDay, ""},
		"a budget of two":               {twice, config.Scarcity{}, []config.Hook{twice}, 0, ""},
		"a budget of two, used up":      {twice, config.Scarcity{}, []config.Hook{twice, twice}, time.Hour, "free again at 2000-01-02T00:00:00Z"},
		"others do not use it up":       {armed, config.Scarcity{}, []config.Hook{other, other}, 0, ""},
		"a cooldown":                    {cooled, config.Scarcity{}, []config.Hook{cooled}, 35 * time.Hour, "its cooldown of 36h since it fired for x-0 ends at 2000-01-02T12:00:00Z"},
		"after the cooldown":            {cooled, config.Scarcity{}, []config.Hook{cooled}, 36 * time.Hour, ""},
		"the cap over all":              {armed, config.Scarcity{MaxPerDay: 2}, []config.Hook{other, other}, time.Hour, "scarcity.max_per_day is 2, used up by other for x-1 at 2000-01-01T01:00:00Z; free again at 2000-01-02T00:00:00Z"},
		"the cap over all, not reached": {armed, config.Scarcity{MaxPerDay: 3}, []config.Hook{other, other}, time.Hour, ""},
		"the cap of the chain":          {armed, config.Scarcity{MaxPerChainDay: 1}, []config.Hook{other}, time.Hour, "scarcity.max_per_chain_day of l2 is 1"},
		"another chain": {armed, config.Scarcity{MaxPerChainDay: 1}, []config.Hook{{
			Name: "other", Mode: config.ModeArmed, MaxPerDay: 9, Chain: "l3",
		}}, time.Hour, ""},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				for i, b := range c.before {
					if i > 0 {
						time.Sleep(time.Hour)
					}
					s, _ := w.hook(b, config.Scarcity{})
					want(t, "before", try(t, s, w.decide(fmt.Sprintf("x-%d", i), headwatch.StepTrip)), "sent")
				}
				time.Sleep(c.wait)
				w.restart()
				s, x := w.hook(c.hook, c.scarcity)
				n := w.decide("a-1", headwatch.StepTrip)
				if c.want == "" {
					want(t, name, try(t, s, n), "sent")
					return
				}
				want(t, name, try(t, s, n), "waits")
				r := w.book.last()
				if want(t, name, r.Detail, c.want); r.Kind != headwatch.ReportWithheld || len(x.got) != 0 {
					t.Errorf("sent %q, reported %+v", x.got, r)
				}
				time.Sleep(100 * time.Hour)
				want(t, "a person must decide, however long ago it was", try(t, s, n), "waits")
				if err := w.order(headwatch.ActionApprove, "pause", ""); err != nil {
					t.Fatal(err)
				}
				want(t, "approved", try(t, s, n), "sent")
			})
		})
	}
}

func TestAHookInConfirmWithoutBudgetIsWithheldAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		c := confirm
		c.MaxPerDay = 1
		s, x := w.hook(c, config.Scarcity{})
		first := w.decide("a-1", headwatch.StepTrip)
		try(t, s, first)
		second := w.decide("b-1", headwatch.StepTrip)
		try(t, s, second)
		time.Sleep(2 * time.Minute)
		want(t, "the first", try(t, s, first), "sent")
		want(t, "the second was announced, and is withheld", try(t, s, second), "waits")
		third := w.decide("c-1", headwatch.StepTrip)
		want(t, "the third", try(t, s, third), "waits")
		for incident, kinds := range map[string][]headwatch.ReportKind{
			"b-1": {headwatch.ReportAnnounced, headwatch.ReportWithheld},
			"c-1": {headwatch.ReportWithheld},
		} {
			if got := w.book.said(incident, "pause"); !slices.Equal(got, kinds) {
				t.Errorf("%s: reported %v, want %v", incident, got, kinds)
			}
		}
		if len(x.got) != 1 {
			t.Errorf("sent %q", x.got)
		}
	})
}

// A firing whose append had no answer may be on record: it counts, whatever becomes of the incident.
func TestAnAppendWithoutAnAnswerHoldsItsPlace(t *testing.T) {
	w := newWorld(t)
	one := config.Scarcity{MaxPerDay: 1}
	a, _ := w.hook(config.Hook{Name: "a", Mode: config.ModeArmed, MaxPerDay: 1}, one)
	b, _ := w.hook(config.Hook{Name: "b", Mode: config.ModeArmed, MaxPerDay: 1}, one)
	first, second, third := w.decide("x-1", headwatch.StepTrip), w.decide("y-1", headwatch.StepTrip), w.decide("z-1", headwatch.StepTrip)
	w.book.silent = errors.New("no answer in time")
	want(t, "the first", try(t, a, first), "retried")
	w.book.silent = nil
	want(t, "the second", try(t, b, second), "waits")
	want(t, "the first, again", try(t, a, first), "sent")

	w.book.broken = errors.New("the disk is full")
	c, _ := w.hook(config.Hook{Name: "c", Mode: config.ModeArmed, MaxPerDay: 1}, config.Scarcity{MaxPerDay: 2})
	want(t, "the third", try(t, c, third), "retried")
	w.decide("z-1", headwatch.StepResolve)
	want(t, "the third, over", try(t, c, third), "over before")
	w.book.broken = nil
	d, _ := w.hook(config.Hook{Name: "d", Mode: config.ModeArmed, MaxPerDay: 1}, config.Scarcity{MaxPerDay: 2})
	want(t, "the place of the third is taken", try(t, d, w.decide("u-1", headwatch.StepTrip)), "waits")
}

func TestOfManyHooksOneGetsTheLastFiring(t *testing.T) {
	w := newWorld(t)
	var trips []func() error
	for i := range 50 {
		s, _ := w.hook(config.Hook{Name: fmt.Sprintf("h%d", i), Mode: config.ModeArmed, MaxPerDay: 5}, config.Scarcity{MaxPerDay: 3})
		n := w.decide(fmt.Sprintf("c%d-1", i), headwatch.StepTrip)
		trips = append(trips, func() error {
			_, err := s.Send(t.Context(), nil, n)
			return err
		})
	}
	var all sync.WaitGroup
	sent := make(chan int, len(trips))
	for i, trip := range trips {
		all.Go(func() {
			if trip() == nil {
				sent <- i
			}
		})
	}
	all.Wait()
	if len(sent) != 3 {
		t.Errorf("%d fired", len(sent))
	}
}

func TestTheLedgerForgetsWhatIsLongOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		s, _ := w.hook(config.Hook{Name: "pause", Mode: config.ModeArmed, Cooldown: 1}, config.Scarcity{})
		for i := range 100 {
			id := fmt.Sprintf("a-%d", i)
			want(t, id, try(t, s, w.decide(id, headwatch.StepTrip)), "sent")
			w.decide(id, headwatch.StepResolve)
			time.Sleep(perDay)
		}
		if got := len(w.ledger.accounts); got > 41 {
			t.Errorf("%d incidents in memory", got)
		}
	})
}
