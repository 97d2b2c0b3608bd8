package duty

import (
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"slices"
	"strings"
	"time"

	"headwatch/config"
)

// Check says what is wrong with times, rules and calendars in a configuration; it is a config.Check. Calendars in files are read, and
// those at a URL are not: nothing is contacted.
func Check(c *config.Config, fault func(key, problem, hint string)) {
	k := checker{c, fault}
	for i, x := range c.Hours {
		k.hours(fmt.Sprintf("hours[%d]", i), x)
	}
	for i, x := range c.Rotas {
		k.rota(fmt.Sprintf("rota[%d]", i), x)
	}
	for i, x := range c.Maintenance {
		k.window(fmt.Sprintf("maintenance[%d]", i), x)
	}
}

type checker struct {
	config *config.Config
	fault  func(key, problem, hint string)
}

const (
	wallHint  = `write it as the clock on the wall in the table's timezone shows it: "2026-11-23T09:00"`
	clockHint = `write it as "09:00", or "24:00" for the end of the day`
	ruleHint  = `write an RRULE of RFC 5545, section 3.3.10: "FREQ=WEEKLY;BYDAY=TU"`
)

// zone gives the time zone of a table, and UTC for a wrong one so that the rest of the table can be looked at.
func (k checker) zone(at, name string) *time.Location {
	loc, err := place(name)
	if err != nil {
		k.fault(at+".timezone", err.Error(), `use a name such as "UTC", "Europe/Berlin" or "America/New_York"`)
		return time.UTC
	}
	return loc
}

// wall reads a time, unless it is missing, which package config says.
func (k checker) wall(at, text string) (time.Time, bool) {
	if text == "" {
		return time.Time{}, false
	}
	wall, err := parseWall(text)
	if err != nil {
		k.fault(at, err.Error(), wallHint)
	}
	return wall, err == nil
}

func (k checker) hours(at string, h config.Hours) {
	k.zone(at, h.Timezone)
	for i, d := range h.Days {
		if !slices.Contains(days, strings.ToLower(d)) {
			k.fault(fmt.Sprintf("%s.days[%d]", at, i), fmt.Sprintf("%q is not a day", d), config.DidYouMean(strings.ToLower(d), append(days[1:], days[0])))
		}
	}
	from, badFrom := parseClock(h.From)
	until, badUntil := parseClock(h.Until)
	switch {
	case h.From != "" && badFrom != nil:
		k.fault(at+".from", badFrom.Error(), clockHint)
	case h.Until != "" && badUntil != nil:
		k.fault(at+".until", badUntil.Error(), clockHint)
	case badFrom == nil && badUntil == nil && from == until:
		k.fault(at+".until", "the hours end when they begin", `for all day write from = "00:00" and until = "24:00"`)
	}
}

func (k checker) rota(at string, c config.Rota) {
	zone := k.zone(at, c.Timezone)
	k.wall(at+".starts", c.Starts)
	for i, x := range c.Covers {
		at := fmt.Sprintf("%s.cover[%d]", at, i)
		from, good := k.wall(at+".from", x.From)
		until, too := k.wall(at+".until", x.Until)
		if good && too && !from.Before(until) {
			k.fault(at+".until", "the cover ends before it begins", "")
		}
	}
	if c.Calendar.IsZero() {
		return
	}
	events := k.calendar(at, c.Name, c.Calendar, zone)
	var people []string
	for _, p := range k.config.People {
		people = append(people, p.Name)
	}
	if len(events) > 0 && !slices.ContainsFunc(events, func(e *event) bool { return len(e.people(newNames(people))) > 0 }) {
		k.fault(at+".calendar", "no event of the calendar names a person", "a [[person]] is named by the mail address of an attendee, before the @, or in the title: docs/paging.md")
	}
}

func (k checker) window(at string, c config.Maintenance) {
	zone := k.zone(at, c.Timezone)
	if !c.Calendar.IsZero() {
		k.calendar(at, c.Name, c.Calendar, zone)
		return
	}
	starts, good := k.wall(at+".starts", c.Starts)
	if c.Repeat == "" || !good {
		return
	}
	rule, err := newRule(c.Repeat, starts, zone)
	if err != nil {
		k.fault(at+".repeat", "the rule cannot be used: "+err.Error(), ruleHint)
		return
	}
	if first, _ := rule.Iterator()(); !first.Equal(starts) {
		k.fault(at+".starts", "the rule does not happen at "+c.Starts, "the first time is "+first.Format(clockForm)+": start then, or change repeat")
	}
}

// calendar reads the calendar of a table when it is a file.
func (k checker) calendar(at, name string, calendar config.Secret, zone *time.Location) []*event {
	s := newSource(k.config, name, calendar, 0, zone)
	if s.url == "" {
		err := s.readFile()
		if missing, ok := errors.AsType[*fs.PathError](err); ok {
			err = missing.Err
		}
		if err != nil {
			k.fault(at+".calendar", "the calendar cannot be read: "+err.Error(), "give an iCalendar file, or a URL that begins with https://")
		}
		return s.events()
	}
	u, err := url.Parse(s.url)
	switch {
	case err != nil || u.Host == "":
		k.fault(at+".calendar", "calendar is not a URL with a host", "")
	case u.Scheme == "http" && slices.Contains([]string{"localhost", "127.0.0.1", "::1"}, u.Hostname()):
	case u.Scheme != "https":
		k.fault(at+".calendar", "calendar has the wrong scheme", "begin it with https://: whoever changes it on its way chooses who is woken")
	}
	return nil
}
