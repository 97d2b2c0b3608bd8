package delivery

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"headwatch"
)

// Document is what a program is told, over a webhook or on the standard input of a command. It is the same for every
// attempt at a notice. Fields may be added.
type Document struct {
	Type      string    `json:"type"`
	Timestamp time.Time `json:"timestamp"` // of the decision
	Data      Data      `json:"data"`
}

// Data is a notice as programs need it.
type Data struct {
	Circuit     string                `json:"circuit"`
	Chain       string                `json:"chain"`
	State       headwatch.State       `json:"state"`
	StateSince  time.Time             `json:"state_since,omitzero"`
	Incident    string                `json:"incident"`
	Step        headwatch.StepKind    `json:"step"`
	Seq         uint64                `json:"seq"`
	Opened      time.Time             `json:"opened,omitzero"` // the incident
	Since       time.Time             `json:"since,omitzero"`  // when what caused it began
	Phase       headwatch.Phase       `json:"phase"`
	Level       headwatch.Level       `json:"level"`
	Peak        headwatch.Level       `json:"peak"`
	Reasons     []headwatch.Condition `json:"reasons"` // what holds for the chain as a whole
	Votes       *Votes                `json:"votes,omitempty"`
	Actor       string                `json:"actor"`
	Reason      string                `json:"reason,omitempty"` // the operator's
	Latched     bool                  `json:"latched,omitempty"`
	HeldUntil   time.Time             `json:"held_until,omitzero"`
	Coalesced   bool                  `json:"coalesced,omitempty"`   // over before its trigger could be told
	Unjournaled bool                  `json:"unjournaled,omitempty"` // the journal refused the decision
	Drill       bool                  `json:"drill"`                 // not in earnest, whatever the mark
	Mark        headwatch.Mark        `json:"mark,omitempty"`
	AckedBy     string                `json:"acked_by,omitempty"` // who has it in hand
	AckedUntil  time.Time             `json:"acked_until,omitzero"`
	Relapses    int                   `json:"relapses,omitempty"` // so far

	// Of single steps; their times are in UTC.
	Report     *headwatch.Report     `json:"report,omitempty"`     // hook: what a hook did
	Escalation *headwatch.Escalation `json:"escalation,omitempty"` // escalate, unack, release: what the clock brought about
	Dependant  *headwatch.Dependant  `json:"dependant,omitempty"`  // join, leave, escalate: the consequence
}

// Votes counts how the endpoints voted on the cause.
type Votes struct {
	Stale int `json:"stale"`
	Live  int `json:"live"`
	None  int `json:"none"`
}

// NewDocument describes a notice as an event of the given type.
func NewDocument(event string, n headwatch.Notice) Document {
	t := n.Transition
	d := Document{Type: event, Timestamp: t.At.UTC(), Data: Data{
		Circuit: t.Circuit, Chain: t.Cause.Chain, State: t.To, StateSince: t.Since.UTC(),
		Incident: n.Incident, Step: n.Kind, Seq: t.Seq, Opened: n.Opened.UTC(), Since: n.Since.UTC(),
		Phase: t.Cause.Phase, Level: t.Level, Peak: n.Peak, Reasons: Reasons(n),
		Actor: t.Actor, Reason: t.Reason, Latched: t.Latched, HeldUntil: t.HeldUntil.UTC(), Unjournaled: n.Unjournaled,
		Drill: n.Mark != "", Mark: n.Mark, AckedBy: n.AckedBy, AckedUntil: n.AckedUntil.UTC(), Relapses: n.Relapses, Dependant: n.Dependant,
	}}
	if n.Escalation != nil {
		e := *n.Escalation
		e.At = e.At.UTC()
		d.Data.Escalation = &e
	}
	if n.Report != nil {
		r := *n.Report
		r.At, r.Until = r.At.UTC(), r.Until.UTC()
		d.Data.Report = &r
	}
	if f := Cause(n); f != nil && len(f.Votes) > 0 {
		d.Data.Votes = countVotes(f.Votes)
	}
	return d
}

// JSON encodes the document.
func (d Document) JSON() ([]byte, error) {
	b, err := json.Marshal(d)
	if err != nil {
		return nil, fmt.Errorf("encode %s: %w", d.Type, err)
	}
	return b, nil
}

// ID is the idempotency key of a notice on its channel: the same over all attempts, and over a restart.
func ID(n headwatch.Notice) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%q %d %q", n.Incident, n.Step, n.Channel))
	return "msg_" + hex.EncodeToString(sum[:16])
}

// Reasons lists the conditions of a notice that hold for the chain as a whole, each once; never nil.
func Reasons(n headwatch.Notice) []headwatch.Condition {
	reasons := []headwatch.Condition{}
	seen := map[headwatch.Condition]bool{}
	for _, f := range n.Transition.Cause.Findings {
		if f.OfChain() && !seen[f.Condition] {
			seen[f.Condition] = true
			reasons = append(reasons, f.Condition)
		}
	}
	return reasons
}

// Cause gives the finding that a notice is about: the one that the incident began with, else another that began then, else the
// one of the whole chain that has held longest. What one endpoint does beside it, or whether a hook is ready, is no cause. It is
// nil when all is well.
func Cause(n headwatch.Notice) *headwatch.Finding {
	for i := range n.Transition.Cause.Findings {
		f := &n.Transition.Cause.Findings[i]
		if n.Trigger != nil && *n.Trigger == (headwatch.Trigger{Condition: f.Condition, Endpoint: f.Endpoint, Hook: f.Hook}) {
			return f
		}
	}
	var cause *headwatch.Finding
	for i := range n.Transition.Cause.Findings {
		f := &n.Transition.Cause.Findings[i]
		began := f.Since.Equal(n.Since)
		if f.OfChain() && began {
			return f
		}
		if (f.OfChain() || began) && (cause == nil || betterCause(f, cause)) {
			cause = f
		}
	}
	return cause
}

func betterCause(f, than *headwatch.Finding) bool {
	if f.OfChain() != than.OfChain() {
		return f.OfChain()
	}
	return f.Since.Before(than.Since)
}

func countVotes(votes []headwatch.Vote) *Votes {
	var c Votes
	for _, v := range votes {
		switch v.Verdict {
		case headwatch.VoteStale:
			c.Stale++
		case headwatch.VoteLive:
			c.Live++
		default:
			c.None++
		}
	}
	return &c
}
