package backtest

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
)

// Print writes a card for a person.
func (c *Card) Print(out io.Writer) error {
	w := tabwriter.NewWriter(out, 0, 8, 2, ' ', 0)
	line := func(cells ...string) { fmt.Fprintln(w, strings.Join(cells, "\t")) }
	if len(c.Scenarios) > 0 {
		line("", "class", "scenario", "circuit", "expected", "reached", "warn s", "page s", "trip s", "closed s", "operators s", "public s")
		for i := range c.Scenarios {
			c.Scenarios[i].print(line)
		}
		line()
	}
	if c.Days > 0 {
		line("", "quiet days", "profile", "warns", "pages", "trips", "observations", "stands for")
		for _, q := range c.Quiet {
			line(mark(len(q.Wrong) == 0), fmt.Sprint(c.Days), q.Profile, fmt.Sprint(q.Warns), fmt.Sprint(q.Pages), fmt.Sprint(q.Trips),
				fmt.Sprint(q.Observations), strings.Join(q.Like, " "))
		}
		line()
	}
	if err := w.Flush(); err != nil {
		return err
	}
	for i := range c.Scenarios {
		for _, wrong := range c.Scenarios[i].wrongs() {
			fmt.Fprintf(out, "%s: %s\n", c.Scenarios[i].Name, wrong)
		}
	}
	for _, q := range c.Quiet {
		for _, wrong := range q.Wrong {
			fmt.Fprintf(out, "quiet %s: %s\n", q.Profile, wrong)
		}
	}
	t := c.Totals()
	quiet := ""
	if c.Days > 0 {
		quiet = fmt.Sprintf("; %d quiet days on %d profiles: %d pages, %d false trips", c.Days, len(c.Quiet), t.QuietPages, t.QuietFalse)
	}
	_, err := fmt.Fprintf(out, "%d scenarios, %d not as expected; %d trips expected, %d missed, %d false%s.\n",
		t.Scenarios, t.Failed, t.Expected, t.Missed, t.False, quiet)
	return err
}

func (r *Result) print(line func(...string)) {
	class, name := r.Class, r.Name
	paged, public := r.Paged, r.Public
	for _, v := range r.Verdicts {
		line(mark(len(v.Wrong) == 0 && len(r.Wrong) == 0), class, name, v.Circuit, v.Expected.String(), v.Reached.String(),
			v.Warn.cell(), v.Page.cell(), v.Trip.cell(), v.Closed.cell(), paged.cell(), public.cell())
		class, name, paged, public = "", "", nil, nil
	}
}

// wrongs are all deviations of a scenario, in words.
func (r *Result) wrongs() []string {
	all := append([]string(nil), r.Wrong...)
	for _, v := range r.Verdicts {
		for _, wrong := range v.Wrong {
			all = append(all, v.Circuit+": "+wrong)
		}
	}
	return all
}

func mark(ok bool) string {
	if ok {
		return "ok"
	}
	return "NOT"
}

func (s *Seconds) cell() string {
	if s == nil {
		return "-"
	}
	return fmt.Sprintf("%.0f", float64(*s))
}
