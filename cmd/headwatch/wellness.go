package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"headwatch"
	"headwatch/config"
	"headwatch/heartbeat"
	"headwatch/self"
)

// heads gives the agreed head of every chain that has one, by number.
func (d *desk) heads() map[string]uint64 {
	all := make(map[string]uint64, len(d.net.chains))
	for _, s := range d.net.statuses() {
		if h := s.Assessment.Head; h != nil {
			all[s.Assessment.Chain] = h.Number
		}
	}
	return all
}

// unrecorded says why the journal does not take decisions; "" when it does.
func (d *desk) unrecorded() string {
	switch n, err := d.recorder.waiting(), d.journal.Err(); {
	case n > 0 && err != nil:
		return fmt.Sprintf("%d decisions were told but are not on record: %v", n, err)
	case n > 0:
		return fmt.Sprintf("%d decisions were told but are not on record", n)
	case err != nil:
		return err.Error()
	}
	return ""
}

// unwell says why nobody outside may take headwatch for well.
func (d *desk) unwell(now time.Time) (why []string) {
	if age := now.Sub(d.self.seen.Load().At); age > staleAssessment {
		why = append(why, "headwatch itself: not assessed for "+short(age))
	}
	stuck, reached := d.mute(now)
	return append(why, wants(now, d.net.statuses(), d.net.signals(d.cfg.API.Lease.D()), d.unrecorded(), stuck, reached)...)
}

// mute gives the channels that do not deliver, and whether pages reach people all the same.
func (d *desk) mute(now time.Time) (stuck []string, reached bool) {
	stuck = d.stuck(now)
	return stuck, slices.ContainsFunc(d.cfg.Watchdog.Alerts, func(name string) bool { return d.reaches(name, stuck) })
}

// wants is what it is judged by: a line that stands still, a chain that nobody can see and of which nobody has been told, a journal
// that takes no decision, messages that reach no person. A chain that stands still is no such reason, nor is what was told already:
// a receiver of heartbeats that always complains is not heard when it matters. Reached says that pages go out on a channel of
// [watchdog] although others are stuck.
func wants(now time.Time, chains []headwatch.ChainStatus, signals []headwatch.Signal, unrecorded string, stuck []string, reached bool) (why []string) {
	for i := range chains {
		a := &chains[i].Assessment
		switch {
		case now.Sub(a.At) > staleAssessment:
			why = append(why, fmt.Sprintf("chain %s: not assessed for %s", a.Chain, short(now.Sub(a.At))))
		case (a.Head == nil || a.Find(headwatch.Blind) != nil) && !toldOf(signals, a.Chain, headwatch.Blind):
			why = append(why, fmt.Sprintf("chain %s: blind, and nobody has been told", a.Chain))
		}
	}
	if unrecorded != "" {
		why = append(why, "journal: "+unrecorded)
	}
	if len(stuck) > 0 && !reached {
		why = append(why, "messages reach nobody: "+strings.Join(stuck, ", "))
	}
	return why
}

// toldOf reports whether a circuit of a chain has told people of a condition that holds.
func toldOf(signals []headwatch.Signal, chain string, c headwatch.Condition) bool {
	return slices.ContainsFunc(signals, func(s headwatch.Signal) bool {
		_, tell := s.Ladders()
		return s.Chain == chain && tell >= headwatch.LevelWarn && slices.Contains(s.Reasons, c)
	})
}

// stuck gives the channels whose oldest notice has waited too long, and those that refused for good what they were given last, sorted.
func (d *desk) stuck(now time.Time) (names []string) {
	oldest := d.channels.oldest()
	for name := range d.channels.loops {
		at := oldest[name]
		refused := d.channels.health.of(name)
		if !at.IsZero() && now.Sub(at) > stuckDelivery || self.Refusing(refused, d.cfg.Watchdog, now) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// reaches reports whether a page on an alert channel reaches a person who is not looking.
func (d *desk) reaches(name string, stuck []string) bool {
	a := d.cfg.Alert(name)
	return a.Kind != config.AlertConsole && a.From <= headwatch.LevelPage && !slices.Contains(stuck, name)
}

// condition is how headwatch is, as heartbeats carry it outside: nothing that the API does not show to everybody.
func (d *desk) condition(now time.Time) heartbeat.State {
	var b strings.Builder
	fmt.Fprintf(&b, "headwatch %s: %s\n", version(), d.sentence())
	for _, s := range d.net.statuses() {
		a := &s.Assessment
		fmt.Fprintf(&b, "%s: %s", a.Chain, a.Phase)
		if a.Head != nil {
			fmt.Fprintf(&b, ", head %d of age %s", a.Head.Number, short(now.Sub(a.Head.Time)))
		}
		b.WriteByte('\n')
	}
	for _, i := range d.book.Incidents() {
		if i.Resolved.IsZero() {
			fmt.Fprintf(&b, "open: %s, level %s, %s\n", i.ID, i.Level, hands(&i, now))
		}
	}
	oldest := d.channels.oldest()
	for _, name := range slices.Sorted(maps.Keys(oldest)) {
		fmt.Fprintf(&b, "waiting for %s since %s\n", name, stamp(oldest[name]))
	}
	return heartbeat.State{Unwell: d.unwell(now), Body: b.String()}
}

// sentence is headwatch in one line.
func (d *desk) sentence() string {
	open := 0
	for _, i := range d.book.Incidents() {
		if i.Resolved.IsZero() {
			open++
		}
	}
	text := fmt.Sprintf("watching %d chains with %d circuits, open incidents: %d", len(d.net.chains), len(d.cfg.Circuits), open)
	if why := d.unready(time.Now()); len(why) > 0 {
		text += "; not ready: " + strings.Join(why, "; ")
	}
	return strings.ReplaceAll(text, "\n", " ")
}
