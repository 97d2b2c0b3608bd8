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

	// On what people are told.
	ActionNote      ActionKind = "note"      // Reason is added to the timeline of an incident, open or over
	ActionSilence   ActionKind = "silence"   // Silence begins, or replaces the one of the same id
	ActionUnsilence ActionKind = "unsilence" // the silence with the id of Silence ends now
)

// Action is an operator's order. Actor and Reason are mandatory and end up in the journal.
type Action struct {
	Kind     ActionKind    `json:"kind"`
	Circuit  string        `json:"circuit"`
	Hook     string        `json:"hook,omitempty"`     // veto, approve and resume only
	Incident string        `json:"incident,omitempty"` // the one that is acknowledged or noted
	Actor    string        `json:"actor"`
	Reason   string        `json:"reason"`
	For      time.Duration `json:"for_ns,omitempty"` // hold; ack: how long it holds, 0 for as long as the escalation says
	Via      string        `json:"via,omitempty"`    // how it came, when not over the API: "link", or the name of the channel
	Silence  *Silence      `json:"silence,omitempty"`
	At       time.Time     `json:"at"`
}
