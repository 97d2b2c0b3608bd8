package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/urfave/cli/v3"

	"headwatch/config"
)

func alertCommand() *cli.Command {
	return &cli.Command{
		Name:     "alert",
		Usage:    "channels that tell people: which there are, and whether they work",
		Action:   listed(cli.ShowSubcommandHelp),
		Commands: []*cli.Command{alertListCommand(), alertTestCommand()},
	}
}

// alertRow is a channel as a list shows it. It holds no secret: of a URL the host.
type alertRow struct {
	Name     string   `json:"name"`
	Kind     string   `json:"kind"`
	From     string   `json:"from"`
	Host     string   `json:"host,omitempty"`
	Circuits []string `json:"circuits"` // that tell it at once
}

func alertListCommand() *cli.Command {
	return &cli.Command{
		Name:  "list",
		Usage: "list the alert channels: kind, from which rung on, where, and which circuits tell them at once; nothing is contacted",
		Flags: []cli.Flag{configFlag(), jsonFlag()},
		Action: func(_ context.Context, c *cli.Command) error {
			if err := arguments(c, 0, 0); err != nil {
				return err
			}
			cfg, err := load(c)
			if err != nil {
				return err
			}
			rows := alertRows(cfg)
			if c.Bool("json") {
				return json.NewEncoder(c.Root().Writer).Encode(map[string]any{"alerts": rows})
			}
			return table(c.Root().Writer, func(w io.Writer) {
				fmt.Fprintln(w, "CHANNEL\tKIND\tFROM\tHOST\tTOLD BY")
				for _, r := range rows {
					fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", r.Name, r.Kind, r.From, orDash(r.Host), orDash(strings.Join(r.Circuits, " ")))
				}
			})
		},
	}
}

func alertRows(cfg *config.Config) []alertRow {
	rows := make([]alertRow, len(cfg.Alerts))
	for i, a := range cfg.Alerts {
		rows[i] = alertRow{Name: a.Name, Kind: a.Kind, From: a.From.String(), Host: a.URL.Host(), Circuits: []string{}}
		for _, x := range cfg.Circuits {
			if slices.Contains(x.Alerts, a.Name) {
				rows[i].Circuits = append(rows[i].Circuits, x.Name)
			}
		}
	}
	return rows
}

// alertNamed gives the alert channel of a name, or says which there are.
func alertNamed(cfg *config.Config, name string) (*config.Alert, error) {
	if a := cfg.Alert(name); a != nil {
		return a, nil
	}
	names := make([]string, len(cfg.Alerts))
	for i, a := range cfg.Alerts {
		names[i] = a.Name
	}
	return nil, usageError{fmt.Errorf("alert %q does not exist; %s", name, config.DidYouMean(name, names))}
}
