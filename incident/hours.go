package incident

import (
	"slices"
	"time"
)

// maxTurns bounds how many beginnings and ends of hours are looked at for the first instant at which a step may be told.
const maxTurns = 1000

// allowed gives the first instant from at on at which a step may be told; zero for never.
func (s PolicyStep) allowed(roster Roster, at time.Time) time.Time {
	for range maxTurns {
		wait := at
		for _, hours := range []struct {
			name   string
			within bool
		}{{s.During, true}, {s.Outside, false}} {
			if hours.name == "" || roster.Within(hours.name, at) == hours.within {
				continue
			}
			next := roster.Next(hours.name, at)
			if next.IsZero() {
				return next
			}
			wait = later(wait, next)
		}
		if wait.Equal(at) {
			return at
		}
		at = wait
	}
	return time.Time{}
}

// plain is the Roster of who has none.
type plain struct{}

func (plain) Reach(tell []string, _ time.Time) (channels, people []string) {
	channels = slices.Clone(tell)
	slices.Sort(channels)
	return slices.Compact(channels), nil
}

func (plain) Within(string, time.Time) bool            { return true }
func (plain) Next(string, time.Time) (never time.Time) { return never }
