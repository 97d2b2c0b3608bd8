package journal

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"go.uber.org/zap"
)

const (
	firstRetain = time.Minute // after Open: the channels have asked for their notices by then
	retainEvery = time.Hour
)

// inventory is what retention decides on. All numbers are sequences of the log.
type inventory struct {
	first, last uint64
	young       uint64            // the first event that is not too old; last+1 when all are
	fits        uint64            // the first event of the newest ones that fit into the size
	needed      map[string]uint64 // the first event that somebody needs, by who does
	newest      map[string]uint64 // by subject filter: its newest message stays, however old it is
}

// cut gives the event before which everything may go, and who keeps it from being a later one; "" when nobody does.
func (i inventory) cut() (before uint64, held string) {
	before = min(max(i.young, i.fits, i.first), i.last+1)
	for _, who := range slices.Sorted(maps.Keys(i.needed)) {
		if seq := i.needed[who]; seq < before {
			before, held = seq, who
		}
	}
	return before, held
}

// purges gives by subject filter the event before which its messages go.
func (i inventory) purges(before uint64) map[string]uint64 {
	p := map[string]uint64{}
	for _, kind := range []string{actionKind, noticeKind, deliveryKind, routeKind, reportKind, escalationKind, keptKind} {
		p[subject(kind, ">")] = before
	}
	for filter, newest := range i.newest {
		p[filter] = min(before, newest)
	}
	return p
}

// retain drops what is too old or too much, until ctx ends.
func (j *Journal) retain(ctx context.Context) {
	for wait := firstRetain; sleep(ctx, wait); wait = retainEvery {
		if err := j.drop(ctx, time.Now()); err != nil && ctx.Err() == nil {
			j.log.Warn("old events not dropped, will try again", zap.Error(err))
		}
	}
}

func (j *Journal) drop(ctx context.Context, now time.Time) error {
	e, err := j.use(ctx)
	if err != nil {
		return err
	}
	i, err := j.take(ctx, e, now)
	if err != nil {
		return err
	}
	before, held := i.cut()
	for filter, seq := range i.purges(before) {
		if err := e.stream.Purge(ctx, jetstream.WithPurgeSubject(filter), jetstream.WithPurgeSequence(seq)); err != nil {
			return fmt.Errorf("drop %s before event %d: %w", filter, seq, err)
		}
	}
	if held != "" && before < i.fits {
		j.log.Warn("the journal is larger than journal.max_size and cannot be cut", zap.String("held_by", held), zap.Uint64("event", before))
	}
	return nil
}
