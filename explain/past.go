package explain

import (
	"fmt"
	"iter"
	"time"

	"headwatch"
)

// MaxFollowed bounds how many later decisions an Explanation of the past shows.
const MaxFollowed = 20

// Past is what the journal holds of a circuit at an instant.
type Past struct {
	Decision headwatch.Transition   // the newest at or before the instant
	Followed []headwatch.Transition // those after it up to the end of the incident, at most MaxFollowed, without findings
}

// Find looks a circuit's past up in the journal's events, which come in order from the oldest that is kept. Nil without an
// error means that there was no decision by then; oldest is then the time of the first event that was seen.
func Find(circuit string, at time.Time, events iter.Seq2[headwatch.Event, error]) (past *Past, oldest time.Time, err error) {
	for e, err := range events {
		if err != nil {
			return nil, time.Time{}, fmt.Errorf("read the journal: %w", err)
		}
		if oldest.IsZero() {
			oldest = e.At
		}
		t := e.Transition
		switch {
		case t == nil || t.Circuit != circuit:
		case !t.At.After(at):
			past = &Past{Decision: *t}
		case past == nil:
			return nil, oldest, nil
		default:
			past.Followed = append(past.Followed, bare(t))
			if t.Level == headwatch.LevelNone && t.Aside == nil || len(past.Followed) == MaxFollowed {
				return past, oldest, nil
			}
		}
	}
	return past, oldest, nil
}

// bare is a decision without what it rested on.
func bare(t *headwatch.Transition) headwatch.Transition {
	b := *t
	b.Cause = headwatch.Assessment{Chain: t.Cause.Chain, At: t.Cause.At, Phase: t.Cause.Phase, Hint: t.Cause.Hint}
	return b
}

// Explain makes the Explanation of what was decided then, by the policy of now. Of f it takes the Circuit, the Chain, the
// instant asked about and the Advice.
func (p *Past) Explain(f Facts) Explanation {
	t := &p.Decision
	f.Assessment, f.Endpoints, f.Witness = t.Cause, nil, nil
	f.Signal = headwatch.Signal{State: t.To, Since: t.Since, HeldUntil: t.HeldUntil, Latched: t.Latched}
	f.Signal.Show(t.Standing())
	e := New(f)
	decision := bare(t)
	e.Decision, e.Followed = &decision, p.Followed
	return e
}
