package duty

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"headwatch/config"
)

// days are the words of [[hours]], by time.Weekday.
var days = []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}

// hours are times of the week, as the clock on a wall shows them.
type hours struct {
	place       *time.Location
	days        [7]bool
	from, until time.Duration // since midnight; until may be on the next day
}

func newHours(c config.Hours) (*hours, error) {
	h := &hours{}
	var err error
	if h.place, err = place(c.Timezone); err != nil {
		return nil, err
	}
	for _, name := range c.Days {
		i := slices.Index(days, strings.ToLower(name))
		if i < 0 {
			return nil, fmt.Errorf("%q is not a day", name)
		}
		h.days[i] = true
	}
	if h.from, err = parseClock(c.From); err != nil {
		return nil, err
	}
	if h.until, err = parseClock(c.Until); err != nil {
		return nil, err
	}
	if h.until <= h.from {
		h.until += 24 * time.Hour
	}
	return h, nil
}

// parseClock reads 09:00 as the time since midnight; 24:00 is the end of a day.
func parseClock(text string) (time.Duration, error) {
	if text == "24:00" {
		return 24 * time.Hour, nil
	}
	t, err := time.Parse("15:04", text)
	if err != nil {
		return 0, fmt.Errorf("%q is not a time of day like 09:00", text)
	}
	return t.Sub(midnight(t)), nil
}

// spans gives the hours that begin on the days around an instant: on the day before it, and on as many after it as are needed to see
// every day of the week begin.
func (h *hours) spans(at time.Time) (all []span) {
	today := midnight(wallOf(at, h.place))
	for n := -2; n <= 9; n++ {
		if day := today.AddDate(0, 0, n); h.days[day.Weekday()] {
			all = append(all, span{instant(day.Add(h.from), h.place), instant(day.Add(h.until), h.place)})
		}
	}
	return all
}

func (h *hours) within(at time.Time) bool {
	return slices.ContainsFunc(h.spans(at), func(s span) bool { return s.holds(at) })
}

// Within reports whether an instant is within hours; never within those that there are not.
func (r *Roster) Within(name string, at time.Time) bool {
	h := r.hours[name]
	return h != nil && h.within(at)
}

// Next gives the first instant after at when Within changes its answer for these hours; zero for never.
func (r *Roster) Next(name string, at time.Time) time.Time {
	h := r.hours[name]
	if h == nil {
		return time.Time{}
	}
	now := h.within(at)
	var next time.Time
	for _, s := range h.spans(at) {
		for _, edge := range []time.Time{s.from, s.until} {
			if edge.After(at) && (next.IsZero() || edge.Before(next)) && h.within(edge) != now {
				next = edge
			}
		}
	}
	return next
}

// span is the time from one instant up to, but without, another.
type span struct{ from, until time.Time }

func (s span) holds(at time.Time) bool { return !at.Before(s.from) && at.Before(s.until) }
