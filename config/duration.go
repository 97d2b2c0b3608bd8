package config

import (
	"fmt"
	"regexp"
	"strconv"
	"time"

	"headwatch"
)

const day = 24 * time.Hour

var durationForm = regexp.MustCompile(`^(?:(\d{1,5})d)?((?:\d+(?:\.\d+)?(?:h|m|s|ms|us|µs|ns))*)$`)

// UnmarshalText reads what String writes, and every other unsigned duration of package time with days in front of it. A
// number without a unit is refused.
func (d *Duration) UnmarshalText(b []byte) error {
	parts := durationForm.FindSubmatch(b)
	if parts == nil || len(b) == 0 {
		return fmt.Errorf("%q is not a duration", b)
	}
	var total time.Duration
	if len(parts[1]) > 0 {
		days, err := strconv.Atoi(string(parts[1]))
		if err != nil {
			return fmt.Errorf("read days of %q: %w", b, err)
		}
		total = time.Duration(days) * day
	}
	if len(parts[2]) > 0 {
		rest, err := time.ParseDuration(string(parts[2]))
		if err != nil {
			return fmt.Errorf("read duration: %w", err)
		}
		total += rest
	}
	if total < 0 {
		return fmt.Errorf("%q is longer than a duration can be", b)
	}
	*d = Duration(total)
	return nil
}

// MarshalText writes what String gives.
func (d Duration) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// String gives the form that people write: whole days in days, anything under five minutes in seconds, because that is how
// thresholds are compared, and the rest in hours and minutes without empty parts.
func (d Duration) String() string {
	t := d.D()
	switch {
	case t != 0 && t%day == 0:
		return strconv.FormatInt(int64(t/day), 10) + "d"
	case t%time.Second == 0 && t.Abs() < 5*time.Minute:
		return strconv.FormatInt(int64(t/time.Second), 10) + "s"
	}
	return headwatch.Brief(t)
}
