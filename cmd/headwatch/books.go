package main

import (
	"context"
	"fmt"

	"go.uber.org/zap"

	"headwatch"
	"headwatch/hook"
	"headwatch/incident"
	"headwatch/web"
)

// restoreLedger gives the ledger of what hooks have done. It is complete before any hook runs, however far the keeper of the
// books has come: a firing that it does not know of could be followed by a second one.
func restoreLedger(ctx context.Context, j orders, last map[string]headwatch.Transition) (*hook.Ledger, error) {
	ledger := hook.NewLedger()
	for _, t := range last {
		ledger.Apply(headwatch.Event{Transition: &t})
	}
	if err := j.Reported(ctx, ledger.Apply); err != nil {
		return nil, fmt.Errorf("restore what hooks have done: %w", err)
	}
	return ledger, nil
}

// orders is the part of the journal that hands out what hooks reported and people ordered.
type orders interface {
	Reported(ctx context.Context, handle func(headwatch.Event)) error
}

// follower is the part of the journal that incidents are made of.
type follower interface {
	Follow(ctx context.Context, name string, restore func(headwatch.Event), restored func(), handle func(context.Context, headwatch.Event) error) error
	Tell(ctx context.Context, notices ...headwatch.Notice) error
}

// keepBooks folds the journal into the ledger and into incidents, and puts on record what is to be told: the ledger first,
// because a hook that is told of a trip must find its incident open. What is to be told and does not get on record is told people
// directly, once: the decision was taken, and a disk that is full from here on must not swallow it.
func keepBooks(
	ctx context.Context, j follower, ledger *hook.Ledger, book *incident.Book, all *channels, m *web.Metrics, log *zap.Logger,
) error {
	tell := teller(j, all.tell)
	restored := func() {
		book.Restored()
		all.missed(book.Incidents(), log)
	}
	return j.Follow(ctx, "incidents", book.Restore, restored, func(ctx context.Context, e headwatch.Event) error {
		ledger.Apply(e)
		if err := tell(ctx, e.Seq, book.Apply(e)); err != nil {
			return err
		}
		if r := e.Report; r != nil {
			m.Reported(*r)
			log.Info("reports", zap.String("hook", r.Hook), zap.String("report", string(r.Kind)), zap.String("circuit", r.Circuit),
				zap.String("incident", r.Incident), zap.String("tx", r.Tx), zap.String("detail", r.Detail))
		}
		return nil
	})
}

// teller gives what puts the notices of an event on record. It may be called with an event again.
func teller(j interface {
	Tell(ctx context.Context, notices ...headwatch.Notice) error
}, direct func([]headwatch.Notice),
) func(ctx context.Context, seq uint64, notices []headwatch.Notice) error {
	var told uint64
	return func(ctx context.Context, seq uint64, notices []headwatch.Notice) error {
		err := j.Tell(ctx, notices...)
		if err != nil && ctx.Err() == nil && told != seq {
			told = seq
			direct(notices)
		}
		return err
	}
}
