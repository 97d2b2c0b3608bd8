package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/urfave/cli/v3"

	"headwatch"
	"headwatch/alert"
	"headwatch/config"
	"headwatch/hook/evm"
	"headwatch/watcher"
)

func drillCommand() *cli.Command {
	return &cli.Command{
		Name:      "drill",
		Usage:     "tell the people of a circuit of an outage that is not, marked DRILL; or go the whole way of a hook without sending, with --send for real, on a testnet",
		ArgsUsage: "CIRCUIT|HOOK",
		Flags: []cli.Flag{
			configFlag(), jsonFlag(),
			&cli.BoolFlag{Name: "yes", Usage: "of a circuit: do not ask before phones ring"},
			&cli.StringSliceFlag{Name: "channel", Usage: "of a circuit: tell only on this `CHANNEL`"},
			&cli.BoolFlag{Name: "escalation", Usage: "of a circuit: tell those as well who would be told if nobody acknowledged"},
			&cli.DurationFlag{Name: "for", Value: time.Minute, DefaultText: "1m", Usage: "of a circuit: how long it looks tripped before it is resolved (`DURATION`)"},
			&cli.DurationFlag{Name: "wait", Value: time.Minute, DefaultText: "1m", Usage: "of a circuit: how long it waits for the last answer, retries included (`DURATION`)"},
			&cli.BoolFlag{Name: "send", Usage: "send it: only on known testnets, and only with --yes-on for each chain that is sent to"},
			&cli.StringSliceFlag{Name: "yes-on", Usage: "`CHAIN` on which a transaction may be sent"},
		},
		Action: func(ctx context.Context, c *cli.Command) error {
			if err := arguments(c, 1, 1); err != nil {
				return err
			}
			cfg, err := load(c)
			if err != nil {
				return err
			}
			circuit, err := circuitOrHook(cfg, c.Args().First())
			if err != nil {
				return err
			}
			if circuit != nil {
				return rehearse(ctx, c, cfg, circuit)
			}
			for _, name := range []string{"yes", "channel", "escalation", "for", "wait"} {
				if c.IsSet(name) {
					return usageError{fmt.Errorf("drill %s: --%s is for a circuit", c.Args().First(), name)}
				}
			}
			probers, err := probersOf(cfg, c.Args().First())
			if err != nil {
				return err
			}
			h := probers[0].hook
			if c.Bool("send") {
				if err := maySend(cfg, h, c.StringSlice("yes-on")); err != nil {
					return err
				}
			}
			d := newDrill(ctx, cfg, probers[0])
			switch {
			case c.Bool("json"):
				err = json.NewEncoder(c.Root().Writer).Encode(d)
			default:
				d.print(c.Root().Writer, c.Bool("send"))
			}
			switch {
			case err != nil:
				return err
			case !d.Check.Ready:
				return fmt.Errorf("drill %s: it would not work: %s", h.Name, strings.Join(d.wrong(), "; "))
			case c.Bool("send"):
				return sendDrill(ctx, cfg, h, d.Incident, c.Root().Writer)
			}
			return nil
		},
	}
}

// drill is a game day of one hook: all that would happen, marked as what it is.
type drill struct {
	Drill    bool       `json:"drill"` // always true
	Incident string     `json:"incident"`
	At       time.Time  `json:"at"`
	Check    hookCheck  `json:"check"`
	Would    *evm.Drill `json:"would,omitempty"` // nil when not even the call can be made
	Trouble  string     `json:"trouble,omitempty"`
	Told     []telling  `json:"told"`
}

// telling is what the people of one circuit would read.
type telling struct {
	Circuit string   `json:"circuit"`
	Alerts  []string `json:"alerts"`
	Text    string   `json:"text"`
}

func newDrill(ctx context.Context, cfg *config.Config, p namedProber) drill {
	now := time.Now()
	d := drill{Drill: true, At: now.UTC(), Incident: "drill-" + p.hook.Name + "-" + now.UTC().Format("20060102T150405Z"), Told: []telling{}}
	d.Check = p.check(ctx)
	bound, cancel := context.WithTimeout(ctx, checkFor)
	defer cancel()
	if would, err := p.Sketch(bound); err != nil {
		d.Trouble = err.Error()
	} else {
		d.Would = &would
	}
	for _, c := range cfg.CircuitsWith(p.hook.Name) {
		d.Told = append(d.Told, d.tell(ctx, cfg, c))
	}
	return d
}

// tell words the trip of a circuit as its alert channels would.
func (d *drill) tell(ctx context.Context, cfg *config.Config, c config.Circuit) telling {
	t := telling{Circuit: c.Name, Alerts: told(cfg, c, headwatch.LevelTrip)}
	var text bytes.Buffer
	console, err := alert.New(config.Alert{Name: "drill", Kind: config.AlertConsole}, alert.Deps{Advice: watcher.Advice, Hooks: hooksOf(cfg), Console: &text})
	if err == nil {
		_, err = console.Send(ctx, nil, drillNotice(c, d.Incident, "drill", d.At))
	}
	if err != nil {
		t.Text = err.Error()
		return t
	}
	t.Text = strings.TrimSpace(text.String())
	return t
}

// drillNotice is the trip of a circuit at the end of its ladder.
func drillNotice(c config.Circuit, incident, channel string, at time.Time) headwatch.Notice {
	since := at.Add(-c.TripAfter.D())
	return headwatch.Notice{
		Incident: incident, Step: 1, Kind: headwatch.StepTrip, Channel: channel, DedupKey: incident, Opened: since.Add(c.WarnAfter.D()), Since: since,
		Peak: headwatch.LevelTrip,
		Transition: headwatch.Transition{
			Circuit: c.Name, Seq: 1, From: headwatch.Closed, To: headwatch.Open, At: at, Level: headwatch.LevelTrip, Actor: headwatch.Watchdog, Incident: incident, Since: at,
			Cause: headwatch.Assessment{Chain: c.Chain, At: at, Phase: headwatch.Stalled, Findings: []headwatch.Finding{{
				Condition: c.On[0], Since: since, Value: c.TripAfter.D(), Limit: c.WarnAfter.D(), Detail: "DRILL: nothing of this has happened",
			}}},
		},
	}
}

func (d *drill) wrong() (all []string) {
	for _, s := range d.Check.Steps {
		if !s.OK {
			all = append(all, s.Found)
		}
	}
	return all
}

// print is the drill for people; each line says that it is one.
func (d *drill) print(out io.Writer, send bool) {
	var text bytes.Buffer
	what := "Nothing is sent"
	if send {
		what = "It is sent for real if it is ready"
	}
	fmt.Fprintf(&text, "%s\n%s, nobody is told, and nothing is kept in the journal.\n\n", d.Incident, what)
	d.Check.print(&text)
	if d.Would == nil {
		fmt.Fprintf(&text, "\nNothing can be sent: %s\n", d.Trouble)
	} else {
		printWould(&text, d.Would)
	}
	for _, t := range d.Told {
		fmt.Fprintf(&text, "\nThe people of circuit %s would be told by %s:\n", t.Circuit, orNobody(t.Alerts))
		for line := range strings.Lines(t.Text) {
			fmt.Fprintf(&text, "  | %s", line)
		}
		fmt.Fprintln(&text)
	}
	for line := range strings.Lines(text.String()) {
		fmt.Fprint(out, strings.TrimRight("DRILL  "+line, " \n")+"\n")
	}
}

func printWould(out io.Writer, d *evm.Drill) {
	fmt.Fprintf(out, "\nIt would call %s of %s on %s", d.Text, d.To, d.Chain)
	if d.Holds {
		fmt.Fprint(out, ", but that is in effect already: the hook would send nothing")
	}
	fmt.Fprintln(out)
	for _, s := range d.Sends {
		price, cost, funds := s.Words()
		fmt.Fprintf(out, "\n%s, a transaction on %s\n  from    %s, which holds %s\n", s.Leg, s.Chain, s.From, funds)
		if s.Sender != s.From {
			fmt.Fprintf(out, "  as      %s: on %s this is the msg.sender, because the account on %s is a contract\n", s.Sender, d.Chain, s.Chain)
		}
		fmt.Fprintf(out, "  to      %s\n  nonce   %d\n  gas     %d at %s today: at most %s\n  data    0x%x\n", s.Call.To, s.Nonce, s.Gas, price, cost, s.Call.Data)
		if s.Wraps {
			fmt.Fprintf(out, "  on %s  its hash is not known before it is in a block of %s: it follows from that block's hash and the log's place in it\n", d.Chain, s.Chain)
		}
	}
	for _, s := range d.Trouble {
		fmt.Fprintf(out, "\nNOT SENT: %s\n", s.Found)
	}
}
