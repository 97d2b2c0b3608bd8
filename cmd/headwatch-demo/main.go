// Command headwatch-demo shows a whole outage in about 40 seconds: real geth chains in this process, the real headwatch
// beside it, and a webhook receiver, a pager and a chat on loopback. While the L2 stands still, headwatch pauses a market on it
// through the L1; the chain's own blocks show which users came before the pause and which after it. It exits 0 only if every step
// was observed.
//
// It is a program of its own so that headwatch does not carry geth nodes. `headwatch demo` and `make demo` start it.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"github.com/urfave/cli/v3"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args, os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// run has the exit codes of headwatch: 0 every step was seen, 1 one was not, 2 wrong usage.
func run(ctx context.Context, args []string, out, errs io.Writer) int {
	usage := false
	app := &cli.Command{
		Name:           "headwatch demo",
		Usage:          "an outage and a pause on real chains in one process, seen by the real headwatch",
		Writer:         out,
		ErrWriter:      errs,
		ExitErrHandler: func(context.Context, *cli.Command, error) {},
		OnUsageError: func(_ context.Context, _ *cli.Command, err error, _ bool) error {
			usage = true
			return err
		},
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "headwatch", Usage: "the `PROGRAM` to show; default: headwatch beside this one"},
			&cli.BoolFlag{Name: "json", Usage: "print the timeline as JSON, one moment a line"},
			&cli.BoolFlag{Name: "stay", Usage: "keep everything running afterwards, until interrupted"},
		},
		Action: func(ctx context.Context, c *cli.Command) error {
			program := c.String("headwatch")
			if program == "" {
				self, err := os.Executable()
				if err != nil {
					return fmt.Errorf("find headwatch: %w", err)
				}
				program = filepath.Join(filepath.Dir(self), "headwatch")
			}
			var tell teller = newTable(out)
			if c.Bool("json") {
				tell = newLines(out)
			}
			return demo(ctx, program, tell, c.Bool("stay"))
		},
	}
	err := app.Run(ctx, args)
	switch {
	case err == nil:
		return 0
	case errors.Is(err, context.Canceled):
		fmt.Fprintln(errs, "demo: interrupted")
		return 1
	}
	fmt.Fprintln(errs, "demo:", err)
	if usage {
		return 2
	}
	return 1
}
