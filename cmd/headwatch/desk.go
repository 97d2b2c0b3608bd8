package main

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"

	"go.uber.org/zap"

	"headwatch"
	"headwatch/breaker"
	"headwatch/config"
	"headwatch/hook"
	"headwatch/incident"
	"headwatch/journal"
	"headwatch/self"
	"headwatch/web"
)

// desk answers what the API asks: it reads snapshots and takes orders to the circuits.
type desk struct {
	cfg      *config.Config
	net      *network
	book     *incident.Book
	ledger   *hook.Ledger
	channels *channels
	recorder *recorder
	journal  records
	trials   *trials
	roster   incident.Roster
	log      *zap.Logger
	self     *selfWatch
}

// records is the part of the journal that the desk reads, and puts orders into.
type records interface {
	orders
	marks
	Act(ctx context.Context, a headwatch.Action) error
	Keep(ctx context.Context, incident, keeper, slot string, data []byte) ([]byte, error)
	Read(ctx context.Context, after uint64, follow bool) iter.Seq2[headwatch.Event, error]
	Err() error
	Stats() journal.Stats
}

// Limits of readiness. An assessment comes at least once a second; a delivery that waits longer than a page may is stuck.
const (
	staleAssessment = self.StuckAfter
	stuckDelivery   = 2 * time.Minute
)

func (d *desk) deps() web.Deps {
	return web.Deps{
		Chains:    d.net.statuses,
		Circuits:  func() []headwatch.Signal { return d.net.signals(d.cfg.API.Lease.D()) },
		Incidents: d.book.Incidents,
		Hooks:     d.trials.statuses,
		Events: func(ctx context.Context, after uint64, follow bool) iter.Seq2[headwatch.Event, error] {
			return d.journal.Read(ctx, after, follow)
		},
		Explain:  d.explain,
		Report:   d.report,
		Act:      d.act,
		Silences: func() []headwatch.Silence { return d.book.Silences(time.Now()) },
		Ended:    d.endedSilences,
		Who:      d.who,
		Links:    d.channels.links,
		Owner:    owner(d.cfg),
		AckOnce:  d.ackOnce,
		Inbound:  d.inbound,
		Ready:    func() []string { return d.unready(time.Now()) },
		Journal:  d.journalSize,
		Oldest:   d.channels.oldest,
		Watchdog: d.self.status,
		Version:  version(),
	}
}

// unready says why the process cannot be relied on now.
func (d *desk) unready(now time.Time) []string {
	var why []string
	for _, s := range d.net.statuses() {
		a := s.Assessment
		switch {
		case now.Sub(a.At) > staleAssessment:
			why = append(why, fmt.Sprintf("chain %s: not assessed for %s", a.Chain, short(now.Sub(a.At))))
		case a.Head == nil:
			why = append(why, fmt.Sprintf("chain %s: no head is known yet", a.Chain))
		case a.Find(headwatch.Blind) != nil:
			why = append(why, fmt.Sprintf("chain %s: blind, %s", a.Chain, a.Find(headwatch.Blind).Detail))
		}
	}
	for name, at := range d.channels.oldest() {
		if age := now.Sub(at); age > stuckDelivery {
			why = append(why, fmt.Sprintf("channel %s: its oldest notice has waited %s", name, short(age)))
		}
	}
	if stuck, reached := d.mute(now); len(stuck) > 0 && !reached {
		why = append(why, "messages reach nobody: "+strings.Join(stuck, ", "))
	}
	if age := now.Sub(d.self.seen.Load().At); age > staleAssessment {
		why = append(why, "headwatch itself: not assessed for "+short(age))
	}
	if n := d.recorder.waiting(); n > 0 {
		why = append(why, fmt.Sprintf("journal: %d decisions were told but are not on record", n))
	}
	if err := d.journal.Err(); err != nil {
		why = append(why, "journal: "+err.Error())
	}
	why = append(why, d.trials.unready()...)
	slices.Sort(why)
	return why
}

// act carries out an operator's order. It returns when the order is on record.
func (d *desk) act(ctx context.Context, a headwatch.Action) (headwatch.Event, error) {
	if a.Hook != "" {
		return d.orderHook(ctx, a)
	}
	switch a.Kind {
	case headwatch.ActionAck:
		return d.ack(ctx, a)
	case headwatch.ActionNote:
		return d.record(ctx, a)
	case headwatch.ActionSilence:
		return d.silence(ctx, a)
	case headwatch.ActionUnsilence:
		return d.unsilence(ctx, a)
	}
	circuit, chain, err := d.net.circuit(a.Circuit)
	if err != nil {
		return headwatch.Event{}, fmt.Errorf("%w: %w", web.ErrNotFound, err)
	}
	if chain == nil {
		return headwatch.Event{}, fmt.Errorf("%w: %s tells of headwatch's own troubles and never opens: there is nothing to %s; acknowledge it, or silence it",
			web.ErrConflict, a.Circuit, a.Kind)
	}
	stop := nudge(ctx, chain.Wake)
	t, err := circuit.Do(ctx, a)
	stop()
	silence := d.book.Holding(a.Circuit, time.Now())
	switch {
	case errors.Is(err, breaker.ErrNotNow) && a.Kind == headwatch.ActionTrip && silence != "":
		return headwatch.Event{}, fmt.Errorf("%w: %w, but silence %s holds its hooks back: headwatch unsilence %s lets them fire", web.ErrConflict, err, silence, silence)
	case errors.Is(err, breaker.ErrNotNow), errors.Is(err, breaker.ErrInvalid):
		return headwatch.Event{}, fmt.Errorf("%w: %w", web.ErrConflict, err)
	case err != nil:
		return headwatch.Event{}, err
	}
	if err := d.recorder.await(ctx, t.Circuit, t.Seq); err != nil {
		return headwatch.Event{}, err
	}
	return headwatch.Event{At: t.At, Transition: &t}, nil
}

// nudge wakes a chain now and until stop is called: the order may reach the circuit's inbox only after the first call.
func nudge(ctx context.Context, wake func()) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	go func() {
		tick := time.NewTicker(10 * time.Millisecond)
		defer tick.Stop()
		for ctx.Err() == nil {
			wake()
			select {
			case <-tick.C:
			case <-ctx.Done():
			}
		}
	}()
	return cancel
}

func (d *desk) journalSize() (last, bytes uint64) {
	s := d.journal.Stats()
	return s.Last, s.Bytes
}
