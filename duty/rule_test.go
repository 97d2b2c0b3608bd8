package duty

import (
	"strings"
	"testing"
	"time"
)

// Examples of RFC 5545, section 3.8.5.3. All begin at nine by the clock in New York, in summer; the days of October 1997 up to the
// 25th are in summer too, later ones are not.
func TestTheExamplesOfTheStandard(t *testing.T) {
	newYork := zone(t, "America/New_York")
	for _, c := range []struct{ start, rule, want string }{
		{"1997-09-02", "FREQ=DAILY;COUNT=10", "9/2 9/3 9/4 9/5 9/6 9/7 9/8 9/9 9/10 9/11"},
		{"1997-09-02", "FREQ=DAILY;INTERVAL=10;COUNT=5", "9/2 9/12 9/22 10/2 10/12"},
		{"1997-09-02", "FREQ=WEEKLY;COUNT=10", "9/2 9/9 9/16 9/23 9/30 10/7 10/14 10/21 10/28 11/4"},
		{"1997-09-02", "FREQ=WEEKLY;UNTIL=19971007T000000Z;WKST=SU;BYDAY=TU,TH", "9/2 9/4 9/9 9/11 9/16 9/18 9/23 9/25 9/30 10/2"},
		{"1997-09-01", "FREQ=WEEKLY;INTERVAL=2;UNTIL=19971224T000000Z;WKST=SU;BYDAY=MO,WE,FR", "9/1 9/3 9/5 9/15 9/17 9/19 9/29 10/1 10/3 10/13 10/15 10/17 10/27 10/29 10/31 11/10 11/12 11/14 11/24 11/26 11/28 12/8 12/10 12/12 12/22"},
		{"1997-09-05", "FREQ=MONTHLY;COUNT=4;BYDAY=1FR", "9/5 10/3 11/7 12/5"},
		{"1997-09-22", "FREQ=MONTHLY;COUNT=4;BYDAY=-2MO", "9/22 10/20 11/17 12/22"},
		{"1997-09-28", "FREQ=MONTHLY;BYMONTHDAY=-3;COUNT=4", "9/28 10/29 11/28 12/29"},
		{"1997-09-30", "FREQ=MONTHLY;COUNT=6;BYMONTHDAY=1,-1", "9/30 10/1 10/31 11/1 11/30 12/1"},
		{"1997-09-02", "FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13;COUNT=3", "2/13 3/13 11/13"},
		{"1997-09-04", "FREQ=MONTHLY;COUNT=3;BYDAY=TU,WE,TH;BYSETPOS=3", "9/4 10/7 11/6"},
		{"1997-09-29", "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-2;COUNT=4", "9/29 10/30 11/27 12/30"},
		{"1997-08-05", "FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=MO", "8/5 8/10 8/19 8/24"},
		{"1997-08-05", "FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=SU", "8/5 8/17 8/19 8/31"},
		{"1997-09-02", "freq=daily;until=19970904", "9/2 9/3 9/4"}, // not of the standard: a day is meant as a whole
	} {
		day, err := time.Parse(time.DateOnly, c.start)
		if err != nil {
			t.Fatal(err)
		}
		starts := day.Add(9 * time.Hour)
		rule, err := newRule(c.rule, starts, newYork)
		if err != nil {
			t.Errorf("%s: %v", c.rule, err)
			continue
		}
		s := series{zone: newYork, starts: starts, lasts: time.Hour, rule: rule}
		var got []string
		steps := maxSteps
		err = s.between(starts.AddDate(-1, 0, 0), starts.AddDate(3, 0, 0), &steps, func(o span) {
			if o.from.Hour() != 9 || o.until.Sub(o.from) != time.Hour {
				t.Errorf("%s: %s to %s", c.rule, o.from, o.until)
			}
			got = append(got, o.from.Format("1/2"))
		})
		if err != nil || strings.Join(got, " ") != c.want {
			t.Errorf("%s: %s, %v; want %s", c.rule, got, err, c.want)
		}
	}
}

// What is at half past two stays there in the nights in which there is no such time, or two of them, and happens once in each.
func TestARuleInTheNightsWhenTheClockIsChanged(t *testing.T) {
	for name, want := range map[string]string{
		"Europe/Berlin 2026-03-28":    "03-28T01:30 03-29T01:30 03-30T00:30",
		"Europe/Berlin 2026-10-24":    "10-24T00:30 10-25T00:30 10-26T01:30",
		"America/New_York 2026-03-07": "03-07T07:30 03-08T07:30 03-09T06:30",
		"America/New_York 2026-10-31": "10-31T06:30 11-01T07:30 11-02T07:30",
	} {
		where, day, _ := strings.Cut(name, " ")
		starts, err := parseWall(day + "T02:30")
		if err != nil {
			t.Fatal(err)
		}
		place := zone(t, where)
		rule, err := newRule("FREQ=DAILY;COUNT=3", starts, place)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		steps := maxSteps
		s := series{zone: place, starts: starts, lasts: time.Minute, rule: rule}
		if err := s.between(starts.AddDate(0, 0, -2), starts.AddDate(0, 0, 9), &steps, func(o span) { got = append(got, o.from.UTC().Format("01-02T15:04")) }); err != nil {
			t.Fatal(err)
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: %s; want %s", name, got, want)
		}
	}
}

func TestRulesThatAreRefused(t *testing.T) {
	for rule, want := range map[string]string{
		"":                                    "wrong format",
		"FREQ=FORTNIGHTLY":                    "undefined frequency",
		"BYDAY=MO":                            "FREQ is required",
		"FREQ=DAILY;FREQ=WEEKLY":              "FREQ once",
		"FREQ=MINUTELY":                       "too often",
		"FREQ=SECONDLY":                       "too often",
		"FREQ=HOURLY;INTERVAL=24;BYHOUR=6":    "BYHOUR does not go", // the library would look for ever
		"FREQ=YEARLY;BYEASTER=400":            "BYEASTER",
		"FREQ=DAILY;INTERVAL=0":               "INTERVAL",
		"FREQ=DAILY;INTERVAL=1000000":         "INTERVAL",
		"FREQ=DAILY;INTERVAL=-1":              "interval",
		"FREQ=DAILY;COUNT=0":                  "COUNT",
		"FREQ=DAILY;COUNT=2;UNTIL=20270101":   "do not go together",
		"FREQ=WEEKLY;BYDAY=1TU":               "numbered days",
		"FREQ=MONTHLY;BYDAY=53MO":             "that many weeks", // the library would look outside of its tables
		"FREQ=YEARLY;BYMONTH=2;BYDAY=-9MO":    "that many weeks",
		"FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30": "never happens",
		"FREQ=DAILY;UNTIL=20200101T000000Z":   "never happens",
		"FREQ=DAILY;BYMONTH=13":               "bymonth",
		"FREQ=DAILY;BYDAY=XX":                 "undefined weekday",
	} {
		starts := time.Date(2026, 11, 23, 5, 0, 0, 0, time.UTC)
		if got, err := newRule(rule, starts, time.UTC); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, %v; want an error with %q", rule, got, err, want)
		}
	}
}

func TestWhatRecursTooOftenIsGivenUp(t *testing.T) {
	starts := time.Date(1900, 1, 1, 0, 0, 0, 0, time.UTC)
	rule, err := newRule("FREQ=HOURLY", starts, time.UTC)
	if err != nil {
		t.Fatal(err)
	}
	s := series{zone: time.UTC, starts: starts, lasts: time.Minute, rule: rule}
	steps := maxSteps
	if err := s.between(starts.AddDate(126, 0, 0), starts.AddDate(127, 0, 0), &steps, func(span) {}); err == nil {
		t.Error("a million occurrences were looked at")
	}
}

func FuzzRule(f *testing.F) {
	for _, rule := range []string{"FREQ=WEEKLY;BYDAY=TU", "FREQ=YEARLY;BYWEEKNO=53,-53;BYDAY=MO;BYSETPOS=-1", "FREQ=HOURLY;INTERVAL=12;UNTIL=20270101T000000Z", "FREQ=MONTHLY;BYDAY=-1FR;BYHOUR=0,23"} {
		f.Add(rule)
	}
	place, err := place("America/New_York")
	if err != nil {
		f.Fatal(err)
	}
	starts := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, text string) {
		rule, err := newRule(text, starts, place)
		if err != nil {
			return
		}
		s := series{zone: place, starts: starts, lasts: time.Hour, rule: rule}
		steps, last := 10_000, time.Time{}
		_ = s.between(starts, starts.AddDate(5, 0, 0), &steps, func(o span) {
			if !o.from.After(last) {
				t.Errorf("%s after %s", o.from, last)
			}
			last = o.from
		})
	})
}
