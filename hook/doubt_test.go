package hook

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"headwatch"
	"headwatch/config"
)

// The process is down for six hours of an announced trip: nobody could veto, and nothing says that the circuit is still open.
func TestAfterADowntimeNothingFiresOnOldNews(t *testing.T) {
	for name, mode := range map[string]config.Hook{"armed": armed, "confirm": confirm} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t)
			s, x := w.hook(mode, config.Scarcity{})
			n := w.decide("a-1", headwatch.StepTrip)
			if name == "confirm" {
				want(t, name, try(t, s, n), "waits")
			}
			time.Sleep(6 * time.Hour)
			w.restart()
			want(t, name+", at once", try(t, s, n), "waits")
			time.Sleep(time.Hour)
			want(t, name+", blind", try(t, s, n), "waits")
			w.see("a", headwatch.Stalled)
			if name == "confirm" { // the hour was time enough for a veto
				w.restart()
				w.see("a", headwatch.Stalled)
				want(t, name+", seen, half of the time anew", try(t, s, n), "waits")
				time.Sleep(time.Minute - time.Nanosecond)
				want(t, name+", just before", try(t, s, n), "waits")
				time.Sleep(time.Nanosecond)
			}
			want(t, name+", it still stands", try(t, s, n), "sent")
			if x.early || len(x.got) != 1 {
				t.Errorf("%s: sent %q", name, x.got)
			}
		})
	}
}

func TestAShortDowntimeLeavesTheTimeForAVetoAsItWas(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		s, _ := w.hook(confirm, config.Scarcity{})
		n := w.decide("a-1", headwatch.StepTrip)
		try(t, s, n)
		time.Sleep(30 * time.Second)
		w.restart()
		w.see("a", headwatch.Stalled)
		time.Sleep(90*time.Second - time.Nanosecond)
		want(t, "just before", try(t, s, n), "waits")
		time.Sleep(time.Nanosecond)
		want(t, "in time", try(t, s, n), "sent")
	})
}

func TestWhenATripFiresByItself(t *testing.T) {
	const stalled = headwatch.Stalled
	for name, c := range map[string]struct {
		kinds   []headwatch.StepKind // after the trip
		actor   string
		restart bool
		phase   headwatch.Phase
		gone    bool
		fires   bool
	}{
		"in the steady state":                        {phase: stalled, fires: true},
		"blind since the trip":                       {phase: headwatch.Unknown, fires: true},
		"nothing judges":                             {phase: stalled, gone: true},
		"restarted, and seen":                        {restart: true, phase: stalled, fires: true},
		"restarted, and catching up":                 {restart: true, phase: headwatch.CatchingUp, fires: true},
		"restarted, and not seen":                    {restart: true, phase: headwatch.Unknown},
		"on probation":                               {kinds: []headwatch.StepKind{headwatch.StepRecover}, phase: stalled},
		"after a relapse":                            {kinds: []headwatch.StepKind{headwatch.StepRecover, headwatch.StepRelapse}, phase: stalled, fires: true},
		"open for want of a reset, and well":         {phase: headwatch.Live},
		"tripped by a person, and well":              {actor: "alice", phase: headwatch.Live, fires: true},
		"tripped by a person, restarted, not seen":   {actor: "alice", restart: true, phase: headwatch.Unknown, fires: true},
		"tripped by a person, and nothing judges it": {actor: "alice", phase: stalled, gone: true},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			s, x := w.hook(armed, config.Scarcity{})
			n := w.decide("a-1", headwatch.StepTrip)
			for _, kind := range c.kinds {
				w.decide("a-1", kind)
			}
			if c.actor != "" {
				trip := n.Transition
				trip.Seq, trip.Actor = trip.Seq+1, c.actor
				w.ledger.Apply(headwatch.Event{Transition: &trip})
			}
			if c.restart {
				w.restart()
			}
			w.see("a", c.phase)
			if w.gone = c.gone; c.fires {
				want(t, name, try(t, s, n), "sent")
				return
			}
			want(t, name, try(t, s, n), "waits")
			if len(x.got)+len(w.book.all) != 0 {
				t.Errorf("sent %q, reported %v", x.got, w.book.all)
			}
			if err := w.order(headwatch.ActionApprove, "pause", ""); err != nil {
				t.Fatal(err)
			}
			want(t, "approved", try(t, s, n), "sent")
		})
	}
}

func TestAnArmedHookThatWaitsForItsCircuitCanBeVetoedOrLapses(t *testing.T) {
	w := newWorld(t)
	s, x := w.hook(armed, config.Scarcity{})
	first, second := w.decide("a-1", headwatch.StepTrip), w.decide("b-1", headwatch.StepTrip)
	w.decide("a-1", headwatch.StepRecover)
	w.decide("b-1", headwatch.StepRecover)
	want(t, "the first", try(t, s, first), "waits")
	want(t, "the second", try(t, s, second), "waits")
	if err := w.order(headwatch.ActionVeto, "pause", "a-1"); err != nil {
		t.Fatal(err)
	}
	w.decide("a-1", headwatch.StepRelapse)
	want(t, "vetoed", try(t, s, first), "vetoed by alice")
	w.decide("b-1", headwatch.StepResolve)
	want(t, "over", try(t, s, second), "over before it could fire")
	if got := w.book.last(); got.Kind != headwatch.ReportLapsed || got.Incident != "b-1" || len(x.got) != 0 {
		t.Errorf("sent %q, last %+v", x.got, got)
	}
}

// What is only told has decisions of its own, which say nothing of why the circuit is open.
func TestWhatIsOnlyToldNeitherBeginsNorEndsADoubt(t *testing.T) {
	for name, c := range map[string]struct {
		actor string // of the trip
		again string // who trips it again after a recovery, by a decision that is no notice here
		phase headwatch.Phase
		fires bool
	}{
		"open since before the restart, and not seen":   {actor: headwatch.Watchdog, phase: headwatch.Unknown},
		"open since before the restart, and seen":       {actor: headwatch.Watchdog, phase: headwatch.Stalled, fires: true},
		"tripped by a person, and well":                 {actor: "alice", phase: headwatch.Live, fires: true},
		"tripped by the chain, by a person, and well":   {actor: headwatch.Watchdog, again: "alice", phase: headwatch.Live, fires: true},
		"tripped by the chain, which is well meanwhile": {actor: headwatch.Watchdog, phase: headwatch.Live},
	} {
		for _, restart := range []string{"before", "after", "never"} {
			if restart == "after" && c.again != "" || restart == "never" && c.phase == headwatch.Unknown {
				continue // the newest decision is all that is known then; this process has seen the trip
			}
			t.Run(name+", restarted "+restart, func(t *testing.T) {
				w := newWorld(t)
				s, _ := w.hook(armed, config.Scarcity{})
				n := w.decide("a-1", headwatch.StepTrip)
				n.Transition.Actor = c.actor
				next := n.Transition
				next.Seq, next.Actor = next.Seq+1, cmp.Or(c.again, c.actor)
				w.ledger.Apply(headwatch.Event{Transition: &next})
				if restart == "before" {
					w.restart()
				}
				told := next
				told.Seq, told.At, told.Actor, told.Told = told.Seq+1, time.Now(), headwatch.Watchdog, true
				told.From, told.Incident, told.Level = told.To, "a-0", headwatch.LevelPage
				told.Aside = &headwatch.Aside{Incident: "a-1", Level: headwatch.LevelTrip}
				w.ledger.Apply(headwatch.Event{Transition: &told})
				if restart == "after" {
					w.restart()
				}
				if w.see("a", c.phase); c.fires {
					want(t, name, try(t, s, n), "sent")
				} else {
					want(t, name, try(t, s, n), "waits")
				}
			})
		}
	}
}

// What a look at the contract takes is time in which the chain may come back.
func TestTheCircuitIsLookedAtLast(t *testing.T) {
	w := newWorld(t)
	x := &slow{target: target{journal: w.book, hook: "pause"}}
	s := w.guarded(x, armed, config.Scarcity{})
	n := w.decide("a-1", headwatch.StepTrip)
	x.look = func() { w.decide("a-1", headwatch.StepRecover) }
	if want(t, "the trip", try(t, s, n), "waits"); len(w.book.all) != 0 {
		t.Errorf("reported %v", w.book.all)
	}
}

type slow struct {
	target
	look func()
}

func (x *slow) Needless(context.Context, headwatch.Notice) string {
	x.look()
	return ""
}

func TestWithoutSignalsNothingFiresByItself(t *testing.T) {
	w := newWorld(t)
	x := &target{journal: w.book, hook: "pause"}
	s := guarded(x, armed, Deps{Journal: w.book, Ledger: w.ledger})
	want(t, "the trip", try(t, s, w.decide("a-1", headwatch.StepTrip)), "waits")
}

// beginner is a hook that cannot act for a while.
type beginner struct {
	target
	begun  bool
	broken error
}

func (x *beginner) Send(ctx context.Context, route json.RawMessage, n headwatch.Notice) (string, error) {
	if _, err := x.target.Send(ctx, route, n); err != nil || x.begun || n.Kind != headwatch.StepTrip {
		return "sent", err
	}
	return "", underway("its signer is down", time.Second)
}

func (x *beginner) Begun(context.Context, string) (bool, error) { return x.begun, x.broken }

func TestWhatHasNotBegunWhenItIsOverNeverBegins(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		x := &beginner{target: target{journal: w.book, hook: "pause"}}
		s := w.guarded(x, armed, config.Scarcity{})
		n := w.decide("a-1", headwatch.StepTrip)
		want(t, "the signer is down", try(t, s, n), "waits")
		w.decide("a-1", headwatch.StepRecover)
		want(t, "on probation it goes on", try(t, s, n), "waits")
		resolve := w.decide("a-1", headwatch.StepResolve)
		time.Sleep(6 * time.Hour)
		x.broken = errors.New("no answer in time")
		want(t, "not known", try(t, s, n), "retried")
		if x.broken = nil; len(x.got) != 2 {
			t.Errorf("handed over %q", x.got)
		}
		want(t, "over", try(t, s, n), "over before it could begin")
		w.restart()
		want(t, "again", try(t, s, n), "over before it could begin")
		want(t, "what follows", try(t, s, resolve), "it has not fired")
		if !slices.Equal(w.book.said("a-1", "pause"), []headwatch.ReportKind{headwatch.ReportFired, headwatch.ReportLapsed}) || len(x.got) != 2 {
			t.Errorf("handed over %q, reported %v", x.got, w.book.all)
		}
		x.begun = true
		want(t, "it does not count", try(t, s, w.decide("a-2", headwatch.StepTrip)), "sent")
	})
}

// The process died between the record of a firing and its beginning, and comes back hours later: the circuit is open because it was,
// the chain has long been well, and nothing was sent yet.
func TestWhatFiredBeforeADowntimeBeginsWithProofOnly(t *testing.T) {
	for name, c := range map[string]struct {
		phase    headwatch.Phase
		begun    bool
		approved bool
		short    bool
		goes     bool
	}{
		"a short while, and well":        {phase: headwatch.Live, short: true, goes: true},
		"the chain is well":              {phase: headwatch.Live},
		"nothing is seen":                {phase: headwatch.Unknown},
		"it still stands":                {phase: headwatch.Stalled, goes: true},
		"it had begun":                   {phase: headwatch.Live, begun: true, goes: true},
		"a person approved it, and well": {phase: headwatch.Live, approved: true, goes: true},
	} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t)
			x := &beginner{target: target{journal: w.book, hook: "pause"}}
			s := w.guarded(x, armed, config.Scarcity{})
			n := w.decide("a-1", headwatch.StepTrip)
			if c.approved {
				w.see("a", headwatch.Live)
				want(t, name, try(t, s, n), "waits")
				if err := w.order(headwatch.ActionApprove, "pause", ""); err != nil {
					t.Fatal(err)
				}
			}
			want(t, name+", fired", try(t, s, n), "waits")
			if got := w.book.said("a-1", "pause"); !slices.Equal(got, []headwatch.ReportKind{headwatch.ReportFired}) {
				t.Fatalf("%s: reported %v", name, got)
			}
			x.got, x.begun = nil, c.begun
			if time.Sleep(oldNews); !c.short {
				time.Sleep(6 * time.Hour)
			}
			w.restart()
			w.see("a", c.phase)
			if try(t, s, n); (len(x.got) > 0) != c.goes {
				t.Errorf("%s: handed over %q", name, x.got)
			}
			w.see("a", headwatch.Stalled)
			if x.got = nil; !c.begun {
				want(t, name+", seen to stand", try(t, s, n), "waits")
			}
			if !c.begun && len(x.got) != 1 {
				t.Errorf("%s: with proof, handed over %q", name, x.got)
			}
		})
	}
}

func TestWhatHasBegunGoesOnToItsEnd(t *testing.T) {
	w := newWorld(t)
	x := &beginner{target: target{journal: w.book, hook: "pause"}}
	s := w.guarded(x, armed, config.Scarcity{})
	n := w.decide("a-1", headwatch.StepTrip)
	try(t, s, n)
	w.decide("a-1", headwatch.StepResolve)
	x.begun = true
	want(t, "the trip", try(t, s, n), "sent")
}

func TestWhatWasSentIsNotCalledLate(t *testing.T) {
	w := newWorld(t)
	x := &beginner{target: target{journal: w.book, hook: "pause"}}
	s := w.guarded(x, armed, config.Scarcity{})
	n := w.decide("a-1", headwatch.StepTrip)
	try(t, s, n)
	w.ledger.Apply(headwatch.Event{Report: &headwatch.Report{Kind: headwatch.ReportSent, Hook: "pause", Incident: "a-1", Circuit: "a"}})
	w.decide("a-1", headwatch.StepResolve)
	if want(t, "the trip", try(t, s, n), "waits"); len(x.got) != 2 {
		t.Errorf("handed over %q", x.got)
	}
}

// Of a hook that cannot say whether it has begun, an attempt without an answer may have reached its receiver.
func TestWhatMayHaveBegunGoesOnToItsEnd(t *testing.T) {
	w := newWorld(t)
	s, x := w.hook(armed, config.Scarcity{})
	n := w.decide("a-1", headwatch.StepTrip)
	try(t, s, n)
	w.decide("a-1", headwatch.StepResolve)
	if want(t, "the trip", try(t, s, n), "sent"); len(x.got) != 2 {
		t.Errorf("handed over %q", x.got)
	}
}

// What was done already may be taken back, and the pause has not been used.
func TestARelapseIsLookedAtAgainWhenTheTripHadNothingToDo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		s, x := w.hook(armed, config.Scarcity{})
		x.needless = "paused already"
		want(t, "the trip", try(t, s, w.decide("a-1", headwatch.StepTrip)), "paused already")
		time.Sleep(time.Minute)
		want(t, "the recovery", try(t, s, w.decide("a-1", headwatch.StepRecover)), "it has not fired")
		want(t, "a relapse", try(t, s, w.decide("a-1", headwatch.StepRelapse)), "paused already")
		time.Sleep(time.Minute)
		x.needless = ""
		relapse := w.decide("a-1", headwatch.StepRelapse)
		want(t, "a relapse, unpaused", try(t, s, relapse), "sent")
		want(t, "once more, without an answer", try(t, s, relapse), "sent")
		want(t, "the end", try(t, s, w.decide("a-1", headwatch.StepResolve)), "sent")
		if want := []string{"a-1 trip", "a-1 trip", "a-1 resolve"}; !slices.Equal(x.got, want) {
			t.Errorf("sent %q, want %q", x.got, want)
		}
		if got := w.book.said("a-1", "pause"); !slices.Equal(got, []headwatch.ReportKind{headwatch.ReportNeedless, headwatch.ReportFired}) {
			t.Errorf("reported %v", got)
		}
		time.Sleep(time.Minute)
		want(t, "it counts", try(t, s, w.decide("a-2", headwatch.StepTrip)), "waits")
		if got := w.book.last(); got.Kind != headwatch.ReportWithheld {
			t.Errorf("reported %+v", got)
		}
	})
}

func TestARelapseLeavesPeopleTheirTimeForAVetoAnew(t *testing.T) {
	for name, announced := range map[string]bool{"nothing was announced": false, "it was announced": true} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t)
			s, x := w.hook(confirm, config.Scarcity{})
			trip := w.decide("a-1", headwatch.StepTrip)
			kind := headwatch.ReportAnnounced
			if announced {
				kind = headwatch.ReportUndone
				want(t, name, try(t, s, trip), "waits")
				time.Sleep(2 * time.Minute)
			}
			x.needless = "paused already"
			want(t, name, try(t, s, trip), "paused already")
			if err := w.order(headwatch.ActionVeto, "pause", ""); !errors.Is(err, ErrNotNow) {
				t.Errorf("%s: vetoed what does not wait: %v", name, err)
			}
			time.Sleep(time.Hour)
			w.decide("a-1", headwatch.StepRecover)
			x.needless = ""
			relapse := w.decide("a-1", headwatch.StepRelapse)
			want(t, name, try(t, s, relapse), "waits")
			if r := w.book.last(); r.Kind != kind || !r.Kind.Urgent() || !r.Waits() || time.Until(r.Until) != 2*time.Minute {
				t.Errorf("%s: reported %+v", name, r)
			}
			time.Sleep(2*time.Minute - time.Nanosecond)
			want(t, name, try(t, s, relapse), "waits")
			time.Sleep(time.Nanosecond)
			want(t, name, try(t, s, relapse), "sent")
			if x.early || !slices.Equal(x.got, []string{"a-1 trip"}) {
				t.Errorf("%s: sent %q", name, x.got)
			}
		})
	}
}

func TestAPauseThatWasTakenBackCanBeVetoed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		s, x := w.hook(confirm, config.Scarcity{})
		trip := w.decide("a-1", headwatch.StepTrip)
		try(t, s, trip)
		time.Sleep(2 * time.Minute)
		x.needless = "paused already"
		try(t, s, trip)
		time.Sleep(time.Hour)
		x.needless = ""
		relapse := w.decide("a-1", headwatch.StepRelapse)
		try(t, s, relapse)
		if err := w.order(headwatch.ActionVeto, "pause", ""); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Hour)
		if want(t, "the relapse", try(t, s, relapse), "vetoed by alice"); len(x.got) != 0 {
			t.Errorf("sent %q", x.got)
		}
	})
}

// The circuit shows its next incident before the journal has it.
func TestATripFiresOnlyForTheIncidentThatIsOpen(t *testing.T) {
	w := newWorld(t)
	s, x := w.hook(armed, config.Scarcity{})
	n := w.decide("a-1", headwatch.StepTrip)
	w.circuits["a"].Incident = "a-2"
	if want(t, "the trip", try(t, s, n), "waits"); len(x.got) != 0 {
		t.Errorf("sent %q", x.got)
	}
}

// A firing may be on record without an answer when people are told that there was none.
func TestWhatWasSaidNotToFireDoesNot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		s, x := w.hook(confirm, config.Scarcity{})
		n := w.decide("a-1", headwatch.StepTrip)
		try(t, s, n)
		time.Sleep(2 * time.Minute)
		w.book.silent = errors.New("no answer in time")
		want(t, "without an answer", try(t, s, n), "retried")
		w.book.silent = nil
		w.decide("a-1", headwatch.StepResolve)
		want(t, "over", try(t, s, n), "over before it could fire")
		w.restart() // the journal has both
		want(t, "again", try(t, s, n), "over before it could fire")
		if kinds := w.book.said("a-1", "pause"); !slices.Contains(kinds, headwatch.ReportFired) || len(x.got) != 0 {
			t.Errorf("reported %v, sent %q", kinds, x.got)
		}
	})
}

// A hook that was let through and then found nothing to do has had its firing: it looks after a relapse by itself.
func TestARelapseAfterAFiringIsTheHooksOwn(t *testing.T) {
	w := newWorld(t)
	s, x := w.hook(armed, config.Scarcity{})
	try(t, s, w.decide("a-1", headwatch.StepTrip))
	w.ledger.Apply(headwatch.Event{Report: &headwatch.Report{Kind: headwatch.ReportNeedless, Hook: "pause", Incident: "a-1", Circuit: "a", At: time.Now()}})
	want(t, "the relapse", try(t, s, w.decide("a-1", headwatch.StepRelapse)), "sent")
	if !slices.Equal(x.got, []string{"a-1 trip", "a-1 relapse"}) {
		t.Errorf("sent %q", x.got)
	}
}
