package backtest

import (
	"cmp"
	"fmt"
	"time"

	"headwatch"
	"headwatch/config"
)

const (
	defaultEarly     = config.Duration(time.Second) // timestamps are whole seconds
	defaultTolerance = config.Duration(5 * time.Second)
)

// Expectation is one outage as one circuit must tell it. What is not expected must not happen: no warning, page or trip
// outside of the outages, and no rung above the highest that is expected.
type Expectation struct {
	Circuit   string          `toml:"circuit"`
	Began     time.Time       `toml:"began"`     // the true start, by the evidence
	Grace     config.Duration `toml:"grace"`     // until the trouble is one by the condition's own limit, as safe_lag; the thresholds count from there
	Reach     headwatch.Level `toml:"reach"`     // the highest rung; none says that nothing may happen, and why is in the scenario's text
	Early     config.Duration `toml:"early"`     // how much before its instant a rung may be reached; default 1s
	Tolerance config.Duration `toml:"tolerance"` // how late a rung may be; default 5s
	Live      time.Time       `toml:"live"`      // when the trouble was truly over; zero: not before the end
	Settle    config.Duration `toml:"settle"`    // how long after recover_after the circuit may take to close; default 10s
}

// Verdict is what one circuit made of one outage.
type Verdict struct {
	Circuit  string          `json:"circuit"`
	Began    time.Time       `json:"began"`
	Expected headwatch.Level `json:"expected"`
	Reached  headwatch.Level `json:"reached"`
	Warn     *Seconds        `json:"warn_s,omitempty"` // after Began
	Page     *Seconds        `json:"page_s,omitempty"`
	Trip     *Seconds        `json:"trip_s,omitempty"`
	Closed   *Seconds        `json:"closed_s,omitempty"` // after Live
	Grace    Seconds         `json:"grace_s,omitempty"`  // of these, what the condition's own limit takes
	Missed   int             `json:"missed_trips"`
	False    int             `json:"false_trips"`
	Wrong    []string        `json:"wrong,omitempty"` // every way in which it is not as expected, in words
}

// Seconds is a duration as a scorecard shows it.
type Seconds float64

func secondsOf(d time.Duration) *Seconds { s := Seconds(d.Seconds()); return &s }

func (v *Verdict) wrong(format string, args ...any) {
	v.Wrong = append(v.Wrong, fmt.Sprintf(format, args...))
}

// history is what one circuit decided.
type history []headwatch.Transition

// rises reports whether the i-th decision made matters worse: a higher rung of its own incident, or an open circuit.
func (h history) rises(i int) bool {
	var on, tell headwatch.Aside
	if i > 0 {
		on, tell = h[i-1].Standing()
	}
	before := on.Level
	if h[i].Told {
		before = tell.Level
	}
	return h[i].Level > before || opens(h[i])
}

func opens(t headwatch.Transition) bool {
	return t.To == headwatch.Open && t.From != headwatch.Open
}

// at gives the newest decision as of an instant; the zero Transition before the first.
func (h history) at(now time.Time) headwatch.Transition {
	var last headwatch.Transition
	for _, t := range h {
		if t.At.After(now) {
			break
		}
		last = t
	}
	return last
}

// reaches gives the first instant from from to until at which the circuit is on a rung or above.
func (h history) reaches(level headwatch.Level, from, until time.Time) (time.Time, bool) {
	if h.at(from).Level >= level {
		return from, true
	}
	for _, t := range h {
		if t.Level >= level && !t.At.Before(from) && !t.At.After(until) {
			return t.At, true
		}
	}
	return time.Time{}, false
}

// judge holds one circuit's decisions against what is expected of it, outage by outage. A last Verdict is about what
// happened outside of them, if anything did.
func (h history) judge(c config.Circuit, name string, expected []Expectation, end time.Time) []Verdict {
	var verdicts []Verdict
	explained := make([]bool, len(h))
	for _, e := range expected {
		if e.Circuit == name {
			verdicts = append(verdicts, h.outage(e, c, explained, end))
		}
	}
	outside := Verdict{Circuit: name}
	for i, t := range h {
		if explained[i] || !h.rises(i) {
			continue
		}
		if opens(t) {
			outside.False++
		}
		outside.Began, outside.Reached = t.At, max(outside.Reached, t.Level)
		outside.wrong("%s at %s, where nothing was expected", t.Level, t.At.UTC().Format(time.DateTime))
	}
	if len(outside.Wrong) > 0 || len(verdicts) == 0 {
		verdicts = append(verdicts, outside)
	}
	return verdicts
}

// outage judges one outage and marks the decisions that belong to it.
func (h history) outage(e Expectation, c config.Circuit, explained []bool, end time.Time) Verdict {
	v := Verdict{Circuit: e.Circuit, Began: e.Began, Expected: e.Reach, Grace: *secondsOf(e.Grace.D())}
	over := end
	if !e.Live.IsZero() {
		over = e.Live.Add((c.RecoverAfter + cmp.Or(e.Settle, 2*defaultTolerance)).D())
	}
	trips := 0
	for i, t := range h {
		if t.At.Before(e.Began) || t.At.After(over) {
			continue
		}
		explained[i] = true
		v.Reached = max(v.Reached, t.Level)
		if opens(t) && t.From == headwatch.Closed {
			trips++
		}
		if h.rises(i) && t.Level > e.Reach {
			v.wrong("%s after %s", t.Level, t.At.Sub(e.Began).Round(time.Second))
		}
	}
	v.Reached = max(v.Reached, h.at(e.Began).Level)
	if most := min(1, int(e.Reach/headwatch.LevelTrip)); trips > most {
		v.False = trips - most
		v.wrong("%d trips, %d expected", trips, most)
	}
	for _, rung := range []struct {
		level headwatch.Level
		after config.Duration
		at    **Seconds
	}{{headwatch.LevelWarn, c.WarnAfter, &v.Warn}, {headwatch.LevelPage, c.PageAfter, &v.Page}, {headwatch.LevelTrip, c.TripAfter, &v.Trip}} {
		at, reached := h.reaches(rung.level, e.Began, over)
		if reached {
			*rung.at = secondsOf(at.Sub(e.Began))
		}
		if rung.level > e.Reach {
			continue
		}
		due := e.Began.Add((e.Grace + rung.after).D())
		switch {
		case !reached:
			v.wrong("no %s", rung.level)
			if rung.level == headwatch.LevelTrip {
				v.Missed++
			}
		case at.Before(due.Add(-cmp.Or(e.Early, defaultEarly).D())) && at.After(e.Began):
			v.wrong("%s %s before it was due", rung.level, due.Sub(at).Round(time.Second))
			if rung.level == headwatch.LevelTrip {
				v.False++
			}
		case at.After(due.Add(cmp.Or(e.Tolerance, defaultTolerance).D())):
			v.wrong("%s %s late", rung.level, at.Sub(due).Round(time.Second))
		}
	}
	if v.Reached > headwatch.LevelNone {
		h.closing(&v, e, over)
	}
	return v
}

// closing judges the end of an outage: not before the chain was truly back, and soon after recover_after.
func (h history) closing(v *Verdict, e Expectation, over time.Time) {
	reached := false
	for _, t := range h {
		if t.At.Before(e.Began) || t.At.After(over) {
			continue
		}
		over := t.To == headwatch.Closed && t.Level == headwatch.LevelNone
		switch {
		case !over:
			reached = true
		case !reached:
		case e.Live.IsZero() || t.At.Before(e.Live):
			v.wrong("closed after %s, while the trouble lasted", t.At.Sub(e.Began).Round(time.Second))
		case v.Closed == nil:
			v.Closed = secondsOf(t.At.Sub(e.Live))
		}
	}
	if !e.Live.IsZero() && v.Closed == nil {
		v.wrong("not closed %s after the chain was back", over.Sub(e.Live).Round(time.Second))
	}
}
