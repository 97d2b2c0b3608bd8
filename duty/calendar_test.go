package duty

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestCalendarsAsTheyAreExported(t *testing.T) {
	for file, cases := range map[string][]struct{ at, want string }{
		// The attendee counts, and not the Bob in the title.
		"pagerduty.ics": {
			{"2026-11-23T07:59:59Z", "alice-smith,bob"}, // nobody: both whom it names
			{"2026-11-23T08:00:00Z", "alice-smith"},
			{"2026-11-30T08:00:00Z", "bob"},
		},
		// Recurring, with a gap, a change of one time, an invitation declined, a day's cover beside another, and the end of summer.
		"google.ics": {
			{"2026-10-05T07:00:00Z", "alice-smith"},
			{"2026-10-12T06:59:59Z", "alice-smith"},
			{"2026-10-12T07:00:00Z", "bob"},
			{"2026-10-26T07:59:59Z", "alice-smith"}, // until nine by the clock on the wall, and not an hour less
			{"2026-10-26T08:00:00Z", "bob"},
			{"2026-11-09T07:59:59Z", "alice-smith"},
			{"2026-11-09T08:00:00Z", "alice-smith,bob,carol"}, // bob begins at noon that day: nobody
			{"2026-11-09T11:00:00Z", "bob,carol"},
			{"2026-11-15T22:59:59Z", "bob,carol"},
			{"2026-11-15T23:00:00Z", "bob,carol"},             // the whole day in Berlin
			{"2026-11-16T08:00:00Z", "carol"},                 // the shift itself is taken out, and alice is not alice-smith
			{"2026-11-18T08:00:00Z", "alice-smith,bob,carol"}, // nobody
			{"2026-11-30T08:00:00Z", "alice-smith"},
			{"2027-01-04T08:00:00Z", "bob"},
			{"2027-01-11T08:00:00Z", "alice-smith,bob,carol"}, // it has ended
		},
		"grafana.ics": {
			{"2026-11-23T08:00:00Z", "alice-smith"},
			{"2026-11-23T20:00:00Z", "bob"},
			{"2027-07-01T08:00:00Z", "alice-smith"},
		},
	} {
		r := roster(t, "[[rota]]\nname = \"r\"\ncalendar = \""+file+"\"\n")
		for _, c := range cases {
			if got := on(r, at(t, c.at)); got != c.want {
				t.Errorf("%s at %s: %s; want %s", file, c.at, got, c.want)
			}
		}
	}
}

func TestWhomAnEventNames(t *testing.T) {
	known := newNames([]string{"alice", "alice-smith", "bob", "on"})
	for _, c := range []struct {
		title     string
		attendees []string
		want      string
	}{
		{"alice", nil, "alice"},
		{"ALICE on call", nil, "alice,on"},
		{"Alice Smith", nil, "alice-smith"},
		{"Alice, Bob", nil, "alice,bob"},
		{"Alice Smith and Alice", nil, "alice-smith"},
		{"malice", nil, ""},
		{"On Call - Bob - Primary", []string{"alice.smith", ""}, "alice-smith"},
		{"Bob", []string{"room-4", "Room 4"}, "bob"},
		{"", []string{"asmith", "Alice Smith"}, "alice-smith"},
		{"", []string{"alice.smith.jr"}, ""},
		{"", nil, ""},
	} {
		e := event{summary: c.title, attendees: c.attendees}
		if got := strings.Join(e.people(known), ","); got != c.want {
			t.Errorf("%q %q: %s; want %s", c.title, c.attendees, got, c.want)
		}
	}
}

const head = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\n"

// vevent is a calendar with one event of these lines.
func vevent(lines ...string) string {
	return head + "BEGIN:VEVENT\r\nUID:1\r\n" + strings.Join(lines, "\r\n") + "\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
}

func TestTimesOfEvents(t *testing.T) {
	berlin := zone(t, "Europe/Berlin")
	for name, c := range map[string]struct {
		calendar string
		want     string
	}{
		"UTC":          {vevent("DTSTART:20261123T090000Z", "DTEND:20261123T100000Z"), "11-23T09:00 11-23T10:00"},
		"floating":     {vevent("DTSTART:20261123T090000", "DTEND:20261123T100000"), "11-23T08:00 11-23T09:00"},
		"its zone":     {vevent("DTSTART;TZID=America/New_York:20261123T090000", "DURATION:PT90M"), "11-23T14:00 11-23T15:30"},
		"own prefix":   {vevent("DTSTART;TZID=/citadel.org/20210210_1/America/New_York:20261123T090000", "DURATION:PT1H"), "11-23T14:00 11-23T15:00"},
		"two zones":    {vevent("DTSTART;TZID=America/New_York:20261123T090000", "DTEND;TZID=Europe/Berlin:20261123T170000"), "11-23T14:00 11-23T16:00"},
		"a day":        {vevent("DTSTART;VALUE=DATE:20261123"), "11-22T23:00 11-23T23:00"},
		"a day, short": {vevent("DTSTART;VALUE=DATE:20261123", "DTEND;VALUE=DATE:20261123"), "11-22T23:00 11-23T23:00"},
		"a long day":   {vevent("DTSTART;VALUE=DATE:20261025", "DURATION:P1D"), "10-24T22:00 10-25T23:00"},
		"no length":    {vevent("DTSTART:20261123T090000Z"), ""},
		"cancelled":    {vevent("DTSTART:20261123T090000Z", "DURATION:PT1H", "STATUS:CANCELLED"), ""},
		"also": {
			vevent("DTSTART:20261123T090000Z", "DURATION:PT1H", "RDATE:20261124T090000Z,20261125T090000Z"),
			"11-24T09:00 11-24T10:00, 11-25T09:00 11-25T10:00, 11-23T09:00 11-23T10:00",
		},
		"but": {
			vevent("DTSTART:20261123T090000Z", "DURATION:PT1H", "RRULE:FREQ=DAILY;COUNT=4", "EXDATE:20261124T090000Z,20261125T090000Z"),
			"11-23T09:00 11-23T10:00, 11-26T09:00 11-26T10:00",
		},
		"mark of the byte order": {"\ufeff" + vevent("DTSTART:20261123T090000Z", "DURATION:PT1H"), "11-23T09:00 11-23T10:00"},
	} {
		events, err := decode([]byte(c.calendar), berlin)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		all, err := occurrences(events, at(t, "2026-01-01T00:00:00Z"), at(t, "2027-01-01T00:00:00Z"), maxSteps)
		var got []string
		for _, o := range all {
			got = append(got, o.from.UTC().Format("01-02T15:04")+" "+o.until.UTC().Format("01-02T15:04"))
		}
		if err != nil || strings.Join(got, ", ") != c.want {
			t.Errorf("%s: %q, %v; want %s", name, got, err, c.want)
		}
	}
}

func TestCalendarsThatCannotBeRead(t *testing.T) {
	for name, c := range map[string]struct{ calendar, want string }{
		"nothing":       {"", "cut off"},
		"a page":        {"<html><body>Please log in</body></html>", "not an iCalendar file"},
		"cut off":       {vevent("DTSTART:20261123T090000Z")[:80], "cut off"},
		"cut after one": {strings.TrimSuffix(vevent("DTSTART:20261123T090000Z"), "END:VCALENDAR\r\n"), "cut off"},
		"in a line":     {head + "BEGIN:VEVENT\r\nDTSTART;TZID=Europe", "breaks off"},
		"large":         {strings.Repeat("x", maxCalendar+1), "larger than 1 MiB"},
		"long line":     {head + "X;" + strings.Repeat("A=B;\r\n ", maxLine) + "\r\n", "longer than 32 KiB"},
		"no time":       {vevent("SUMMARY:alice"), "no time: it does not say when"},
		"wrong time":    {vevent("DTSTART:tomorrow"), "its time cannot be read"},
		"backwards":     {vevent("DTSTART:20261123T090000Z", "DTEND:20261123T080000Z"), `"20261123T090000Z": it ends before it begins`},
		"too long":      {vevent("DTSTART:20261123T090000Z", "DURATION:P400D"), "longer than a year"},
		"no duration":   {vevent("DTSTART:20261123T090000Z", "DURATION:PT1X"), "DURATION cannot be read"},
		"unknown zone":  {vevent("DTSTART;TZID=W. Europe Standard Time:20261123T090000"), "time zone is none"},
		"local":         {vevent("DTSTART;TZID=Local:20261123T090000"), "time zone is none"},
		"wrong rule":    {vevent("DTSTART:20261123T090000Z", "RRULE:FREQ=OFTEN"), "RRULE"},
		"two rules":     {vevent("DTSTART:20261123T090000Z", "RRULE:FREQ=DAILY", "RRULE:FREQ=WEEKLY"), "several rules"},
		"and all after": {vevent("DTSTART:20261123T090000Z", "RECURRENCE-ID;RANGE=THISANDFUTURE:20261123T090000Z"), "RANGE"},
		"wrong exdate":  {vevent("DTSTART:20261123T090000Z", "RRULE:FREQ=DAILY", "EXDATE:never"), "EXDATE"},
		"period":        {vevent("DTSTART:20261123T090000Z", "RDATE;VALUE=PERIOD:20261123T090000Z/PT1H"), "RDATE"},
	} {
		if events, err := decode([]byte(c.calendar), time.UTC); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %d events, %v; want an error with %q", name, len(events), err, c.want)
		}
	}
	many := head + strings.Repeat("BEGIN:VEVENT\r\nDTSTART:20261123T090000Z\r\nEND:VEVENT\r\n", maxEvents+1) + "END:VCALENDAR\r\n"
	if _, err := decode([]byte(many), time.UTC); err == nil || !strings.Contains(err.Error(), "more than") {
		t.Errorf("too many events: %v", err)
	}
}

func FuzzCalendar(f *testing.F) {
	files, err := filepath.Glob("testdata/*.ics")
	if err != nil || len(files) == 0 {
		f.Fatal(err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Add([]byte(vevent("DTSTART:20261123T090000Z", "RRULE:FREQ=MONTHLY;BYDAY=5MO,-5SU;BYSETPOS=-1;UNTIL=20271231")))
	from := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, data []byte) {
		events, err := decode(data, time.UTC)
		if err != nil {
			return
		}
		all, err := occurrences(events, from, from.AddDate(0, 1, 0), 10_000)
		if err != nil {
			return
		}
		for _, o := range all {
			if !o.from.Before(o.until) || !o.until.After(from) || !o.from.Before(from.AddDate(0, 1, 0)) {
				t.Errorf("%s to %s does not overlap", o.from, o.until)
			}
			o.event.people(newNames([]string{"alice"}))
		}
		again, err := occurrences(events, from, from.AddDate(0, 1, 0), 10_000)
		if err != nil || !slices.EqualFunc(all, again, func(a, b occurrence) bool { return a.span == b.span }) {
			t.Error("another answer the second time")
		}
	})
}

// Each of the occurrences of two years is held against each of its exceptions: 10 billion times, were they not sorted.
func TestManyExceptionsCostLittle(t *testing.T) {
	var b strings.Builder
	b.WriteString(head + "BEGIN:VEVENT\r\nUID:1\r\nDTSTART:20261101T000000Z\r\nDURATION:PT5M\r\nRRULE:FREQ=HOURLY;BYMINUTE=0,6,12,18,24,30,36,42,48,54\r\n")
	at := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)
	for range 35 {
		b.WriteString("EXDATE:")
		for range 1600 {
			b.WriteString(at.Format("20060102T150405Z") + ",")
			at = at.Add(time.Minute)
		}
		b.WriteString(at.Format("20060102T150405Z") + "\r\n")
	}
	b.WriteString("END:VEVENT\r\nEND:VCALENDAR\r\n")
	s, start := &source{zone: time.UTC}, time.Now()
	if err := s.accept([]byte(b.String())); err != nil || time.Since(start) > 20*time.Second {
		t.Errorf("%v after %s", err, time.Since(start))
	}
}
