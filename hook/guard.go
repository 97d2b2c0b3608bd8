package hook

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"headwatch"
	"headwatch/config"
	"headwatch/delivery"
)

const (
	lookEvery = time.Second      // how long an order may take to be seen
	oldNews   = 10 * time.Minute // after so long without a process a firing that has not begun needs proof anew
	patience  = 3 * time.Second  // for one answer of the journal, and for a look at whether there is anything to do
)

// guard stands before a hook that may not fire whenever a circuit trips. The trip waits in it, for a veto or for a person who
// must decide, and goes on only after the firing is on record; without that nothing fires. What follows a trip reaches the
// hook only if the trip did.
type guard struct {
	delivery.Sender
	limits  limits
	ledger  *Ledger
	watch   *watch
	journal interface {
		Report(ctx context.Context, r headwatch.Report) error
	}
}

// guarded puts the guard before a hook, where it needs one. A hook in dry run is never sent anything.
func guarded(s delivery.Sender, c config.Hook, d Deps) delivery.Sender {
	if c.Mode != config.ModeOff && !(c.Acts() && c.Scarce()) {
		return s
	}
	g := &guard{Sender: s, limits: limits{hook: c}, ledger: cmp.Or(d.Ledger, NewLedger()), watch: newWatch(d.Signals), journal: d.Journal}
	if d.Config != nil {
		g.limits.scarcity = d.Config.Scarcity
	}
	return g
}

// As gives a hook, as New made it, in another of its roles: Inspector, Readier or Runner.
func As[T any](s delivery.Sender) (T, bool) {
	if g, ok := s.(*guard); ok {
		s = g.Sender
	}
	t, ok := s.(T)
	return t, ok
}

// Send implements delivery.Sender.
func (g *guard) Send(ctx context.Context, route json.RawMessage, n headwatch.Notice) (string, error) {
	s := g.ledger.standing(n.Incident, g.limits.hook.Name, n.Transition.Circuit)
	if s.again = s.fires(n) && n.Kind == headwatch.StepRelapse; s.again {
		n.Kind = headwatch.StepTrip
	}
	trip := n.Kind == headwatch.StepTrip
	lapsed, isLapsed := s.reports[headwatch.ReportLapsed]
	switch {
	case g.limits.hook.Mode == config.ModeOff:
		return "", g.lapse(ctx, n, s, "switched off")
	case !trip && (!s.fired || isLapsed):
		return "", withheld("it has not fired for this incident")
	case isLapsed:
		return "", withheld(lapsed.Detail)
	case s.fired && trip:
		if err := g.begins(ctx, n, s); err != nil {
			return "", err
		}
	case !s.fired:
		if err := g.pass(ctx, n, s); err != nil {
			return "", err
		}
	}
	return g.Sender.Send(ctx, route, n)
}

// pass gives nil once the firing is on record.
func (g *guard) pass(ctx context.Context, n headwatch.Notice, s standing) error {
	opening := s.opening()
	announced, isAnnounced := s.reports[opening]
	switch {
	case s.veto != nil:
		return g.vetoed(ctx, n, *s.veto)
	case s.has(headwatch.ReportNeedless) && !s.again:
		return withheld(s.reports[headwatch.ReportNeedless].Detail)
	case s.over:
		return g.lapse(ctx, n, s, "the incident was over before it could fire")
	case s.approval != nil:
		return g.fire(ctx, n, fmt.Sprintf("approved by %s: %s", s.approval.Actor, s.approval.Reason), s.approval.Actor)
	case s.has(headwatch.ReportWithheld):
		return g.wait(n, "it waits for a person", lookEvery)
	}
	if why := g.doubt(n); why != "" {
		return g.wait(n, why, askAgain)
	}
	until := g.watch.until(announced, g.limits.hook.VetoFor.D())
	switch left := time.Until(until); {
	case isAnnounced && left > 0:
		return g.wait(n, "it fires at "+stamp(until), min(left, lookEvery))
	case isAnnounced:
		return g.fire(ctx, n, "nobody vetoed it", "")
	case g.limits.hook.Mode == config.ModeConfirm:
		return g.announce(ctx, n, opening)
	}
	return g.fire(ctx, n, "armed", "")
}

func (g *guard) doubt(n headwatch.Notice) string {
	return g.watch.doubt(n, g.ledger.newest(n.Transition.Circuit))
}

// wait lets the hook wait for the clock, for its circuit or for a person, who can give an order meanwhile.
func (g *guard) wait(n headwatch.Notice, why string, again time.Duration) error {
	g.ledger.waits(n.Incident, g.limits.hook.Name, n.Transition.Circuit, time.Now())
	return underway(why, again)
}

// begins gives nil when a trip that is on record may begin, or go on to its end. It may not begin when its incident is over. One
// that a process long before this one put on record, and did not begin, is old news: it waits for proof as if it had not fired.
func (g *guard) begins(ctx context.Context, n headwatch.Notice, s standing) error {
	b, ok := g.Sender.(Beginner)
	if !ok || s.begun() {
		return nil
	}
	why := ""
	if fired := s.reports[headwatch.ReportFired]; fired.Actor == "" && g.watch.began.Sub(fired.At) > oldNews {
		why = g.doubt(n)
	}
	if !s.over && why == "" {
		return nil
	}
	look, cancel := context.WithTimeout(ctx, patience)
	begun, err := b.Begun(look, n.Incident)
	cancel()
	switch {
	case err != nil:
		return &delivery.Error{Reason: delivery.ReasonJournal, Detail: "what it has begun could not be read"}
	case begun:
		return nil
	case s.over:
		return g.end(ctx, g.report(headwatch.ReportLapsed, n, "the incident was over before it could begin"))
	}
	return g.wait(n, why, askAgain)
}

// announce begins the time for a veto. It counts from the decision, but where that could not be announced at once half of it
// is left for people.
func (g *guard) announce(ctx context.Context, n headwatch.Notice, opening headwatch.ReportKind) error {
	if err := g.inspect(ctx, n); err != nil {
		return err
	}
	r := g.report(opening, n, "it fires unless somebody vetoes it")
	if why := g.ledger.denied(r, g.limits); why != "" {
		return g.withhold(ctx, n, why)
	}
	veto := g.limits.hook.VetoFor.D()
	r.Until = n.Transition.At.Add(veto)
	if least := r.At.Add(veto / 2); r.Until.Before(least) {
		r.Until = least
	}
	if err := g.say(ctx, r); err != nil {
		return err
	}
	return g.wait(n, "it fires at "+stamp(r.Until), min(time.Until(r.Until), lookEvery))
}

// fire puts the firing on record. One that a person approved heeds no limit, and no doubt.
func (g *guard) fire(ctx context.Context, n headwatch.Notice, how, approved string) error {
	if err := g.inspect(ctx, n); err != nil {
		return err
	}
	r := g.report(headwatch.ReportFired, n, how)
	r.Actor = approved
	lim := &g.limits
	if approved != "" {
		lim = nil
	} else if why := g.doubt(n); why != "" { // the look at the contract took its time
		return g.wait(n, why, askAgain)
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	why, err := g.ledger.fire(ctx, r, lim, g.journal.Report)
	switch {
	case errors.Is(err, errChanged):
		return underway("it is looked at again", time.Millisecond)
	case err != nil:
		return offRecord()
	case why != "":
		return g.withhold(ctx, n, why)
	}
	return nil
}

// inspect ends a trip that has nothing to do. What cannot be found out in a moment has to be done.
func (g *guard) inspect(ctx context.Context, n headwatch.Notice) error {
	i, ok := g.Sender.(Inspector)
	if !ok {
		return nil
	}
	look, cancel := context.WithTimeout(ctx, patience)
	why := i.Needless(look, n)
	cancel()
	if why == "" {
		return nil
	}
	return g.end(ctx, g.report(headwatch.ReportNeedless, n, why))
}

func (g *guard) withhold(ctx context.Context, n headwatch.Notice, why string) error {
	if err := g.say(ctx, g.report(headwatch.ReportWithheld, n, why)); err != nil {
		return err
	}
	return g.wait(n, "it waits for a person: "+why, lookEvery)
}

func (g *guard) vetoed(ctx context.Context, n headwatch.Notice, veto headwatch.Action) error {
	r := g.report(headwatch.ReportVetoed, n, fmt.Sprintf("by %s: %s", veto.Actor, veto.Reason))
	r.Actor = veto.Actor
	if err := g.say(ctx, r); err != nil {
		return err
	}
	return withheld("vetoed " + r.Detail)
}

// lapse ends a trip that cannot fire any more. Those who were told that it might are told that it did not, and so are they
// where it waited for its circuit.
func (g *guard) lapse(ctx context.Context, n headwatch.Notice, s standing, why string) error {
	told := s.waiting || s.has(headwatch.ReportWithheld) || s.has(s.opening())
	if told && !s.fired && n.Kind == headwatch.StepTrip {
		return g.end(ctx, g.report(headwatch.ReportLapsed, n, why))
	}
	return withheld(why)
}

// end ends a trip with a report of why nothing is sent.
func (g *guard) end(ctx context.Context, r headwatch.Report) error {
	if err := g.say(ctx, r); err != nil {
		return err
	}
	return withheld(r.Detail)
}

func (g *guard) report(kind headwatch.ReportKind, n headwatch.Notice, detail string) headwatch.Report {
	return headwatch.Report{
		Kind: kind, Hook: g.limits.hook.Name, Incident: n.Incident, Circuit: n.Transition.Circuit,
		Chain: cmp.Or(g.limits.hook.Chain, n.Transition.Cause.Chain), At: time.Now(), Detail: delivery.Clean(detail, maxComplaint),
	}
}

// say puts a report on record.
func (g *guard) say(ctx context.Context, r headwatch.Report) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if err := g.journal.Report(ctx, r); err != nil {
		return offRecord()
	}
	g.ledger.reported(r)
	return nil
}

// offRecord keeps the journal's own words, which it logs, out of a text that is shown.
func offRecord() error {
	return &delivery.Error{Reason: delivery.ReasonJournal, Detail: "what it does could not be put on record"}
}

func underway(what string, again time.Duration) error {
	return &delivery.Error{Reason: delivery.ReasonUnderway, Underway: true, RetryAfter: again, Detail: what}
}

func withheld(why string) error {
	return &delivery.Error{Reason: delivery.ReasonWithheld, Permanent: true, Outcome: headwatch.Withheld, Detail: why}
}
