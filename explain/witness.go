package explain

import (
	"fmt"
	"time"

	"headwatch"
	"headwatch/config"
)

// Witness is the layer 1 as the second clock: a standstill counts only while it moves as seen from here.
type Witness struct {
	Chain    string        `json:"chain"`
	Number   *uint64       `json:"number,omitempty"`
	Age      time.Duration `json:"age_ns,omitempty"`
	Advanced time.Time     `json:"advanced,omitzero"` // when its head last rose here
	Limit    time.Duration `json:"limit_ns"`          // it may stand for so long
	Moves    bool          `json:"moves"`
}

// NewWitness describes a layer 1 at an instant.
func NewWitness(l1 config.Chain, a headwatch.Assessment, at time.Time) *Witness {
	w := &Witness{Chain: l1.Name, Advanced: a.Advanced, Limit: l1.StaleAfter.D()}
	if a.Head != nil {
		number := a.Head.Number
		w.Number, w.Age = &number, at.Sub(a.Head.Time)
		w.Moves = at.Sub(a.Advanced) < w.Limit
	}
	return w
}

func (w *Witness) text(at time.Time) string {
	if w.Number == nil {
		return w.Chain + " has named no head yet: a standstill could not be proved"
	}
	head := fmt.Sprintf("head %d of age %s, rose %s ago, limit %s", *w.Number, Span(w.Age), Span(at.Sub(w.Advanced)), Span(w.Limit))
	if w.Moves {
		return w.Chain + " moves: " + head
	}
	return w.Chain + " does not move as seen from here: " + head + "; a stall could not be told from a failure of our own"
}
