package duty

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"

	"headwatch"
	"headwatch/config"
)

// maxWindows bounds how many windows of one [[maintenance]] are on record at a time, those that begin first: each is an order in the
// journal, and whoever writes a calendar could fill it.
const maxWindows = 200

// crowded says when a calendar has more windows than hold anything back.
func crowded(events []*event, now time.Time) string {
	if all, _ := occurrences(events, now, now.Add(keepAhead), maxSteps); len(all) > maxWindows {
		return fmt.Sprintf("%d windows within a day: only the first %d are kept", len(all), maxWindows)
	}
	return ""
}

// maxReason bounds what a silence says of its reason, in runes: part of it comes from elsewhere.
const maxReason = 200

// window is a [[maintenance]].
type window struct {
	config   config.Maintenance
	matchers []headwatch.Matcher
	longest  time.Duration
	planned  *event  // of starts, lasts and repeat
	calendar *source // or of a calendar
}

func newWindow(cfg *config.Config, c config.Maintenance) (*window, error) {
	w := &window{config: c, longest: cfg.API.MaxSilence.D()}
	for _, text := range c.Match {
		m, err := headwatch.ParseMatcher(text)
		if err != nil {
			return nil, err
		}
		w.matchers = append(w.matchers, m)
	}
	zone, err := place(c.Timezone)
	if err != nil {
		return nil, err
	}
	if !c.Calendar.IsZero() {
		w.calendar = newSource(cfg, "maintenance."+c.Name, c.Calendar, c.Every, zone)
		w.calendar.judge = crowded
		return w, nil
	}
	w.planned = &event{series: series{zone: zone, lasts: c.Lasts.D()}}
	if w.planned.starts, err = parseWall(c.Starts); err != nil {
		return nil, err
	}
	if c.Repeat != "" {
		w.planned.rule, err = newRule(c.Repeat, w.planned.starts, zone)
	}
	return w, err
}

// silences gives the occurrences that overlap the time from one instant to another. Two that begin at the same instant are one, as
// long as the longer of them.
func (w *window) silences(from, until time.Time) (all []headwatch.Silence) {
	var found []occurrence
	if w.calendar != nil {
		found = w.calendar.occurrences(from, until)
	} else {
		found, _ = occurrences([]*event{w.planned}, from, until, maxSteps)
	}
	slices.SortStableFunc(found, func(a, b occurrence) int { return a.from.Compare(b.from) })
	for _, o := range found {
		s := headwatch.Silence{
			ID:       w.config.Name + "-" + o.from.UTC().Format("20060102T150405Z"),
			Matchers: w.matchers, Starts: o.from.UTC(), Ends: o.until.UTC(), Author: headwatch.Calendar, Reason: w.reason(o.event),
			HoldHooks: w.config.HoldHooks, Window: w.config.Name,
		}
		if end := s.Starts.Add(w.longest); s.Ends.After(end) {
			s.Ends = end
		}
		if !s.Ends.After(from) {
			continue
		}
		if i := slices.IndexFunc(all, func(x headwatch.Silence) bool { return x.ID == s.ID }); i < 0 {
			if len(all) == maxWindows {
				break
			}
			all = append(all, s)
		} else if s.Ends.After(all[i].Ends) {
			all[i] = s
		}
	}
	return all
}

// reason is what the configuration says, and what the event is called.
func (w *window) reason(e *event) string {
	said := strings.Join(strings.FieldsFunc(e.summary, func(c rune) bool { return unicode.IsSpace(c) || unicode.IsControl(c) }), " ")
	text := w.config.Reason
	if said != "" {
		text += ": " + said
	}
	if r := []rune(text); len(r) > maxReason {
		text = string(r[:maxReason-1]) + "…"
	}
	return text
}

// Windows gives the planned silences that overlap the time from one instant to another, by their beginning. Each has the same ID
// whenever it is asked for; one that is moved to another time has another.
func (r *Roster) Windows(from, until time.Time) (all []headwatch.Silence) {
	for _, w := range r.windows {
		all = append(all, w.silences(from, until)...)
	}
	slices.SortStableFunc(all, func(a, b headwatch.Silence) int { return a.Starts.Compare(b.Starts) })
	return all
}

// Planned reports whether it is known which silences a window has: not as long as its calendar was never read. A window that the
// configuration has no longer is known to have none.
func (r *Roster) Planned(window string) bool {
	for _, w := range r.windows {
		if w.config.Name == window {
			return w.calendar == nil || w.calendar.known()
		}
	}
	return true
}
