package incident

import (
	"maps"
	"slices"
	"time"

	"headwatch"
)

// Direct gives the notices of a decision that the journal did not take, for people only: a pause fails closed. Silences and causes
// hold nothing back, and whom a policy tells at once is told: a page fails open. The decision is applied when the journal has it; then
// who was told of it here belongs to the incident.
func (b *Book) Direct(t headwatch.Transition) []headwatch.Notice {
	b.mu.Lock()
	defer b.mu.Unlock()
	if t.Incident == "" {
		return nil
	}
	b.waiting = append(b.waiting, t)
	b.poke()
	kind, r, plan := kindOf(t), b.find(t).clone(), b.plan(t.Circuit)
	var void *headwatch.Escalation
	switch {
	case b.open[t.Incident] != nil && r.worsens(t, kind):
		void = r.void(t.At, fallen[kind])
	case kind == headwatch.StepResolve && r.AckedBy != "":
		r.Rings++ // it may have got worse meanwhile, unrecorded: the end reaches that alert, too
	}
	said := spoken(kind, void)
	level := t.Level
	if !rung(kind) {
		level = headwatch.LevelTrip // of an incident that rose unrecorded it is not known who was told: everybody is
	}
	channels := plan.listening(level)
	if plan.Policy != nil {
		for _, s := range plan.Policy.Steps {
			if s.After == 0 && s.From <= level && s.allowed(b.roster, t.At).Equal(t.At) {
				reached, _ := b.roster.Reach(s.Tell, t.At)
				channels = append(channels, reached...)
			}
		}
	}
	channels = append(channels, slices.Sorted(maps.Keys(r.alerts))...)
	var notices []headwatch.Notice
	told := make(map[string]bool)
	for _, c := range channels {
		if told[c] {
			continue
		}
		told[c] = true
		b.note(t, c)
		n := r.notice(t, t.Seq, said, c)
		n.Unjournaled = true
		if said != kind {
			n.Escalation = void
		}
		notices = append(notices, n)
	}
	return notices
}

// Behind reports whether the journal has yet to take a decision of which people were told directly.
func (b *Book) Behind() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.waiting) > 0
}

// Overdue gives the notices of what has become due by now although the journal takes nothing, decisions or what the clock brings
// about: for people only. Nothing is due twice by that, but what is due is given whenever it is asked for; whoever asks keeps what he
// told.
func (b *Book) Overdue(now time.Time) []headwatch.Notice {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.partial {
		return nil
	}
	work := b.copy()
	for _, t := range b.waiting {
		work.decided(t, pass{0, true})
	}
	var notices []headwatch.Notice
	work.foresee(now, func(_ headwatch.Escalation, follow []headwatch.Notice) {
		for _, n := range follow {
			if !slices.Contains(b.plan(n.Transition.Circuit).Hooks, n.Channel) {
				n.Unjournaled = true
				notices = append(notices, n)
			}
		}
	})
	return notices
}

// note keeps from which decision on a channel was told what the journal did not take.
func (b *Book) note(t headwatch.Transition, channel string) {
	if b.direct[t.Incident] == nil {
		b.direct[t.Incident] = make(map[string]uint64)
	}
	if _, before := b.direct[t.Incident][channel]; !before {
		b.direct[t.Incident][channel] = t.Seq
	}
}

// own makes who was told of an incident without the journal one of those who know of it: a silence or a cause must not keep the end
// from them.
func (b *Book) own(r *record, t headwatch.Transition, kind headwatch.StepKind) {
	for channel, since := range b.direct[t.Incident] {
		if since <= t.Seq && !r.alerts[channel] {
			r.ring(channel, kind, t.At)
		}
	}
}
