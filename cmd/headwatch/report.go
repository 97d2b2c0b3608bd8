package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"

	"github.com/urfave/cli/v3"
	"go.uber.org/zap"

	"headwatch/config"
	"headwatch/journal"
	"headwatch/postmortem"
	"headwatch/web"
)

func reportCommand() *cli.Command {
	return &cli.Command{
		Name:      "report",
		Usage:     "draft the review of an incident from the journal: timeline, votes, deliveries with latencies, what people and hooks did",
		ArgsUsage: "ID",
		Flags: []cli.Flag{
			apiFlag(),
			&cli.StringFlag{Name: "config", Usage: "read the journal of this configuration (`FILE`) while no headwatch runs on it, instead of asking one"},
			&cli.StringFlag{Name: "format", Value: "md", Usage: "`FORMAT`: md, json or html"},
			&cli.StringFlag{Name: "out", Aliases: []string{"o"}, Usage: "write it into `FILE`"},
		},
		Action: func(ctx context.Context, c *cli.Command) error {
			if err := arguments(c, 1, 1); err != nil {
				return err
			}
			id, name, all := c.Args().First(), c.String("format"), postmortem.Formats()
			i := slices.IndexFunc(all, func(f postmortem.Format) bool { return f.Name == name })
			if i < 0 {
				return usageError{fmt.Errorf("--format %s: expected md, json or html", name)}
			}
			var text bytes.Buffer
			var err error
			if c.IsSet("config") {
				err = reportOffline(ctx, c, id, all[i], &text)
			} else {
				err = reportOnline(ctx, c, id, all[i], &text)
			}
			if err != nil {
				return fmt.Errorf("report %s: %w", id, err)
			}
			if out := c.String("out"); out != "" {
				return os.WriteFile(out, text.Bytes(), 0o600)
			}
			_, err = text.WriteTo(c.Root().Writer)
			return err
		},
	}
}

// reportOnline asks a running headwatch.
func reportOnline(ctx context.Context, c *cli.Command, id string, f postmortem.Format, to io.Writer) error {
	cl, err := newClient(c)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, clientTimeout)
	defer cancel()
	resp, err := cl.open(ctx, http.MethodGet, "/v1/incidents/"+url.PathEscape(id)+"/report?format="+f.Name, nil)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	text, err := cl.read(resp)
	switch {
	case err != nil:
		return err
	case resp.StatusCode != http.StatusOK || !strings.HasPrefix(resp.Header.Get("Content-Type"), strings.SplitN(f.ContentType, ";", 2)[0]):
		return fmt.Errorf("%s does not answer like headwatch: %s", cl.shown, resp.Status)
	}
	_, err = to.Write(text)
	return err
}

// reportOffline reads a journal that no process has open.
func reportOffline(ctx context.Context, c *cli.Command, id string, f postmortem.Format, to io.Writer) (err error) {
	cfg, err := config.Load(c.String("config"))
	if err != nil {
		return usageError{err}
	}
	j, err := journal.Look(ctx, cfg.Journal, zap.NewNop())
	if err != nil {
		return fmt.Errorf("%w (of a headwatch that runs, ask its API: leave --config out)", err)
	}
	defer func() { err = errors.Join(err, j.Close()) }()
	d, err := postmortem.Read(id, j.Read(ctx, 0, false))
	if err != nil {
		return err
	}
	return f.Write(d, to)
}

// report answers for the API.
func (d *desk) report(ctx context.Context, id string) (*postmortem.Draft, error) {
	draft, err := postmortem.Read(id, d.journal.Read(ctx, 0, false))
	if errors.Is(err, postmortem.ErrUnknown) {
		return nil, fmt.Errorf("%w: %w; GET /v1/incidents lists the newest", web.ErrNotFound, err)
	}
	return draft, err
}
