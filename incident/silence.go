package incident

import (
	"cmp"
	"slices"
	"time"

	"headwatch"
)

// forget is how long after its end a silence is known: an event may say that it happened a little earlier than the one before it.
const forget = time.Hour

// quiet is a silence as it stands.
type quiet struct {
	headwatch.Silence
	planned time.Time // when it was to end
	lifted  bool      // a person ended it before
}

// silenced folds a silence in, or its end. One of a window that a person ended stays ended, however often the calendar is read.
func (b *Book) silenced(a headwatch.Action) {
	if a.Silence == nil {
		return
	}
	for id, q := range b.silences {
		if a.At.Sub(q.planned) > forget {
			delete(b.silences, id)
		}
	}
	s := *a.Silence
	q := b.silences[s.ID]
	switch {
	case a.Kind == headwatch.ActionSilence:
		if q == nil || s.Window == "" || !q.lifted {
			b.silences[s.ID] = &quiet{Silence: s, planned: s.Ends}
		}
	case q != nil && a.At.Before(q.Ends):
		lifted := *q
		lifted.Ends, lifted.lifted = a.At, true
		b.silences[s.ID] = &lifted
	}
}

// Silences gives the silences that hold at an instant and those that are to come, in the order in which they begin. The caller owns
// the result, but for the matchers, which nobody changes.
func (b *Book) Silences(now time.Time) []headwatch.Silence {
	b.mu.Lock()
	defer b.mu.Unlock()
	var all []headwatch.Silence
	for _, q := range b.silences {
		if q.Starts.Before(q.Ends) && now.Before(q.Ends) {
			all = append(all, q.Silence)
		}
	}
	slices.SortFunc(all, func(a, b headwatch.Silence) int { return cmp.Or(a.Starts.Compare(b.Starts), cmp.Compare(a.ID, b.ID)) })
	return all
}

// silence gives the silence that holds an incident at an instant, of several the one that lasts longest, or nil.
func (b *Book) silence(r *record, at time.Time) *quiet {
	var there []*quiet
	for _, q := range b.silences {
		if q.covers(at) && b.matches(q, r) {
			there = append(there, q)
		}
	}
	return longest(there, at)
}

// meant gives the silences that are meant for an incident, whenever they hold.
func (b *Book) meant(r *record) (all []*quiet) {
	for _, q := range b.silences {
		if b.matches(q, r) {
			all = append(all, q)
		}
	}
	return all
}

// longest gives the silence that holds at an instant, of several the one that lasts longest, or nil.
func longest(all []*quiet, at time.Time) *quiet {
	var found *quiet
	for _, q := range all {
		if q.covers(at) && (found == nil || q.Ends.After(found.Ends) || q.Ends.Equal(found.Ends) && q.ID < found.ID) {
			found = q
		}
	}
	return found
}

// holds reports whether a silence holds back a trip from hooks.
func (b *Book) holds(r *record, at time.Time) bool {
	for _, q := range b.silences {
		if q.HoldHooks && q.covers(at) && b.matches(q, r) {
			return true
		}
	}
	return false
}

// Holding gives the silence that at an instant keeps hooks from hearing that a circuit has tripped; "" when none does.
func (b *Book) Holding(circuit string, at time.Time) string {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, r := range b.open {
		if r.Circuit != circuit || !r.unfired {
			continue
		}
		for id, q := range b.silences {
			if q.HoldHooks && q.covers(at) && b.matches(q, r) {
				return id
			}
		}
	}
	return ""
}

func (q *quiet) covers(at time.Time) bool { return !at.Before(q.Starts) && at.Before(q.Ends) }

// matches reports whether a silence is meant for an incident as it stands. A silence without matchers is for none, and one for a
// condition is not for an incident in which another one holds as well: a page fails open.
func (b *Book) matches(q *quiet, r *record) bool {
	for _, m := range q.Matchers {
		values := b.values(r, m.Name)
		if len(values) == 0 || slices.ContainsFunc(values, func(v string) bool { return !m.Matches(v) }) {
			return false
		}
	}
	return len(q.Matchers) > 0
}

// values gives what a matcher of a name looks at.
func (b *Book) values(r *record, name string) []string {
	switch name {
	case "circuit":
		return []string{r.Circuit}
	case "chain":
		return []string{r.Chain}
	case "severity":
		return []string{r.Level.String()}
	case "condition":
		var found []string
		if r.began != nil {
			found = append(found, string(r.began.Condition))
		}
		causes := b.plan(r.Circuit).causes(r.last.Told)
		for i := range r.last.Cause.Findings {
			if c := r.last.Cause.Findings[i].Condition; slices.Contains(causes, c) {
				found = append(found, string(c))
			}
		}
		if len(found) == 0 {
			return []string{""} // a person began it
		}
		return found
	}
	return nil
}

// hush notes at a rung whether a silence holds the incident.
func (b *Book) hush(r *record, at time.Time) {
	q := b.silence(r, at)
	switch {
	case q == nil && r.Silenced != "":
		r.Silenced = ""
		r.restart(at)
	case q != nil && q.ID != r.Silenced:
		r.Silenced = q.ID
		r.add(headwatch.Step{At: at, Kind: headwatch.StepSilence, Level: r.Level, Actor: headwatch.Watchdog, Reason: q.why()})
	}
}

// why says of a silence whose it is.
func (q *quiet) why() string { return "silence " + q.ID + " of " + q.Author + ": " + q.Reason }

// turns gives the instants after now at which one of the silences begins or ends, in order.
func turns(silences []*quiet, now time.Time) []time.Time {
	var all []time.Time
	for _, q := range silences {
		for _, at := range []time.Time{q.Starts, q.Ends} {
			if at.After(now) {
				all = append(all, at)
			}
		}
	}
	slices.SortFunc(all, time.Time.Compare)
	return all
}
