package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/urfave/cli/v3"
)

// demoProgram carries whole geth nodes; it is a program of its own so that this one does not.
const demoProgram = "headwatch-demo"

func demoCommand() *cli.Command {
	return &cli.Command{
		Name:            "demo",
		Usage:           "show an outage and a pause on real chains in one process, seen by this program, in 40 seconds",
		SkipFlagParsing: true,
		Action: func(ctx context.Context, c *cli.Command) error {
			self, err := os.Executable()
			if err != nil {
				return fmt.Errorf("find this program: %w", err)
			}
			path := filepath.Join(filepath.Dir(self), demoProgram)
			if _, err := os.Stat(path); err != nil {
				if path, err = exec.LookPath(demoProgram); err != nil {
					return fmt.Errorf("the demo is the program %s, which is neither beside this one nor in PATH; `make demo` builds and runs it", demoProgram)
				}
			}
			demo := exec.CommandContext(ctx, path, append([]string{"--headwatch", self}, c.Args().Slice()...)...)
			demo.Stdout, demo.Stderr = c.Root().Writer, c.Root().ErrWriter
			demo.Cancel = func() error { return demo.Process.Signal(os.Interrupt) }
			err = demo.Run()
			if demo.ProcessState != nil && demo.ProcessState.Success() {
				return nil // also when a person ended what stayed
			}
			if exit, ok := errors.AsType[*exec.ExitError](err); ok && exit.ExitCode() == exitUsage {
				return usageError{errors.New("demo: see above")}
			}
			if err != nil {
				return fmt.Errorf("demo: %w", err)
			}
			return nil
		},
	}
}
