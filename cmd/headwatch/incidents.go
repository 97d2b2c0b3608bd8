package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/urfave/cli/v3"

	"headwatch"
	"headwatch/delivery"
	"headwatch/explain"
)

func incidentsCommand() *cli.Command {
	group := &cli.Command{
		Name:  "incidents",
		Usage: "show the open incidents, with who has them in hand",
		Flags: []cli.Flag{apiFlag(), jsonFlag(), &cli.BoolFlag{Name: "all", Usage: "also those that are over"}},
		Commands: []*cli.Command{{
			Name:      "show",
			Usage:     "show all that happened in one: decisions with their evidence, orders, and what was told to whom",
			ArgsUsage: "INCIDENT",
			Flags:     []cli.Flag{apiFlag(), jsonFlag()},
			Action:    showIncident,
		}},
	}
	group.Action = func(ctx context.Context, c *cli.Command) error {
		if c.Args().Present() {
			return listed(cli.ShowSubcommandHelp)(ctx, c)
		}
		cl, err := newClient(c)
		if err != nil {
			return err
		}
		all, err := cl.incidents(ctx)
		if err != nil {
			return fmt.Errorf("incidents: %w", err)
		}
		var some []headwatch.Incident
		for _, i := range all {
			if c.Bool("all") || i.Resolved.IsZero() {
				some = append(some, i)
			}
		}
		if c.Bool("json") {
			return json.NewEncoder(c.Root().Writer).Encode(map[string]any{"incidents": some})
		}
		if len(some) == 0 {
			_, err := fmt.Fprintln(c.Root().Writer, "no incident is open")
			return err
		}
		return table(c.Root().Writer, func(w io.Writer) { printIncidents(w, some, time.Now()) })
	}
	return group
}

func printIncidents(w io.Writer, all []headwatch.Incident, now time.Time) {
	fmt.Fprintln(w, "INCIDENT\tCIRCUIT\tLEVEL\tSINCE\tFOR\tSTATE")
	for i := range all {
		inc := &all[i]
		level, end, state := inc.Level.String(), now, hands(inc, now)
		if !inc.Resolved.IsZero() {
			level, end, state = "peak "+inc.Peak.String(), inc.Resolved, "over since "+stamp(inc.Resolved)
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\n", inc.ID, inc.Circuit, level, stamp(inc.Since), short(end.Sub(inc.Since)), state)
	}
}

// hands says who has an incident in hand, and what holds back that people hear of it.
func hands(i *headwatch.Incident, now time.Time) string {
	text := explain.Hand(i, now)
	if held := explain.Held(i); held != "" {
		text += "; " + held
	}
	if len(i.Bears) > 0 {
		text += "; told with it: " + strings.Join(i.Bears, ", ")
	}
	return text
}

func showIncident(ctx context.Context, c *cli.Command) error {
	if err := arguments(c, 1, 1); err != nil {
		return err
	}
	cl, err := newClient(c)
	if err != nil {
		return err
	}
	id := c.Args().First()
	var inc headwatch.Incident
	if err := cl.get(ctx, "/v1/incidents/"+url.PathEscape(id), &inc); err != nil {
		return fmt.Errorf("incidents show: %w", err)
	}
	events, err := cl.eventsOf(ctx, id)
	if err != nil {
		return fmt.Errorf("incidents show: %w", err)
	}
	out := c.Root().Writer
	if c.Bool("json") {
		return json.NewEncoder(out).Encode(map[string]any{"incident": inc, "events": events})
	}
	if err := table(out, func(w io.Writer) { printIncidents(w, []headwatch.Incident{inc}, time.Now()) }); err != nil {
		return err
	}
	fmt.Fprintln(out)
	for _, e := range events {
		if err := printEvent(out, e); err != nil {
			return err
		}
		if text := evidence(e); text != "" {
			fmt.Fprintf(out, "        %s\n", text)
		}
	}
	return nil
}

// eventsOf reads from the journal what is about one incident.
func (c *client) eventsOf(ctx context.Context, id string) ([]event, error) {
	resp, err := c.open(ctx, http.MethodGet, "/v1/events?after=0&follow=false&incident="+url.QueryEscape(id), nil)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		_, err := c.read(resp)
		return nil, err
	}
	var all []event
	err = readEvents(ctx, resp.Body, func(e event) error {
		all = append(all, e)
		return nil
	})
	return all, err
}

// evidence is what a decision rested on; "" for every other event.
func evidence(e event) string {
	var t headwatch.Transition
	if e.Kind != "transition" || json.Unmarshal(e.Data, &t) != nil {
		return ""
	}
	return explain.Evidence(&t.Cause, delivery.Cause(headwatch.Notice{Transition: t}))
}
