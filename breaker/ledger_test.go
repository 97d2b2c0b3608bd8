package breaker

import (
	"slices"
	"time"

	"headwatch"
	"headwatch/config"
)

// ledger is what must be true of every circuit whatever it is fed, worked out without the code under test.
type ledger struct {
	cfg       config.Circuit
	all       []headwatch.Transition
	incidents []string
	on, tell  headwatch.Aside // the two incidents; zero while there is none
	at        time.Time       // of the newest Assessment, never going back
	well      time.Time       // first Assessment of the unbroken health, in the life of this process
	quiet     time.Time       // the same, with nothing to tell either
}

func (l *ledger) last() *headwatch.Transition {
	if len(l.all) == 0 {
		return nil
	}
	return &l.all[len(l.all)-1]
}

func (l *ledger) seq(n uint64) headwatch.Transition {
	if n == 0 || n > uint64(len(l.all)) {
		return headwatch.Transition{}
	}
	return l.all[n-1]
}

func (l *ledger) restarted() { l.at, l.well, l.quiet = time.Time{}, time.Time{}, time.Time{} }

// held says for how long the oldest finding of these conditions holds; negative when there is none.
func (l *ledger) held(a headwatch.Assessment, conditions []headwatch.Condition) time.Duration {
	longest := time.Duration(-1)
	for _, f := range a.Findings {
		if slices.Contains(conditions, f.Condition) {
			longest = max(longest, l.at.Sub(f.Since), 0)
		}
	}
	return longest
}

// check holds one Feed against the rules and writes it down.
func (l *ledger) check(t tester, a headwatch.Assessment, decided []headwatch.Transition, s headwatch.Signal) {
	t.Helper()
	if a.At.After(l.at) {
		l.at = a.At
	}
	on, tell := l.held(a, l.cfg.On), l.held(a, l.cfg.Tell)
	if a.Phase == headwatch.Unknown {
		on = -1
	}
	healthy := a.Phase == headwatch.Live && on < 0
	l.well = since(l.well, l.at, healthy)
	l.quiet = since(l.quiet, l.at, healthy && tell < 0)

	for _, d := range decided {
		l.checkOne(t, d, on, tell, healthy)
		l.all = append(l.all, d)
	}
	l.checkRest(t, a.Phase, on, tell, s)
}

func since(was, at time.Time, holds bool) time.Time {
	switch {
	case !holds:
		return time.Time{}
	case was.IsZero():
		return at
	default:
		return was
	}
}

func (l *ledger) checkOne(t tester, d headwatch.Transition, on, tell time.Duration, healthy bool) {
	t.Helper()
	before := headwatch.Transition{To: headwatch.Closed}
	if last := l.last(); last != nil {
		before = *last
	}
	must := func(ok bool, rule string) {
		t.Helper()
		if !ok {
			t.Errorf("%s\nbefore %+v\nafter  %+v", rule, before, d)
		}
	}
	must(d.Circuit == l.cfg.Name && d.Cause.Chain == l.cfg.Chain, "it names its circuit and its cause")
	must(d.Seq == before.Seq+1, "the sequence counts up by one")
	must(d.From == before.To, "a transition begins where the one before ended")
	must(d.At.Equal(l.at), "a decision is made at the time of its assessment")
	if d.From == d.To {
		must(before.Since.IsZero() || d.Since.Equal(before.Since), "since stays while the state stays")
	} else {
		must(d.Since.Equal(d.At), "since is when the state was entered")
	}

	was, other := &l.on, l.tell
	if d.Told {
		was, other = &l.tell, l.on
		must(d.From == d.To && d.Level < headwatch.LevelTrip, "what is only told never changes the state")
	}
	must((d.Aside == nil) == (other == headwatch.Aside{}) && (d.Aside == nil || *d.Aside == other), "the other incident stays as it is")

	wasOpen, isOpen := was.Level != headwatch.LevelNone, d.Level != headwatch.LevelNone
	byHand := d.Actor != headwatch.Watchdog
	switch {
	case wasOpen:
		must(d.Incident == was.Incident, "an incident keeps its id until it is resolved")
		must(d.Level == headwatch.LevelNone || d.Level >= was.Level, "the level of an incident does not fall")
	case isOpen:
		must(!slices.Contains(l.incidents, d.Incident), "no two incidents have the same id")
		l.incidents = append(l.incidents, d.Incident)
	default:
		must(d.Incident == "", "without an incident there is no id")
	}
	if d.To == headwatch.Open && d.From != headwatch.Open {
		must(d.Latched == (byHand || l.cfg.Rearm == config.RearmManual), "a trip by hand is latched, and every trip where rearm is manual")
	}
	held := d.At.Before(before.HeldUntil)
	if d.To != d.From && !byHand {
		must(!held, "nothing but a person changes the state of a held circuit")
		must(!before.Latched, "nothing but a person changes the state of a latched circuit")
	}
	if !byHand {
		must(d.HeldUntil.Equal(before.HeldUntil) || !held && d.HeldUntil.IsZero(), "a hold ends by time or by hand")
		must(d.Reason == "", "only people give reasons")
		must(d.To != d.From || d.Level != was.Level, "a decision changes something")
		l.checkWatchdog(must, *was, d, on, tell, healthy)
	}
	if wasOpen && !isOpen {
		must(healthy, "no close and no resolve but in health")
	}
	if *was = (headwatch.Aside{}); isOpen {
		*was = headwatch.Aside{Incident: d.Incident, Level: d.Level}
	}
	must((d.To == headwatch.Closed) == (l.on.Level < headwatch.LevelTrip), "the level is trip exactly while it is not closed")
}

func (l *ledger) checkWatchdog(must func(bool, string), was headwatch.Aside, d headwatch.Transition, on, tell time.Duration, healthy bool) {
	switch {
	case d.From == headwatch.Closed && d.To == headwatch.Open:
		must(on >= tripAfter, "a trip is due")
		must(was.Level == headwatch.LevelPage, "whoever is told of a trip was paged before")
	case d.From == headwatch.HalfOpen && d.To == headwatch.Open:
		must(on >= warnAfter, "a relapse matters to the circuit")
	case d.From == headwatch.Open && d.To == headwatch.HalfOpen:
		must(healthy, "only health begins a recovery")
	case d.From == headwatch.HalfOpen && d.To == headwatch.Closed:
		must(!l.well.IsZero() && d.At.Sub(l.well) >= recoverAfter, "a recovery takes its time, unbroken")
	case d.Told && d.Level != headwatch.LevelNone:
		must(tell >= map[headwatch.Level]time.Duration{headwatch.LevelWarn: warnAfter, headwatch.LevelPage: pageAfter}[d.Level], "it is due to be told")
		must(l.on.Level < d.Level, "what is only told adds nothing to what has called people already")
		must(max(was.Level, l.on.Level)+1 == d.Level, "whoever is paged was warned before")
	case d.Level == headwatch.LevelWarn:
		must(on >= warnAfter, "a warning is due")
	case d.Level == headwatch.LevelPage:
		must(on >= pageAfter, "a page is due")
		must(was.Level == headwatch.LevelWarn, "whoever is paged was warned before")
	case d.Level == headwatch.LevelNone && !d.Told:
		must(!l.well.IsZero() && d.At.Sub(l.well) >= recoverAfter, "a resolve takes its time, unbroken")
	case d.Level == headwatch.LevelNone:
		must(!l.quiet.IsZero() && d.At.Sub(l.quiet) >= recoverAfter, "a resolve takes its time, unbroken")
	default:
		must(false, "the watchdog does nothing else")
	}
}

// checkRest holds what the circuit came to rest at against what it must have done by now.
func (l *ledger) checkRest(t tester, phase headwatch.Phase, on, tell time.Duration, s headwatch.Signal) {
	t.Helper()
	now := headwatch.Transition{To: headwatch.Closed}
	if last := l.last(); last != nil {
		now = *last
	}
	if !l.at.Before(now.HeldUntil) {
		now.HeldUntil = time.Time{}
	}
	shown, aside := l.on, l.tell
	if shown.Level == headwatch.LevelNone {
		shown, aside = aside, headwatch.Aside{}
	}
	if s.Incident != shown.Incident || s.Level != shown.Level || s.Told != (shown == l.tell && shown.Incident != "") ||
		(s.Aside == nil) != (aside.Incident == "") || s.Aside != nil && *s.Aside != aside {
		t.Errorf("the signal does not show the incidents\nsignal %+v\non     %+v\ntell   %+v", s, l.on, l.tell)
	}
	if s.State != now.To || s.Phase != phase || s.Seq != now.Seq || s.Latched != now.Latched ||
		!s.HeldUntil.Equal(now.HeldUntil) || !s.ValidUntil.Equal(l.at.Add(time.Minute)) {
		t.Errorf("the signal does not say what was decided\nsignal  %+v\ndecided %+v", s, now)
	}
	switch {
	case on >= warnAfter && l.on.Level < headwatch.LevelWarn, tell >= warnAfter && max(l.on.Level, l.tell.Level) < headwatch.LevelWarn:
		t.Errorf("a due warning was not given: %+v", now)
	case on >= pageAfter && l.on.Level < headwatch.LevelPage, tell >= pageAfter && max(l.on.Level, l.tell.Level) < headwatch.LevelPage:
		t.Errorf("a due page was not given: %+v", now)
	case !l.quiet.IsZero() && l.at.Sub(l.quiet) >= recoverAfter && l.tell.Level != headwatch.LevelNone:
		t.Errorf("the incident of what is only told outlived it: %+v", now)
	case !now.HeldUntil.IsZero() || now.Latched:
	case on >= tripAfter && now.To != headwatch.Open:
		t.Errorf("a due trip was missed: %+v", now)
	case on >= warnAfter && now.To == headwatch.HalfOpen:
		t.Errorf("a due relapse was missed: %+v", now)
	case !l.well.IsZero() && now.To == headwatch.Open:
		t.Errorf("health did not begin the recovery: %+v", now)
	case !l.well.IsZero() && l.at.Sub(l.well) >= recoverAfter && l.on.Level != headwatch.LevelNone:
		t.Errorf("the incident outlived the recovery: %+v", now)
	}
}
