package duty

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

// RFC 5545, section 3.3.5: what the clock shows twice is the first of the two; what it skips is reckoned by the offset before.
func TestTheClockOnTheWallOnTheDaysWhenItIsChanged(t *testing.T) {
	for _, c := range []struct{ zone, wall, want string }{
		{"America/New_York", "2007-11-04T01:30", "2007-11-04T05:30:00Z"}, // the RFC's own examples
		{"America/New_York", "2007-03-11T02:30", "2007-03-11T07:30:00Z"},
		{"America/New_York", "2026-03-08T01:59", "2026-03-08T06:59:00Z"},
		{"America/New_York", "2026-03-08T03:00", "2026-03-08T07:00:00Z"},
		{"America/New_York", "2026-11-01T02:00", "2026-11-01T07:00:00Z"},
		{"Europe/Berlin", "2026-03-29T02:30", "2026-03-29T01:30:00Z"},
		{"Europe/Berlin", "2026-03-29T03:00", "2026-03-29T01:00:00Z"},
		{"Europe/Berlin", "2026-10-25T02:30", "2026-10-25T00:30:00Z"},
		{"Europe/Berlin", "2026-10-25T03:00", "2026-10-25T02:00:00Z"},
		{"Australia/Lord_Howe", "2026-10-04T02:15", "2026-10-03T15:45:00Z"}, // half an hour
		{"Pacific/Apia", "2011-12-30T12:00", "2011-12-30T22:00:00Z"},        // a day that there was not
		{"Asia/Kolkata", "2026-06-01T09:00", "2026-06-01T03:30:00Z"},
		{"UTC", "2026-06-01T09:00", "2026-06-01T09:00:00Z"},
	} {
		wall, err := parseWall(c.wall)
		if got := instant(wall, zone(t, c.zone)).UTC().Format(time.RFC3339); err != nil || got != c.want {
			t.Errorf("%s in %s is %s, %v; want %s", c.wall, c.zone, got, err, c.want)
		}
	}
}

func TestEveryInstantIsShownByTheClock(t *testing.T) {
	zones := []string{"UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Pacific/Apia", "America/Sao_Paulo"}
	rapid.Check(t, func(t *rapid.T) {
		zone, err := place(rapid.SampledFrom(zones).Draw(t, "zone"))
		if err != nil {
			t.Fatal(err)
		}
		at := time.Unix(rapid.Int64Range(1e9, 3e9).Draw(t, "at"), 0)
		back := instant(wallOf(at, zone), zone)
		// Of an hour that is shown twice the first one comes back.
		if early := at.Sub(back); early < 0 || early > time.Hour || !wallOf(back, zone).Equal(wallOf(at, zone)) {
			t.Fatalf("%s is shown as %s, which is %s", at, wallOf(at, zone), back)
		}
	})
}
