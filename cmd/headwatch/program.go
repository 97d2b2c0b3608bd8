package main

import (
	"context"

	"go.uber.org/zap"

	"headwatch"
	"headwatch/config"
	"headwatch/duty"
	"headwatch/incident"
	"headwatch/web"
)

// program is everything that runs around one journal: chains with their circuits, the books, the channels, and the desk that answers
// for all of them. It is made in two steps, since what tells must know the books before the desk can order anything of it.
type program struct {
	desk    *desk
	journal chronicle
	roster  *duty.Roster
	metrics *web.Metrics
	log     *zap.Logger
}

// chronicle is the journal as the parts of a program see it.
type chronicle interface {
	records
	decisions
	follower
	escalator
	secrets
}

// newProgram makes what judges and remembers, each circuit as the journal last decided it. It may not run before connect.
func newProgram(
	ctx context.Context, cfg *config.Config, roster *duty.Roster, j chronicle, last map[string]headwatch.Transition, log *zap.Logger,
) (*program, error) {
	metrics := web.NewMetrics(cfg)
	metrics.Calendars(calendarsRead(roster))
	net, err := wire(cfg, last, metrics.Observed, log)
	if err != nil {
		return nil, err
	}
	ledger, err := restoreLedger(ctx, j, last)
	if err != nil {
		return nil, err
	}
	book := incident.NewBook(plan(cfg))
	book.Consult(roster)
	d := &desk{cfg: cfg, net: net, book: book, ledger: ledger, journal: j, roster: roster, log: log.Named("desk")}
	return &program{d, j, roster, metrics, log}, nil
}

// connect adds what tells, and what people order on it; and headwatch itself, which judges how that goes.
func (p *program) connect(ctx context.Context, all *channels, last map[string]headwatch.Transition) (err error) {
	d := p.desk
	d.channels = all
	d.recorder = newRecorder(p.journal, all.tellDirectly(d.book), p.metrics, p.log.Named("line"))
	d.trials = newTrials(d.cfg, all.senders, d.net, p.log.Named("hooks"))
	all.order = d.heed
	all.links = newLinks(ctx, d.cfg, p.journal, p.log.Named("api"))
	d.self, err = newSelfWatch(d, last)
	return err
}

// parts are what runs beside the lines of the chains, each until its context ends.
func (p *program) parts() []func(context.Context) error {
	d := p.desk
	all := []func(context.Context) error{
		d.self.Run, d.recorder.Run, d.trials.Run,
		func(ctx context.Context) error {
			return keepBooks(ctx, p.journal, d.ledger, d.book, d.channels, p.metrics, p.log.Named("hooks"))
		},
		func(ctx context.Context) error {
			return keepTime(ctx, d.book, p.journal, d.channels.tell, p.log.Named("clock"))
		},
		p.roster.Run, duty.NewKeeper(p.roster, p.journal, p.log.Named("duty")).Run,
	}
	for _, loop := range d.channels.loops {
		all = append(all, loop.Run)
	}
	for _, runner := range d.channels.runners {
		all = append(all, runner.Run)
	}
	return all
}
