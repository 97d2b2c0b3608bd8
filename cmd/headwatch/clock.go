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

// overdue is how long the journal may take to come back before people are told directly of what the clock brings about.
const overdue = 10 * time.Second

// keepTime puts on record what the clock brings about in open incidents, when it is due: escalations, acknowledgements that expire,
// the beginning and the end of silences. It tells nobody itself. What it appends is decided by its append and told by whoever keeps
// the books; so a process that dies in between tells it after its restart, and one that dies before finds it due again. Only what the
// journal does not take within seconds is told people directly, once: nobody must be left uncalled by a full disk.
func keepTime(ctx context.Context, book *incident.Book, j escalator, direct func([]headwatch.Notice), log *zap.Logger) error {
	timer := time.NewTimer(0)
	defer timer.Stop()
	k := &timekeeper{book, j, direct, log, map[word]bool{}}
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-book.Changed():
		case <-timer.C:
		}
		timer.Reset(k.bringAbout(ctx))
	}
}

type timekeeper struct {
	book    *incident.Book
	journal escalator
	direct  func([]headwatch.Notice)
	log     *zap.Logger
	told    map[word]bool // directly, since the journal last took everything
}

// word is what makes one thing that people are told another than the next.
type word struct {
	incident, channel string
	kind              headwatch.StepKind
	policy            string
	step, round       int
	dependant         string
	level             headwatch.Level
}

// bringAbout appends what is due now, and gives how long to wait for more.
func (k *timekeeper) bringAbout(ctx context.Context) time.Duration {
	now := time.Now()
	due := k.book.Due(now)
	for _, e := range due {
		if err := k.journal.Escalate(ctx, e); err != nil {
			if ctx.Err() == nil {
				k.log.Warn("not on record, will try again", zap.String("incident", e.Incident), zap.String("step", string(e.Kind)), zap.Error(err))
				k.tell(now)
			}
			return clockRetry
		}
		k.log.Info("due", zap.String("incident", e.Incident), zap.String("step", string(e.Kind)), zap.Uint64("n", e.N),
			zap.Strings("channels", e.Channels), zap.String("why", e.Why))
	}
	if k.book.Behind() {
		k.tell(now)
		return clockRetry
	}
	clear(k.told)
	if len(due) > 0 {
		return clockRetry
	}
	next := k.book.Next(now)
	if next.IsZero() {
		return clockIdle
	}
	return min(max(time.Until(next), clockTick), clockIdle)
}

// tell tells people directly of what has been due for a while.
func (k *timekeeper) tell(now time.Time) {
	var fresh []headwatch.Notice
	for _, n := range k.book.Overdue(now.Add(-overdue)) {
		what := word{incident: n.Incident, channel: n.Channel, kind: n.Kind}
		if e := n.Escalation; e != nil {
			what.policy, what.step, what.round = e.Policy, e.Step, e.Round
		}
		if d := n.Dependant; d != nil {
			what.dependant, what.level = d.Incident, d.Level
		}
		if !k.told[what] {
			k.told[what] = true
			fresh = append(fresh, n)
		}
	}
	if len(fresh) > 0 {
		k.direct(fresh)
	}
}
