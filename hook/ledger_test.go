package hook

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"headwatch"
	"headwatch/config"
)

var midnight = time.Date(2026, time.March, 1, 0, 0, 0, 0, time.UTC)

func onRecord(context.Context, headwatch.Report) error { return nil }

func opened(incident string, at time.Time) headwatch.Event {
	circuit, _, _ := strings.Cut(incident, "-")
	return headwatch.Event{Transition: &headwatch.Transition{Circuit: circuit, Seq: uint64(at.Unix()), Incident: incident, Level: headwatch.LevelTrip, At: at}}
}

// What a guard saw may have changed by the time it wants to fire.
func TestAFiringIsDecidedAnewWhenItIsPutOnRecord(t *testing.T) {
	fired := headwatch.Report{Kind: headwatch.ReportFired, Hook: "pause", Incident: "a-1", Circuit: "a", At: midnight}
	for name, c := range map[string]struct {
		between []headwatch.Event
		want    error
	}{
		"nothing happened": {nil, nil},
		"a veto":           {[]headwatch.Event{{Action: &headwatch.Action{Kind: headwatch.ActionVeto, Hook: "pause", Incident: "a-1", Circuit: "a"}}}, errChanged},
		"the end":          {[]headwatch.Event{{Transition: &headwatch.Transition{Circuit: "a", Seq: 1 << 40, Incident: "a-1"}}}, errChanged},
		"the next one":     {[]headwatch.Event{opened("a-2", midnight.Add(time.Hour))}, errChanged},
		"a late echo":      {[]headwatch.Event{{Transition: &headwatch.Transition{Circuit: "a", Seq: 1, Incident: "a-0"}}}, nil},
	} {
		l := NewLedger()
		l.Apply(opened("a-1", midnight))
		for _, e := range c.between {
			l.Apply(e)
		}
		why, err := l.fire(t.Context(), fired, nil, onRecord)
		if why != "" || !errors.Is(err, c.want) || l.standing("a-1", "pause", "a").fired != (c.want == nil) {
			t.Errorf("%s: got %q, %v, want %v", name, why, err, c.want)
		}
	}
}

// A hook whose time ran out while it waited for its turn has tried nothing, and takes no place.
func TestWhatHadNoTimeClaimsNothing(t *testing.T) {
	l := NewLedger()
	l.Apply(opened("a-1", midnight))
	l.Apply(opened("b-1", midnight))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	one := limits{scarcity: config.Scarcity{MaxPerDay: 1}}
	_, err := l.fire(ctx, headwatch.Report{Kind: headwatch.ReportFired, Hook: "a", Incident: "a-1", Circuit: "a", At: midnight}, &one,
		func(context.Context, headwatch.Report) error { t.Error("it was put on record"); return nil })
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if why := l.denied(headwatch.Report{Hook: "b", Incident: "b-1", At: midnight}, one); why != "" {
		t.Error(why)
	}
}

func TestFiringsAndOrdersTakeTurnsOverTheirAppend(t *testing.T) {
	l := NewLedger()
	l.Apply(opened("a-1", midnight))
	alone := func() {
		t.Helper()
		if l.deciding.TryLock() {
			t.Error("another could decide meanwhile")
			l.deciding.Unlock()
		}
	}
	l.reported(headwatch.Report{Kind: headwatch.ReportAnnounced, Hook: "pause", Incident: "a-1", Circuit: "a", At: midnight})
	_, err := l.Order(t.Context(), headwatch.Action{Kind: headwatch.ActionApprove, Hook: "pause"}, func(_ context.Context, a headwatch.Action) error {
		alone()
		if a.Incident != "a-1" || a.Circuit != "a" {
			t.Errorf("on record is %+v", a)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	fired := headwatch.Report{Kind: headwatch.ReportFired, Hook: "pause", Incident: "a-1", Circuit: "a", At: midnight}
	if _, err := l.fire(t.Context(), fired, nil, func(context.Context, headwatch.Report) error { alone(); return nil }); err != nil {
		t.Error(err)
	}
}

func TestAnOrderThatIsNotOnRecordChangesNothing(t *testing.T) {
	l := NewLedger()
	l.Apply(opened("a-1", midnight))
	l.reported(headwatch.Report{Kind: headwatch.ReportAnnounced, Hook: "pause", Incident: "a-1", Circuit: "a", At: midnight})
	full := errors.New("the disk is full")
	veto := headwatch.Action{Kind: headwatch.ActionVeto, Hook: "pause"}
	if _, err := l.Order(t.Context(), veto, func(context.Context, headwatch.Action) error { return full }); !errors.Is(err, full) || errors.Is(err, ErrNotNow) {
		t.Errorf("got %v", err)
	}
	if l.standing("a-1", "pause", "a").veto != nil {
		t.Error("it is vetoed")
	}
}

// The journal keeps the first of each kind, which may be one that seemed to fail.
func TestWhatTheJournalHoldsCounts(t *testing.T) {
	l := NewLedger()
	at := func(until time.Time) headwatch.Report {
		return headwatch.Report{Kind: headwatch.ReportAnnounced, Hook: "pause", Incident: "a-1", Circuit: "a", At: midnight, Until: until}
	}
	first, second := at(midnight.Add(time.Minute)), at(midnight.Add(2*time.Minute))
	until := func() time.Time { return l.standing("a-1", "pause", "a").reports[headwatch.ReportAnnounced].Until }
	l.reported(second)
	if l.Apply(headwatch.Event{Report: &first}); !until().Equal(first.Until) {
		t.Errorf("it fires at %s", until())
	}
	if l.reported(second); !until().Equal(first.Until) {
		t.Errorf("then it fires at %s", until())
	}
}

func TestWhatIsOpenIsNotForgotten(t *testing.T) {
	l := NewLedger()
	l.Apply(opened("a-1", midnight))
	l.reported(headwatch.Report{Kind: headwatch.ReportFired, Hook: "pause", Incident: "a-1", Circuit: "a", At: midnight})
	l.Apply(opened("b-1", midnight.Add(2*remembered)))
	if !l.standing("a-1", "pause", "a").fired {
		t.Error("it is forgotten")
	}
	l.Apply(opened("a-2", midnight.Add(2*remembered)))
	if l.standing("a-1", "pause", "a").fired {
		t.Error("it is remembered for ever")
	}
}

func TestABudgetThatWasExceededIsFreeWhenEnoughFiringsAreOld(t *testing.T) {
	var were []firing
	for hour := range 4 {
		were = append(were, firing{account{"a", "pause"}, "l2", midnight.Add(time.Duration(hour) * time.Hour)})
	}
	lim := limits{hook: config.Hook{MaxPerDay: 2}}
	got := lim.denied(headwatch.Report{Hook: "pause", At: midnight.Add(5 * time.Hour)}, were)
	if want := "max_per_day of the hook is 2, used up by pause for a at 2026-03-01T03:00:00Z; free again at 2026-03-02T02:00:00Z"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// A hook that was let through may find that somebody was faster.
// What is only told has an incident of its own beside that of the pause, and decisions of its own.
func TestWhatIsToldBesideDoesNotEndTheIncidentOfAPause(t *testing.T) {
	l := NewLedger()
	for _, c := range []struct {
		decided headwatch.Transition
		over    bool
	}{
		{headwatch.Transition{Incident: "a-1", Level: headwatch.LevelTrip, Aside: &headwatch.Aside{Incident: "a-0", Level: headwatch.LevelPage}}, false},
		{headwatch.Transition{Incident: "a-0", Told: true, Aside: &headwatch.Aside{Incident: "a-1", Level: headwatch.LevelTrip}}, false},
		{headwatch.Transition{Incident: "a-1"}, true},
		{headwatch.Transition{Incident: "a-2", Level: headwatch.LevelPage, Told: true}, true},
	} {
		c.decided.Circuit, c.decided.Seq = "a", l.circuits["a"].Seq+1
		l.decided(c.decided)
		if l.over("a-1", "a") != c.over {
			t.Errorf("after %+v: over is not %t", c.decided, c.over)
		}
	}
}

func TestWhatSentNothingIsNotCounted(t *testing.T) {
	for name, c := range map[string]struct {
		then   []headwatch.ReportKind
		counts bool
	}{
		"it sent":              {[]headwatch.ReportKind{headwatch.ReportSent}, true},
		"it is not known":      {nil, true},
		"it was needless":      {[]headwatch.ReportKind{headwatch.ReportNeedless}, false},
		"it was too late":      {[]headwatch.ReportKind{headwatch.ReportLapsed}, false},
		"it sent all the same": {[]headwatch.ReportKind{headwatch.ReportSent, headwatch.ReportNeedless}, true},
	} {
		l := NewLedger()
		for _, kind := range append([]headwatch.ReportKind{headwatch.ReportFired}, c.then...) {
			l.reported(headwatch.Report{Kind: kind, Hook: "pause", Incident: "a-1", Circuit: "a", At: midnight})
		}
		next := headwatch.Report{Hook: "pause", Incident: "a-2", At: midnight.Add(time.Hour)}
		if why := l.denied(next, limits{hook: config.Hook{MaxPerDay: 1}}); (why != "") != c.counts {
			t.Errorf("%s: %q", name, why)
		}
	}
}

// That there was nothing to do before says nothing of a firing whose append had no answer.
func TestAClaimAfterAllCounts(t *testing.T) {
	l := NewLedger()
	l.Apply(opened("a-1", midnight))
	r := headwatch.Report{Kind: headwatch.ReportNeedless, Hook: "pause", Incident: "a-1", Circuit: "a", At: midnight}
	l.reported(r)
	r.Kind, r.At = headwatch.ReportFired, midnight.Add(time.Hour)
	lost := errors.New("no answer in time")
	if _, err := l.fire(t.Context(), r, nil, func(context.Context, headwatch.Report) error { return lost }); !errors.Is(err, lost) {
		t.Errorf("got %v", err)
	}
	next := headwatch.Report{Hook: "pause", Incident: "a-2", At: midnight.Add(2 * time.Hour)}
	if why := l.denied(next, limits{hook: config.Hook{MaxPerDay: 1}}); why == "" {
		t.Error("it does not count")
	}
}
