package main

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

func leaseOf(state string, seq uint64, validUntil time.Time) message {
	return message{"lease", fmt.Sprintf(`{"schema":"headwatch.signal/v1","circuit":"lending","state":%q,"seq":%d,"valid_until":%q}`,
		state, seq, validUntil.Format(time.RFC3339Nano))}
}

func TestOnlyAFreshClosedLeaseOpensTheGate(t *testing.T) {
	start := time.Now()
	at := func(seconds float64) time.Time { return start.Add(time.Duration(seconds * float64(time.Second))) }
	open := message{"transition", `{"circuit":"lending","to":"open","seq":6}`}
	for name, tc := range map[string]struct {
		heard []message // one a second, from second 0 on
		at    float64
		want  string // a part of the refusal, "" for none
	}{
		"nothing":                             {nil, 0, "no lease"},
		"closed":                              {[]message{leaseOf("closed", 5, at(30))}, 1, ""},
		"closed, just before its end":         {[]message{leaseOf("closed", 5, at(30))}, 27.9, ""},
		"closed, at its end less the skew":    {[]message{leaseOf("closed", 5, at(30))}, 28, "ran out"},
		"renewed":                             {[]message{leaseOf("closed", 5, at(30)), leaseOf("closed", 5, at(31))}, 28.5, ""},
		"repeated, not renewed":               {[]message{leaseOf("closed", 5, at(2.5)), leaseOf("closed", 5, at(2.5))}, 1, "ran out"},
		"heard after its end":                 {[]message{leaseOf("closed", 5, at(-1))}, 0, "no lease"},
		"open":                                {[]message{leaseOf("open", 5, at(30))}, 1, `"open"`},
		"half open":                           {[]message{leaseOf("half_open", 5, at(30))}, 1, `"half_open"`},
		"unknown":                             {[]message{leaseOf("unknown", 0, time.Time{})}, 1, `"unknown"`},
		"a state of later versions":           {[]message{leaseOf("shut", 5, at(30))}, 1, `"shut"`},
		"open, then a stale closed":           {[]message{leaseOf("open", 6, at(30)), leaseOf("closed", 5, at(29))}, 2, `"open"`},
		"open, then the same instant closed":  {[]message{leaseOf("open", 6, at(30)), leaseOf("closed", 7, at(30))}, 2, `"open"`},
		"open, then a fresh closed":           {[]message{leaseOf("open", 6, at(30)), leaseOf("closed", 8, at(31))}, 2, ""},
		"closed, then open with an older end": {[]message{leaseOf("closed", 5, at(30)), leaseOf("open", 6, at(29))}, 2, `"open"`},
		"a transition stops":                  {[]message{leaseOf("closed", 5, at(30)), open}, 2, `"open"`},
		"and a lease from before it is stale": {[]message{leaseOf("closed", 5, at(30)), open, leaseOf("closed", 5, at(32))}, 3, `"open"`},
		"until a lease that knows of it":      {[]message{leaseOf("closed", 5, at(30)), open, leaseOf("closed", 7, at(32))}, 3, ""},
		"an old transition is read again":     {[]message{leaseOf("closed", 7, at(30)), open}, 2, ""},
		"a transition to closed starts nothing": {
			[]message{leaseOf("open", 6, at(30)), {"transition", `{"circuit":"lending","to":"closed","seq":8}`}}, 2, `"open"`,
		},
		"no JSON":           {[]message{leaseOf("closed", 5, at(30)), {"lease", "<html>"}}, 2, "cannot be read"},
		"another schema":    {[]message{leaseOf("closed", 5, at(30)), {"lease", `{"schema":"headwatch.signal/v2","circuit":"lending"}`}}, 2, "cannot be read"},
		"another circuit":   {[]message{leaseOf("closed", 5, at(30)), {"lease", strings.Replace(leaseOf("open", 6, at(31)).data, "lending", "perps", 1)}}, 2, ""},
		"valid for a year":  {[]message{leaseOf("closed", 5, at(365*24*3600))}, 1, "clocks"},
		"a refusal":         {[]message{leaseOf("closed", 5, at(30)), {"refusal", "headwatch answers 503"}}, 2, "503"},
		"after the refusal": {[]message{leaseOf("closed", 5, at(30)), {"refusal", "headwatch answers 503"}, leaseOf("closed", 5, at(32))}, 3, ""},
	} {
		g := newGate("lending", 2*time.Second)
		for i, m := range tc.heard {
			g.hear(m, at(float64(i)))
		}
		got, why := g.open(at(tc.at))
		if got != (tc.want == "") || !strings.Contains(why, tc.want) {
			t.Errorf("%s: %t, %q; want %q", name, got, why, tc.want)
		}
	}
}

// Neither clock alone may keep the gate open: one can be set back, the other stands still while the machine sleeps.
func TestBothClocksMustSayThatTheLeaseHolds(t *testing.T) {
	now := time.Now()
	g := newGate("lending", 0)
	g.hear(leaseOf("closed", 5, now.Round(0).Add(30*time.Second)), now)
	if ok, why := g.open(now.Add(29 * time.Second)); !ok {
		t.Error(why)
	}
	slept, setBack := *g, *g
	slept.until = slept.until.Add(time.Hour) // as if the monotonic clock had stood still for an hour
	if ok, _ := slept.open(now.Add(31 * time.Second)); ok {
		t.Error("open after the wall clock's time")
	}
	setBack.newest = setBack.newest.Add(time.Hour) // as if the wall clock had been set back by an hour
	if ok, _ := setBack.open(now.Add(31 * time.Second)); ok {
		t.Error("open after the monotonic clock's time")
	}
}
