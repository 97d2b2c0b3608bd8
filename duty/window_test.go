package duty

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

const upgrades = `
[api]
max_silence = "3h"
[[maintenance]]
name = "weekly"
match = ["chain=base", "severity!=trip"]
reason = "the weekly upgrade"
timezone = "Europe/Berlin"
starts = "2026-10-20T10:00"
lasts = "30m"
repeat = "FREQ=WEEKLY;BYDAY=TU"
hold_hooks = true
[[maintenance]]
name = "announced"
match = ["circuit=~lend.*"]
reason = "by the chain"
calendar = "upgrades.ics"
`

// written gives silences as "id until reason", by their beginning.
func written(r *Roster, from, until time.Time) (all []string) {
	for _, s := range r.Windows(from, until) {
		all = append(all, s.ID+" until "+s.Ends.Format("150405Z")+" "+s.Reason)
	}
	return all
}

func TestWindowsAreSilences(t *testing.T) {
	r := roster(t, upgrades)
	got := written(r, at(t, "2026-10-20T08:10:00Z"), at(t, "2026-11-03T09:00:00Z"))
	want := []string{
		"weekly-20261020T080000Z until 083000Z the weekly upgrade",
		"weekly-20261027T090000Z until 093000Z the weekly upgrade", // at ten by the clock on the wall
		"announced-20261101T000000Z until 030000Z by the chain: Upgrade 18 of all nodes: read the notes",
		"announced-20261102T120000Z until 140000Z by the chain: Two at once, the longer",
	}
	if !slices.Equal(got, want) {
		t.Errorf("%s", strings.Join(got, "\n"))
	}
	weekly := r.Windows(at(t, "2026-10-20T08:10:00Z"), at(t, "2026-10-20T08:11:00Z"))
	data, err := json.Marshal(weekly)
	const document = `[{"id":"weekly-20261020T080000Z","matchers":[{"name":"chain","value":"base","isRegex":false,"isEqual":true},` +
		`{"name":"severity","value":"trip","isRegex":false,"isEqual":false}],"starts":"2026-10-20T08:00:00Z","ends":"2026-10-20T08:30:00Z",` +
		`"author":"calendar","reason":"the weekly upgrade","hold_hooks":true,"window":"weekly"}]`
	if err != nil || string(data) != document {
		t.Errorf("%s, %v", data, err)
	}
	for _, none := range []string{"2026-10-20T08:30:00Z", "2026-10-20T07:59:59Z", "2026-11-01T03:00:00Z"} { // the last one was cut by max_silence
		if got := written(r, at(t, none), at(t, none).Add(time.Second)); got != nil {
			t.Errorf("at %s: %q", none, got)
		}
	}
	if !r.Planned("weekly") || !r.Planned("announced") || !r.Planned("in an earlier configuration") {
		t.Error("windows whose calendar was read are not known")
	}
}

// Whatever part of time is asked for, the same windows are there under the same names.
func TestWindowsAreTheSameWheneverTheyAreAskedFor(t *testing.T) {
	r := roster(t, upgrades)
	from, until := at(t, "2026-10-01T00:00:00Z"), at(t, "2026-12-01T00:00:00Z")
	all := map[string]bool{}
	for _, s := range r.Windows(from, until) {
		all[fmt.Sprint(s)] = true
	}
	piecewise := map[string]bool{}
	for x := from; x.Before(until); x = x.Add(37 * time.Minute) {
		for _, s := range r.Windows(x, x.Add(37*time.Minute)) {
			piecewise[fmt.Sprint(s)] = true
		}
	}
	if len(all) < 8 || len(all) != len(piecewise) {
		t.Errorf("%d at once, %d in pieces", len(all), len(piecewise))
	}
}

// Whoever writes a calendar does not fill the journal.
func TestACalendarHasOnlySoManyWindowsAtATime(t *testing.T) {
	now := at(t, "2026-11-21T00:00:00Z")
	dates := make([]string, 3000)
	for i := range dates {
		dates[i] = now.Add(time.Duration(len(dates)-i) * time.Second).Format("20060102T150405Z")
	}
	text := head + "BEGIN:VEVENT\r\nUID:1\r\nDTSTART:20261121T000000Z\r\nDURATION:PT5M\r\n"
	for some := range slices.Chunk(dates, 1000) {
		text += "RDATE:" + strings.Join(some, ",") + "\r\n"
	}
	s := &source{zone: time.UTC}
	if err := s.accept([]byte(text + "END:VEVENT\r\nEND:VCALENDAR\r\n")); err != nil {
		t.Fatal(err)
	}
	w := &window{calendar: s, longest: time.Hour}
	got := w.silences(now, now.Add(24*time.Hour))
	if len(got) != maxWindows || !got[len(got)-1].Starts.Equal(now.Add((maxWindows-1)*time.Second)) {
		t.Errorf("%d windows, the last %+v", len(got), got[len(got)-1])
	}
	if says := crowded(s.events(), now); says != "3001 windows within a day: only the first 200 are kept" {
		t.Errorf("%q", says)
	}
}
