// Command headwatch watches L2 chains and opens a circuit breaker when one of them stalls.
//
// This package parses the command line, wires the others and runs them. It is the only place with flags, signals,
// os.Exit and the construction of the logger; it decides nothing about chains.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	// A container may hold no time zones, and a rota in Berlin must be one there too.
	_ "time/tzdata"

	"github.com/urfave/cli/v3"

	"headwatch/config"
)

// Exit codes, also in docs/cli.md.
const (
	exitOK    = 0
	exitError = 1 // it was tried and it did not work
	exitUsage = 2 // the command line or the configuration is wrong: nothing was started
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends what the first one could not
	code := run(ctx, os.Args, os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// usageError is an error of the person who typed, not of the program.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

// run is the program without the process around it.
func run(ctx context.Context, args []string, out, errs io.Writer) int {
	err := app(out, errs).Run(ctx, args)
	if err == nil {
		return exitOK
	}
	fmt.Fprintln(errs, err)
	if _, ok := errors.AsType[usageError](err); ok {
		return exitUsage
	}
	return exitError
}

func app(out, errs io.Writer) *cli.Command {
	root := &cli.Command{
		Name:                  "headwatch",
		Usage:                 "watch L2 chains and trip a circuit breaker when one of them stalls",
		Writer:                out,
		ErrWriter:             errs,
		Version:               version(),
		EnableShellCompletion: true,
		Suggest:               true,
		ExitErrHandler:        func(context.Context, *cli.Command, error) {},
		Commands: []*cli.Command{
			runCommand(),
			checkCommand(),
			demoCommand(),
			statusCommand(),
			circuitsCommand(),
			explainCommand(),
			rotaCommand(),
			orderCommand(trip),
			orderCommand(reset),
			orderCommand(hold),
			ackCommand(),
			noteCommand(),
			silenceCommand(),
			silencesCommand(),
			unsilenceCommand(),
			incidentsCommand(),
			hookOrderCommand(veto),
			hookOrderCommand(approve),
			eventsCommand(),
			reportCommand(),
			drillCommand(),
			recordCommand(),
			replayCommand(),
			backtestCommand(),
			hookCommand(),
			alertCommand(),
			versionCommand(),
		},
	}
	root.Action = listed(cli.ShowAppHelp)
	forUsage(root)
	return root
}

// listed is what a group of commands does by itself: it shows them, and refuses a word that is none of them.
func listed(show func(*cli.Command) error) cli.ActionFunc {
	return func(_ context.Context, c *cli.Command) error {
		if c.Args().Present() {
			var names []string
			for _, sub := range c.VisibleCommands() {
				names = append(names, sub.Name)
			}
			word := c.Args().First()
			return usageError{fmt.Errorf("%q is not a command of %s; %s", word, c.FullName(), config.DidYouMean(word, names))}
		}
		return show(c)
	}
}

// forUsage makes every wrong flag or argument an error of usage, on every command.
func forUsage(c *cli.Command) {
	c.OnUsageError = func(_ context.Context, c *cli.Command, err error, _ bool) error {
		return usageError{fmt.Errorf("%s: %w (`%s --help` lists what is possible)", c.FullName(), err, c.FullName())}
	}
	for _, sub := range c.Commands {
		forUsage(sub)
	}
}

// arguments checks the number of a command's arguments.
func arguments(c *cli.Command, least, most int) error {
	n := c.Args().Len()
	if n < least || n > most {
		usage := strings.TrimSpace(c.FullName() + " " + c.ArgsUsage)
		return usageError{fmt.Errorf("%s: %d arguments given; usage: %s (options: `%s --help`)", c.FullName(), n, usage, c.FullName())}
	}
	return nil
}
