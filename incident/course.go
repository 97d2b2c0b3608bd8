package incident

import (
	"slices"
	"time"

	"headwatch"
)

// course is an escalation that an incident follows, and when the rungs were reached that count for it.
type course struct {
	policy *Policy
	rose   [headwatch.LevelTrip + 1]time.Time
	of     *record // whose it is: the incident itself, or of those that it bears and that have it the one that is worst
}

// stair is a step of one of the escalations that an incident follows.
type stair struct {
	policy string
	step   int
}

// courses gives the escalations that an incident follows, each once: its own, then those of what it bears, which do not go on by
// themselves. Its own counts from its own rungs and theirs, another one from the rungs of those whose it is, but not from before the
// cause.
func (b *Book) courses(r *record) []course {
	var all []course
	if own := b.plan(r.Circuit).Policy; own != nil {
		all = append(all, course{own, r.rose, r})
	}
	for _, id := range r.Bears {
		d := b.open[id]
		policy := b.plan(d.Circuit).Policy
		if policy == nil || d.Silenced != "" {
			continue
		}
		at := slices.IndexFunc(all, func(c course) bool { return c.policy.Name == policy.Name })
		if at < 0 {
			at = len(all)
			all = append(all, course{policy: policy, of: d})
		}
		c := &all[at]
		if c.of == r {
			continue
		}
		if d.Level > c.of.Level {
			c.of = d
		}
		for l, rose := range d.rose {
			if rose.IsZero() {
				continue
			}
			if rose = later(later(rose, d.anew), r.Opened); c.rose[l].IsZero() || rose.Before(c.rose[l]) {
				c.rose[l] = rose
			}
		}
	}
	return all
}

// followed gives the notices of a step of an escalation. One of what the incident bears names that: whoever is called must see why.
func (b *Book) followed(r *record, e *headwatch.Escalation, p pass) []headwatch.Notice {
	notices := b.clocked(r, e, e.Channels, p)
	for _, c := range b.courses(r) {
		if c.of == r || c.policy.Name != e.Policy {
			continue
		}
		dependant := c.of.dependant()
		for i, n := range notices {
			notices[i].Dependant = dependant
			c.of.through[n.Channel] = max(c.of.through[n.Channel], dependant.Level)
		}
	}
	return notices
}
