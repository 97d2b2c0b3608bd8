package duty

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

const weekly = `
[[rota]]
name = "r"
timezone = "Europe/Berlin"
people = ["alice-smith", "bob"]
starts = "2026-10-05T09:00"
fallback = ["carol"]
[[rota.cover]]
person = "carol"
from = "2026-10-20T12:00"
until = "2026-10-21T12:00"
`

func TestTurnsFollowTheClockOnTheWall(t *testing.T) {
	r := roster(t, weekly)
	for _, c := range []struct{ at, want string }{
		{"2026-10-05T06:59:59Z", "carol"}, // before the first turn
		{"2026-10-05T07:00:00Z", "alice-smith"},
		{"2026-10-12T06:59:59Z", "alice-smith"},
		{"2026-10-12T07:00:00Z", "bob"},
		{"2026-10-19T07:00:00Z", "alice-smith"},
		{"2026-10-20T10:00:00Z", "carol"}, // covers
		{"2026-10-21T09:59:59Z", "carol"},
		{"2026-10-21T10:00:00Z", "alice-smith"},
		{"2026-10-26T07:59:59Z", "alice-smith"}, // summer is over: at nine it is an hour later
		{"2026-10-26T08:00:00Z", "bob"},
		{"2027-03-29T06:59:59Z", "alice-smith"}, // and summer again
		{"2027-03-29T07:00:00Z", "bob"},
	} {
		if got := on(r, at(t, c.at)); got != c.want {
			t.Errorf("at %s: %s; want %s", c.at, got, c.want)
		}
	}
	if got := on(roster(t, strings.Replace(weekly, "fallback", "#", 1)), at(t, "2026-10-01T00:00:00Z")); got != "alice-smith,bob,carol" {
		t.Errorf("with nobody on call and no fallback %s are told", got)
	}
}

// Anybody may ask who would be on call at any instant, and gets an answer: further than a Duration counts, too.
func TestWhoIsOnCallCanBeAskedOfAnyInstant(t *testing.T) {
	r := roster(t, weekly)
	for when, want := range map[string]string{"0001-01-01T00:00:00Z": "carol", "2226-08-18T00:00:00Z": "", "2400-01-01T00:00:00Z": "", "9999-12-31T23:59:59Z": ""} {
		got, shifts := on(r, at(t, when)), r.rotas["r"].shifts(at(t, when), at(t, when).Add(30*24*time.Hour))
		if want == "" && got != "alice-smith" && got != "bob" || want != "" && got != want || len(shifts) == 0 {
			t.Errorf("%s: %s, %+v", when, got, shifts)
		}
	}
}

func TestReachGivesChannelsAndPeopleOnceAndSorted(t *testing.T) {
	r := roster(t, weekly)
	channels, people := r.Reach([]string{"r", "chat", "alice-smith", "bob-phone", "chat", "nobody"}, at(t, "2026-10-05T07:00:00Z"))
	if got := fmt.Sprint(channels, people); got != "[alice-phone bob-phone chat] [alice-smith]" {
		t.Error(got)
	}
	if _, people := r.Reach([]string{"chat"}, at(t, "2026-10-05T07:00:00Z")); len(people) > 0 {
		t.Errorf("an alert has %q on call", people)
	}
}

func TestShiftsLeaveNoGap(t *testing.T) {
	var got []string
	for _, s := range roster(t, weekly).Shifts("r", at(t, "2026-10-01T00:00:00Z"), at(t, "2026-11-01T00:00:00Z")) {
		got = append(got, fmt.Sprintf("%s %s %s", s.From.UTC().Format("01-02 15:04"), strings.Join(s.People, ","), s.By))
	}
	want := []string{
		"10-01 00:00 carol fallback", "10-05 07:00 alice-smith turn", "10-12 07:00 bob turn", "10-19 07:00 alice-smith turn",
		"10-20 10:00 carol cover", "10-21 10:00 alice-smith turn", "10-26 08:00 bob turn",
	}
	if !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
	if roster(t, weekly).Shifts("x", time.Time{}, time.Time{}) != nil {
		t.Error("shifts of a rota that there is not")
	}
}

// At every instant from its beginning on a rota in turns has exactly one person on call, and the turns come in order.
func TestExactlyOneIsOnCall(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		zone, err := place(rapid.SampledFrom([]string{"Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "UTC"}).Draw(t, "zone"))
		if err != nil {
			t.Fatal(err)
		}
		o := &rota{zone: zone, people: []string{"a", "b", "c"}[:rapid.IntRange(1, 3).Draw(t, "people")]}
		o.starts = time.Unix(rapid.Int64Range(1767225600, 1830297600).Draw(t, "starts"), 0).UTC()
		o.turn = time.Duration(rapid.IntRange(1, 24*40).Draw(t, "turn")) * time.Hour
		at := o.handover(0).Add(time.Duration(rapid.Int64Range(0, 3e7).Draw(t, "later")) * time.Second)
		s := o.at(at)
		if len(s.People) != 1 || s.By != ByTurn {
			t.Fatalf("at %s: %+v", at, s)
		}
		n := o.turnAt(at)
		if o.handover(n).After(at) || !o.handover(n+1).After(at) {
			t.Fatalf("%s is in turn %d, from %s to %s", at, n, o.handover(n), o.handover(n+1))
		}
		end := at
		for _, x := range o.shifts(at, at.Add(40*24*time.Hour)) {
			if !x.From.Equal(end) || !x.Until.After(x.From) || len(x.People) != 1 || !slices.Equal(o.at(x.Until.Add(-time.Second)).People, x.People) {
				t.Fatalf("%+v after %s", x, end)
			}
			end = x.Until
		}
		if !end.Equal(at.Add(40 * 24 * time.Hour)) {
			t.Fatalf("the shifts end at %s", end)
		}
	})
}
