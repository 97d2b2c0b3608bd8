package incident

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"headwatch"
)

// A stall at two in the morning, in a window that holds back everything but a trip.
func TestWhoWouldBeToldOfAStallThatNobodyAcknowledges(t *testing.T) {
	begins := time.Date(2026, 11, 24, 2, 0, 0, 0, time.UTC)
	escalating := func(circuit string) Plan {
		p := plan(circuit)
		p.Policy = &Policy{Name: "primary", Steps: []PolicyStep{
			{Tell: []string{"phone"}, From: headwatch.LevelPage, Every: 10 * time.Minute},
			{Tell: []string{"boss"}, From: headwatch.LevelPage, After: 15 * time.Minute},
		}}
		return p
	}
	stall := Supposition{
		Circuit: "lending", Chain: "l2", Condition: headwatch.UnsafeHeadStalled, Begins: begins, Until: begins.Add(25 * time.Minute),
		Ladder: []Rung{
			{headwatch.LevelWarn, begins.Add(time.Minute)},
			{headwatch.LevelPage, begins.Add(2 * time.Minute)},
			{headwatch.LevelTrip, begins.Add(3 * time.Minute)},
		},
	}
	for name, c := range map[string]struct {
		silences []headwatch.Silence
		want     []string
	}{
		"nothing holds it back": {nil, []string{
			"02:01 warn chat", "02:02 page chat,pager", "02:02 escalate phone", "02:03 trip pause ceo,chat,pager,phone",
			"02:12 escalate phone", "02:17 escalate boss", "02:22 escalate phone",
		}},
		"a window for all but a trip": {
			[]headwatch.Silence{{ID: "w", Starts: begins.Add(-time.Hour), Ends: begins.Add(time.Hour), Matchers: matchers(t, "severity!=trip")}},
			[]string{
				"02:01 warn held chat", "02:02 page held chat,pager", "02:03 trip pause ceo,chat,pager", "02:03 escalate phone",
				"02:13 escalate phone", "02:18 escalate boss", "02:23 escalate phone",
			},
		},
	} {
		s := stall
		s.Silences = c.silences
		var got []string
		for _, told := range Suppose(escalating, plain{}, s) {
			line := fmt.Sprintf("%s %s", told.At.Format("15:04"), told.Kind)
			for _, names := range [][]string{told.Hooks, told.Channels} {
				if len(names) > 0 {
					line += " " + strings.Join(names, ",")
				}
			}
			if len(told.Held) > 0 {
				line += " held " + strings.Join(told.Held, ",")
			}
			got = append(got, line)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s:\n%s\nwant\n%s", name, strings.Join(got, "\n"), strings.Join(c.want, "\n"))
		}
	}
}

func matchers(t testing.TB, texts ...string) []headwatch.Matcher {
	t.Helper()
	var all []headwatch.Matcher
	for _, text := range texts {
		m, err := headwatch.ParseMatcher(text)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, m)
	}
	return all
}
