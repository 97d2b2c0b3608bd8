package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/urfave/cli/v3"
	"go.uber.org/zap"

	"headwatch"
	"headwatch/config"
	"headwatch/watcher"
)

func replayCommand() *cli.Command {
	return &cli.Command{
		Name:      "replay",
		Usage:     "judge a recorded trace with a configuration, on the trace's own clock; nothing is delivered",
		ArgsUsage: "TRACE",
		Flags:     []cli.Flag{configFlag(), jsonFlag()},
		Action: func(_ context.Context, c *cli.Command) error {
			if err := arguments(c, 1, 1); err != nil {
				return err
			}
			cfg, err := load(c)
			if err != nil {
				return err
			}
			var print changePrinter = &changeTable{out: c.Root().Writer}
			if c.Bool("json") {
				print = &changeJSON{json.NewEncoder(c.Root().Writer)}
			}
			return replay(cfg, c.Args().First(), print, c.Root().ErrWriter)
		},
	}
}

// change is one line of a replay: a chain entered a phase (then circuit is empty), or a circuit took a decision.
type change struct {
	MS         int64                 `json:"t_ms"`
	Chain      string                `json:"chain"`
	Circuit    string                `json:"circuit"`
	Phase      headwatch.Phase       `json:"phase"`
	From       string                `json:"from"`
	To         string                `json:"to"`
	Level      headwatch.Level       `json:"level"`
	Conditions []headwatch.Condition `json:"conditions"`
}

type changePrinter interface {
	print(change) error
	end(observations, foreign int) error
}

func replay(cfg *config.Config, path string, printer changePrinter, errs io.Writer) error {
	net, observations, foreign, cut := loadTrace(cfg, path)
	if cut != nil && !errors.Is(cut, watcher.ErrCut) {
		return cut
	}
	if err := watcher.Replay(net.chains, slices.Values(observations), changes(net, printer.print)); err != nil {
		return err
	}
	if err := printer.end(len(observations), foreign); err != nil {
		return err
	}
	if cut == nil {
		return nil
	}
	_, err := fmt.Fprintf(errs, "%v: what is whole of it was replayed\n", cut)
	return err
}

// loadTrace reads a recording for the chains of a configuration, which are new. With watcher.ErrCut comes what is whole of it.
func loadTrace(cfg *config.Config, path string) (net *network, observations []headwatch.Observation, foreign int, err error) {
	if net, err = wire(cfg, nil, nil, zap.NewNop()); err != nil {
		return nil, nil, 0, err
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, nil, 0, usageError{fmt.Errorf("open the trace: %w", err)}
	}
	defer f.Close()
	observations, foreign, err = watcher.LoadTrace(path, f, net.chains)
	return net, observations, foreign, err
}

// changes puts every new phase of a chain and every decision of its circuits into words.
func changes(net *network, print func(change) error) func(headwatch.Assessment) error {
	phases := make(map[string]headwatch.Phase)
	return func(a headwatch.Assessment) error {
		if was, known := phases[a.Chain]; !known || was != a.Phase {
			phases[a.Chain] = a.Phase
			if err := print(changeOf(a)); err != nil {
				return err
			}
		}
		return judge(context.Background(), net.circuits[a.Chain], func(_ context.Context, t headwatch.Transition) error {
			line := changeOf(t.Cause)
			line.Circuit, line.From, line.To, line.Level = t.Circuit, t.From.String(), t.To.String(), t.Level
			return print(line)
		})(a)
	}
}

func changeOf(a headwatch.Assessment) change {
	line := change{MS: a.At.UnixMilli(), Chain: a.Chain, Phase: a.Phase, Conditions: []headwatch.Condition{}}
	for _, f := range a.Findings {
		line.Conditions = append(line.Conditions, f.Condition)
	}
	return line
}

type changeJSON struct{ *json.Encoder }

func (p *changeJSON) print(c change) error { return p.Encode(c) }
func (p *changeJSON) end(int, int) error   { return nil }

// changeTable is for a person: seconds from the first change on the left.
type changeTable struct {
	out   io.Writer
	start time.Time
}

const changeRow = "%12s  %9s  %-12s %-12s %-22s %-5s %s\n"

func (p *changeTable) print(c change) error {
	at := time.UnixMilli(c.MS).UTC()
	if p.start.IsZero() {
		p.start = at
		if _, err := fmt.Fprintf(p.out, changeRow, "UTC", "seconds", "chain", "phase", "circuit", "level", "conditions"); err != nil {
			return err
		}
	}
	move, level := "", ""
	if c.Circuit != "" {
		level = c.Level.String()
		move = c.Circuit + " " + c.To
		if c.From != c.To {
			move = c.Circuit + " " + c.From + " -> " + c.To
		}
	}
	conditions := make([]string, 0, len(c.Conditions))
	for _, condition := range c.Conditions {
		conditions = append(conditions, string(condition))
	}
	_, err := fmt.Fprintf(p.out, changeRow, at.Format("15:04:05.000"), fmt.Sprintf("%+.1f", at.Sub(p.start).Seconds()),
		c.Chain, c.Phase, move, level, strings.Join(conditions, " "))
	return err
}

func (p *changeTable) end(observations, foreign int) error {
	note := ""
	if foreign > 0 {
		note = fmt.Sprintf("; %d answers of endpoints that the configuration does not have were left out", foreign)
	}
	_, err := fmt.Fprintf(p.out, "%d observations replayed%s. Nothing was delivered.\n", observations, note)
	return err
}
