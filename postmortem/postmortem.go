// Package postmortem drafts the review of one incident from the journal alone: what was decided on which evidence, who was
// told when, what people and hooks did, and what is still open.
//
// It is pure: the same events give the same draft. It reads no clock, opens nothing, and judges nobody: what the journal does
// not hold is left for the people to write.
package postmortem

import (
	"errors"
	"fmt"
	"iter"
	"time"

	"headwatch"
)

// Schema is the version of the draft as JSON. A field may be added under the same version.
const Schema = "headwatch.report/v1"

// ErrUnknown says that the journal holds nothing of an incident: it never was, or is older than what is kept.
var ErrUnknown = errors.New("the journal holds nothing of this incident")

// Draft is the review of an incident as far as the journal can write it. All times are in UTC; a duration is in nanoseconds. No
// list is null.
type Draft struct {
	Schema     string                `json:"schema"`
	Incident   string                `json:"incident"`
	Circuit    string                `json:"circuit"`
	Chain      string                `json:"chain"`
	AsOf       time.Time             `json:"as_of"` // when the journal took the newest event that was read
	Summary    Summary               `json:"summary"`
	Impact     *Impact               `json:"impact,omitempty"` // nil when the events do not tell
	Beneath    []string              `json:"beneath"`          // incidents that were told to be its cause
	Dependants []headwatch.Dependant `json:"dependants"`       // incidents that were told as its consequences
	Timeline   []Entry               `json:"timeline"`
	InHand     []Hand                `json:"in_hand"`
	Escalation []Escalation          `json:"escalation"`
	Notes      []Order               `json:"notes"`
	Silences   []Silence             `json:"silences"`
	Orders     []Order               `json:"orders"` // everything that people did, notes and acknowledgements included
	Hooks      []headwatch.Report    `json:"hooks"`
	Channels   []Channel             `json:"channels"` // alert channels and hooks
	Pending    []Pending             `json:"pending"`  // notices without an end: nobody knows whether they arrived
}

// Summary is the incident in figures. What is counted from the beginning is counted from the evidence, not from the first decision.
type Summary struct {
	What       string              `json:"what"`                // one clause
	Condition  headwatch.Condition `json:"condition,omitempty"` // that it began with; empty when a person began it
	Endpoint   string              `json:"endpoint,omitempty"`
	Hook       string              `json:"hook,omitempty"`
	Hint       headwatch.Hint      `json:"hint,omitempty"`
	Began      time.Time           `json:"began"`             // by the evidence
	Opened     time.Time           `json:"opened"`            // the first decision
	Back       time.Time           `json:"back,omitzero"`     // the newest time that the circuit was on probation; only of what tripped
	Resolved   time.Time           `json:"resolved,omitzero"` // zero while it is open
	Lasted     time.Duration       `json:"lasted_ns"`         // from Began to Resolved, or to Draft.AsOf while it is open
	Detected   time.Duration       `json:"detected_after_ns"` // from Began to Opened
	Warned     *time.Duration      `json:"warned_after_ns,omitempty"`
	Paged      *time.Duration      `json:"paged_after_ns,omitempty"`
	Tripped    *time.Duration      `json:"tripped_after_ns,omitempty"`
	Taken      *time.Duration      `json:"taken_after_ns,omitempty"` // until somebody had it in hand
	TakenBy    string              `json:"taken_by,omitempty"`
	Peak       headwatch.Level     `json:"peak"`
	Relapses   int                 `json:"relapses"`
	OnlyTold   bool                `json:"only_told,omitempty"` // of what the circuit never trips on
	ResolvedBy string              `json:"resolved_by,omitempty"`
}

// Impact is what the outage was to the chain. Missed is absent when the pace of the chain is not in the events: it is taken
// between the first decision of the last recovery and the resolve, while the chain was live.
type Impact struct {
	Stood     time.Duration  `json:"stood_ns"`                // all that time no verdict said that the chain was back
	From      *uint64        `json:"from_block,omitempty"`    // the agreed head of the first decision
	To        *uint64        `json:"to_block,omitempty"`      // and of the newest one
	BlockTime *time.Duration `json:"block_time_ns,omitempty"` // measured while it was live again
	Missed    *uint64        `json:"missed_blocks,omitempty"` // Stood / BlockTime: blocks that did not come when they were due, some of which may have been filled in later
}

// Entry is one line of the timeline.
type Entry struct {
	At       time.Time        `json:"at"`
	Kind     string           `json:"kind"` // of the step or of the order
	By       string           `json:"by"`
	Text     string           `json:"text"`
	Evidence string           `json:"evidence,omitempty"` // of a decision
	Votes    []headwatch.Vote `json:"votes,omitempty"`    // of a decision, where an endpoint votes otherwise than before
}

// Hand is a person who had the incident in hand.
type Hand struct {
	By     string    `json:"by"`
	Via    string    `json:"via,omitempty"`
	Reason string    `json:"reason"`
	At     time.Time `json:"at"`
	Until  time.Time `json:"until,omitzero"` // when it was to expire, as the channels were told
	Ended  time.Time `json:"ended,omitzero"` // zero while it holds
	Why    string    `json:"why,omitempty"`  // it ended
}

// Escalation is a step that the clock brought about.
type Escalation struct {
	At       time.Time          `json:"at"`
	Kind     headwatch.StepKind `json:"kind"`
	Policy   string             `json:"policy,omitempty"`
	Step     int                `json:"step"`
	Round    int                `json:"round"`
	Channels []string           `json:"channels"`
	OnCall   []string           `json:"on_call"`
	Why      string             `json:"why"`
}

// Silence is a silence that held something of the incident back.
type Silence struct {
	ID       string             `json:"id"`
	Held     time.Time          `json:"held"`              // since when
	Released time.Time          `json:"released,omitzero"` // when it was told after all; zero when never
	EndedBy  string             `json:"ended_by,omitempty"`
	Silence  *headwatch.Silence `json:"silence,omitempty"` // nil when the journal no longer has it
}

// Order is what a person did. Reason is in their own words.
type Order struct {
	At     time.Time     `json:"at"`
	Kind   string        `json:"kind"`
	By     string        `json:"by"`
	Via    string        `json:"via,omitempty"`
	Hook   string        `json:"hook,omitempty"`
	For    time.Duration `json:"for_ns,omitempty"`
	Reason string        `json:"reason"`
}

// Channel is what became of all that was told on one channel.
type Channel struct {
	Name       string        `json:"name"`
	Deliveries []Delivery    `json:"deliveries"`
	Slowest    time.Duration `json:"slowest_ns"` // dwell of what was delivered
	Failed     int           `json:"failed"`     // deliveries that ended without being taken
}

// Delivery is the end of one notice. Dwell is from the decision to the receiver's word.
type Delivery struct {
	Step     uint64             `json:"step"`
	Kind     headwatch.StepKind `json:"kind"`
	Decided  time.Time          `json:"decided"`
	At       time.Time          `json:"at"`
	Dwell    time.Duration      `json:"dwell_ns"`
	Attempts int                `json:"attempts"`
	Took     time.Duration      `json:"took_ns"`
	Outcome  headwatch.Outcome  `json:"outcome"`
	Detail   string             `json:"detail,omitempty"`
}

// Pending is a notice without an end.
type Pending struct {
	Step    uint64             `json:"step"`
	Kind    headwatch.StepKind `json:"kind"`
	Channel string             `json:"channel"`
	Decided time.Time          `json:"decided"`
}

// Read drafts the review of an incident from the journal's events, which come in order from the oldest that is kept. It goes
// through them once and keeps what belongs to the incident. The error is ErrUnknown, or the last thing that events gave.
func Read(id string, events iter.Seq2[headwatch.Event, error]) (*Draft, error) {
	f := newFold(id)
	for e, err := range events {
		if err != nil {
			return nil, fmt.Errorf("read the journal: %w", err)
		}
		f.apply(e)
	}
	if id == "" || len(f.decisions) == 0 {
		return nil, ErrUnknown
	}
	return f.draft(), nil
}
