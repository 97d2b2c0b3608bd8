package headwatch

import (
	"slices"
	"time"
)

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
	Since     time.Time     `json:"since"`              // when it began, by the evidence; unchanged while it lasts, also over a restart
	Value     time.Duration `json:"value_ns"`           // how long, how late or how far off, at Assessment.At
	Limit     time.Duration `json:"limit_ns"`           // what Value is held against
	Endpoint  string        `json:"endpoint,omitempty"` // of the chain; of one of the WatchdogConditions: what it is about
	Hook      string        `json:"hook,omitempty"`     // the hook that it is about, which is no part of the chain; then Endpoint is empty
	Detail    string        `json:"detail,omitempty"`   // one clause for a person; no URL, no text of an endpoint that was not cleaned
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

// OfChain reports whether it is about the chain as a whole, not about one endpoint or one hook.
func (f *Finding) OfChain() bool { return f.Endpoint == "" && f.Hook == "" }

// For gives the Assessment as it concerns a circuit with these hooks: without what is wrong with the hooks of others. It
// shares the memory of a, which it does not change.
func (a Assessment) For(hooks []string) Assessment {
	foreign := func(f Finding) bool { return f.Hook != "" && !slices.Contains(hooks, f.Hook) }
	if slices.ContainsFunc(a.Findings, foreign) {
		a.Findings = slices.DeleteFunc(slices.Clone(a.Findings), foreign)
	}
	return a
}
