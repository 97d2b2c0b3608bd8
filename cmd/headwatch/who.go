package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"time"

	"github.com/urfave/cli/v3"
	"go.uber.org/zap"

	"headwatch/config"
	"headwatch/duty"
	"headwatch/explain"
)

// explainWho says who would be told: by the running headwatch, which knows the silences, or by a configuration alone.
func explainWho(ctx context.Context, c *cli.Command) error {
	name := c.Args().First()
	if name == "" {
		return usageError{errors.New("explain: --who needs a circuit: headwatch explain CIRCUIT --who")}
	}
	at, err := foreseen(c.String("at"), time.Now())
	if err != nil {
		return err
	}
	var who explain.Who
	if c.IsSet("config") {
		cfg, err := load(c)
		if err != nil {
			return err
		}
		if who, err = whoByConfig(ctx, cfg, name, at); err != nil {
			return usageError{fmt.Errorf("explain: %w", err)}
		}
	} else {
		cl, err := newClient(c)
		if err != nil {
			return err
		}
		path := "/v1/circuits/" + url.PathEscape(name) + "/who?at=" + url.QueryEscape(at.UTC().Format(time.RFC3339Nano))
		if err := cl.get(ctx, path, &who); err != nil {
			return fmt.Errorf("explain %s: %w", name, err)
		}
		if who.Schema != explain.WhoSchema {
			return fmt.Errorf("%s answers in %s, which this headwatch cannot read", cl.shown, cmp.Or(who.Schema, "no schema"))
		}
	}
	if c.Bool("json") {
		return json.NewEncoder(c.Root().Writer).Encode(who)
	}
	_, err = io.WriteString(c.Root().Writer, who.Text())
	return err
}

// foreseen reads --at where it asks who is on call; without it that is now.
func foreseen(text string, now time.Time) (time.Time, error) {
	if text == "" {
		return now, nil
	}
	at, err := instant(text, now)
	if err != nil || !explain.Foreseeable(at, now) {
		return at, usageError{fmt.Errorf("--at %s: expected a time such as 2026-11-21T15:48:00Z, within ten years of now", text)}
	}
	return at, nil
}

func whoByConfig(ctx context.Context, cfg *config.Config, name string, at time.Time) (explain.Who, error) {
	if cfg.Circuit(name) == nil {
		var known []string
		for _, x := range cfg.Circuits {
			known = append(known, x.Name)
		}
		return explain.Who{}, fmt.Errorf("there is no circuit %q: %s", name, config.DidYouMean(name, known))
	}
	roster, err := duty.New(cfg, zap.NewNop())
	if err != nil {
		return explain.Who{}, err
	}
	roster.Read(ctx)
	return suppose(cfg, roster, nil, name, at), nil
}
