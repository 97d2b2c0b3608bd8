package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"time"

	"github.com/urfave/cli/v3"
	"golang.org/x/sync/errgroup"

	"headwatch"
	"headwatch/config"
)

const (
	flushEvery  = time.Second // what a recording loses at most when its process is killed
	reportEvery = 10 * time.Second
)

func recordCommand() *cli.Command {
	return &cli.Command{
		Name:      "record",
		Usage:     "write what the endpoints of a configuration answer to a file that replay reads; nothing is judged or told",
		ArgsUsage: "OUT",
		Flags:     []cli.Flag{configFlag(), &cli.DurationFlag{Name: "for", Usage: "how long; default: until it is stopped"}},
		Action: func(ctx context.Context, c *cli.Command) error {
			if err := arguments(c, 1, 1); err != nil {
				return err
			}
			if c.IsSet("for") {
				if c.Duration("for") <= 0 {
					return usageError{errors.New("record: --for must be longer than nothing")}
				}
				var cancel context.CancelFunc
				ctx, cancel = context.WithTimeout(ctx, c.Duration("for"))
				defer cancel()
			}
			cfg, err := load(c)
			if err != nil {
				return err
			}
			return record(ctx, cfg, c.Args().First(), c.Root().ErrWriter)
		},
	}
}

// record runs the endpoints, and the trials of hooks, without a journal and without the API, so that it can run beside a running headwatch. It
// ends with ctx. A name that ends in .gz is packed.
func record(ctx context.Context, cfg *config.Config, path string, errs io.Writer) (err error) {
	log, err := newLogger(cfg.Log, errs)
	if err != nil {
		return err
	}
	net, err := wire(cfg, nil, nil, log)
	if err != nil {
		return err
	}
	senders, err := lookers(cfg, "")
	if err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if errors.Is(err, fs.ErrExist) {
		return usageError{fmt.Errorf("%s is there already: a recording overwrites nothing", path)}
	} else if err != nil {
		return fmt.Errorf("open the recording: %w", err)
	}
	rec := newRecording(f, strings.HasSuffix(path, ".gz"))
	defer func() { err = errors.Join(err, rec.close()) }()

	rec.event("headwatch " + version() + " began to record")
	group, ctx := errgroup.WithContext(ctx)
	for _, chain := range net.chains {
		chain.Tap(rec.put)
		group.Go(func() error { return chain.Run(ctx, func(headwatch.Assessment) error { return nil }) })
	}
	group.Go(func() error { return newTrials(cfg, senders, net, log.Named("hooks")).Run(ctx) })
	group.Go(func() error { return rec.keep(ctx, errs) })
	return group.Wait()
}
