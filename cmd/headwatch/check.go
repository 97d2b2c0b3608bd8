package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"slices"
	"time"

	"github.com/urfave/cli/v3"
	"go.uber.org/zap"

	"headwatch/alert"
	"headwatch/config"
	"headwatch/duty"
	"headwatch/hook/evm"
)

// load reads the configuration that a command names. Everything wrong with it is an error of usage.
func load(c *cli.Command) (*config.Config, error) {
	cfg, err := config.Load(c.String("config"), evm.Check, alert.Check, duty.Check)
	if err != nil {
		return nil, usageError{err}
	}
	for _, w := range cfg.Warnings() {
		fmt.Fprintln(c.Root().ErrWriter, "warning:", w)
	}
	return cfg, nil
}

func checkCommand() *cli.Command {
	return &cli.Command{
		Name:  "check",
		Usage: "check a configuration file and show what it will do; nothing is contacted",
		Flags: []cli.Flag{configFlag(), jsonFlag()},
		Action: func(_ context.Context, c *cli.Command) error {
			if err := arguments(c, 0, 0); err != nil {
				return err
			}
			cfg, err := load(c)
			var accounts map[string]string
			var unusable error
			if err == nil {
				if accounts, unusable = openSigners(cfg); unusable != nil {
					unusable = usageError{unusable}
				}
			}
			if c.Bool("json") {
				return checkJSON(c, cmp.Or(err, unusable))
			}
			if err != nil {
				return err
			}
			screen(c.Root().Writer, cfg, accounts)
			roster, err := duty.New(cfg, zap.NewNop())
			if err != nil {
				return err
			}
			screenDuty(c.Root().Writer, cfg, roster, time.Now())
			for _, w := range slices.Concat(absentPrograms(cfg), overBudget(cfg)) {
				fmt.Fprintln(c.Root().ErrWriter, "warning:", w)
			}
			if unusable != nil {
				return unusable
			}
			_, err = fmt.Fprintf(c.Root().Writer, "\n%s is in order.\n", c.String("config"))
			return err
		},
	}
}

// absentPrograms names the armed commands that are not on this machine, which need not be the one that will run them.
func absentPrograms(cfg *config.Config) (warnings []string) {
	for _, h := range cfg.Hooks {
		if h.Kind != config.HookCommand || !h.Acts() {
			continue
		}
		if _, err := exec.LookPath(h.Command[0]); err != nil {
			warnings = append(warnings, fmt.Sprintf("hook %q is armed and cannot be run here: %v: headwatch run will not start", h.Name, err))
		}
	}
	return warnings
}

// checkJSON prints the faults as data; the exit code stays that of the check.
func checkJSON(c *cli.Command, err error) error {
	faults := []config.Fault{}
	if bad, ok := errors.AsType[*config.Error](err); ok {
		faults = bad.Faults
	} else if err != nil {
		faults = append(faults, config.Fault{File: c.String("config"), Problem: err.Error()})
	}
	if e := json.NewEncoder(c.Root().Writer).Encode(map[string]any{"ok": err == nil, "faults": faults}); e != nil {
		return e
	}
	return err
}
