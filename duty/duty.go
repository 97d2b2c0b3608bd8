// Package duty says who is on call at an instant, whether it is within certain hours, and which planned windows come: out of the
// configuration and of calendars that it keeps fresh. What it says depends on nothing but these and the instant that it is asked
// about. It tells nobody, decides nothing, and knows nothing of incidents; the only clock in it is that of the goroutine which reads
// the calendars again, and the only writing that of the keeper which puts windows into the journal.
//
// All times of day are those of a clock on the wall: wall.go says what that means on the two days of a year when it is changed.
package duty

import (
	"fmt"
	"slices"
	"time"

	"go.uber.org/zap"

	"headwatch/config"
)

// Roster knows who is reached by a name, and when. All methods are safe for concurrent use.
type Roster struct {
	channels map[string]bool     // alert channels
	people   map[string][]string // the channels of each person
	rotas    map[string]*rota
	hours    map[string]*hours
	windows  []*window
	sources  []*source // of the calendars, in the order of the file
	log      *zap.Logger
}

// New makes the roster of a configuration that passed Check. Calendars in files are read here; those at a URL by Run or Read.
func New(cfg *config.Config, log *zap.Logger) (*Roster, error) {
	r := &Roster{channels: map[string]bool{}, people: map[string][]string{}, rotas: map[string]*rota{}, hours: map[string]*hours{}, log: log}
	for _, a := range cfg.Alerts {
		r.channels[a.Name] = true
	}
	var people []string
	for _, p := range cfg.People {
		r.people[p.Name] = p.Tell
		people = append(people, p.Name)
	}
	for _, c := range cfg.Hours {
		h, err := newHours(c)
		if err != nil {
			return nil, fmt.Errorf("hours %s: %w", c.Name, err)
		}
		r.hours[c.Name] = h
	}
	for _, c := range cfg.Rotas {
		o, err := newRota(cfg, c, people)
		if err != nil {
			return nil, fmt.Errorf("rota %s: %w", c.Name, err)
		}
		r.rotas[c.Name] = o
		r.add(o.calendar)
	}
	for _, c := range cfg.Maintenance {
		w, err := newWindow(cfg, c)
		if err != nil {
			return nil, fmt.Errorf("maintenance %s: %w", c.Name, err)
		}
		r.windows = append(r.windows, w)
		r.add(w.calendar)
	}
	return r, nil
}

// add takes over a calendar, and reads it when that needs no network.
func (r *Roster) add(s *source) {
	if s == nil {
		return
	}
	r.sources = append(r.sources, s)
	if s.url == "" {
		s.report(s.readFile(), r.log)
	}
}

// Reach gives the alert channels behind the names of alerts, people and rotas at an instant, and the people who are on call for it;
// both sorted, without doubles. A rota in which nobody is on call gives everybody in it: a page fails open.
func (r *Roster) Reach(tell []string, at time.Time) (channels, people []string) {
	for _, name := range tell {
		if r.channels[name] {
			channels = append(channels, name)
		}
		if _, ok := r.people[name]; ok {
			people = append(people, name)
		}
		if o := r.rotas[name]; o != nil {
			people = append(people, o.at(at).People...)
		}
	}
	for _, p := range people {
		channels = append(channels, r.people[p]...)
	}
	return unique(channels), unique(people)
}

// Rotas gives the names of the rotas, in the order of the configuration file.
func (r *Roster) Rotas() []string {
	names := make([]string, 0, len(r.rotas))
	for name := range r.rotas {
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b string) int { return r.rotas[a].place - r.rotas[b].place })
	return names
}

// Shifts says who is on call in a rota from one instant to another, without gaps; nil for a rota that there is not.
func (r *Roster) Shifts(name string, from, until time.Time) []Shift {
	if o := r.rotas[name]; o != nil {
		return o.shifts(from, until)
	}
	return nil
}

func unique(names []string) []string {
	slices.Sort(names)
	return slices.Compact(names)
}
