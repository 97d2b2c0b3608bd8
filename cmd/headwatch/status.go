package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/urfave/cli/v3"

	"headwatch"
	"headwatch/web"
)

func statusCommand() *cli.Command {
	return &cli.Command{
		Name:  "status",
		Usage: "show what a running headwatch knows: chains, endpoints, circuits, hooks, open incidents",
		Flags: []cli.Flag{apiFlag(), jsonFlag(), &cli.BoolFlag{Name: "costs", Usage: "show what each endpoint costs instead"}},
		Action: func(ctx context.Context, c *cli.Command) error {
			if err := arguments(c, 0, 0); err != nil {
				return err
			}
			cl, err := newClient(c)
			if err != nil {
				return err
			}
			var s status
			for path, into := range map[string]any{
				"/readyz": &s, "/v1/chains": &s, "/v1/circuits": &s, "/v1/incidents": &s, "/v1/hooks": &s, "/v1/silences": &s, "/v1/watchdog": &s.Watchdog,
			} {
				if err := cl.get(ctx, path, into); err != nil {
					return fmt.Errorf("status: %w", err)
				}
			}
			if c.Bool("json") {
				return json.NewEncoder(c.Root().Writer).Encode(s)
			}
			if c.Bool("costs") {
				return table(c.Root().Writer, s.printCosts)
			}
			return s.print(c.Root().Writer, time.Now())
		},
	}
}

func circuitsCommand() *cli.Command {
	return &cli.Command{
		Name:      "circuits",
		Usage:     "show the circuits of a running headwatch, or one of them",
		ArgsUsage: "[CIRCUIT]",
		Flags:     []cli.Flag{apiFlag(), jsonFlag()},
		Action: func(ctx context.Context, c *cli.Command) error {
			if err := arguments(c, 0, 1); err != nil {
				return err
			}
			cl, err := newClient(c)
			if err != nil {
				return err
			}
			var s status
			if name := c.Args().First(); name != "" {
				s.Circuits = make([]headwatch.Signal, 1)
				err = cl.get(ctx, "/v1/circuits/"+url.PathEscape(name), &s.Circuits[0])
			} else {
				err = cl.get(ctx, "/v1/circuits", &s)
			}
			if err != nil {
				return fmt.Errorf("circuits: %w", err)
			}
			if c.Bool("json") {
				return json.NewEncoder(c.Root().Writer).Encode(map[string]any{"circuits": s.Circuits})
			}
			return table(c.Root().Writer, func(w io.Writer) { s.printCircuits(w, time.Now()) })
		},
	}
}

// status is several answers of the API in one.
type status struct {
	Ready     bool                    `json:"ready"`
	Reasons   []string                `json:"reasons,omitempty"`
	Chains    []headwatch.ChainStatus `json:"chains"`
	Circuits  []headwatch.Signal      `json:"circuits"`
	Incidents []headwatch.Incident    `json:"incidents"`
	Hooks     []headwatch.HookStatus  `json:"hooks"`
	Silences  []web.Silence           `json:"silences"`

	Watchdog headwatch.WatchdogStatus `json:"watchdog"`
}

func (s *status) print(out io.Writer, now time.Time) error {
	ready := "ready"
	if !s.Ready {
		ready = "NOT READY: " + strings.Join(s.Reasons, "; ")
	}
	fmt.Fprintf(out, "headwatch is %s\n\n", ready)
	return table(out, func(w io.Writer) {
		fmt.Fprintln(w, "CHAIN\tPHASE\tHEAD\tAGE\tENDPOINT\tHEAD\tAGE\tANSWERED\tVOTE")
		for _, c := range s.Chains {
			s.printChain(w, c, now)
		}
		fmt.Fprintln(w)
		s.printCircuits(w, now)
		if len(s.Hooks) > 0 {
			fmt.Fprintln(w)
			printHooks(w, s.Hooks, now)
		}
		if some := holding(s.Silences); len(some) > 0 {
			fmt.Fprintln(w)
			printSilences(w, some, now)
		}
		printSelf(w, &s.Watchdog, now)
		for _, i := range s.Incidents {
			if i.Resolved.IsZero() {
				fmt.Fprintf(w, "\nOPEN INCIDENT\t%s\tsince %s\tlevel %s\tpeak %s\t%s\n", i.ID, stamp(i.Since), i.Level, i.Peak, hands(&i, now))
				for _, r := range i.Newest() {
					if r.Waits() {
						fmt.Fprintf(w, "HOOK WAITS\t%s\n", waiting(r, now))
					} else {
						fmt.Fprintf(w, "HOOK SAYS\t%s  %s\n", stamp(r.At), reported(&r, ""))
					}
				}
			}
		}
	})
}

func (s *status) printChain(w io.Writer, c headwatch.ChainStatus, now time.Time) {
	name, phase, number, age := c.Assessment.Chain, c.Assessment.Phase.String(), "-", "-"
	if hint := c.Assessment.Hint; hint != "" {
		phase += ": " + strings.ReplaceAll(string(hint), "_", " ")
	}
	if h := c.Assessment.Head; h != nil {
		number, age = fmt.Sprint(h.Number), short(now.Sub(h.Time))
	}
	for _, e := range c.Endpoints {
		head, headAge, answered := "-", "-", "never"
		if e.Head != nil {
			head, headAge = fmt.Sprint(e.Head.Number), short(now.Sub(e.Head.Time))
		}
		if !e.Heard.IsZero() {
			answered = short(now.Sub(e.Heard)) + " ago"
		}
		vote := e.Vote.Verdict.String()
		if e.Vote.Reason != "" {
			vote += ": " + e.Vote.Reason
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", name, phase, number, age, e.Name, head, headAge, answered, vote)
		name, phase, number, age = "", "", "", ""
	}
}

func (s *status) printCircuits(w io.Writer, now time.Time) {
	fmt.Fprintln(w, "CIRCUIT\tCHAIN\tSTATE\tSINCE\tLEVEL\tLEASE\tREASONS")
	for _, c := range s.Circuits {
		lease := "EXPIRED"
		if left := c.ValidUntil.Sub(now); left > 0 {
			lease = short(left) + " left"
		}
		state := c.State.String()
		if c.Latched {
			state += ", latched"
		}
		if c.HeldUntil.After(now) {
			state += ", held " + short(c.HeldUntil.Sub(now))
		}
		reasons := make([]string, 0, len(c.Reasons))
		for _, r := range c.Reasons {
			reasons = append(reasons, string(r))
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", c.Circuit, c.Chain, state, stamp(c.Since), c.Level, lease, strings.Join(reasons, " "))
	}
}

// waiting says what a hook waits for, and what a person can do about it.
func waiting(r headwatch.Report, now time.Time) string {
	if r.Kind == headwatch.ReportWithheld {
		return fmt.Sprintf("%s was held back: %s; fire it: headwatch approve %s --reason ...", r.Hook, r.Detail, r.Hook)
	}
	return fmt.Sprintf("%s fires at %s in %s; stop it: headwatch veto %s --reason ...", r.Hook, r.Until.UTC().Format("15:04:05Z"),
		short(max(0, r.Until.Sub(now))), r.Hook)
}

func table(out io.Writer, fill func(io.Writer)) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fill(w)
	return w.Flush()
}

func stamp(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return t.UTC().Format("2006-01-02 15:04:05Z")
}

// short is a duration for a glance: whole seconds from a second up.
func short(d time.Duration) string {
	if d.Abs() < time.Second {
		return d.Round(time.Millisecond).String()
	}
	return headwatch.Brief(d.Round(time.Second))
}
