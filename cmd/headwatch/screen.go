package main

import (
	"cmp"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"headwatch"
	"headwatch/config"
)

// screen says on one page what a configuration does: what is watched, by whom, what happens at which second, what is dry.
// accounts are those of signers that have been opened; nil for none.
func screen(out io.Writer, cfg *config.Config, accounts map[string]string) {
	fmt.Fprintf(out, "headwatch %s\n", version())
	for _, c := range cfg.Chains {
		screenChain(out, c)
	}
	for _, c := range cfg.Circuits {
		screenCircuit(out, cfg, c)
	}
	screenSigners(out, cfg, accounts)
	listen := "off"
	if cfg.API.Listen != "" {
		listen = "http://" + cfg.API.Listen
	}
	orders := "read only: no operators are configured"
	if n := len(cfg.API.Operators); n > 0 {
		names := make([]string, n)
		for i, o := range cfg.API.Operators {
			names[i] = o.Name
		}
		orders = "orders from " + strings.Join(names, ", ")
	}
	where := cfg.Journal.Dir
	if !cfg.Journal.URL.IsZero() {
		where = cfg.Journal.URL.Host()
	}
	screenSelf(out, cfg)
	fmt.Fprintf(out, "\njournal  %s\napi      %s (%s)\n", where, listen, orders)
}

func screenChain(out io.Writer, c config.Chain) {
	second := "no second clock"
	if c.L1 != "" {
		second = "second clock " + c.L1
	}
	if c.Kind == config.KindAPI {
		fmt.Fprintf(out, "\nchain %s  %s, no blocks, %s; most of %d operators must say that it is stale\n", c.Name, c.Kind, second, len(c.Voters()))
	} else {
		fmt.Fprintf(out, "\nchain %s  %s, id %d, a block every %s, %s; %d of %d operators must agree that it stands still\n",
			c.Name, c.Kind, c.ChainID, c.BlockTime, second, c.Quorum, len(c.Voters()))
	}
	rows := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	defer rows.Flush()
	for _, e := range c.Endpoints {
		how := fmt.Sprintf("asked every %s", e.Interval)
		if !e.WS.IsZero() {
			how = "pushes heads from " + e.WS.Host()
		}
		switch e.Serves {
		case config.ServesRollup:
			how += ", rollup node"
		case config.ServesSequencer:
			how += " to refuse a transaction"
		case config.ServesFeed:
			how = "the sequencer's feed"
		case config.ServesAPI:
			how = fmt.Sprintf("an API, asked every %s", e.Interval)
			if !e.WS.IsZero() {
				how = "an API, tells by itself"
			}
		}
		vote := "no vote"
		if e.Votes(c.Kind) {
			vote = "votes as " + e.Operator
		}
		fmt.Fprintf(rows, "  %s\t%s\t%s\t%s\t%s\n", e.Name, cmp.Or(e.URL.Host(), e.WS.Host()), vote, how, screenCosts(e, c))
	}
}

func screenCircuit(out io.Writer, cfg *config.Config, c config.Circuit) {
	fmt.Fprintf(out, "\ncircuit %s  on chain %s: %s\n", c.Name, c.Chain, conditions(c.On))
	rungs := []struct {
		after config.Duration
		level headwatch.Level
		what  string
	}{
		{c.WarnAfter, headwatch.LevelWarn, "an incident opens"},
		{c.PageAfter, headwatch.LevelPage, "people are paged"},
		{c.TripAfter, headwatch.LevelTrip, "the circuit opens"},
	}
	for _, r := range rungs {
		told := told(cfg, c, r.level)
		if r.level == headwatch.LevelTrip {
			told = append(told, fired(cfg, c)...)
		}
		if r.level == headwatch.LevelPage && cfg.Unpaged(&c) != "" {
			r.what = "NOBODY WOULD BE PAGED"
		}
		fmt.Fprintf(out, "  after %-7s %-5s %s: %s\n", r.after, r.level, r.what, orNobody(told))
	}
	screenEscalation(out, cfg, c.Escalation)
	rearm := "closes by itself"
	if c.Rearm == config.RearmManual {
		rearm = "may be reset by an operator (rearm is manual)"
	}
	fmt.Fprintf(out, "  live for %-4s       %s\n", c.RecoverAfter, rearm)
	if len(c.Tell) > 0 {
		fmt.Fprintf(out, "  warns and pages, never trips: %s\n", conditions(c.Tell))
	}
}

func told(cfg *config.Config, c config.Circuit, level headwatch.Level) []string {
	var all []string
	for _, name := range c.Alerts {
		if a := cfg.Alert(name); a != nil && a.From <= level {
			all = append(all, fmt.Sprintf("%s (%s)", a.Name, a.Kind))
		}
	}
	return all
}

func fired(cfg *config.Config, c config.Circuit) []string {
	var all []string
	for _, name := range c.Hooks {
		if h := cfg.Hook(name); h != nil {
			all = append(all, fmt.Sprintf("hook %s (%s, %s%s)", h.Name, h.Kind, modeWords(h.Mode), bounds(h)))
		}
	}
	return all
}

// bounds says when a hook that acts may fire.
func bounds(h *config.Hook) (text string) {
	if !h.Acts() {
		return ""
	}
	if h.Mode == config.ModeConfirm {
		text += fmt.Sprintf(" in %s", h.VetoFor)
	}
	if h.MaxPerDay > 0 {
		text += fmt.Sprintf(", at most %d a day", h.MaxPerDay)
	}
	if h.Cooldown > 0 {
		text += fmt.Sprintf(", cooldown %s", h.Cooldown)
	}
	return text
}

func orNobody(all []string) string {
	if len(all) == 0 {
		return "nobody is told"
	}
	return strings.Join(all, ", ")
}

func conditions(all []headwatch.Condition) string {
	names := make([]string, len(all))
	for i, c := range all {
		names[i] = string(c)
	}
	return strings.Join(names, ", ")
}
