package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/urfave/cli/v3"

	"headwatch"
)

func ackCommand() *cli.Command {
	return &cli.Command{
		Name:      "ack",
		Usage:     "say that you have an incident in hand: nobody else is called meanwhile, unless it gets worse",
		ArgsUsage: "CIRCUIT|INCIDENT",
		Flags: append(orderFlags(),
			&cli.DurationFlag{Name: "for", DefaultText: "as long as the escalation says", Usage: "how long, 1m to 24h (`DURATION`)"}),
		Action: func(ctx context.Context, c *cli.Command) error {
			if err := arguments(c, 1, 1); err != nil {
				return err
			}
			body := map[string]string{"reason": c.String("reason")}
			if c.IsSet("for") {
				body["for"] = c.Duration("for").String()
			}
			cl, err := newOperator(c)
			if err != nil {
				return err
			}
			all, err := cl.incidents(ctx)
			if err != nil {
				return fmt.Errorf("ack: %w", err)
			}
			path := "/v1/circuits/"
			if named(all, c.Args().First()) != nil {
				path = "/v1/incidents/"
			}
			return cl.give(ctx, c, "ack", path+url.PathEscape(c.Args().First())+"/ack", body)
		},
	}
}

func noteCommand() *cli.Command {
	return &cli.Command{
		Name:      "note",
		Usage:     "add to the timeline of an incident, open or over; nobody is told",
		ArgsUsage: "INCIDENT|CIRCUIT [TEXT...]",
		Flags: []cli.Flag{
			apiFlag(), tokenFlag(), jsonFlag(),
			&cli.StringFlag{Name: "reason", Aliases: []string{"r"}, Usage: "what to add, in place of TEXT (`TEXT`)"},
		},
		Action: func(ctx context.Context, c *cli.Command) error {
			text := strings.Join(c.Args().Tail(), " ")
			if (text == "") == (c.String("reason") == "") {
				return usageError{fmt.Errorf("%s: usage: %s INCIDENT TEXT..., or with the text in --reason", c.FullName(), c.FullName())}
			}
			cl, err := newOperator(c)
			if err != nil {
				return err
			}
			all, err := cl.incidents(ctx)
			if err != nil {
				return fmt.Errorf("note: %w", err)
			}
			id := c.Args().First()
			if named(all, id) == nil {
				if i := calling(all, id, ""); i != nil {
					id = i.ID
				}
			}
			return cl.give(ctx, c, "note", "/v1/incidents/"+url.PathEscape(id)+"/note", map[string]string{"reason": text + c.String("reason")})
		},
	}
}

// give sends an order and prints what is on record then.
func (c *client) give(ctx context.Context, cmd *cli.Command, what, path string, body any) error {
	var event headwatch.Event
	if err := c.post(ctx, path, body, &event); err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	if cmd.Bool("json") {
		return json.NewEncoder(cmd.Root().Writer).Encode(event)
	}
	return printOrdered(cmd, event)
}

// incidents gives the open incidents and some that are over.
func (c *client) incidents(ctx context.Context) ([]headwatch.Incident, error) {
	var s status
	return s.Incidents, c.get(ctx, "/v1/incidents", &s)
}

func named(all []headwatch.Incident, id string) *headwatch.Incident {
	for i := range all {
		if all[i].ID == id {
			return &all[i]
		}
	}
	return nil
}

// aboutWords names the hook or the circuit that an order is for; "" where it is for neither.
func aboutWords(a *headwatch.Action) string {
	if name := cmp.Or(a.Hook, a.Circuit); name != "" {
		return name + ": "
	}
	return ""
}

// actionWords is an order in a few words, with what it is about.
func actionWords(a *headwatch.Action) string {
	text := string(a.Kind)
	switch {
	case a.Hook != "":
		text = ordered(a)
	case a.Kind == headwatch.ActionAck:
		text += " of " + a.Incident
		if a.For > 0 {
			text += " for " + short(a.For)
		}
	case a.Kind == headwatch.ActionNote:
		text += " on " + a.Incident
	case a.Silence != nil && a.Kind == headwatch.ActionSilence:
		text = silenceWords(a.Silence)
	case a.Silence != nil:
		text += " " + a.Silence.ID
	case a.For > 0:
		text += " for " + short(a.For)
	}
	if a.Via != "" {
		text += " via " + a.Via
	}
	return text
}

// silenceWords is a silence in a few words.
func silenceWords(s *headwatch.Silence) string {
	text := fmt.Sprintf("silence %s of %s from %s until %s", s.ID, matcherWords(s), stamp(s.Starts), stamp(s.Ends))
	if s.HoldHooks {
		text += ", HOOKS HELD"
	}
	if s.Window != "" {
		text += ", of maintenance " + s.Window
	}
	return text
}

func matcherWords(s *headwatch.Silence) string {
	words := make([]string, 0, len(s.Matchers))
	for _, m := range s.Matchers {
		words = append(words, m.String())
	}
	return strings.Join(words, " ")
}

// left is how long until an instant, for a glance.
func left(at, now time.Time) string { return short(at.Sub(now)) }
