package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/urfave/cli/v3"

	"headwatch"
	"headwatch/config"
)

func hookListCommand() *cli.Command {
	return &cli.Command{
		Name:  "list",
		Usage: "list the hooks: kind, mode, what they call on which chain, which circuits fire them; nothing is contacted",
		Flags: []cli.Flag{configFlag(), jsonFlag()},
		Action: func(_ context.Context, c *cli.Command) error {
			if err := arguments(c, 0, 0); err != nil {
				return err
			}
			cfg, err := load(c)
			if err != nil {
				return err
			}
			if c.Bool("json") {
				return json.NewEncoder(c.Root().Writer).Encode(map[string]any{"hooks": hookStatuses(cfg)})
			}
			return table(c.Root().Writer, func(w io.Writer) { listHooks(w, cfg, hookStatuses(cfg)) })
		},
	}
}

func listHooks(w io.Writer, cfg *config.Config, hooks []headwatch.HookStatus) {
	fmt.Fprintln(w, "HOOK\tKIND\tMODE\tFIRED BY\tON\tVIA\tSIGNER\tCALLS")
	for i := range hooks {
		h, s := &cfg.Hooks[i], &hooks[i]
		calls := strings.TrimSpace(h.Preset + " " + h.Call + " " + strings.Join(h.Args, ", "))
		if h.To != "" {
			calls = strings.TrimSpace(calls + " at " + h.To)
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", s.Name, s.Kind, s.Mode, firedBy(s), orDash(s.Chain), orDash(h.Via), orDash(h.Signer), orDash(calls))
	}
}

func firedBy(s *headwatch.HookStatus) string {
	if len(s.Circuits) == 0 {
		return "no circuit"
	}
	return strings.Join(s.Circuits, " ")
}

func orDash(text string) string {
	if text == "" {
		return "-"
	}
	return text
}
