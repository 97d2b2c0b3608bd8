package headwatch

import "time"

// State is the state of a circuit.
type State uint8

// States, with gobreaker's meaning: Open is tripped, HalfOpen is on probation after the chain came back.
const (
	StateUnknown State = iota
	Closed
	HalfOpen
	Open
)

// Level is how far up the ladder a circuit's incident is.
type Level uint8

// Rungs of the ladder. LevelNone ends an incident.
const (
	LevelNone Level = iota
	LevelWarn       // an incident is open, the chat is told
	LevelPage       // the pager rings
	LevelTrip       // the circuit opened, hooks fired
)

// Transition is one decision of one circuit. Its append to the journal IS the decision; delivery follows from it.
// From and To may be equal: a rung of the ladder, a hold, or the end of an incident that never tripped.
type Transition struct {
	Circuit string     `json:"circuit"`
	Seq     uint64     `json:"seq"` // counts up by one within a circuit, from 1, over restarts
	From    State      `json:"from"`
	To      State      `json:"to"`
	At      time.Time  `json:"at"`
	Level   Level      `json:"level"` // of the incident after this decision
	Cause   Assessment `json:"cause"`
	Actor   string     `json:"actor"`            // Watchdog, or the name of the operator
	Reason  string     `json:"reason,omitempty"` // the operator's; empty for the watchdog's own decisions

	Incident  string    `json:"incident,omitempty"`  // the incident this belongs to; empty when none is open (a hold on a quiet circuit)
	Since     time.Time `json:"since"`               // when To was entered; a rung of the ladder leaves it alone
	Latched   bool      `json:"latched,omitempty"`   // stays open until a named person resets it
	HeldUntil time.Time `json:"held_until,omitzero"` // no automatic change of state before; zero when not held

	Told  bool   `json:"told,omitempty"`  // Incident is of what the circuit only tells of: it never trips
	Aside *Aside `json:"aside,omitempty"` // the incident of the other kind that is open beside; nil for none
}

// Aside is where the other of a circuit's two incidents stands: one is of what it trips on, one of what it only tells of.
type Aside struct {
	Incident string `json:"incident"`
	Level    Level  `json:"level"`
}

// Watchdog is the Actor of a decision that no person took.
const Watchdog = "headwatch"

// Configuration is the Actor of the end of an incident whose circuit was taken out of the configuration. Hooks are not told of it.
const Configuration = "configuration"

// Standing gives a circuit's two incidents as a decision left them: that of what trips, and that of what is only told; zero
// where none is open.
func (t *Transition) Standing() (on, tell Aside) {
	if t.Level != LevelNone {
		on = Aside{t.Incident, t.Level}
	}
	if t.Aside != nil {
		tell = *t.Aside
	}
	if t.Told {
		on, tell = tell, on
	}
	return on, tell
}
