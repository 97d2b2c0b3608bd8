package incident

import (
	"slices"
	"time"

	"headwatch"
)

// maxTellings bounds what Suppose gives.
const maxTellings = 200

// Supposition is an outage that begins and does not end, and that nobody acknowledges.
type Supposition struct {
	Circuit, Chain string
	Condition      headwatch.Condition
	Begins         time.Time
	Ladder         []Rung // the lowest first
	Until          time.Time
	Silences       []headwatch.Silence
}

// Rung is when a circuit comes to a level.
type Rung struct {
	Level headwatch.Level
	At    time.Time
}

// Telling is who would be told of one step, and when.
type Telling struct {
	At       time.Time          `json:"at"`
	Kind     headwatch.StepKind `json:"kind"`
	Level    headwatch.Level    `json:"level"` // of the incident
	Hooks    []string           `json:"hooks,omitempty"`
	Channels []string           `json:"channels,omitempty"`
	OnCall   []string           `json:"on_call,omitempty"`
	Held     []string           `json:"held,omitempty"`    // channels and hooks that would hear of it but for a silence
	Silence  string             `json:"silence,omitempty"` // which
	Policy   string             `json:"policy,omitempty"`  // of an escalation: which,
	Step     int                `json:"step,omitempty"`    // which of its steps, from 0,
	Round    int                `json:"round,omitempty"`   // and how often the step was told before
	Why      string             `json:"why,omitempty"`
}

// Suppose says who would be told what and when, in order: a Book of its own is told of the outage. It knows nothing of incidents that
// are open; the first 200 steps are given.
func Suppose(plan func(circuit string) Plan, roster Roster, s Supposition) []Telling {
	o := &outlook{plan: plan(s.Circuit), book: NewBook(plan), now: s.Begins}
	o.book.Consult(roster)
	for _, silence := range s.Silences {
		o.apply(headwatch.Event{Action: &headwatch.Action{Kind: headwatch.ActionSilence, At: silence.Starts, Silence: &silence}})
	}
	last := headwatch.Transition{Circuit: s.Circuit, To: headwatch.Closed}
	for i, rung := range s.Ladder {
		o.wait(rung.At)
		t := headwatch.Transition{
			Circuit: s.Circuit, Seq: uint64(i + 1), From: last.To, To: last.To, At: rung.At, Level: rung.Level, Actor: headwatch.Watchdog,
			Incident: s.Circuit, Told: !slices.Contains(o.plan.On, s.Condition), Cause: headwatch.Assessment{
				Chain: s.Chain, At: rung.At, Phase: headwatch.Stalled, Findings: []headwatch.Finding{{Condition: s.Condition, Since: s.Begins}},
			},
		}
		if rung.Level == headwatch.LevelTrip {
			t.To = headwatch.Open
		}
		last = t
		o.apply(headwatch.Event{Transition: &t})
	}
	o.wait(s.Until)
	return o.tellings
}

// outlook is a supposition as far as it is thought through.
type outlook struct {
	plan     Plan
	book     *Book
	now      time.Time
	seq      uint64
	tellings []Telling
}

// wait lets the time pass.
func (o *outlook) wait(until time.Time) {
	for len(o.tellings) < maxTellings {
		next := o.book.Next(o.now)
		if next.IsZero() || next.After(until) {
			return
		}
		o.now = next
		for _, e := range o.book.Due(next) {
			o.apply(headwatch.Event{Escalation: &e})
		}
	}
}

func (o *outlook) apply(e headwatch.Event) {
	o.seq++
	e.Seq = o.seq
	notices := o.book.Apply(e)
	incidents := o.book.Incidents()
	if len(incidents) == 0 || len(o.tellings) == maxTellings {
		return
	}
	i := incidents[0]
	line := i.Steps[len(i.Steps)-1]
	t := Telling{At: line.At, Kind: line.Kind, Level: i.Level, Silence: i.Silenced, Why: line.Reason}
	if x := e.Transition; x != nil {
		o.now = x.At
		t.At, t.Kind = x.At, kindOf(*x)
	}
	if x := e.Escalation; x != nil {
		t.At, t.Kind, t.OnCall, t.Policy, t.Step, t.Round, t.Why = x.At, x.Kind, x.OnCall, x.Policy, x.Step, x.Round, x.Why
	}
	for _, n := range notices {
		if slices.Contains(o.plan.Hooks, n.Channel) {
			t.Hooks = append(t.Hooks, n.Channel)
		} else {
			t.Channels = append(t.Channels, n.Channel)
		}
	}
	if e.Transition != nil {
		t.Held = o.book.withheld(i.ID)
	}
	o.tellings = append(o.tellings, t)
}

// withheld gives the channels and hooks that a silence keeps from hearing of an open incident.
func (b *Book) withheld(id string) []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	r := b.open[id]
	var held []string
	if r.Silenced != "" {
		held = b.owed(r)
	}
	if r.unfired {
		held = append(held, b.plan(r.Circuit).Hooks...)
	}
	return held
}
