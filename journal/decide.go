package journal

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"

	"github.com/nats-io/nats.go/jetstream"

	"headwatch"
)

// head is the newest transition of a circuit: its own number, and its sequence in the log.
type head struct{ number, sequence uint64 }

// Decide appends a decision. It is made when Decide returns nil, and may have been made when the error is a time-out:
// then call it again with the same Transition, which succeeds if that is what the journal holds. A Transition that does not
// follow the newest one of its circuit is refused with ErrFenced. Without a deadline in ctx it takes 2 s at most.
func (j *Journal) Decide(ctx context.Context, t headwatch.Transition) error {
	ctx, cancel := bounded(ctx)
	defer cancel()
	data, err := json.Marshal(t)
	if err != nil {
		return fmt.Errorf("write transition %d of %s: %w", t.Seq, t.Circuit, err)
	}
	all := subject(transitionKind, token(t.Circuit), "*")
	before, err := j.head(ctx, t.Circuit, all, t.Seq-1)
	if err != nil {
		return j.fail(fmt.Errorf("decide transition %d of %s: %w", t.Seq, t.Circuit, err))
	}
	var (
		name     = transitionSubject(t)
		sequence uint64
		stored   *jetstream.RawStreamMsg
	)
	if before.number == t.Seq-1 {
		sequence, stored, err = j.append(ctx, name, data, jetstream.WithExpectLastSequenceForSubject(before.sequence, all))
	} else if stored, err = j.get(ctx, name); err != nil {
		err = j.fail(err)
	} else {
		j.setFailed(nil) // the append that failed before is there
	}
	if sequence == 0 {
		j.setHead(t.Circuit, nil)
	} else {
		j.setHead(t.Circuit, &head{t.Seq, sequence})
	}
	switch {
	case err != nil:
		return err
	case sequence == 0 && (stored == nil || !bytes.Equal(stored.Data, data)):
		return fmt.Errorf("decide transition %d of %s: %w", t.Seq, t.Circuit, ErrFenced)
	default:
		return nil
	}
}

// head gives what is known of a circuit's newest transition, and asks the engine unless that is number want.
func (j *Journal) head(ctx context.Context, circuit, all string, want uint64) (head, error) {
	j.mu.Lock()
	h, known := j.heads[circuit]
	j.mu.Unlock()
	if known && h.number == want {
		return h, nil
	}
	m, err := j.get(ctx, all)
	if err != nil || m == nil {
		return head{}, err
	}
	return head{lastNumber(m.Subject), m.Sequence}, nil
}

// setHead remembers the newest transition of a circuit, or forgets it, so that the next decision asks the engine.
func (j *Journal) setHead(circuit string, h *head) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if h == nil {
		delete(j.heads, circuit)
	} else {
		j.heads[circuit] = *h
	}
}
