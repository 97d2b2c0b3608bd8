package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"time"

	"github.com/urfave/cli/v3"
	"go.uber.org/zap"
	"golang.org/x/sync/errgroup"

	"headwatch/config"
	"headwatch/duty"
	"headwatch/incident"
	"headwatch/journal"
	"headwatch/web"
)

func runCommand() *cli.Command {
	return &cli.Command{
		Name:  "run",
		Usage: "watch, judge, decide and tell, until stopped",
		Flags: []cli.Flag{configFlag()},
		Action: func(ctx context.Context, c *cli.Command) error {
			if err := arguments(c, 0, 0); err != nil {
				return err
			}
			cfg, err := load(c)
			if err != nil {
				return err
			}
			return watch(ctx, cfg, c.Root().Writer, c.Root().ErrWriter)
		},
	}
}

// watch is the running program: it opens the journal, restores what was decided, wires the line, and runs until ctx ends
// or any part of it fails. A part that fails ends all of it: a watchdog that is half alive looks well.
func watch(ctx context.Context, cfg *config.Config, out, errs io.Writer) (err error) {
	log, err := newLogger(cfg.Log, errs)
	if err != nil {
		return err
	}
	roster, err := duty.New(cfg, log.Named("duty"))
	if err != nil {
		return err
	}
	screen(out, cfg, nil)
	screenDuty(out, cfg, roster, time.Now())

	j, err := journal.Open(ctx, cfg.Journal, log.Named("journal"))
	if err != nil {
		return err
	}
	defer func() {
		if closing := j.Close(); err == nil {
			err = closing
		}
	}()
	last, err := j.Last(ctx)
	if err != nil {
		return fmt.Errorf("restore circuits: %w", err)
	}
	closeOrphans(ctx, cfg, j, last, log.Named("line"))
	metrics := web.NewMetrics(cfg)
	metrics.Calendars(calendarsRead(roster))
	net, err := wire(cfg, last, metrics.Observed, log)
	if err != nil {
		return err
	}
	book := incident.NewBook(plan(cfg))
	book.Consult(roster)
	ledger, err := restoreLedger(ctx, j, last)
	if err != nil {
		return err
	}
	channels, err := openChannels(cfg, net, out, j, ledger, book, metrics, log.Named("delivery"))
	if err != nil {
		return err
	}
	recorder := newRecorder(j, channels.tellDirectly(book), metrics, log.Named("line"))
	d := &desk{cfg: cfg, net: net, book: book, ledger: ledger, channels: channels, recorder: recorder, journal: j, trials: newTrials(cfg, channels.senders, net, log.Named("hooks")), roster: roster, log: log.Named("desk")}
	channels.order = d.heed
	channels.links = newLinks(ctx, cfg, j, log.Named("api"))
	if d.self, err = newSelfWatch(d, last); err != nil {
		return err
	}
	server, listener, err := listen(ctx, cfg, d, metrics, log.Named("api"))
	if err != nil {
		return err
	}
	firstRead(ctx, roster)
	log.Info("started", zap.String("version", version()), zap.Int("chains", len(net.chains)), zap.Int("circuits_restored", len(last)))

	group, ctx := errgroup.WithContext(ctx)
	for _, chain := range net.chains {
		group.Go(func() error { return line(ctx, chain, net.circuits[chain.Name()], recorder.decide) })
	}
	group.Go(func() error { return d.self.Run(ctx) })
	group.Go(func() error { return recorder.Run(ctx) })
	group.Go(func() error { return d.trials.Run(ctx) })
	group.Go(func() error { return keepBooks(ctx, j, ledger, book, channels, metrics, log.Named("hooks")) })
	group.Go(func() error { return roster.Run(ctx) })
	group.Go(func() error { return duty.NewKeeper(roster, j, log.Named("duty")).Run(ctx) })
	group.Go(func() error { return keepTime(ctx, book, j, channels.tell, log.Named("clock")) })
	for _, loop := range channels.loops {
		group.Go(func() error { return loop.Run(ctx) })
	}
	for _, runner := range channels.runners {
		group.Go(func() error { return runner.Run(ctx) })
	}
	if server != nil {
		group.Go(func() error { return server.Run(ctx, listener) })
	}
	err = group.Wait()
	d.self.stopped(err)
	log.Info("stopped", zap.Error(err))
	return err
}

// listen opens the API's port before anything runs, so that a port which is taken is an error of the start.
func listen(ctx context.Context, cfg *config.Config, d *desk, m *web.Metrics, log *zap.Logger) (*web.Server, net.Listener, error) {
	if cfg.API.Listen == "" {
		return nil, nil, nil
	}
	server, err := web.New(cfg.API, d.deps(), m, log)
	if err != nil {
		return nil, nil, err
	}
	listener, err := (&net.ListenConfig{KeepAlive: time.Minute}).Listen(ctx, "tcp", cfg.API.Listen)
	if err != nil {
		return nil, nil, fmt.Errorf("open the API's port (api.listen): %w", err)
	}
	return server, listener, nil
}
