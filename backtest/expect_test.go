package backtest

import (
	"strings"
	"testing"
	"time"

	"headwatch"
	"headwatch/config"
)

// decisions are written as "SECONDS STATE LEVEL" after start.
func decisions(t *testing.T, lines ...string) history {
	t.Helper()
	var h history
	from := headwatch.Closed
	for _, line := range lines {
		f := strings.Fields(line)
		d, err := time.ParseDuration(f[0] + "s")
		if err != nil {
			t.Fatal(err)
		}
		tr := headwatch.Transition{Circuit: "c", At: start.Add(d), From: from}
		if err := tr.To.UnmarshalText([]byte(f[1])); err != nil {
			t.Fatal(err)
		}
		if err := tr.Level.UnmarshalText([]byte(f[2])); err != nil {
			t.Fatal(err)
		}
		from = tr.To
		h = append(h, tr)
	}
	return h
}

func TestExpectations(t *testing.T) {
	ladder := config.Circuit{
		Name: "c", WarnAfter: config.Duration(30 * time.Second), PageAfter: config.Duration(time.Minute), TripAfter: config.Duration(2 * time.Minute),
		RecoverAfter: config.Duration(5 * time.Minute),
	}
	at := func(seconds int) time.Time { return start.Add(time.Duration(seconds) * time.Second) }
	outage := Expectation{Circuit: "c", Began: at(100), Reach: headwatch.LevelTrip, Live: at(1000)}
	asExpected := []string{"131 closed warn", "161 closed page", "221 open trip", "1002 half_open trip", "1302 closed none"}
	for _, test := range []struct {
		name        string
		expected    []Expectation
		decided     []string
		wrong       string // of all verdicts, joined
		missed, bad int
	}{
		{"as expected", []Expectation{outage}, asExpected, "", 0, 0},
		{"nothing on a quiet day", nil, nil, "", 0, 0},
		{"missed", []Expectation{outage}, nil, "no warn; no page; no trip", 1, 0},
		{"late", []Expectation{outage}, []string{"131 closed warn", "161 closed page", "240 open trip", "1302 closed none"}, "trip 20s late", 0, 0},
		{"too early", []Expectation{outage}, []string{"131 closed warn", "161 closed page", "200 open trip", "1302 closed none"}, "trip 20s before it was due", 0, 1},
		{"before the outage", []Expectation{outage}, append([]string{"40 closed warn", "50 closed none"}, asExpected...), "warn at 2026-05-01 00:00:40, where nothing was expected", 0, 0},
		{"after the outage", []Expectation{outage}, append(asExpected, "2000 open trip"), "trip at 2026-05-01 00:33:20, where nothing was expected", 0, 1},
		{
			"twice within it",
			[]Expectation{outage},
			[]string{"131 closed warn", "161 closed page", "221 open trip", "500 closed none", "700 open trip", "1302 closed none"},
			"2 trips, 1 expected; closed after 6m40s, while the trouble lasted", 0, 1,
		},
		{"a relapse is the same trip", []Expectation{outage}, []string{"131 closed warn", "161 closed page", "221 open trip", "500 half_open trip", "600 open trip", "1302 closed none"}, "", 0, 0},
		{"never closed", []Expectation{outage}, asExpected[:4], "not closed 5m10s after the chain was back", 0, 0},
		{"closed late", []Expectation{outage}, append(asExpected[:4:4], "1400 closed none"), "not closed 5m10s after the chain was back", 0, 0},
		{"only a page is due", []Expectation{{Circuit: "c", Began: at(100), Reach: headwatch.LevelPage, Live: at(1000)}}, asExpected, "trip after 2m1s; 1 trips, 0 expected", 0, 1},
		{"nothing may be told", []Expectation{{Circuit: "c", Began: at(100), Reach: headwatch.LevelNone}}, []string{"131 closed warn"}, "warn after 31s", 0, 0},
		{"the condition's own limit counts first", []Expectation{{Circuit: "c", Began: at(0), Grace: config.Duration(100 * time.Second), Reach: headwatch.LevelTrip, Live: at(1000)}}, asExpected, "", 0, 0},
		{"an outage without an end", []Expectation{{Circuit: "c", Began: at(100), Reach: headwatch.LevelTrip}}, asExpected[:3], "", 0, 0},
		{"closed in an outage without an end", []Expectation{{Circuit: "c", Began: at(100), Reach: headwatch.LevelTrip}}, asExpected, "closed after 20m2s, while the trouble lasted", 0, 0},
		{"of another circuit", []Expectation{{Circuit: "other", Began: at(100), Reach: headwatch.LevelTrip}}, nil, "", 0, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			var wrong []string
			missed, bad := 0, 0
			for _, v := range decisions(t, test.decided...).judge(ladder, "c", test.expected, at(3000)) {
				wrong = append(wrong, v.Wrong...)
				missed += v.Missed
				bad += v.False
			}
			if got := strings.Join(wrong, "; "); got != test.wrong || missed != test.missed || bad != test.bad {
				t.Errorf("got %q, %d missed, %d false; want %q, %d, %d", got, missed, bad, test.wrong, test.missed, test.bad)
			}
		})
	}
}

func TestSecondsCountFromTheTrueStart(t *testing.T) {
	e := Expectation{Circuit: "c", Began: start.Add(100 * time.Second), Reach: headwatch.LevelTrip, Live: start.Add(1000 * time.Second)}
	c := config.Circuit{RecoverAfter: config.Duration(5 * time.Minute)}
	h := decisions(t, "131 closed warn", "161 closed page", "221 open trip", "1302 closed none")
	v := h.judge(c, "c", []Expectation{e}, start.Add(time.Hour))[0]
	if *v.Warn != 31 || *v.Page != 61 || *v.Trip != 121 || *v.Closed != 302 {
		t.Errorf("got %v %v %v %v", *v.Warn, *v.Page, *v.Trip, *v.Closed)
	}
}
