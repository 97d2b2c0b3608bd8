package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/urfave/cli/v3"
	"go.uber.org/zap"

	"headwatch"
	"headwatch/backtest"
	"headwatch/config"
	"headwatch/watcher"
)

var errUnexpected = errors.New("the backtest is not as expected")

func backtestCommand() *cli.Command {
	return &cli.Command{
		Name:      "backtest",
		Usage:     "judge known outages, quiet days, or a folder of recordings, and hold the verdicts against what is expected",
		ArgsUsage: "[DIR]",
		Flags: []cli.Flag{
			&cli.IntFlag{Name: "days", Value: 30, Usage: "spend `N` quiet days on each profile"},
			&cli.Uint64Flag{Name: "seed", Value: 1, Usage: "of the quiet days"},
			&cli.StringSliceFlag{Name: "scenario", Usage: "play only the scenarios of this `NAME`, and no quiet days unless --days is given"},
			&cli.StringFlag{Name: "sweep", Usage: "compare thresholds: `KEY=FROM..TO/STEP`, as trip_after=20s..180s/10s"},
			&cli.StringFlag{Name: "out", Usage: "draw the sweep into `FILE`, .svg or .html"},
			jsonFlag(),
		},
		Action: func(ctx context.Context, c *cli.Command) error {
			if err := arguments(c, 0, 1); err != nil {
				return err
			}
			if dir := c.Args().First(); dir != "" {
				for _, name := range []string{"days", "seed", "scenario", "sweep", "out"} {
					if c.IsSet(name) {
						return usageError{fmt.Errorf("--%s is for the scenarios and quiet days, not for a folder of recordings", name)}
					}
				}
				return backtestFolder(c, dir)
			}
			return backtestCorpus(ctx, c)
		},
	}
}

func backtestCorpus(ctx context.Context, c *cli.Command) error {
	o, err := backtestOptions(c)
	if err != nil {
		return usageError{err}
	}
	begin := time.Now()
	cards, err := backtest.Run(ctx, judgeHeard, o)
	if err != nil {
		return err
	}
	observations, spent := 0, time.Since(begin)
	for i := range cards {
		observations += cards[i].Totals().Observations
	}
	if o.Variants == nil {
		if err := printCard(c, &cards[0]); err != nil {
			return err
		}
		fmt.Fprintf(c.Root().ErrWriter, "%d observations in %s: %.0f a second\n", observations, spent.Round(time.Second), float64(observations)/spent.Seconds())
		return verdictOn(&cards[0])
	}
	points := backtest.Curve(o.Variants, cards)
	if out := c.String("out"); out != "" {
		if err := draw(out, points, o.Days); err != nil {
			return err
		}
	}
	if c.Bool("json") {
		return json.NewEncoder(c.Root().Writer).Encode(points)
	}
	return backtest.PrintCurve(c.Root().Writer, points)
}

func backtestOptions(c *cli.Command) (o backtest.Options, err error) {
	o.Days, o.Seed = c.Int("days"), c.Uint64("seed")
	if o.Days < 0 || o.Days > 3650 {
		return o, fmt.Errorf("--days is %d; make it 0 to 3650", o.Days)
	}
	if o.Scenarios, err = backtest.Corpus(); err != nil {
		return o, err
	}
	if names := c.StringSlice("scenario"); len(names) > 0 {
		all := o.Scenarios
		o.Scenarios = nil
		for _, name := range names {
			i := slices.IndexFunc(all, func(s backtest.Scenario) bool { return s.Name == name })
			if i < 0 {
				return o, fmt.Errorf("there is no scenario %q", name)
			}
			o.Scenarios = append(o.Scenarios, all[i])
		}
		if !c.IsSet("days") {
			o.Days = 0
		}
	}
	if o.Profiles, err = backtest.Profiles(); err != nil {
		return o, err
	}
	switch out := c.String("out"); {
	case c.String("sweep") != "":
		o.Variants, err = backtest.ParseSweep(c.String("sweep"))
	case out != "":
		err = errors.New("--out draws a sweep: give --sweep as well")
	}
	if out := c.String("out"); err == nil && out != "" && filepath.Ext(out) != ".svg" && filepath.Ext(out) != ".html" {
		err = fmt.Errorf("--out %s: end it with .svg or .html", out)
	}
	return o, err
}

func draw(path string, points []backtest.Point, days int) error {
	f, err := os.Create(path)
	if err != nil {
		return fmt.Errorf("draw the sweep: %w", err)
	}
	page := filepath.Ext(path) == ".html"
	if page {
		_, _ = io.WriteString(f, "<!doctype html>\n<meta charset=\"utf-8\">\n<title>headwatch backtest</title>\n")
	}
	return errors.Join(backtest.Plot(f, points, days), f.Close())
}

func backtestFolder(c *cli.Command, dir string) error {
	folder, err := backtest.ReadFolder(dir)
	if err != nil {
		return usageError{err}
	}
	cfg, err := config.Load(folder.ConfigPath())
	if err != nil {
		return usageError{err}
	}
	card := folder.Run(cfg, func(path string, decided func(headwatch.Transition)) (int, time.Time, error) {
		net, observations, _, err := loadTrace(cfg, path)
		if err != nil {
			return 0, time.Time{}, err
		}
		return len(observations), observations[len(observations)-1].At, net.judge(slices.Values(observations), decided)
	})
	if err := printCard(c, &card); err != nil {
		return err
	}
	return verdictOn(&card)
}

func printCard(c *cli.Command, card *backtest.Card) error {
	if c.Bool("json") {
		return json.NewEncoder(c.Root().Writer).Encode(struct {
			*backtest.Card
			Totals backtest.Totals `json:"totals"`
		}{card, card.Totals()})
	}
	return card.Print(c.Root().Writer)
}

func verdictOn(card *backtest.Card) error {
	if !card.OK() {
		return errUnexpected
	}
	return nil
}

// judgeHeard is the line of this program on observations that nobody made live; it is a backtest.Judge.
func judgeHeard(cfg *config.Config, last map[string]headwatch.Transition, heard func(backtest.Wants) iter.Seq[headwatch.Observation], decided func(headwatch.Transition)) error {
	net, err := wire(cfg, last, nil, zap.NewNop())
	if err != nil {
		return err
	}
	wants := func(chain string, now time.Time) uint64 {
		i := slices.IndexFunc(net.chains, func(c *watcher.Chain) bool { return c.Name() == chain })
		return net.chains[i].Wants(now)
	}
	return net.judge(heard(wants), decided)
}

func (n *network) judge(heard iter.Seq[headwatch.Observation], decided func(headwatch.Transition)) error {
	return watcher.Replay(n.chains, heard, func(a headwatch.Assessment) error {
		return judge(context.Background(), n.circuits[a.Chain], func(_ context.Context, t headwatch.Transition) error {
			decided(t)
			return nil
		})(a)
	})
}
