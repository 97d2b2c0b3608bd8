package main

import (
	"fmt"
	"io"

	"headwatch/config"
	"headwatch/watcher"
)

// printCosts shows what each endpoint has cost since the process began.
func (s *status) printCosts(w io.Writer) {
	fmt.Fprintln(w, "CHAIN\tENDPOINT\tANSWER EVERY\tREQUESTS\tCALLS\tSENT\tRECEIVED\tUNITS\tUNITS TODAY\tBUDGET A DAY")
	for _, c := range s.Chains {
		name := c.Assessment.Chain
		for _, e := range c.Endpoints {
			u, budget := e.Usage, "-"
			if u.Budget > 0 {
				budget = watcher.Grouped(u.Budget)
			}
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", name, e.Name, short(e.Every), watcher.Grouped(u.Requests), watcher.Grouped(u.Calls),
				kilobytes(u.Sent), kilobytes(u.Received), watcher.Grouped(u.Units), watcher.Grouped(u.Today), budget)
			name = ""
		}
	}
}

// screenCosts says what a configuration costs a day while all is well.
func screenCosts(e config.Endpoint, c config.Chain) string {
	u := watcher.Estimate(c, e)
	text := fmt.Sprintf("a day: %s requests, %s calls, %s units", watcher.Grouped(u.Requests), watcher.Grouped(u.Calls), watcher.Grouped(u.Units))
	if u.Budget > 0 {
		text += " of " + watcher.Grouped(u.Budget)
	}
	return text
}

// overBudget warns of every endpoint whose budget is less than what it costs while all is well.
func overBudget(cfg *config.Config) (warnings []string) {
	for _, c := range cfg.Chains {
		for _, e := range c.Endpoints {
			u := watcher.Estimate(c, e)
			if u.Budget == 0 || u.Units <= u.Budget {
				continue
			}
			what := "it will be asked more rarely"
			if !e.WS.IsZero() {
				what = "pushed heads cost most of it, and nothing makes them rarer"
			}
			warnings = append(warnings, fmt.Sprintf("endpoint %q of chain %q costs about %s units a day, and its budget is %s: %s",
				e.Name, c.Name, watcher.Grouped(u.Units), watcher.Grouped(u.Budget), what))
		}
	}
	return warnings
}

func kilobytes(n uint64) string { return watcher.Grouped((n+1023)/1024) + " KiB" }
