package main

import (
	"context"
	"fmt"
	"net/url"
	"time"

	"github.com/urfave/cli/v3"

	"headwatch"
)

// order describes one thing that an operator may tell a circuit or a hook.
type order struct {
	kind  headwatch.ActionKind
	usage string
	timed bool
}

var (
	trip  = order{headwatch.ActionTrip, "open a circuit now; it stays open until somebody resets it", false}
	reset = order{headwatch.ActionReset, "close a circuit; refused while its chain is not live", false}
	hold  = order{headwatch.ActionHold, "keep a circuit as it is for a while, whatever its chain does", true}
)

func orderCommand(o order) *cli.Command {
	flags := orderFlags()
	if o.timed {
		flags = append(flags, &cli.DurationFlag{Name: "for", Usage: "how long, at most 24h (`DURATION`)", Required: true})
	}
	return &cli.Command{
		Name:      string(o.kind),
		Usage:     o.usage,
		ArgsUsage: "CIRCUIT",
		Flags:     flags,
		Action: func(ctx context.Context, c *cli.Command) error {
			if err := arguments(c, 1, 1); err != nil {
				return err
			}
			body := map[string]string{"reason": c.String("reason")}
			if o.timed {
				body["for"] = c.Duration("for").String()
			}
			return o.give(ctx, c, "/v1/circuits/", body)
		},
	}
}

// give sends an order on what the command's argument names, and prints what is on record then.
func (o order) give(ctx context.Context, c *cli.Command, on string, body map[string]string) error {
	cl, err := newOperator(c)
	if err != nil {
		return err
	}
	return cl.give(ctx, c, string(o.kind), on+url.PathEscape(c.Args().First())+"/"+string(o.kind), body)
}

func orderFlags() []cli.Flag {
	return []cli.Flag{
		apiFlag(), tokenFlag(), jsonFlag(),
		&cli.StringFlag{Name: "reason", Aliases: []string{"r"}, Usage: "why, for the journal (`TEXT`)", Required: true},
	}
}

func printOrdered(c *cli.Command, e headwatch.Event) error {
	out := c.Root().Writer
	var err error
	switch t := e.Transition; {
	case t == nil && e.Action != nil:
		_, err = fmt.Fprintf(out, "%s%s by %s is on record\n", aboutWords(e.Action), actionWords(e.Action), e.Action.Actor)
	case t == nil:
		_, err = fmt.Fprintln(out, "on record")
	case !t.HeldUntil.IsZero():
		_, err = fmt.Fprintf(out, "%s: %s, held until %s\n", t.Circuit, t.To, t.HeldUntil.UTC().Format(time.RFC3339))
	default:
		_, err = fmt.Fprintf(out, "%s: %s -> %s\n", t.Circuit, t.From, t.To)
	}
	return err
}
