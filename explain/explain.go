// Package explain says in words and as a document why a circuit is as it is: the verdict and its likely cause, what each
// endpoint said and whether it has a vote, and which step comes at which second. Pages, the API and the command line take
// their sentences from here.
//
// It must not decide: it repeats by the same policy what packages watcher and breaker have decided. It knows no clock; all
// spans are taken against the instant of the verdict.
package explain

import (
	"time"

	"headwatch"
	"headwatch/config"
)

// Schema is the version of the document. A field may be added under the same version; anything else is a new version.
const Schema = "headwatch.explanation/v1"

// Facts are what an Explanation is made of.
type Facts struct {
	Circuit    config.Circuit
	Chain      config.Chain
	Assessment headwatch.Assessment       // zero while the chain has not been assessed
	Signal     headwatch.Signal           // of the circuit
	Endpoints  []headwatch.EndpointStatus // nil from the journal: then the votes of the verdict speak
	Witness    *Witness                   // nil for a layer 1, and from the journal
	Asked      time.Time                  // the instant that is asked about; never before the verdict
	Advice     func(headwatch.Condition) string
	Open       *headwatch.Incident // the circuit's own; nil when none is open, and from the journal
}

// Explanation is one circuit at one instant, explained. It holds no secret: of endpoints it names hosts, not URLs.
type Explanation struct {
	Schema  string          `json:"schema"`
	Circuit string          `json:"circuit"`
	Chain   string          `json:"chain"`
	At      time.Time       `json:"at,omitzero"` // of the verdict; zero when there is none yet
	Asked   time.Time       `json:"asked"`
	Phase   headwatch.Phase `json:"phase"`
	Hint    headwatch.Hint  `json:"hint,omitempty"`
	Verdict string          `json:"verdict"` // one sentence, with the hint in words

	Holds     []Holding  `json:"holds"`     // what concerns the circuit first, then the rest
	Endpoints []Endpoint `json:"endpoints"` // what each said
	Count     *Count     `json:"count,omitempty"`
	Witness   *Witness   `json:"witness,omitempty"`

	State     headwatch.State  `json:"state"`
	Since     time.Time        `json:"since,omitzero"`
	Level     headwatch.Level  `json:"level"`
	Incident  string           `json:"incident,omitempty"`
	Aside     *headwatch.Aside `json:"aside,omitempty"` // what is only told has an incident beside
	Latched   bool             `json:"latched,omitempty"`
	HeldUntil time.Time        `json:"held_until,omitzero"`
	Lease     time.Time        `json:"valid_until,omitzero"` // of the circuit's state; zero from the journal

	// Of the open incident: who has it in hand, and what holds back that people hear of it.
	AckedBy    string    `json:"acked_by,omitempty"`
	AckedUntil time.Time `json:"acked_until,omitzero"`
	Silenced   string    `json:"silenced,omitempty"`
	Beneath    string    `json:"beneath,omitempty"`
	People     string    `json:"people,omitempty"` // the same in words

	If       string    `json:"if,omitempty"` // what the next rungs suppose
	Next     []Rung    `json:"next"`         // those that are still to come, the earliest first
	Recovery *Recovery `json:"recovery,omitempty"`
	Advice   string    `json:"advice,omitempty"`

	// From the journal: the decision that was the newest at the instant asked about, and those that came after it, at most
	// MaxFollowed and none beyond the end of the incident. Their causes are left out.
	Decision *headwatch.Transition  `json:"decision,omitempty"`
	Followed []headwatch.Transition `json:"followed,omitempty"`
}

// New explains a circuit. The result shares no memory that its owner changes with f.
func New(f Facts) Explanation {
	f.Assessment = f.Assessment.For(f.Circuit.Hooks)
	a, s := &f.Assessment, &f.Signal
	p := read(&f)
	e := Explanation{
		Schema: Schema, Circuit: f.Circuit.Name, Chain: f.Chain.Name, At: a.At, Asked: f.Asked, Phase: a.Phase, Hint: a.Hint,
		Verdict: verdict(f.Chain.Name, a, p.lead),
		Holds:   holds(a, &f.Circuit), Endpoints: endpoints(&f, p.lead), Witness: f.Witness,
		State: s.State, Since: s.Since, Level: s.Level, Incident: s.Incident, Aside: s.Aside, Latched: s.Latched, HeldUntil: s.HeldUntil, Lease: s.ValidUntil,
		Next: []Rung{},
	}
	e.Count = count(e.Endpoints, f.Chain.Quorum)
	if s.State != headwatch.StateUnknown && !a.At.IsZero() && !e.late() {
		e.If, e.Next = p.next()
		e.Recovery = p.recovery()
	}
	if i := f.Open; i != nil {
		e.AckedUntil, e.Silenced, e.Beneath, e.People = i.AckedUntil, i.Silenced, i.Beneath, Hand(i, f.Asked)
		if InHand(i, f.Asked) {
			e.AckedBy = i.AckedBy
		}
		if held := Held(i); held != "" {
			e.People += "; " + held
		}
	}
	if p.lead != nil && f.Advice != nil {
		e.Advice = f.Advice(p.lead.Condition)
	}
	return e
}

// late is whether the verdict is older than that of a line which runs: it judges at least once a second. The journal's are
// of their time, and have no lease.
func (e *Explanation) late() bool {
	const beats = 10 * time.Second
	return !e.Lease.IsZero() && e.Asked.Sub(e.At) >= beats
}
