package headwatch

import "time"

// Outcome is how the delivery of a notice ended.
type Outcome string

// Outcomes of a delivery.
const (
	Delivered Outcome = "delivered"
	DryRun    Outcome = "dry_run"   // nothing was sent; Detail shows what would have been
	Coalesced Outcome = "coalesced" // trigger and resolve were both late and cancelled out
	Refused   Outcome = "refused"   // the receiver said that it will never take it
	Withheld  Outcome = "withheld"  // nothing was sent: vetoed, switched off, beyond the budget, or needless
)

// Delivery is the end of one notice on one channel, as the journal keeps it.
type Delivery struct {
	Incident string        `json:"incident"`
	Step     uint64        `json:"step"`
	Kind     StepKind      `json:"kind"`
	Channel  string        `json:"channel"`
	Outcome  Outcome       `json:"outcome"`
	Attempts int           `json:"attempts"`
	Decided  time.Time     `json:"decided"`
	At       time.Time     `json:"at"`
	Took     time.Duration `json:"took_ns"`          // of the last attempt
	Detail   string        `json:"detail,omitempty"` // answer or bounded output; no secret
}

// Event is one entry of the journal. Exactly one of the pointers is set.
type Event struct {
	Seq        uint64      `json:"seq"` // position in the journal; a subscriber resumes after it
	At         time.Time   `json:"at"`  // when the journal took it
	Transition *Transition `json:"transition,omitempty"`
	Action     *Action     `json:"action,omitempty"` // a person's or a calendar's action that is no transition
	Notice     *Notice     `json:"notice,omitempty"`
	Delivery   *Delivery   `json:"delivery,omitempty"`
	Report     *Report     `json:"report,omitempty"`
	Escalation *Escalation `json:"escalation,omitempty"`
}
