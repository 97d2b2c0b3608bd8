package headwatch

import "time"

// Incident is everything about one outage of one circuit, from the first warning to the resolve.
type Incident struct {
	ID       string    `json:"id"`
	Circuit  string    `json:"circuit"`
	Chain    string    `json:"chain"`
	Opened   time.Time `json:"opened"`
	Since    time.Time `json:"since"`             // when what caused it began
	Resolved time.Time `json:"resolved,omitzero"` // zero while it is open
	Level    Level     `json:"level"`             // now
	Peak     Level     `json:"peak"`
	Relapses int       `json:"relapses"` // how often the circuit fell back from half-open
	AckedBy  string    `json:"acked_by,omitempty"`
	AckedAt  time.Time `json:"acked_at,omitzero"`
	Steps    []Step    `json:"steps"`
}

// Step is one line of an incident's timeline.
type Step struct {
	Seq    uint64    `json:"seq"` // of the transition; 0 for an acknowledgement and a report
	At     time.Time `json:"at"`
	Kind   StepKind  `json:"kind"`
	Level  Level     `json:"level"`
	Actor  string    `json:"actor"`
	Reason string    `json:"reason,omitempty"`
	Report *Report   `json:"report,omitempty"` // of a StepHook; nobody changes it
}

// StepKind says what a step of an incident means to the people and programs that are told.
type StepKind string

// Steps of an incident.
const (
	StepWarn    StepKind = "warn"
	StepPage    StepKind = "page"
	StepTrip    StepKind = "trip"
	StepRecover StepKind = "recover" // half-open: the chain is back, on probation
	StepRelapse StepKind = "relapse" // open again within the recovery; the same incident goes on
	StepResolve StepKind = "resolve" // over
	StepAck     StepKind = "ack"     // a named person has it in hand
	StepHold    StepKind = "hold"    // a named person forbade automatic changes for a while
	StepHook    StepKind = "hook"    // a hook reports what it achieved; told to people only
)

// Notice is one thing to be told to one hook or alert channel. It is an event of the journal; its subject is unique, so
// it exists once, however often the process dies between deciding and telling.
type Notice struct {
	Incident    string     `json:"incident"`
	Step        uint64     `json:"step"` // orders the notices of an incident; unique with Incident and Channel
	Kind        StepKind   `json:"kind"`
	Channel     string     `json:"channel"`   // name of the hook or alert channel
	DedupKey    string     `json:"dedup_key"` // the same for all notices of an incident, and over all retries
	Opened      time.Time  `json:"opened"`
	Since       time.Time  `json:"since"`             // when what caused the incident began
	Trigger     *Trigger   `json:"trigger,omitempty"` // what that was; nil when a person began it
	Transition  Transition `json:"transition"`
	Peak        Level      `json:"peak"`
	Relapses    int        `json:"relapses,omitempty"`    // so far
	Unjournaled bool       `json:"unjournaled,omitempty"` // told although the journal refused the decision
	Report      *Report    `json:"report,omitempty"`      // of a StepHook; nil for every other kind
}

// Trigger is the finding that an incident began with, without what changes while it holds.
type Trigger struct {
	Condition Condition `json:"condition"`
	Endpoint  string    `json:"endpoint,omitempty"`
	Hook      string    `json:"hook,omitempty"`
}
