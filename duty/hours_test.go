package duty

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

const office = `
[[hours]]
name = "h"
timezone = "Europe/Berlin"
from = "09:00"
until = "18:00"
`

func TestWithinHours(t *testing.T) {
	night := `
[[hours]]
name = "h"
timezone = "America/New_York"
days = ["fri", "SAT"]
from = "22:00"
until = "06:00"
`
	always := `
[[hours]]
name = "h"
days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
from = "00:00"
until = "24:00"
`
	for _, c := range []struct {
		hours, at string
		within    bool
		next      string
	}{
		{office, "2026-11-23T07:59:59Z", false, "2026-11-23T08:00:00Z"}, // Monday, winter
		{office, "2026-11-23T08:00:00Z", true, "2026-11-23T17:00:00Z"},
		{office, "2026-11-23T17:00:00Z", false, "2026-11-24T08:00:00Z"},
		{office, "2026-11-27T18:00:00Z", false, "2026-11-30T08:00:00Z"}, // over a weekend
		{office, "2026-03-27T17:00:00Z", false, "2026-03-30T07:00:00Z"}, // in which summer begins
		{office, "2026-10-23T16:00:00Z", false, "2026-10-26T08:00:00Z"}, // and ends
		{night, "2026-11-22T03:00:00Z", true, "2026-11-22T11:00:00Z"},   // Saturday night, until Sunday at six
		{night, "2026-11-21T12:00:00Z", false, "2026-11-22T03:00:00Z"},
		{night, "2026-11-22T11:00:00Z", false, "2026-11-28T03:00:00Z"},
		{night, "2026-03-08T05:30:00Z", true, "2026-03-08T10:00:00Z"}, // a night of seven hours
		{always, "2026-11-22T11:00:00Z", true, "-"},
	} {
		r := roster(t, c.hours)
		when := at(t, c.at)
		next := "-"
		if n := r.Next("h", when); !n.IsZero() {
			next = n.UTC().Format(time.RFC3339)
		}
		if got := r.Within("h", when); got != c.within || next != c.next {
			t.Errorf("at %s: %t until %s; want %t until %s", c.at, got, next, c.within, c.next)
		}
	}
	r := roster(t, office)
	if r.Within("x", at(t, "2026-11-23T08:00:00Z")) || !r.Next("x", at(t, "2026-11-23T08:00:00Z")).IsZero() {
		t.Error("hours that there are not")
	}
}

// Next never lies: Within does not change before it, and does at it.
func TestNextIsWhenWithinChanges(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		zone, err := place(rapid.SampledFrom([]string{"Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "UTC"}).Draw(t, "zone"))
		if err != nil {
			t.Fatal(err)
		}
		h := &hours{place: zone, from: time.Duration(rapid.IntRange(0, 1439).Draw(t, "from")) * time.Minute}
		h.until = h.from + time.Duration(rapid.IntRange(1, 1440).Draw(t, "minutes"))*time.Minute
		some := false
		for i := range h.days {
			h.days[i] = rapid.Bool().Draw(t, "day")
			some = some || h.days[i]
		}
		r := &Roster{hours: map[string]*hours{"h": h}}
		at := time.Unix(rapid.Int64Range(1767225600, 1830297600).Draw(t, "at"), 0) // 2026 and 2027
		now, next := r.Within("h", at), r.Next("h", at)
		if next.IsZero() {
			for n := range 8 * 24 * 4 {
				if r.Within("h", at.Add(time.Duration(n)*15*time.Minute)) != now {
					t.Fatalf("it changes within %d quarters of an hour, and Next says never", n)
				}
			}
			return
		}
		if !next.After(at) || r.Within("h", next) == now || r.Within("h", next.Add(-time.Nanosecond)) != now {
			t.Fatalf("at %s within is %t, next %s, where it is %t", at, now, next, r.Within("h", next))
		}
		for range 20 {
			between := at.Add(time.Duration(rapid.Int64Range(0, int64(next.Sub(at))-1).Draw(t, "between")))
			if r.Within("h", between) != now {
				t.Fatalf("it changes at %s, before %s", between, next)
			}
		}
	})
}
