package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/urfave/cli/v3"
	"go.uber.org/zap"

	"headwatch/config"
	"headwatch/duty"
)

const longestRota = 366 * 24 * time.Hour

// rotaShown is one rota as the command prints it for a program.
type rotaShown struct {
	Rota   string       `json:"rota"`
	Shifts []duty.Shift `json:"shifts"`
}

func rotaCommand() *cli.Command {
	return &cli.Command{
		Name:      "rota",
		Usage:     "show who is on call and the handovers that come; reads the calendars, asks no server",
		ArgsUsage: "[NAME]",
		Flags: []cli.Flag{
			configFlag(), jsonFlag(),
			&cli.StringFlag{Name: "at", Usage: "from then on (`TIME`: 2026-11-21T15:48:00Z, without a zone in UTC)"},
			&cli.StringFlag{Name: "for", Value: "14d", Usage: "how far to look (`DURATION`: 14d, 36h)"},
		},
		Action: func(ctx context.Context, c *cli.Command) error {
			if err := arguments(c, 0, 1); err != nil {
				return err
			}
			from, until, err := rotaTime(c.String("at"), c.String("for"), time.Now())
			if err != nil {
				return err
			}
			cfg, err := load(c)
			if err != nil {
				return err
			}
			roster, err := duty.New(cfg, zap.NewNop())
			if err != nil {
				return err
			}
			names := roster.Rotas()
			if name := c.Args().First(); name != "" {
				if !slices.Contains(names, name) {
					return usageError{fmt.Errorf("rota %q does not exist; %s", name, config.DidYouMean(name, names))}
				}
				names = []string{name}
			}
			roster.Read(ctx)
			return showRotas(c, roster, names, from, until)
		},
	}
}

// rotaTime reads the flags of the command.
func rotaTime(at, long string, now time.Time) (from, until time.Time, err error) {
	if from, err = foreseen(at, now); err != nil {
		return from, until, err
	}
	var d config.Duration
	if err := d.UnmarshalText([]byte(long)); err != nil || d <= 0 || d.D() > longestRota {
		return from, until, usageError{fmt.Errorf("--for %s: expected a duration such as 14d, at most %s", long, config.Duration(longestRota))}
	}
	return from, from.Add(d.D()), nil
}

// showRotas prints the rotas. Who reads them must know when a calendar among them could not be read.
func showRotas(c *cli.Command, r *duty.Roster, names []string, from, until time.Time) error {
	out := c.Root().Writer
	all := make([]rotaShown, len(names))
	for i, name := range names {
		all[i] = rotaShown{name, r.Shifts(name, from, until)}
	}
	if c.Bool("json") {
		if err := json.NewEncoder(out).Encode(all); err != nil {
			return err
		}
	} else {
		for _, x := range all {
			section(out, x.Rota, 1, func(rows io.Writer) {
				for _, s := range x.Shifts {
					fmt.Fprintf(rows, "  %s\t%s\n", s.From.Format(dutyInstant), onCall(s))
				}
			})
		}
	}
	for _, cal := range r.Calendars() {
		if cal.Trouble != "" && slices.Contains(names, strings.TrimPrefix(cal.Name, "rota.")) {
			return fmt.Errorf("%s: the calendar at %s: %s", cal.Name, cal.Where, cal.Trouble)
		}
	}
	return nil
}
