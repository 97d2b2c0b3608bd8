package incident

import (
	"slices"
	"time"

	"headwatch"
)

// spread brings a step to alert channels that may not have heard of the incident, and gives those that it opens by its own key. A
// silence holds that back; and where the incident is beneath an open one, that one tells the channel, by the notices that are given.
func (b *Book) spread(
	r *record, at time.Time, kind headwatch.StepKind, channels []string, p pass,
) (opened []string, joined []headwatch.Notice) {
	cause := b.cause(r)
	r.owes = r.owes || r.Silenced != "" || cause != nil
	if cause != nil {
		joined = b.bear(cause, r, at, kind, channels, p)
	}
	if r.Silenced != "" || kind == headwatch.StepRelapse || !p.tell {
		return nil, joined
	}
	for _, c := range channels {
		if !r.alerts[c] && (cause == nil || !cause.speaks(c)) {
			r.ring(c, kind, at)
			opened = append(opened, c)
		}
	}
	slices.Sort(opened)
	return opened, joined
}

// owed gives the channels that are to know of the incident where it stands now, and do not.
func (b *Book) owed(r *record) []string {
	var owed []string
	for _, c := range b.plan(r.Circuit).listening(r.Level) {
		if _, told := r.through[c]; !told && !r.alerts[c] {
			owed = append(owed, c)
		}
	}
	slices.Sort(owed)
	return owed
}

// speaks reports whether an incident tells a channel what it bears: not while a silence keeps the channel from hearing of it.
func (r *record) speaks(channel string) bool { return r.Silenced == "" || r.alerts[channel] }

// rise keeps when an incident, or what it bears, came to a level.
func (r *record) rise(level headwatch.Level, at time.Time) {
	for l := headwatch.LevelWarn; l <= level; l++ {
		if r.rose[l].IsZero() {
			r.rose[l] = at
		}
	}
}

// worst gives the highest level that an incident, or what it bears, has come to.
func (r *record) worst() headwatch.Level {
	for l := headwatch.LevelTrip; l > headwatch.LevelNone; l-- {
		if !r.rose[l].IsZero() {
			return l
		}
	}
	return headwatch.LevelNone
}

// restart lets escalation count anew.
func (r *record) restart(at time.Time) {
	r.anew = at
	clear(r.told)
}
