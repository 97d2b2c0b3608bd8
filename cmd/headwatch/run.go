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
	p, err := newProgram(ctx, cfg, roster, j, last, log)
	if err != nil {
		return err
	}
	channels, err := openChannels(cfg, p.desk.net, out, j, p.desk.ledger, p.desk.book, p.metrics, log.Named("delivery"))
	if err != nil {
		return err
	}
	if err := p.connect(ctx, channels, last); err != nil {
		return err
	}
	server, listener, err := listen(ctx, cfg, p.desk, p.metrics, log.Named("api"))
	if err != nil {
		return err
	}
	firstRead(ctx, roster)
	log.Info("started", zap.String("version", version()), zap.Int("chains", len(p.desk.net.chains)), zap.Int("circuits_restored", len(last)))
	err = p.run(ctx, server, listener)
	log.Info("stopped", zap.Error(err))
	return err
}

// run runs until ctx ends or any part fails; without an API server is nil.
func (p *program) run(ctx context.Context, server *web.Server, listener net.Listener) error {
	group, ctx := errgroup.WithContext(ctx)
	chains := p.desk.net
	for _, chain := range chains.chains {
		group.Go(func() error { return line(ctx, chain, chains.circuits[chain.Name()], p.desk.recorder.decide) })
	}
	for _, part := range p.parts() {
		group.Go(func() error { return part(ctx) })
	}
	if server != nil {
		group.Go(func() error { return server.Run(ctx, listener) })
	}
	err := group.Wait()
	p.desk.self.stopped(err)
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
