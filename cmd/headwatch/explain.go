package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"
	"time"

	"github.com/urfave/cli/v3"

	"headwatch/config"
	"headwatch/explain"
)

func explainCommand() *cli.Command {
	return &cli.Command{
		Name:      "explain",
		Usage:     "say why a circuit is as it is: who said what, who could vote, which step comes at which second",
		ArgsUsage: "[CIRCUIT]",
		Flags: []cli.Flag{
			apiFlag(), jsonFlag(),
			&cli.StringFlag{Name: "config", Usage: "with --who: ask this `FILE` in place of the running headwatch"},
			&cli.BoolFlag{Name: "who", Usage: "say instead who would be told what and when of a stall that begins now, or --at, while nobody acknowledges"},
			&cli.StringFlag{Name: "at", Usage: "as decided then, from the journal (`TIME`: 2026-11-21T15:48:00Z, without a zone in UTC, or 10m for ten minutes ago)"},
		},
		Action: func(ctx context.Context, c *cli.Command) error {
			if err := arguments(c, 0, 1); err != nil {
				return err
			}
			if c.Bool("who") {
				return explainWho(ctx, c)
			}
			if c.IsSet("config") {
				return usageError{errors.New("explain: --config belongs to --who; everything else is known to the running headwatch alone")}
			}
			query, err := atQuery(c.String("at"), time.Now())
			if err != nil {
				return err
			}
			cl, err := newClient(c)
			if err != nil {
				return err
			}
			names := []string{c.Args().First()}
			if names[0] == "" {
				if names, err = cl.circuits(ctx); err != nil {
					return fmt.Errorf("explain: %w", err)
				}
			}
			for i, name := range names {
				if err := cl.explain(ctx, name, query, c.Bool("json"), i, c.Root().Writer); err != nil {
					return fmt.Errorf("explain %s: %w", name, err)
				}
			}
			return nil
		},
	}
}

// explain prints the answer for one circuit, the nth.
func (c *client) explain(ctx context.Context, name, query string, asJSON bool, nth int, out io.Writer) error {
	var e explain.Explanation
	if err := c.get(ctx, "/v1/circuits/"+url.PathEscape(name)+"/explain"+query, &e); err != nil {
		return err
	}
	if e.Schema != explain.Schema {
		return fmt.Errorf("%s answers in %s, which this headwatch cannot read", c.shown, cmp.Or(e.Schema, "no schema"))
	}
	if asJSON {
		return json.NewEncoder(out).Encode(e)
	}
	text := e.Text()
	if nth > 0 {
		text = "\n" + text
	}
	_, err := io.WriteString(out, text)
	return err
}

// circuits names all circuits.
func (c *client) circuits(ctx context.Context) ([]string, error) {
	var s status
	if err := c.get(ctx, "/v1/circuits", &s); err != nil {
		return nil, err
	}
	var names []string
	for _, s := range s.Circuits {
		names = append(names, s.Circuit)
	}
	return names, nil
}

// atQuery is the query for an instant that a person typed; "" asks about now.
func atQuery(text string, now time.Time) (string, error) {
	if text == "" {
		return "", nil
	}
	at, err := instant(text, now)
	if err != nil {
		return "", usageError{fmt.Errorf("--at %s: expected a time such as 2026-11-21T15:48:00Z, or how long ago, such as 10m", text)}
	}
	if at.After(now) {
		return "", usageError{fmt.Errorf("--at %s: %s is yet to come; leave --at out for what comes next", text, at.UTC().Format(time.RFC3339))}
	}
	return "?at=" + url.QueryEscape(at.UTC().Format(time.RFC3339Nano)), nil
}

// instant reads an instant: RFC 3339, the same without a zone in UTC, or how long ago it was.
func instant(text string, now time.Time) (time.Time, error) {
	var ago config.Duration
	if err := ago.UnmarshalText([]byte(text)); err == nil {
		return now.Add(-ago.D()), nil
	}
	return clock(text)
}

// clock reads an instant: RFC 3339, or the same without a zone in UTC, which may be said, as messages do.
func clock(text string) (time.Time, error) {
	text = strings.TrimSuffix(text, " UTC")
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05", "2006-01-02 15:04:05", "2006-01-02T15:04", "2006-01-02 15:04"} {
		if at, err := time.Parse(layout, text); err == nil {
			return at, nil
		}
	}
	return time.Time{}, fmt.Errorf("%q is no instant", text)
}
