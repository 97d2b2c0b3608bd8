package journal

import (
	"context"
	"fmt"
	"strings"

	"headwatch"
)

// Keep puts what a hook must not lose into the log before it acts on it: a signed transaction before it is sent. The first
// content of a slot stays, whatever comes later, and Keep gives the one that stayed: only that may be acted on. Slots are
// names that the hook chooses, unique for it within an incident. What is kept is a secret like a route.
func (j *Journal) Keep(ctx context.Context, incident, hook, slot string, data []byte) ([]byte, error) {
	return j.first(ctx, subject(keptKind, token(incident), token(hook), token(slot)), data)
}

// Recall gives what is kept in a slot; nil when nothing is.
func (j *Journal) Recall(ctx context.Context, incident, channel, slot string) ([]byte, error) {
	m, err := j.get(ctx, subject(keptKind, token(incident), token(channel), token(slot)))
	if err != nil || m == nil {
		return nil, err
	}
	return m.Data, nil
}

// Secret puts a secret of the program itself into the log, such as the key that signs links. The first content of a name stays for as
// long as the log, and Secret gives the one that stayed.
func (j *Journal) Secret(ctx context.Context, name string, data []byte) ([]byte, error) {
	return j.first(ctx, subject(secretKind, token(name)), data)
}

// Kept hands out everything that is kept for a hook, in the order in which it was kept, up to now. The error is the first
// one of handle, or trouble with the engine.
func (j *Journal) Kept(ctx context.Context, hook string, handle func(headwatch.Kept) error) error {
	return j.scan(ctx, 0, false, []string{subject(keptKind, "*", token(hook), "*")}, func(r record) error {
		names := strings.Split(strings.TrimPrefix(r.subject, subjectPrefix), ".")
		if len(names) != 4 {
			return fmt.Errorf("read event %d of the journal: its subject %s has not four parts", r.seq, r.subject)
		}
		return handle(headwatch.Kept{Incident: names[1], Slot: names[3], Data: r.data})
	})
}
