package headwatch

import "time"

// ActionKind names what an operator may do to a circuit.
type ActionKind string

// Actions of an operator.
const (
	ActionTrip  ActionKind = "trip"
	ActionReset ActionKind = "reset"
	ActionHold  ActionKind = "hold"
	ActionAck   ActionKind = "ack"

	// On one hook of an open incident, while it may still be vetoed.
	ActionVeto    ActionKind = "veto"    // it must not fire for this incident
	ActionApprove ActionKind = "approve" // it need not wait any longer

	// On one hook while its circuits are closed.
	ActionResume ActionKind = "resume" // what it did is taken back, by the signer that is there for it
)

// Action is an operator's order. Actor and Reason are mandatory and end up in the journal.
type Action struct {
	Kind     ActionKind    `json:"kind"`
	Circuit  string        `json:"circuit"`
	Hook     string        `json:"hook,omitempty"`     // veto, approve and resume only
	Incident string        `json:"incident,omitempty"` // the one that is acknowledged
	Actor    string        `json:"actor"`
	Reason   string        `json:"reason"`
	For      time.Duration `json:"for_ns,omitempty"` // hold only
	At       time.Time     `json:"at"`
}
