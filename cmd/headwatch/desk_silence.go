package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"slices"
	"strings"
	"time"

	"headwatch"
	"headwatch/config"
	"headwatch/web"
)

// idLength is how many letters and digits make the id of a silence: people type them, at night.
const idLength = 6

// silence puts a silence on record. One that names what does not exist would hold back nothing, and is refused.
func (d *desk) silence(ctx context.Context, a headwatch.Action) (headwatch.Event, error) {
	s := *a.Silence
	for _, m := range s.Matchers {
		if err := d.exists(m); err != nil {
			return headwatch.Event{}, fmt.Errorf("%w: %w", web.ErrNotFound, err)
		}
	}
	s.ID = "s-" + strings.ToLower(rand.Text()[:idLength])
	a.Silence = &s
	return d.record(ctx, a)
}

// exists checks that there is what a matcher names. Conditions and severities were checked when it was read; an expression may be
// meant for what is yet to come.
func (d *desk) exists(m headwatch.Matcher) error {
	if m.IsRegex {
		return nil
	}
	known := []string{headwatch.Watchdog}
	switch m.Name {
	case "circuit":
		for _, c := range d.cfg.Circuits {
			known = append(known, c.Name)
		}
	case "chain":
		for _, c := range d.cfg.Chains {
			known = append(known, c.Name)
		}
	default:
		return nil
	}
	if slices.Contains(known, m.Value) {
		return nil
	}
	return fmt.Errorf("there is no %s %q: %s", m.Name, m.Value, config.DidYouMean(m.Value, known))
}

// unsilence puts the end of a silence on record that is in force or to come.
func (d *desk) unsilence(ctx context.Context, a headwatch.Action) (headwatch.Event, error) {
	var known []string
	for _, s := range d.book.Silences(a.At) {
		if s.ID == a.Silence.ID {
			a.Silence = &s
			return d.record(ctx, a)
		}
		known = append(known, s.ID)
	}
	return headwatch.Event{}, fmt.Errorf("%w: no silence %q is in force or to come: %s", web.ErrNotFound, a.Silence.ID, config.DidYouMean(a.Silence.ID, known))
}

// endedSilences reads from the journal which silences ended since an instant, and who ended them before their time.
func (d *desk) endedSilences(ctx context.Context, since time.Time) ([]web.Silence, error) {
	all := map[string]web.Silence{}
	err := d.journal.Reported(ctx, func(e headwatch.Event) {
		a := e.Action
		if a == nil || a.Silence == nil {
			return
		}
		s, known := all[a.Silence.ID]
		switch {
		case a.Kind == headwatch.ActionSilence && !(known && s.Window != "" && s.EndedBy != ""):
			s = web.Silence{Silence: *a.Silence, State: web.SilenceEnded}
		case a.Kind == headwatch.ActionUnsilence && known && a.At.Before(s.Ends):
			s.Ends, s.EndedBy, s.Because = a.At, a.Actor, a.Reason
		default:
			return
		}
		all[s.ID] = s
	})
	if err != nil {
		return nil, err
	}
	now, ended := time.Now(), []web.Silence{}
	for _, s := range all {
		if !now.Before(s.Ends) && s.Ends.After(since) {
			ended = append(ended, s)
		}
	}
	slices.SortFunc(ended, func(a, b web.Silence) int { return b.Ends.Compare(a.Ends) })
	return ended, nil
}
