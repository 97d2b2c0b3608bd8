package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"headwatch/config"
	"headwatch/journal"
	"headwatch/self"
)

const (
	markEvery = 2 * time.Second // how exactly it is known when a process died
	recollect = 5 * time.Second // after a start, until the heads are known that say what happened meanwhile
	holdTold  = 2 * time.Second // what was told at once is held for so long, so that it is seen
	maxNamed  = 8               // chains
)

// life is the mark that this process leaves beside the journal again and again, and what that of the process before it says: a stop
// that was not ordered left no word of it.
type life struct {
	journal interface{ Mark(line []byte) error }
	started time.Time
	warn    time.Duration
	recover time.Duration
	before  *lifeMark // nil when nothing unclean came before
	repeats bool      // several unclean stops in a row
	signed  time.Time
	shown   time.Time // when it was known what to tell of the restart
}

// marks is the part of the journal that is beside the log.
type marks interface {
	LastMark() journal.Mark
	Mark(line []byte) error
}

// lifeMark is what the mark says.
type lifeMark struct {
	At      time.Time         `json:"at"`
	Stopped bool              `json:"stopped,omitempty"`      // as ordered
	Since   time.Time         `json:"unclean_since,omitzero"` // the last sign of life before the first of several unclean stops
	Heads   map[string]uint64 `json:"heads,omitempty"`        // by chain
}

func newLife(j marks, w config.Watchdog, now time.Time) *life {
	l := &life{journal: j, started: now, warn: w.WarnAfter.D(), recover: w.RecoverAfter.D()}
	l.recall(j.LastMark())
	return l
}

// recall reads the mark of the process before. One that cannot be read says when it was written, and that no stop was ordered.
func (l *life) recall(m journal.Mark) {
	if m.At.IsZero() {
		return
	}
	var before lifeMark
	if json.Unmarshal(m.Data, &before) != nil || before.At.IsZero() {
		before = lifeMark{At: m.At}
	}
	if before.Stopped {
		return
	}
	l.repeats = !before.Since.IsZero()
	if !l.repeats {
		before.Since = before.At
	}
	if before.Since.After(l.started) { // the clock went back
		before.Since = l.started
	}
	l.before = &before
}

// restart says that this process began after an unclean stop, for as long as it takes to tell that; nil otherwise. What was missed
// is known once the heads are, or once there was time enough for them.
func (l *life) restart(now time.Time, heads map[string]uint64, chains int, c *channels) *self.Restart {
	if l.before == nil {
		return nil
	}
	known := len(heads) == chains || now.Sub(l.started) >= recollect || l.repeats
	if l.shown.IsZero() && !known {
		return nil
	}
	if l.shown.IsZero() {
		l.shown = now
	}
	if now.After(l.told()) {
		return nil
	}
	return &self.Restart{Since: l.before.Since, Detail: l.missed(heads, c)}
}

// told is when it has been told: a moment after it was known, and not before it warns.
func (l *life) told() time.Time {
	at := l.shown
	if warns := l.before.Since.Add(l.warn); warns.After(at) {
		at = warns
	}
	return at.Add(holdTold)
}

// missed says how long nobody watched, and what is known of that time.
func (l *life) missed(heads map[string]uint64, c *channels) string {
	said := []string{fmt.Sprintf("nobody watched for %s until %s", short(max(0, l.started.Sub(l.before.At))), stamp(l.started))}
	if l.repeats {
		said = append(said, "it is not the first such stop in a row: since "+stamp(l.before.Since))
	}
	named := 0
	for _, name := range slices.Sorted(maps.Keys(l.before.Heads)) {
		was, is := l.before.Heads[name], heads[name]
		if named++; named > maxNamed {
			said = append(said, fmt.Sprintf("and %d more chains", len(l.before.Heads)-maxNamed))
			break
		}
		switch {
		case is == 0:
			said = append(said, fmt.Sprintf("%s was at block %d and has not been heard yet", name, was))
		case is <= was:
			said = append(said, fmt.Sprintf("%s has not moved from block %d", name, was))
		default:
			said = append(said, fmt.Sprintf("%s went from block %d to %d", name, was, is))
		}
	}
	if n := c.health.caughtUp(); n > 0 {
		said = append(said, fmt.Sprintf("notices that had waited and are out now: %d", n))
	}
	var waiting []string
	for name, at := range c.oldest() {
		if at.Before(l.started) {
			waiting = append(waiting, name)
		}
	}
	if slices.Sort(waiting); len(waiting) > 0 {
		said = append(said, "notices still wait for "+strings.Join(waiting, ", "))
	}
	return strings.Join(said, "; ")
}

// sign leaves the mark of this process every other second. Until the incident of the restart is over, the mark keeps since when: a
// process that dies again and again must not be taken for one that died once, a moment ago.
func (l *life) sign(now time.Time, heads map[string]uint64) {
	if now.Sub(l.signed) < markEvery {
		return
	}
	l.signed = now
	m := lifeMark{At: now, Heads: heads}
	if l.before != nil && (l.shown.IsZero() || now.Before(l.told().Add(l.recover))) {
		m.Since = l.before.Since
	}
	l.leave(m)
}

// rest leaves the mark of a stop that was ordered.
func (l *life) rest(now time.Time) { l.leave(lifeMark{At: now, Stopped: true}) }

// leave writes a mark. A disk that does not take it makes the time of the next start's absence longer, no more.
func (l *life) leave(m lifeMark) {
	line, err := json.Marshal(m)
	if err == nil {
		_ = l.journal.Mark(line)
	}
}
