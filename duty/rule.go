package duty

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/teambition/rrule-go"
)

// series is when an event takes place: once, or by a rule. It is reckoned with what the clock on a wall shows, so that what is at ten
// stays at ten, and is as long as that clock shows: a shift from nine on Monday to nine on Monday leaves nobody out in the week in
// which the clock is changed, although RFC 5545, section 3.8.5.3, would have it as long as the first one.
type series struct {
	zone   *time.Location
	starts time.Time // wall
	lasts  time.Duration
	rule   *rrule.RRule // nil for once
	also   []time.Time  // walls: RDATE
	except []time.Time  // EXDATE, and what another event stands in for; sorted
}

func (s *series) excepted(at time.Time) bool {
	_, found := slices.BinarySearchFunc(s.except, at, time.Time.Compare)
	return found
}

// maxSteps bounds how many occurrences are looked at for one answer, over all the events of a calendar. A shift a day for a hundred
// years is a tenth of it.
const maxSteps = 400_000

var errTooMany = errors.New("it recurs too often to be reckoned")

// between adds the occurrences that overlap the time from one instant to another to all, and takes what it looked at off steps.
func (s *series) between(from, until time.Time, steps *int, add func(span)) error {
	take := func(wall time.Time) bool {
		o := span{instant(wall, s.zone), instant(wall.Add(s.lasts), s.zone)}
		if !o.from.Before(until) {
			return false
		}
		if o.until.After(from) && o.from.Before(o.until) && !s.excepted(o.from) {
			add(o)
		}
		return true
	}
	for _, wall := range s.also {
		take(wall)
	}
	if s.rule == nil {
		take(s.starts)
		return nil
	}
	next := s.rule.Iterator()
	var last time.Time
	for wall, ok := next(); ok; wall, ok = next() {
		if *steps--; *steps < 0 {
			return errTooMany
		}
		if at := instant(wall, s.zone); at.Equal(last) { // an hour that the clock skips begins when the next one does
			continue
		} else if last = at; !take(wall) {
			break
		}
	}
	return nil
}

var untilForm = regexp.MustCompile(`UNTIL=(\d{8})(T\d{6}(Z)?)?(;|$)`)

// newRule reads the RRULE of an event that starts at a wall. The library follows RFC 5545, and more than a calendar from elsewhere
// should be able to ask of it: a rule that would keep it busy for ever, or that never happens, is refused.
func newRule(text string, starts time.Time, zone *time.Location) (rule *rrule.RRule, err error) {
	defer func() {
		if recover() != nil { // some orders of weeks lead it outside of its tables
			rule, err = nil, errors.New("the rule makes no sense")
		}
	}()
	text = strings.ToUpper(strings.TrimSpace(text))
	o, err := rrule.StrToROption(text)
	if err != nil {
		return nil, err
	}
	if err := refuse(o, text); err != nil {
		return nil, err
	}
	if m := untilForm.FindStringSubmatch(text); m != nil {
		switch {
		case m[3] == "Z":
			o.Until = wallOf(o.Until, zone)
		case m[2] == "": // a day: all of it
			o.Until = o.Until.Add(24*time.Hour - time.Second)
		}
	}
	o.Dtstart = starts
	if rule, err = rrule.NewRRule(*o); err != nil {
		return nil, err
	}
	if _, ok := rule.Iterator()(); !ok {
		return nil, errors.New("the rule never happens")
	}
	return rule, nil
}

// refuse says why a rule is none that a shift or a window can have.
func refuse(o *rrule.ROption, text string) error {
	nth := func(w rrule.Weekday) bool { return w.N() != 0 }
	switch {
	case strings.Count(text, "FREQ=") != 1 || strings.Contains(text, "DTSTART"):
		return errors.New("it must say FREQ once, and no DTSTART")
	case o.Freq > rrule.HOURLY:
		return fmt.Errorf("FREQ=%s is too often: use HOURLY or less", o.Freq)
	case o.Freq == rrule.HOURLY && len(o.Byhour) > 0:
		return errors.New("BYHOUR does not go with FREQ=HOURLY: use DAILY")
	case len(o.Byeaster) > 0:
		return errors.New("BYEASTER is not part of RFC 5545")
	case o.Interval > 10_000 || strings.Contains(text, "INTERVAL=0"):
		return errors.New("INTERVAL must be 1 to 10000")
	case o.Count < 0 || strings.Contains(text, "COUNT=0"):
		return errors.New("COUNT must be at least 1")
	case o.Count > 0 && !o.Until.IsZero():
		return errors.New("COUNT and UNTIL do not go together")
	case o.Freq > rrule.MONTHLY && slices.ContainsFunc(o.Byweekday, nth):
		return errors.New("numbered days such as 1MO go with FREQ=MONTHLY and YEARLY only")
	case (o.Freq == rrule.MONTHLY || len(o.Bymonth) > 0) && slices.ContainsFunc(o.Byweekday, func(w rrule.Weekday) bool { return w.N() > 5 || w.N() < -5 }):
		return errors.New("no month has that many weeks")
	}
	return nil
}
