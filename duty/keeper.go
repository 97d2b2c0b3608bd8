package duty

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.uber.org/zap"

	"headwatch"
	"headwatch/delivery"
)

// Times of the keeper.
const (
	keepEvery = 30 * time.Second
	keepAhead = 24 * time.Hour // how long before it begins a window is put on record
)

// Journal is where the keeper puts windows.
type Journal interface {
	// Reported hands out every order that is no transition, in order, up to now.
	Reported(ctx context.Context, handle func(headwatch.Event)) error
	Act(ctx context.Context, a headwatch.Action) error
}

// Keeper puts each planned window into the journal, as the silence that it is, a day before it begins, and ends it when it is
// planned no longer. So everybody sees it in one place and ends it like any other, and what holds pages back is on record.
//
// It remembers nothing that the journal does not say: whenever something seems to be missing there it reads all the orders before
// it gives one. So a restart puts nothing there twice, and what a person ended stays ended.
type Keeper struct {
	roster  *Roster
	journal Journal
	log     *zap.Logger
	there   map[string]kept
}

// kept is one silence of a window, as the journal has it.
type kept struct {
	headwatch.Silence
	over   bool // it was ended
	person bool // a person changed or ended it: it is none of the keeper's any more
}

// NewKeeper makes the keeper of the windows of a roster.
func NewKeeper(r *Roster, j Journal, log *zap.Logger) *Keeper {
	return &Keeper{roster: r, journal: j, log: log, there: map[string]kept{}}
}

// Run keeps the windows until ctx ends. What the journal does not take is tried again: a window that is not on record holds nothing
// back, and that is the better side to err on.
func (k *Keeper) Run(ctx context.Context) error {
	failed, first := false, true
	for ctx.Err() == nil {
		var err error
		if first {
			err = k.read(ctx)
		}
		if err == nil {
			first = false
			err = k.keep(ctx, time.Now())
		}
		if err != nil && !failed && !errors.Is(err, context.Canceled) {
			k.log.Warn("planned windows are not on record, so they hold nothing back", zap.Error(err))
		}
		failed = err != nil
		delivery.Sleep(ctx, keepEvery)
	}
	return nil
}

// keep brings the journal into line with what is planned.
func (k *Keeper) keep(ctx context.Context, now time.Time) error {
	if len(k.orders(now)) == 0 {
		return nil
	}
	if err := k.read(ctx); err != nil {
		return err
	}
	for _, a := range k.orders(now) {
		if err := k.journal.Act(ctx, a); err != nil {
			return fmt.Errorf("%s %s: %w", a.Kind, a.Silence.ID, err)
		}
		k.apply(headwatch.Event{Action: &a})
		k.log.Info("a planned window", zap.String("order", string(a.Kind)), zap.String("silence", a.Silence.ID), zap.Time("starts", a.Silence.Starts), zap.Time("ends", a.Silence.Ends))
	}
	return nil
}

// orders gives what is to be put on record.
func (k *Keeper) orders(now time.Time) (all []headwatch.Action) {
	order := func(kind headwatch.ActionKind, s headwatch.Silence, reason string) {
		all = append(all, headwatch.Action{Kind: kind, Actor: headwatch.Calendar, Reason: reason, Silence: &s, At: now.UTC()})
	}
	planned := map[string]bool{}
	for _, s := range k.roster.Windows(now, now.Add(keepAhead)) {
		planned[s.ID] = true
		if was, ok := k.there[s.ID]; !ok || !was.person && (was.over || !same(was.Silence, s)) {
			order(headwatch.ActionSilence, s, s.Reason)
		}
	}
	for id, was := range k.there {
		if !planned[id] && !was.over && !was.person && was.Ends.After(now) && k.roster.Planned(was.Window) {
			order(headwatch.ActionUnsilence, was.Silence, "it is no longer planned for this time")
		}
	}
	return all
}

// same reports whether a window is still as it is on record.
func same(a, b headwatch.Silence) bool {
	if len(a.Matchers) != len(b.Matchers) || a.HoldHooks != b.HoldHooks || !a.Ends.Equal(b.Ends) || a.Reason != b.Reason {
		return false
	}
	for i := range a.Matchers {
		if a.Matchers[i] != b.Matchers[i] {
			return false
		}
	}
	return true
}

// read learns from the journal what is there.
func (k *Keeper) read(ctx context.Context) error {
	clear(k.there)
	return k.journal.Reported(ctx, k.apply)
}

// apply folds one order in.
func (k *Keeper) apply(e headwatch.Event) {
	a := e.Action
	if a == nil || a.Silence == nil {
		return
	}
	switch was, ok := k.there[a.Silence.ID]; {
	case a.Kind == headwatch.ActionSilence && (ok || a.Silence.Window != ""):
		k.there[a.Silence.ID] = kept{Silence: *a.Silence, person: a.Actor != headwatch.Calendar}
	case a.Kind == headwatch.ActionUnsilence && ok:
		was.over, was.person = true, was.person || a.Actor != headwatch.Calendar
		k.there[a.Silence.ID] = was
	}
}
