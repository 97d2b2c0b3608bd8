package main

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/urfave/cli/v3"

	"headwatch"
	"headwatch/explain"
)

func eventsCommand() *cli.Command {
	return &cli.Command{
		Name:  "events",
		Usage: "show the journal of a running headwatch: decisions, operators' actions, deliveries",
		Flags: []cli.Flag{
			apiFlag(), jsonFlag(),
			&cli.Uint64Flag{Name: "after", Usage: "start after this position (`SEQ`)"},
			&cli.BoolFlag{Name: "follow", Aliases: []string{"f"}, Usage: "go on with what comes"},
		},
		Action: func(ctx context.Context, c *cli.Command) error {
			if err := arguments(c, 0, 0); err != nil {
				return err
			}
			cl, err := newClient(c)
			if err != nil {
				return err
			}
			path := fmt.Sprintf("/v1/events?after=%d", c.Uint64("after"))
			if !c.Bool("follow") {
				path += "&follow=false"
			}
			resp, err := cl.open(ctx, http.MethodGet, path, nil)
			if err != nil {
				return fmt.Errorf("events: %w", err)
			}
			defer resp.Body.Close()
			if resp.StatusCode != http.StatusOK {
				_, err := cl.read(resp)
				return fmt.Errorf("events: %w", cmp.Or(err, errors.New(resp.Status)))
			}
			print := printEvent
			if c.Bool("json") {
				print = func(out io.Writer, e event) error { return json.NewEncoder(out).Encode(e) }
			}
			last := c.Uint64("after")
			err = readEvents(ctx, resp.Body, func(e event) error {
				last = max(last, e.Seq)
				return print(c.Root().Writer, e)
			})
			if c.Bool("follow") && ctx.Err() == nil && (err == nil || errors.Is(err, io.ErrUnexpectedEOF)) {
				return fmt.Errorf("events: the stream ended because headwatch did; go on with --follow --after %d", last)
			}
			return err
		},
	}
}

// event is one server-sent event.
type event struct {
	Seq  uint64          `json:"seq"`
	Kind string          `json:"kind"`
	Data json.RawMessage `json:"data"`
}

// readEvents reads server-sent events until the stream or ctx ends. Leases are passed over: they are for programs.
func readEvents(ctx context.Context, from io.Reader, handle func(event) error) error {
	lines := bufio.NewScanner(from)
	lines.Buffer(make([]byte, 64<<10), maxAnswer)
	var e event
	for lines.Scan() {
		field, value, _ := strings.Cut(lines.Text(), ":")
		value = strings.TrimPrefix(value, " ")
		switch field {
		case "id":
			e.Seq, _ = strconv.ParseUint(value, 10, 64)
		case "event":
			e.Kind = value
		case "data":
			e.Data = json.RawMessage(value)
		case "":
			if lines.Text() == "" && e.Data != nil && e.Kind != "lease" {
				if err := handle(e); err != nil {
					return err
				}
			}
			if lines.Text() == "" {
				e = event{}
			}
		}
	}
	if err := lines.Err(); err != nil && ctx.Err() == nil {
		return fmt.Errorf("read events: %w", err)
	}
	return nil
}

func printEvent(out io.Writer, e event) error {
	text, err := describe(e)
	if err != nil {
		return fmt.Errorf("event %d: %w", e.Seq, err)
	}
	_, err = fmt.Fprintf(out, "%6d  %s\n", e.Seq, text)
	return err
}

func describe(e event) (string, error) {
	const layout = "2006-01-02 15:04:05.000Z"
	switch e.Kind {
	case "transition":
		var t headwatch.Transition
		err := json.Unmarshal(e.Data, &t)
		return fmt.Sprintf("%s  %s  %s", t.At.UTC().Format(layout), t.Circuit, explain.Decided(&t)), err
	case "action":
		var a headwatch.Action
		err := json.Unmarshal(e.Data, &a)
		about := cmp.Or(a.Hook, a.Circuit)
		if about != "" {
			about += "  "
		}
		return fmt.Sprintf("%s  %s%s by %s: %s", a.At.UTC().Format(layout), about, actionWords(&a), a.Actor, a.Reason), err
	case "delivery":
		var d headwatch.Delivery
		err := json.Unmarshal(e.Data, &d)
		told := string(d.Kind)
		if d.Kind == headwatch.StepHook {
			told = "report of a hook"
		}
		return fmt.Sprintf("%s  %s  %s of %s %s at attempt %d, %s after the decision", d.At.UTC().Format(layout), d.Channel,
			told, d.Incident, d.Outcome, d.Attempts, d.At.Sub(d.Decided).Round(time.Millisecond)), err
	case "escalation":
		var x headwatch.Escalation
		err := json.Unmarshal(e.Data, &x)
		return fmt.Sprintf("%s  %s  %s of %s: %s", x.At.UTC().Format(layout), x.Circuit, x.Kind, x.Incident, x.Why), err
	case "report":
		var r headwatch.Report
		err := json.Unmarshal(e.Data, &r)
		return fmt.Sprintf("%s  %s", r.At.UTC().Format(layout), reported(&r, " in "+r.Incident)), err
	}
	return "", errors.New("this headwatch is older than the one that answers: it does not know " + e.Kind)
}

// reported is what a hook says, in one line; where is written after it.
func reported(r *headwatch.Report, where string) string {
	text := fmt.Sprintf("%s  %s%s: %s", r.Hook, strings.TrimSpace(r.What+" "+string(r.Kind)), where, r.Detail)
	if r.Tx != "" {
		text += "; transaction " + r.Tx
	}
	return text
}

// ordered is the order of a person to a hook. One to take a pause back need not belong to an incident.
func ordered(a *headwatch.Action) string {
	if a.Incident == "" {
		return string(a.Kind)
	}
	return string(a.Kind) + " for " + a.Incident
}
