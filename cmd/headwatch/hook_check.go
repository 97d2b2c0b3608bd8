package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/urfave/cli/v3"
	"go.uber.org/zap"

	"headwatch/config"
	"headwatch/delivery"
	"headwatch/hook"
	"headwatch/hook/evm"
)

// checkFor bounds the trial of one hook by a person.
const checkFor = time.Minute

func hookCheckCommand() *cli.Command {
	return &cli.Command{
		Name:      "check",
		Usage:     "try what a hook would do, without acting, against the real chains; 1 when it is not ready",
		ArgsUsage: "[NAME]",
		Flags:     []cli.Flag{configFlag(), jsonFlag()},
		Action: func(ctx context.Context, c *cli.Command) error {
			if err := arguments(c, 0, 1); err != nil {
				return err
			}
			cfg, err := load(c)
			if err != nil {
				return err
			}
			probers, err := probersOf(cfg, c.Args().First())
			if err != nil {
				return err
			}
			checks := make([]hookCheck, len(probers))
			for i, p := range probers {
				checks[i] = p.check(ctx)
			}
			return printChecks(c, checks)
		},
	}
}

// hookCheck is what came of trying one hook.
type hookCheck struct {
	Hook  string     `json:"hook"`
	Mode  string     `json:"mode"`
	Ready bool       `json:"ready"`
	Steps []evm.Step `json:"steps"`
}

// namedProber is a hook that can say step by step what it tries.
type namedProber struct {
	hook *config.Hook
	hook.Prober
}

func (p namedProber) check(ctx context.Context) hookCheck {
	ctx, cancel := context.WithTimeout(ctx, checkFor)
	defer cancel()
	c := hookCheck{Hook: p.hook.Name, Mode: p.hook.Mode, Ready: true, Steps: p.Steps(ctx)}
	for _, s := range c.Steps {
		c.Ready = c.Ready && s.OK
	}
	return c
}

// lookers makes the hooks that can be tried and are called so; "" is every name. They have no journal: they look and do not act.
func lookers(cfg *config.Config, name string) (map[string]delivery.Sender, error) {
	all := make(map[string]delivery.Sender)
	accounts := evm.NewAccounts(cfg, nil)
	for i := range cfg.Hooks {
		h := &cfg.Hooks[i]
		if name == "" && !h.Tried() || name != "" && name != h.Name {
			continue
		}
		sender, err := hook.New(*h, hook.Deps{Config: cfg, Accounts: accounts, Log: zap.NewNop()})
		if err != nil {
			return nil, err
		}
		all[h.Name] = sender
	}
	return all, nil
}

// probersOf makes the hook of a name, or all that can be tried, in the order of the configuration.
func probersOf(cfg *config.Config, name string) ([]namedProber, error) {
	if name != "" {
		if _, err := hookNamed(cfg, name); err != nil {
			return nil, usageError{err}
		}
	}
	senders, err := lookers(cfg, name)
	if err != nil {
		return nil, err
	}
	var all []namedProber
	for i := range cfg.Hooks {
		h := &cfg.Hooks[i]
		if p, ok := hook.As[hook.Prober](senders[h.Name]); ok {
			all = append(all, namedProber{h, p})
		}
	}
	switch {
	case len(all) > 0:
		return all, nil
	case name != "":
		return nil, usageError{fmt.Errorf("hook %s is of kind %s, which cannot be tried without acting", name, cfg.Hook(name).Kind)}
	}
	return nil, usageError{errors.New("no hook of the configuration can be tried without acting: those of kind evm and uptime-feed can")}
}

// printChecks shows the checks. The error says which hooks are not ready.
func printChecks(c *cli.Command, checks []hookCheck) error {
	var failed []string
	for _, check := range checks {
		if !check.Ready {
			failed = append(failed, check.Hook)
		}
	}
	out := c.Root().Writer
	if c.Bool("json") {
		if err := json.NewEncoder(out).Encode(map[string]any{"hooks": checks}); err != nil {
			return err
		}
	} else {
		for i, check := range checks {
			if i > 0 {
				fmt.Fprintln(out)
			}
			check.print(out)
		}
	}
	if len(failed) > 0 {
		return fmt.Errorf("not ready: %s", strings.Join(failed, ", "))
	}
	return nil
}

func (c hookCheck) print(out io.Writer) {
	verdict := "ready"
	if !c.Ready {
		verdict = "NOT READY"
	}
	fmt.Fprintf(out, "hook %s (%s): %s\n", c.Hook, c.Mode, verdict)
	for _, s := range c.Steps {
		mark := "ok     "
		if !s.OK {
			mark = "WRONG  "
		}
		fmt.Fprintf(out, "  %s%s: %s\n", mark, s.What, s.Found)
		if s.Do != "" {
			fmt.Fprintf(out, "         do: %s\n", s.Do)
		}
	}
}
