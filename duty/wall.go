package duty

import (
	"fmt"
	"time"
)

// What a clock on a wall shows has no time zone. In this package that is a time.Time in UTC, called wall, and instant and wallOf are
// the only ways from one to the other. Package time leaves it open which instant time.Date gives for a time that the clock skips or
// shows twice, and in fact gives another one east of Greenwich than west of it.

const clockForm = "2006-01-02T15:04"

// instant gives the instant at which a clock in a place shows wall, by the rule of RFC 5545, section 3.3.5: of two such instants
// the first; where the clock skips wall, the instant at which it would have shown it had it not been changed.
func instant(wall time.Time, place *time.Location) time.Time {
	// No place has changed its clock twice within a day and a half.
	before := wall.Add(-offset(wall.Add(-36*time.Hour), place))
	if wallOf(before, place).Equal(wall) {
		return before.In(place)
	}
	if after := wall.Add(-offset(before, place)); wallOf(after, place).Equal(wall) {
		return after.In(place)
	}
	return before.In(place)
}

// wallOf gives what a clock in a place shows at an instant.
func wallOf(at time.Time, place *time.Location) time.Time {
	at = at.In(place)
	return time.Date(at.Year(), at.Month(), at.Day(), at.Hour(), at.Minute(), at.Second(), at.Nanosecond(), time.UTC)
}

// midnight gives the beginning of the day that a wall is in.
func midnight(wall time.Time) time.Time {
	return time.Date(wall.Year(), wall.Month(), wall.Day(), 0, 0, 0, 0, time.UTC)
}

func offset(at time.Time, place *time.Location) time.Duration {
	_, seconds := at.In(place).Zone()
	return time.Duration(seconds) * time.Second
}

// parseWall reads a time as the configuration has it: 2026-11-23T09:00.
func parseWall(text string) (time.Time, error) {
	wall, err := time.Parse(clockForm, text)
	if err != nil {
		return time.Time{}, fmt.Errorf("%q is not a time like 2026-11-23T09:00", text)
	}
	return wall, nil
}

// place gives a time zone by its IANA name. "Local" is none: it is another one on another machine.
func place(name string) (*time.Location, error) {
	if name == "Local" {
		return nil, fmt.Errorf("%q is another time zone on every machine", name)
	}
	loc, err := time.LoadLocation(name)
	if err != nil {
		return nil, fmt.Errorf("%q is not a time zone", name)
	}
	return loc, nil
}
