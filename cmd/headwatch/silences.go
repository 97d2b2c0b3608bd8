package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"time"

	"github.com/urfave/cli/v3"

	"headwatch"
	"headwatch/config"
	"headwatch/web"
)

func silenceCommand() *cli.Command {
	return &cli.Command{
		Name:      "silence",
		Usage:     "hold back new pages for a while; never a resolve, a hook, or what somebody was told before",
		ArgsUsage: "MATCHER...",
		Description: "A matcher is NAME=VALUE, NAME!=VALUE, NAME=~REGEX or NAME!~REGEX, where NAME is circuit, chain, condition or severity.\n" +
			"All of them must hold: headwatch silence chain=base severity!=trip --for 2h --reason 'the upgrade'",
		Flags: append(orderFlags(),
			&cli.StringFlag{Name: "for", Usage: "how long, such as 90m, 2h or 1d (`DURATION`); or --until"},
			&cli.StringFlag{Name: "until", Usage: "when it ends (`TIME`: 2026-11-21T15:48:00Z, without a zone in UTC)"},
			&cli.StringFlag{Name: "starts", Usage: "when it begins, if not now (`TIME`)"},
			&cli.BoolFlag{Name: "hold-hooks", Usage: "hooks do not fire either: contracts stay as they are, whatever the chain does"},
			&cli.BoolFlag{Name: "all", Usage: "everything, in place of matchers"},
		),
		Action: func(ctx context.Context, c *cli.Command) error {
			body, err := silenceBody(c)
			if err != nil {
				return usageError{fmt.Errorf("%s: %w", c.FullName(), err)}
			}
			cl, err := newOperator(c)
			if err != nil {
				return err
			}
			return cl.give(ctx, c, "silence", "/v1/silences", body)
		},
	}
}

// silenceBody is what the API wants to know.
func silenceBody(c *cli.Command) (map[string]any, error) {
	body := map[string]any{"reason": c.String("reason"), "hold_hooks": c.Bool("hold-hooks"), "all": c.Bool("all")}
	for _, text := range c.Args().Slice() {
		if _, err := headwatch.ParseMatcher(text); err != nil {
			return nil, err
		}
	}
	if c.Args().Present() == c.Bool("all") {
		return nil, errors.New("say what to silence, such as chain=base; everything is --all")
	}
	if c.Args().Present() {
		body["matchers"] = c.Args().Slice()
	}
	if (c.String("for") == "") == (c.String("until") == "") {
		return nil, errors.New("a silence ends: give either --for, such as --for 2h, or --until")
	}
	if text := c.String("for"); text != "" {
		var d config.Duration
		if err := d.UnmarshalText([]byte(text)); err != nil {
			return nil, fmt.Errorf("--for %s: %w", text, err)
		}
		body["for"] = d.D().String()
	}
	for flag, key := range map[string]string{"until": "ends", "starts": "starts"} {
		if text := c.String(flag); text != "" {
			at, err := clock(text)
			if err != nil {
				return nil, fmt.Errorf("--%s %s: expected a time such as 2026-11-21T15:48:00Z", flag, text)
			}
			body[key] = at
		}
	}
	return body, nil
}

func unsilenceCommand() *cli.Command {
	return &cli.Command{
		Name:      "unsilence",
		Usage:     "end a silence before its time; what it held back and still lasts is told at once",
		ArgsUsage: "ID",
		Flags:     orderFlags(),
		Action: func(ctx context.Context, c *cli.Command) error {
			if err := arguments(c, 1, 1); err != nil {
				return err
			}
			cl, err := newOperator(c)
			if err != nil {
				return err
			}
			path := "/v1/silences/" + url.PathEscape(c.Args().First()) + "/end"
			return cl.give(ctx, c, "unsilence", path, map[string]string{"reason": c.String("reason")})
		},
	}
}

func silencesCommand() *cli.Command {
	return &cli.Command{
		Name:  "silences",
		Usage: "show the silences in force, those to come, and those that ended within a day",
		Flags: []cli.Flag{apiFlag(), jsonFlag()},
		Action: func(ctx context.Context, c *cli.Command) error {
			if err := arguments(c, 0, 0); err != nil {
				return err
			}
			cl, err := newClient(c)
			if err != nil {
				return err
			}
			var s status
			if err := cl.get(ctx, "/v1/silences", &s); err != nil {
				return fmt.Errorf("silences: %w", err)
			}
			if c.Bool("json") {
				return json.NewEncoder(c.Root().Writer).Encode(map[string]any{"silences": s.Silences})
			}
			if len(s.Silences) == 0 {
				_, err := fmt.Fprintln(c.Root().Writer, "nothing is silenced")
				return err
			}
			return table(c.Root().Writer, func(w io.Writer) { printSilences(w, s.Silences, time.Now()) })
		},
	}
}

func printSilences(w io.Writer, all []web.Silence, now time.Time) {
	fmt.Fprintln(w, "SILENCE\tSTATE\tOF\tFROM\tUNTIL\tHOOKS\tBY\tWHY")
	for i := range all {
		s := &all[i]
		hooks := "fire"
		if s.HoldHooks {
			hooks = "HELD"
		}
		state, by, why := string(s.State), s.Author, s.Reason
		if s.Window != "" {
			by += ", maintenance " + s.Window
		}
		if s.State == web.SilenceActive {
			state += ", " + left(s.Ends, now) + " left"
		}
		if s.EndedBy != "" {
			why += fmt.Sprintf("; ended by %s: %s", s.EndedBy, s.Because)
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", s.ID, state, matcherWords(&s.Silence), stamp(s.Starts), stamp(s.Ends), hooks, by, why)
	}
}

// holding gives the silences in force and to come.
func holding(all []web.Silence) []web.Silence {
	var some []web.Silence
	for _, s := range all {
		if s.State != web.SilenceEnded {
			some = append(some, s)
		}
	}
	return some
}
