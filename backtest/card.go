package backtest

import (
	"time"

	"headwatch"
)

// Card is the scorecard of one variant.
type Card struct {
	Variant   string   `json:"variant,omitempty"`
	Days      int      `json:"quiet_days"`
	Scenarios []Result `json:"scenarios"`
	Quiet     []Quiet  `json:"quiet"`
}

// Result is one scenario as it was judged.
type Result struct {
	Name         string    `json:"name"`
	Class        string    `json:"class"`
	Incident     string    `json:"incident,omitempty"`
	Title        string    `json:"title"`
	Sources      []string  `json:"sources,omitempty"`
	Sourced      string    `json:"sourced"`
	Simulated    string    `json:"simulated"`
	Verdicts     []Verdict `json:"verdicts"`
	Paged        *Seconds  `json:"operators_paged_s,omitempty"` // after the first outage began
	Public       *Seconds  `json:"public_s,omitempty"`          // first word on the chain's public status page, likewise
	Observations int       `json:"observations"`
	Wrong        []string  `json:"wrong,omitempty"` // why it could not be played
}

// Quiet is what was told on the quiet days of one profile.
type Quiet struct {
	Profile      string   `json:"profile"`
	Like         []string `json:"like,omitempty"`
	Layer1       bool     `json:"layer1,omitempty"`
	Warns        int      `json:"warns"`
	Pages        int      `json:"pages"`
	Trips        int      `json:"false_trips"`
	Observations int      `json:"observations"`
	Wrong        []string `json:"wrong,omitempty"`
}

// Totals is a card in one line.
type Totals struct {
	Scenarios    int `json:"scenarios"`
	Failed       int `json:"failed"` // not as expected in any way
	Expected     int `json:"expected_trips"`
	Missed       int `json:"missed_trips"`
	False        int `json:"false_trips"`       // in scenarios
	QuietFalse   int `json:"quiet_false_trips"` // on quiet days
	QuietPages   int `json:"quiet_pages"`
	Observations int `json:"observations"`
}

// Totals adds up a card.
func (c *Card) Totals() Totals {
	t := Totals{Scenarios: len(c.Scenarios)}
	for i := range c.Scenarios {
		r := &c.Scenarios[i]
		t.Observations += r.Observations
		for _, v := range r.Verdicts {
			t.Missed += v.Missed
			t.False += v.False
			if v.Expected == headwatch.LevelTrip {
				t.Expected++
			}
		}
		if !r.OK() {
			t.Failed++
		}
	}
	for _, q := range c.Quiet {
		t.QuietFalse += q.Trips
		t.QuietPages += q.Pages
		t.Observations += q.Observations
		if len(q.Wrong) > q.Trips {
			t.Failed++
		}
	}
	return t
}

// OK reports whether everything was as expected.
func (r *Result) OK() bool {
	for _, v := range r.Verdicts {
		if len(v.Wrong) > 0 {
			return false
		}
	}
	return len(r.Wrong) == 0
}

// OK reports whether every scenario was as expected and no quiet day tripped.
func (c *Card) OK() bool {
	t := c.Totals()
	return t.Failed == 0 && t.QuietFalse == 0
}

// score holds what was decided against what the scenario expects.
func (s *Scenario) score(played outcome) Result {
	r := Result{
		Name: s.Name, Class: s.Class, Incident: s.Incident, Title: s.Title, Sources: s.Sources, Sourced: s.Sourced,
		Simulated: s.Simulated, Observations: played.observations,
	}
	if len(s.Expect) > 0 {
		r.Paged, r.Public = after(s.Expect[0].Began, s.Paged), after(s.Expect[0].Began, s.Public)
	}
	if played.err != nil {
		r.Wrong = append(r.Wrong, played.err.Error())
		for _, e := range s.Expect {
			v := Verdict{Circuit: e.Circuit, Began: e.Began, Expected: e.Reach}
			if e.Reach == headwatch.LevelTrip {
				v.Missed++
			}
			r.Verdicts = append(r.Verdicts, v)
		}
		return r
	}
	for _, g := range s.Circuits {
		h := history(played.decided[g.Name])
		r.Verdicts = append(r.Verdicts, h.judge(played.circuits[g.Name], g.Name, s.Expect, s.End)...)
	}
	return r
}

func after(began, at time.Time) *Seconds {
	if at.IsZero() {
		return nil
	}
	return secondsOf(at.Sub(began))
}
