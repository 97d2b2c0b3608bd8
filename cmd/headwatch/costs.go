package main

import (
	"fmt"
	"io"
	"strconv"

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
				budget = grouped(u.Budget)
			}
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", name, e.Name, short(e.Every), grouped(u.Requests), grouped(u.Calls),
				kilobytes(u.Sent), kilobytes(u.Received), grouped(u.Units), grouped(u.Today), budget)
			name = ""
		}
	}
}

// screenCosts says what a configuration costs a day while all is well.
func screenCosts(e config.Endpoint, c config.Chain) string {
	u := watcher.Estimate(c, e)
	text := fmt.Sprintf("a day: %s requests, %s calls, %s units", grouped(u.Requests), grouped(u.Calls), grouped(u.Units))
	if u.Budget > 0 {
		text += " of " + grouped(u.Budget)
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
				e.Name, c.Name, grouped(u.Units), grouped(u.Budget), what))
		}
	}
	return warnings
}

// grouped writes a number as 1,234,567.
func grouped(n uint64) string {
	digits := strconv.FormatUint(n, 10)
	for at := len(digits) - 3; at > 0; at -= 3 {
		digits = digits[:at] + "," + digits[at:]
	}
	return digits
}

func kilobytes(n uint64) string { return grouped((n+1023)/1024) + " KiB" }
