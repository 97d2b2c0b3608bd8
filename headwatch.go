// Package headwatch holds the words that every other package speaks: heads, observations, assessments, transitions,
// notices. It has types, their names and their encodings, and nothing else: no clock, no network, no decision, no import
// outside the standard library.
//
// One observation travels through the program in these words:
//
//	endpoint -> Observation -> View -> Assessment -> Transition -> journal -> Notice -> hook | alert | subscriber
//
// Zero means unknown. Absent is a nil pointer or a missing key, never the number 0.
package headwatch

import "time"

// Tag names one of the heads that a chain has at any instant.
type Tag uint8

// The heads of an L2. Unsafe is the sequencer's tip (block tag "latest"), Safe is derived from batches that are on L1,
// Finalized from batches on finalized L1, Proven has a validity proof on L1 (ZK rollups only). Invariant of a sane chain:
// finalized <= proven <= safe <= unsafe, as far as each is known.
const (
	Unsafe Tag = iota + 1
	Safe
	Finalized
	Proven
)

// Head is one block as a watchdog needs it.
type Head struct {
	Number  uint64    `json:"number"`
	Hash    string    `json:"hash"`
	Parent  string    `json:"parent,omitempty"`
	Time    time.Time `json:"time"`               // the block's own timestamp
	UserTxs *int      `json:"user_txs,omitempty"` // transactions that users sent; nil when not counted
	GasUsed *uint64   `json:"gas_used,omitempty"` // by all of its transactions; nil when not said
}

// Observation is what one endpoint said at one instant. A failed poll is data: Err is set and Heads is empty.
type Observation struct {
	Chain    string
	Endpoint string
	At       time.Time // when the answer was complete here; carries the monotonic clock when live
	Latency  time.Duration
	Pushed   bool         // came by subscription, not by a poll
	Heads    map[Tag]Head // absent when not heard
	Origin   *Head        // L1 block that the unsafe head was built on; only Number is sure to be set
	HeadL1   *Head        // the rollup node's own L1 head
	Past     *Head        // the block that was asked for by number; nil when none was, or the endpoint does not have it
	Syncing  bool         // the node says that it is syncing
	ChainID  uint64       // verified on this connection; 0 when not asked or not answered
	Err      error        // a *Fault where the answer was bad; never holds a URL

	SafeOrigin *Head              // L1 block that the safe head was derived from; only Number and Hash are sure to be set
	Window     uint64             // sequencing window in L1 blocks, as the rollup node is configured; 0 when not heard
	Accounts   map[string]Account // accounts on this chain that were asked for, by address in lower case
	Alive      bool               // the sequencer itself answered, without a block: it refused the active probe, or its feed brought a message
	Reading    *Reading           // what an API endpoint said
	Date       time.Time          // the server's own clock, to the second; zero when it did not say
	Expires    time.Time          // when the server's certificate ends; zero without TLS
	Every      time.Duration      // how long until the next answer is due while all is well; 0 when that is the endpoint's interval

	// Hook names the hook that this is about instead of an endpoint: whether it would work if it had to fire now, nil in Err
	// for yes. Nothing else is set but Chain and At.
	Hook string
}

// Account is what an L1 knows of an address.
type Account struct {
	Balance *uint64 // in gwei; nil when not heard
	Nonce   *uint64 // transactions sent from it; nil when not heard
}

// Reading is one value that an API endpoint reports: a time of its own, or a counter. One of the two is set.
type Reading struct {
	Time  time.Time
	Count *uint64
}

// Phase is the verdict on a whole chain.
type Phase uint8

// Phases of a chain. Unknown is also the verdict "blind": there is not enough evidence for any other.
const (
	Unknown    Phase = iota
	Live             // the unsafe head keeps up with the wall clock
	Slow             // it advances, slower than the wall clock, and is behind by more than the first threshold
	Empty            // it advances, but users' transactions do not get in
	Stalled          // it stands still, a quorum says so, and the witness moves
	CatchingUp       // it advances faster than the wall clock after it stood still: back-fill, not yet recovery
)

// Verdict is one endpoint's vote on the question "does the head stand still?".
type Verdict uint8

// Verdicts. An endpoint without a vote says why in Vote.Reason.
const (
	NoVote Verdict = iota
	VoteLive
	VoteStale
)

// Vote is what one endpoint contributes to a verdict, as it is shown to the person who is paged.
type Vote struct {
	Endpoint string        `json:"endpoint"`
	Verdict  Verdict       `json:"verdict"`
	Reason   string        `json:"reason,omitempty"` // why it has no vote, or what is remarkable about it
	Number   *uint64       `json:"number,omitempty"` // its unsafe head; nil when never heard
	Age      time.Duration `json:"age_ns,omitempty"` // of that head against the wall clock
	Heard    time.Time     `json:"heard,omitzero"`   // its last good answer
}

// Finding is one condition that holds.
type Finding struct {
	Condition Condition     `json:"condition"`
	Since     time.Time     `json:"since"`    // when it began, by the evidence; unchanged while it lasts, also over a restart
	Value     time.Duration `json:"value_ns"` // how long, how late or how far off, at Assessment.At
	Limit     time.Duration `json:"limit_ns"` // what Value is held against
	Endpoint  string        `json:"endpoint,omitempty"`
	Hook      string        `json:"hook,omitempty"`   // the hook that it is about, which is no part of the chain; then Endpoint is empty
	Detail    string        `json:"detail,omitempty"` // one clause for a person; no URL, no text of an endpoint that was not cleaned
	Votes     []Vote        `json:"votes,omitempty"`
}

// Assessment is the verdict on one chain at one instant, and the earliest instant at which it would change if nothing
// more were heard.
type Assessment struct {
	Chain    string    `json:"chain"`
	At       time.Time `json:"at"`
	Phase    Phase     `json:"phase"`
	Hint     Hint      `json:"hint,omitempty"` // where the cause lies; empty while all is well or nothing points anywhere
	Findings []Finding `json:"findings,omitempty"`
	Head     *Head     `json:"head,omitempty"` // the agreed unsafe head
	Advanced time.Time `json:"advanced,omitzero"`
	Next     time.Time `json:"-"`
}

// Find gives the finding of any of these conditions that has held longest, or nil. The Assessment stays the owner.
func (a *Assessment) Find(conditions ...Condition) *Finding {
	var found *Finding
	for _, c := range conditions {
		for i := range a.Findings {
			if f := &a.Findings[i]; f.Condition == c && (found == nil || f.Since.Before(found.Since)) {
				found = f
			}
		}
	}
	return found
}

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

// Signal is the lease on a circuit's state, for programs that act on it. A subscriber that holds an expired lease must
// assume that the watchdog is gone and apply its own rule: a stale "closed" is not a "closed".
type Signal struct {
	Circuit    string      `json:"circuit"`
	Chain      string      `json:"chain"`
	State      State       `json:"state"`
	Since      time.Time   `json:"since"`
	Seq        uint64      `json:"seq"`
	Phase      Phase       `json:"phase"`
	Level      Level       `json:"level"`
	ValidUntil time.Time   `json:"valid_until"`
	Reasons    []Condition `json:"reasons"` // what holds now and matters to this circuit
	Incident   string      `json:"incident,omitempty"`
	HeldUntil  time.Time   `json:"held_until,omitzero"`
	Latched    bool        `json:"latched,omitempty"`
	Told       bool        `json:"told,omitempty"`  // Level and Incident are of what is only told: nothing that trips has one
	Aside      *Aside      `json:"aside,omitempty"` // the incident of what is only told, beside the one of what trips; nobody changes it
	Well       time.Time   `json:"well,omitzero"`   // while an incident is open: since when the chain is well without a break; zero when it is not
}

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

// ReportKind says what a hook reports.
type ReportKind string

// Reports of a hook. Of each kind there is at most one for a hook, an incident and what the hook brings about. The urgent ones need a person.
const (
	ReportAnnounced   ReportKind = "announced"   // urgent: it will fire at Until unless somebody vetoes it
	ReportVetoed      ReportKind = "vetoed"      // somebody did
	ReportWithheld    ReportKind = "withheld"    // urgent: its budget, its cooldown or a cap forbids it to fire
	ReportLapsed      ReportKind = "lapsed"      // the incident was over while it waited: nothing was sent
	ReportFired       ReportKind = "fired"       // it begins to act: from here on it counts against its budget
	ReportNeedless    ReportKind = "needless"    // what it would have done was done already: nothing was sent
	ReportSent        ReportKind = "sent"        // its transaction was handed to the network
	ReportDeposited   ReportKind = "deposited"   // its deposit is on L1 and waits for the L2 to execute it
	ReportEffective   ReportKind = "effective"   // the contract, read back, is as it was to be
	ReportForeign     ReportKind = "foreign"     // somebody else brought the contract there first
	ReportUnconfirmed ReportKind = "unconfirmed" // urgent: not effective within its limit; it is still tried
	ReportFailed      ReportKind = "failed"      // urgent: it is not going to be effective by itself any more
	ReportUndone      ReportKind = "undone"      // urgent: the contract is no longer as it was to be while the circuit is open
)

// Urgent reports whether a person has to act on it: it rings like a page.
func (k ReportKind) Urgent() bool {
	switch k {
	case ReportAnnounced, ReportWithheld, ReportUnconfirmed, ReportFailed, ReportUndone:
		return true
	}
	return false
}

// Report is what a hook says of its own doing, beyond the end of a delivery. It is an event of the journal, and the people of
// the incident are told of it.
type Report struct {
	Kind     ReportKind `json:"kind"`
	What     string     `json:"what,omitempty"` // it brings about: "feed down", "resume"; empty for what a trip makes it do
	Hook     string     `json:"hook"`
	Incident string     `json:"incident"`
	Circuit  string     `json:"circuit"`
	Chain    string     `json:"chain,omitempty"` // on which it acts; empty when it acts on none
	At       time.Time  `json:"at"`
	Until    time.Time  `json:"until,omitzero"`  // of one that says that it will fire: when
	Actor    string     `json:"actor,omitempty"` // who vetoed it, or who approved what fired
	Tx       string     `json:"tx,omitempty"`    // hash of the transaction that it is about
	Detail   string     `json:"detail"`          // one clause for a person; no URL, no text of a stranger that was not cleaned
}

// Kept is what a hook put into the journal before it acted on it. Incident and Slot are as they are in the journal's subjects.
type Kept struct {
	Incident string
	Slot     string
	Data     []byte // a secret
}

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
	Action     *Action     `json:"action,omitempty"` // an operator's action that is no transition: an acknowledgement
	Notice     *Notice     `json:"notice,omitempty"`
	Delivery   *Delivery   `json:"delivery,omitempty"`
	Report     *Report     `json:"report,omitempty"`
}

// EndpointStatus is what is known of one endpoint, for status pages and metrics.
type EndpointStatus struct {
	Name      string        `json:"name"`
	Host      string        `json:"host"` // never the URL: it may hold a key
	Head      *Head         `json:"head,omitempty"`
	Safe      *Head         `json:"safe,omitempty"`
	Proven    *Head         `json:"proven,omitempty"`
	Finalized *Head         `json:"finalized,omitempty"`
	Advanced  time.Time     `json:"advanced,omitzero"` // when its unsafe head last rose here
	Heard     time.Time     `json:"heard,omitzero"`    // last good answer
	Latency   time.Duration `json:"latency_ns"`
	Fault     FaultKind     `json:"fault,omitempty"` // of the last answer; empty when it was good
	Vote      Vote          `json:"vote"`
	Operator  string        `json:"operator,omitempty"` // who runs it; its votes count once for the quorum
	Every     time.Duration `json:"every_ns"`           // how long until its next answer is due while all is well; longer than its interval while it pushes or its budget slows it
	Usage     Usage         `json:"usage"`
}

// Usage is what an endpoint has cost since the process began.
type Usage struct {
	Requests uint64 `json:"requests"`         // HTTP requests and WebSocket messages sent
	Calls    uint64 `json:"calls"`            // JSON-RPC calls in them, and notifications received
	Sent     uint64 `json:"sent_bytes"`       // bodies, without headers
	Received uint64 `json:"received_bytes"`   // bodies, as they came
	Units    uint64 `json:"compute_units"`    // by the provider's own table; calls where none is known
	Today    uint64 `json:"today"`            // units of the running day, UTC
	Budget   uint64 `json:"budget,omitempty"` // units a day that are not to be exceeded; 0 for none
}

// ChainStatus is one chain as of its last assessment.
type ChainStatus struct {
	Assessment Assessment       `json:"assessment"`
	L1         string           `json:"l1,omitempty"`
	Endpoints  []EndpointStatus `json:"endpoints"`
}
