package duty

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/emersion/go-ical"
)

// Bounds of a calendar. The largest feed of a year of daily shifts has a tenth of each.
const (
	maxCalendar = 1 << 20
	maxEvents   = 5000
	maxRules    = 500
	maxLine     = 32 << 10 // unfolded: the library takes time by its square
)

// event is a VEVENT, with all that it says of itself that is used.
type event struct {
	uid       string
	summary   string
	attendees []string // local parts of their addresses, and their common names, but of those who declined
	cancelled bool
	instead   *time.Time // RECURRENCE-ID: the occurrence that this event stands in for
	series
}

// occurrence is one time that an event takes place.
type occurrence struct {
	span
	event *event
}

// decode reads an iCalendar file by RFC 5545. Times without a zone are in the calendar's own, when it names one, else in zone. One
// event that cannot be read makes all of it unreadable: it might be the one that matters, and what was read before is still there.
func decode(data []byte, zone *time.Location) (all []*event, err error) {
	defer func() {
		if recover() != nil { // the library's, on parameters that break off
			all, err = nil, errors.New("it breaks off in the middle of a line")
		}
	}()
	if len(data) > maxCalendar {
		return nil, errors.New("it is larger than 1 MiB")
	}
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	if longestLine(data) > maxLine {
		return nil, errors.New("a line is longer than 32 KiB")
	}
	c, err := ical.NewDecoder(bytes.NewReader(data)).Decode()
	switch {
	case errors.Is(err, io.EOF):
		return nil, errors.New("it is cut off, or no calendar")
	case err != nil:
		return nil, errors.New("it is not an iCalendar file")
	}
	if name, err := c.Props.Text("X-WR-TIMEZONE"); err == nil && name != "" {
		if own, err := place(name); err == nil {
			zone = own
		}
	}
	rules := 0
	for _, e := range c.Events() {
		x, err := newEvent(e, zone)
		if err != nil {
			return nil, fmt.Errorf("the event of %s: %w", when(e), err)
		}
		all = append(all, x)
		if x.rule != nil {
			rules++
		}
	}
	if len(all) > maxEvents || rules > maxRules {
		return nil, fmt.Errorf("it has more than %d events, or %d that recur", maxEvents, maxRules)
	}
	for _, x := range all {
		for _, other := range all {
			if x.instead != nil && other.instead == nil && other.uid == x.uid {
				other.except = append(other.except, *x.instead)
			}
		}
	}
	for _, x := range all {
		slices.SortFunc(x.except, time.Time.Compare)
	}
	return all, nil
}

// when says which event a message is about, without a word of what stands in the calendar but its time.
func when(e ical.Event) string {
	if p := e.Props.Get(ical.PropDateTimeStart); p != nil && len(p.Value) <= 16 {
		return fmt.Sprintf("%q", p.Value)
	}
	return "no time"
}

func newEvent(e ical.Event, zone *time.Location) (*event, error) {
	x := &event{uid: text(e.Props.Get(ical.PropUID)), summary: text(e.Props.Get(ical.PropSummary))}
	x.cancelled = strings.EqualFold(text(e.Props.Get(ical.PropStatus)), string(ical.EventCancelled))
	for _, p := range e.Props.Values(ical.PropAttendee) {
		if !strings.EqualFold(p.Params.Get(ical.ParamParticipationStatus), "DECLINED") {
			local, _, _ := strings.Cut(p.Value[strings.LastIndexByte(p.Value, ':')+1:], "@")
			x.attendees = append(x.attendees, local, p.Params.Get(ical.ParamCommonName))
		}
	}
	start, err := clock(e.Props.Get(ical.PropDateTimeStart), zone)
	if err != nil {
		return nil, err
	}
	x.zone, x.starts = start.zone, start.wall
	if x.lasts, err = lasts(e, start, zone); err != nil {
		return nil, err
	}
	if p := e.Props.Get(ical.PropRecurrenceID); p != nil {
		at, err := clock(p, zone)
		if err != nil {
			return nil, err
		}
		if p.Params.Get("RANGE") != "" {
			return nil, errors.New("it stands in for all that follow (RANGE), which is not understood")
		}
		x.instead = new(at.instant())
		return x, nil // a rule beside it is that of the whole series
	}
	return x, x.recur(e, zone)
}

// recur reads when an event takes place again.
func (x *event) recur(e ical.Event, zone *time.Location) error {
	rules := e.Props.Values(ical.PropRecurrenceRule)
	if len(rules) > 1 || e.Props.Get("EXRULE") != nil {
		return errors.New("it has several rules, which RFC 5545 gave up")
	}
	if len(rules) == 1 {
		var err error
		if x.rule, err = newRule(rules[0].Value, x.starts, x.zone); err != nil {
			return fmt.Errorf("RRULE: %w", err)
		}
	}
	for _, p := range each(e.Props.Values(ical.PropExceptionDates)) {
		at, err := clock(&p, zone)
		if err != nil {
			return fmt.Errorf("EXDATE: %w", err)
		}
		x.except = append(x.except, at.instant())
	}
	for _, p := range each(e.Props.Values(ical.PropRecurrenceDates)) {
		at, err := clock(&p, zone)
		if err != nil {
			return fmt.Errorf("RDATE: %w", err)
		}
		x.also = append(x.also, wallOf(at.instant(), x.zone))
	}
	return nil
}

// lasts gives how long an event is by the clock on the wall.
func lasts(e ical.Event, start moment, zone *time.Location) (time.Duration, error) {
	var d time.Duration
	switch end, long := e.Props.Get(ical.PropDateTimeEnd), e.Props.Get(ical.PropDuration); {
	case end != nil:
		at, err := clock(end, zone)
		if err != nil {
			return 0, err
		}
		d = wallOf(at.instant(), start.zone).Sub(start.wall)
	case long != nil:
		var err error
		if d, err = long.Duration(); err != nil {
			return 0, errors.New("its DURATION cannot be read")
		}
	}
	if start.allDay && d == 0 { // also what some write for a day that ends on the day that it begins
		d = 24 * time.Hour
	}
	if d < 0 || d > 366*24*time.Hour {
		return 0, errors.New("it ends before it begins, or lasts longer than a year")
	}
	return d, nil
}

// moment is a time as a calendar writes it.
type moment struct {
	wall   time.Time
	zone   *time.Location
	allDay bool
}

func (m moment) instant() time.Time { return instant(m.wall, m.zone) }

// clock reads a DATE or a DATE-TIME: RFC 5545, sections 3.3.4 and 3.3.5.
func clock(p *ical.Prop, zone *time.Location) (moment, error) {
	if p == nil {
		return moment{}, errors.New("it does not say when")
	}
	if id := p.Params.Get(ical.ParamTimezoneID); id != "" {
		var err error
		if zone, err = placeOf(id); err != nil {
			return moment{}, err
		}
	}
	for _, form := range []string{"20060102T150405Z", "20060102T150405", "20060102"} {
		if wall, err := time.Parse(form, p.Value); err == nil {
			if strings.HasSuffix(form, "Z") {
				zone = time.UTC
			}
			return moment{wall, zone, len(form) == len("20060102")}, nil
		}
	}
	return moment{}, errors.New("its time cannot be read")
}

// placeOf gives the place of a TZID: an IANA name, also behind the prefix with which some programs make it their own, as in
// /citadel.org/20210210_1/Europe/Berlin.
func placeOf(id string) (*time.Location, error) {
	for rest := id; rest != ""; {
		if loc, err := place(strings.TrimPrefix(rest, "/")); err == nil {
			return loc, nil
		}
		_, rest, _ = strings.Cut(strings.TrimPrefix(rest, "/"), "/")
	}
	return nil, errors.New("its time zone is none of the IANA names")
}

// each makes a property of each of a list's values.
func each(lists []ical.Prop) (all []ical.Prop) {
	for _, p := range lists {
		for value := range strings.SplitSeq(p.Value, ",") {
			all = append(all, ical.Prop{Name: p.Name, Params: p.Params, Value: value})
		}
	}
	return all
}

// text gives a text, in one piece; as it stands when its escapes are wrong.
func text(p *ical.Prop) string {
	if p == nil {
		return ""
	}
	if list, err := p.TextList(); err == nil {
		return strings.Join(list, ",")
	}
	return p.Value
}

// longestLine gives the length of the longest line once those that are folded are put together.
func longestLine(data []byte) (longest int) {
	length := 0
	for line := range bytes.Lines(data) {
		if line[0] != ' ' && line[0] != '\t' {
			length = 0
		}
		length += len(line)
		longest = max(longest, length)
	}
	return longest
}
