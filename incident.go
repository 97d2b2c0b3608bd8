package headwatch

import "time"

// Incident is everything about one outage of one circuit, from the first warning to the resolve.
type Incident struct {
	ID         string    `json:"id"`
	Circuit    string    `json:"circuit"`
	Chain      string    `json:"chain"`
	Opened     time.Time `json:"opened"`
	Since      time.Time `json:"since"`             // when what caused it began
	Resolved   time.Time `json:"resolved,omitzero"` // zero while it is open
	Level      Level     `json:"level"`             // now
	Peak       Level     `json:"peak"`
	Relapses   int       `json:"relapses"`           // how often the circuit fell back from half-open
	Rings      int       `json:"rings,omitempty"`    // how often it rang anew after somebody had it in hand
	AckedBy    string    `json:"acked_by,omitempty"` // who has it in hand; empty when nobody has, or has no longer
	AckedAt    time.Time `json:"acked_at,omitzero"`
	AckedUntil time.Time `json:"acked_until,omitzero"` // when the acknowledgement expires
	Beneath    string    `json:"beneath,omitempty"`    // the open incident that is its cause: people are told there
	Bears      []string  `json:"bears,omitempty"`      // the open incidents that are beneath this one
	Silenced   string    `json:"silenced,omitempty"`   // the silence that holds its pages back
	Told       []string  `json:"told,omitempty"`       // the alert channels that have been told of it, or are being told; sorted
	Steps      []Step    `json:"steps"`
}

// Step is one line of an incident's timeline.
type Step struct {
	Seq    uint64    `json:"seq"` // of the transition; 0 for every other step
	At     time.Time `json:"at"`
	Kind   StepKind  `json:"kind"`
	Level  Level     `json:"level"`
	Actor  string    `json:"actor"`
	Reason string    `json:"reason,omitempty"`
	Report *Report   `json:"report,omitempty"` // of a StepHook; nobody changes it

	Escalation *Escalation `json:"escalation,omitempty"` // of a step that the clock brought about; nobody changes it
	Dependant  *Dependant  `json:"dependant,omitempty"`  // of a StepJoin and a StepLeave; nobody changes it
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

	// Steps that tell people only.
	StepEscalate StepKind = "escalate" // nobody acknowledged: others are told, or the same once more
	StepUnack    StepKind = "unack"    // the acknowledgement expired, or is void because it got worse: told again
	StepSilence  StepKind = "silence"  // a silence holds back what would be told; told to nobody
	StepRelease  StepKind = "release"  // what held it back is over and it still lasts: told now
	StepJoin     StepKind = "join"     // another incident turned out to be a consequence of this one: told here, not there
	StepLeave    StepKind = "leave"    // a consequence is over while its cause lasts
	StepNote     StepKind = "note"     // a named person adds to the timeline; told to nobody
)

// Opens reports whether a step may be the first that a channel hears of an incident: a pager rings for it, and opens an alert
// where none is open.
func (k StepKind) Opens() bool {
	switch k {
	case StepWarn, StepPage, StepTrip, StepEscalate, StepUnack, StepRelease, StepJoin:
		return true
	}
	return false
}

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
	Rings       int        `json:"rings,omitempty"`       // so far; on a pager each of them is an alert of its own, beside the first
	Unjournaled bool       `json:"unjournaled,omitempty"` // told although the journal refused the decision
	Report      *Report    `json:"report,omitempty"`      // of a StepHook; nil for every other kind

	Escalation *Escalation `json:"escalation,omitempty"` // of a step that the clock brought about; else nil
	Dependant  *Dependant  `json:"dependant,omitempty"`  // of a StepJoin and a StepLeave, and of a StepEscalate by the escalation of one; else nil
	AckedBy    string      `json:"acked_by,omitempty"`   // who has the incident in hand as of this step
	AckedUntil time.Time   `json:"acked_until,omitzero"` // and until when
	Mark       Mark        `json:"mark,omitempty"`       // empty for what is in earnest
}

// Mark says that a notice is not in earnest. Every message begins with it, and no incident in a pager outlives it.
type Mark string

// Marks.
const (
	MarkTest  Mark = "TEST"  // of one channel
	MarkDrill Mark = "DRILL" // of a whole circuit
)

// Escalation is a step that the clock brings about in an incident, as an event of the journal: its append is the decision.
type Escalation struct {
	Incident string    `json:"incident"`
	Circuit  string    `json:"circuit"`
	N        uint64    `json:"n"`    // counts up by one in an incident, from 1: the journal takes each once
	Kind     StepKind  `json:"kind"` // StepEscalate, StepUnack, StepSilence or StepRelease
	At       time.Time `json:"at"`
	Policy   string    `json:"policy,omitempty"`  // of StepEscalate: the [[escalation]]
	Step     int       `json:"step"`              // of StepEscalate: which of its steps, from 0
	Round    int       `json:"round"`             // of StepEscalate: how often the step was told before
	Channels []string  `json:"channels"`          // who is told, in order; sorted, no doubles
	OnCall   []string  `json:"on_call,omitempty"` // the people who were on call for it
	Silence  string    `json:"silence,omitempty"` // of StepSilence and StepRelease: which
	Cause    string    `json:"cause,omitempty"`   // of StepRelease: the incident that it was beneath
	Why      string    `json:"why"`               // one clause for a person
}

// Dependant is an incident that is a consequence of another one.
type Dependant struct {
	Incident string   `json:"incident"`
	Circuit  string   `json:"circuit"`
	Chain    string   `json:"chain"`
	Level    Level    `json:"level"`
	Trigger  *Trigger `json:"trigger,omitempty"`
}

// Trigger is the finding that an incident began with, without what changes while it holds.
type Trigger struct {
	Condition Condition `json:"condition"`
	Endpoint  string    `json:"endpoint,omitempty"`
	Hook      string    `json:"hook,omitempty"`
	Operator  string    `json:"operator,omitempty"` // of the endpoint
	Hint      Hint      `json:"hint,omitempty"`     // where the cause lay
}
