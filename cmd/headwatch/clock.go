package main

import (
	"context"
	"time"

	"go.uber.org/zap"

	"headwatch"
	"headwatch/incident"
)

const (
	clockRetry = time.Second // until what was appended is folded in, and after trouble with the journal
	clockTick  = time.Millisecond
	clockIdle  = time.Minute // a clock on the wall may be set, and a machine may sleep
)

// escalator is the part of the journal that takes what the clock brings about.
type escalator interface {
	Escalate(ctx context.Context, e headwatch.Escalation) error
}

// keepTime puts on record what the clock brings about in open incidents, when it is due: escalations, acknowledgements that expire,
// the beginning and the end of silences. It tells nobody itself. What it appends is decided by its append and told by whoever keeps
// the books; so a process that dies in between tells it after its restart, and one that dies before finds it due again.
func keepTime(ctx context.Context, book *incident.Book, j escalator, log *zap.Logger) error {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-book.Changed():
		case <-timer.C:
		}
		timer.Reset(bringAbout(ctx, book, j, log))
	}
}

// bringAbout appends what is due now, and gives how long to wait for more.
func bringAbout(ctx context.Context, book *incident.Book, j escalator, log *zap.Logger) time.Duration {
	now := time.Now()
	due := book.Due(now)
	for _, e := range due {
		if err := j.Escalate(ctx, e); err != nil {
			if ctx.Err() == nil {
				log.Warn("not on record, will try again", zap.String("incident", e.Incident), zap.String("step", string(e.Kind)), zap.Error(err))
			}
			return clockRetry
		}
		log.Info("due", zap.String("incident", e.Incident), zap.String("step", string(e.Kind)), zap.Uint64("n", e.N),
			zap.Strings("channels", e.Channels), zap.String("why", e.Why))
	}
	if len(due) > 0 {
		return clockRetry
	}
	next := book.Next(now)
	if next.IsZero() {
		return clockIdle
	}
	return min(max(time.Until(next), clockTick), clockIdle)
}
