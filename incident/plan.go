package incident

import (
	"time"

	"headwatch"
)

// Plan says who is told about a circuit, and of what.
type Plan struct {
	On     []headwatch.Condition // what the circuit trips on
	Tell   []headwatch.Condition // what it only tells of
	Hooks  []string              // follow the circuit's state: trip, recover, relapse, resolve
	Known  []string              // all hooks that there are: one that was told of a trip follows the state, though the circuit has it no longer
	Alerts []Channel             // told of every rung from theirs on, at once
	Policy *Policy               // who else is told while nobody acknowledges; nil for nobody

	Recovers  time.Duration     // how long the chain must be well before an incident of the circuit is over
	L1        string            // of the circuit's chain; empty when that is one
	Operators map[string]string // of the endpoints of the circuit's chain, by endpoint
}

// Channel is an alert channel and the lowest rung of the ladder that is told on it.
type Channel struct {
	Name string
	From headwatch.Level
}

// Policy is an [[escalation]] of the configuration.
type Policy struct {
	Name   string
	AckFor time.Duration // how long an acknowledgement holds that says nothing of it
	Steps  []PolicyStep
}

// PolicyStep is one step of it.
type PolicyStep struct {
	Tell    []string // alert channels, people, rotas
	From    headwatch.Level
	After   time.Duration // since the incident came to From
	Every   time.Duration // 0 = once
	During  string        // only within these hours; empty = always
	Outside string        // only outside of these; empty = always
}

// Roster knows people, rotas and hours. It is asked only by Due, never while an event is folded in: what it said is in the event.
type Roster interface {
	// Reach gives the alert channels behind the names of a step at an instant, and the people who are on call for it; both sorted,
	// without doubles. Where a rota has nobody it gives the channels of everybody in it: a page fails open.
	Reach(tell []string, at time.Time) (channels, people []string)
	// Within reports whether an instant is within hours.
	Within(hours string, at time.Time) bool
	// Next gives the first instant after at when Within changes its answer for these hours; zero for never.
	Next(hours string, at time.Time) time.Time
}
