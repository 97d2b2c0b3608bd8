package duty

import (
	"fmt"
	"slices"
	"time"

	"headwatch/config"
)

// Why somebody is on call.
const (
	ByTurn     = "turn"
	ByCalendar = "calendar"
	ByCover    = "cover"
	ByFallback = "fallback" // nobody else is
	ByNobody   = "nobody"   // nobody is, so everybody is told
)

// Shift is a time during which the same people are on call for the same reason. Its times are in the rota's zone.
type Shift struct {
	From   time.Time `json:"from"`
	Until  time.Time `json:"until"`
	People []string  `json:"people"` // sorted
	By     string    `json:"by"`     // turn, calendar, cover, fallback, or nobody: then People are all who are told
}

// rota is a [[rota]]. Its people come from turns, or from a calendar.
type rota struct {
	place    int // in the file
	zone     *time.Location
	people   []string // in turns
	starts   time.Time
	turn     time.Duration
	calendar *source // nil for turns
	names    []name  // whom a calendar may name
	covers   []cover
	fallback []string
}

type cover struct {
	span
	person string
}

func newRota(cfg *config.Config, c config.Rota, people []string) (*rota, error) {
	o := &rota{people: c.People, turn: c.Turn.D(), fallback: unique(slices.Clone(c.Fallback))}
	o.place = slices.IndexFunc(cfg.Rotas, func(x config.Rota) bool { return x.Name == c.Name })
	var err error
	if o.zone, err = place(c.Timezone); err != nil {
		return nil, err
	}
	for _, x := range c.Covers {
		from, err := parseWall(x.From)
		if err != nil {
			return nil, err
		}
		until, err := parseWall(x.Until)
		if err != nil {
			return nil, err
		}
		o.covers = append(o.covers, cover{span{instant(from, o.zone), instant(until, o.zone)}, x.Person})
	}
	if c.Calendar.IsZero() {
		o.starts, err = parseWall(c.Starts)
		return o, err
	}
	o.names = newNames(people)
	o.calendar = newSource(cfg, "rota."+c.Name, c.Calendar, c.Every, o.zone)
	o.calendar.judge = o.strangers
	return o, nil
}

// strangers says how many of the shifts that come name nobody who can be told.
func (o *rota) strangers(events []*event, now time.Time) string {
	all, _ := occurrences(events, now, now.AddDate(0, 0, 30), maxSteps)
	n := 0
	for _, s := range all {
		if len(s.event.people(o.names)) == 0 {
			n++
		}
	}
	if n == 0 {
		return ""
	}
	return fmt.Sprintf("%d of %d shifts of the next 30 days name no [[person]]", n, len(all))
}

// at says who is on call at an instant. Of the Shift only People and By are set.
func (o *rota) at(at time.Time) Shift {
	var people []string
	for _, c := range o.covers {
		if c.holds(at) {
			people = append(people, c.person)
		}
	}
	if len(people) > 0 {
		return Shift{People: unique(people), By: ByCover}
	}
	if o.calendar != nil {
		for _, e := range o.calendar.occurrences(at, at.Add(time.Nanosecond)) {
			people = append(people, e.event.people(o.names)...)
		}
		if len(people) > 0 {
			return Shift{People: unique(people), By: ByCalendar}
		}
	} else if n := o.turnAt(at); n >= 0 && len(o.people) > 0 {
		return Shift{People: []string{o.people[n%len(o.people)]}, By: ByTurn}
	}
	if len(o.fallback) > 0 {
		return Shift{People: o.fallback, By: ByFallback}
	}
	return Shift{People: o.everybody(), By: ByNobody}
}

// everybody gives all who can be on call: whom the rota lists or its calendar names; of a calendar that names nobody, or was never
// read, everybody that there is.
func (o *rota) everybody() []string {
	people := slices.Clone(o.people)
	for _, c := range o.covers {
		people = append(people, c.person)
	}
	if o.calendar != nil {
		for _, e := range o.calendar.events() {
			people = append(people, e.people(o.names)...)
		}
		if len(people) == 0 {
			for _, n := range o.names {
				people = append(people, n.person)
			}
		}
	}
	return unique(people)
}

// horizon is how long after its first turn a rota changes hands: a Duration counts to 292 years.
const horizon = 200 * 365 * 24 * time.Hour

// turnAt gives the number of the turn that an instant is in, from 0; -1 before the first. The turns follow the clock on the wall, so
// that a handover at nine stays at nine.
func (o *rota) turnAt(at time.Time) int {
	since := wallOf(at, o.zone).Sub(o.starts)
	n := int(min(since, horizon) / o.turn)
	if since > horizon {
		return n
	}
	for o.handover(n+1).Compare(at) <= 0 {
		n++
	}
	for n >= 0 && o.handover(n).After(at) {
		n--
	}
	return n
}

// handover gives the instant at which a turn begins.
func (o *rota) handover(n int) time.Time {
	return instant(o.starts.Add(time.Duration(n)*o.turn), o.zone)
}

// shifts gives who is on call from one instant to another, without gaps.
func (o *rota) shifts(from, until time.Time) (all []Shift) {
	edges := []time.Time{from}
	edge := func(at time.Time) {
		if at.After(from) && at.Before(until) {
			edges = append(edges, at)
		}
	}
	for _, c := range o.covers {
		edge(c.from)
		edge(c.until)
	}
	if o.calendar != nil {
		for _, e := range o.calendar.occurrences(from, until) {
			edge(e.from)
			edge(e.until)
		}
	} else {
		for n := max(0, o.turnAt(from)); n <= o.turnAt(until); n++ {
			edge(o.handover(n))
		}
	}
	slices.SortFunc(edges, time.Time.Compare)
	for _, at := range edges {
		now := o.at(at)
		if n := len(all); n > 0 && all[n-1].By == now.By && slices.Equal(all[n-1].People, now.People) {
			continue
		}
		if n := len(all); n > 0 {
			all[n-1].Until = at.In(o.zone)
		}
		now.From, now.Until = at.In(o.zone), until.In(o.zone)
		all = append(all, now)
	}
	return all
}
