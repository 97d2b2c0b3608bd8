package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/urfave/cli/v3"

	"headwatch"
	"headwatch/hook"
	"headwatch/web"
)

// What an operator may tell a hook that waits.
var (
	veto    = order{headwatch.ActionVeto, "keep a waiting hook from firing for its incident; that is final", false}
	approve = order{headwatch.ActionApprove, "let a waiting hook fire at once, also beyond its limits", false}
)

func hookOrderCommand(o order) *cli.Command {
	return &cli.Command{
		Name:      string(o.kind),
		Usage:     o.usage,
		ArgsUsage: "HOOK",
		Flags: append(orderFlags(),
			&cli.StringFlag{Name: "incident", Usage: "in which it waits, if in more than one (`ID`)"}),
		Action: func(ctx context.Context, c *cli.Command) error {
			if err := arguments(c, 1, 1); err != nil {
				return err
			}
			body := map[string]string{"reason": c.String("reason")}
			if id := c.String("incident"); id != "" {
				body["incident"] = id
			}
			return o.give(ctx, c, "/v1/hooks/", body)
		},
	}
}

// orderHook puts an order on a hook that waits on record. The hook heeds it within a second.
func (d *desk) orderHook(ctx context.Context, a headwatch.Action) (headwatch.Event, error) {
	h, err := hookNamed(d.cfg, a.Hook)
	if err != nil {
		return headwatch.Event{}, fmt.Errorf("%w: %w", web.ErrNotFound, err)
	}
	if a.Kind == headwatch.ActionResume {
		return d.resume(ctx, a, h)
	}
	if !h.Acts() || !h.Scarce() {
		return headwatch.Event{}, fmt.Errorf("%w: %s is %s and waits for nobody", web.ErrConflict, a.Hook, modeWords(h.Mode))
	}
	a, err = d.ledger.Order(ctx, a, d.journal.Act)
	if errors.Is(err, hook.ErrNotNow) {
		return headwatch.Event{}, fmt.Errorf("%w: %w", web.ErrConflict, err)
	}
	if err != nil {
		return headwatch.Event{}, err
	}
	return headwatch.Event{At: a.At, Action: &a}, nil
}
