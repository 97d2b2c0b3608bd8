package main

import (
	"context"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"headwatch/config"
	"headwatch/duty"
)

const (
	// firstReading is how long a start waits for calendars. Who is on call is known then before anybody is told of anything; a
	// calendar that takes longer has its fallback told until it is there.
	firstReading = 5 * time.Second

	dutyAhead   = 7 * 24 * time.Hour // how far the screen looks for windows
	shiftAhead  = 40 * 24 * time.Hour
	dutyInstant = "Mon 2006-01-02 15:04 MST"
)

func firstRead(ctx context.Context, r *duty.Roster) {
	ctx, cancel := context.WithTimeout(ctx, firstReading)
	defer cancel()
	r.Read(ctx)
}

// calendarsRead is how metrics see the calendars.
func calendarsRead(r *duty.Roster) func() map[string]time.Time {
	return func() map[string]time.Time {
		all := make(map[string]time.Time)
		for _, c := range r.Calendars() {
			all[c.Name] = c.Read
		}
		return all
	}
}

// screenDuty says who is on call now and next, which hours it is, and which windows come.
func screenDuty(out io.Writer, cfg *config.Config, r *duty.Roster, now time.Time) {
	unread, doubt := map[string]bool{}, map[string]string{}
	for _, c := range r.Calendars() {
		switch {
		case c.Trouble != "":
			doubt[c.Name] = c.Trouble
		case c.Read.IsZero():
			unread[c.Name], doubt[c.Name] = true, "the calendar at "+c.Where+" has not been read"
		}
	}
	section(out, "on call", len(cfg.Rotas), func(rows io.Writer) {
		for _, name := range r.Rotas() {
			shifts := r.Shifts(name, now, now.Add(shiftAhead))
			line := onCall(shifts[0])
			if unread["rota."+name] {
				line = "not known yet; meanwhile " + strings.Join(shifts[0].People, ", ")
			}
			if len(shifts) > 1 {
				line += fmt.Sprintf(", until %s, then %s", shifts[0].Until.Format(dutyInstant), onCall(shifts[1]))
			}
			if why, is := doubt["rota."+name]; is {
				line += "; " + why
			}
			fmt.Fprintf(rows, "  %s\t%s\n", name, line)
		}
	})
	section(out, "hours", len(cfg.Hours), func(rows io.Writer) {
		for _, h := range cfg.Hours {
			line := "outside now"
			if r.Within(h.Name, now) {
				line = "within now"
			}
			if next := r.Next(h.Name, now); !next.IsZero() {
				line += ", until " + next.Format(dutyInstant)
			}
			fmt.Fprintf(rows, "  %s\t%s\n", h.Name, line)
		}
	})
	section(out, "planned windows of seven days", len(cfg.Maintenance), func(rows io.Writer) {
		zones := map[string]*time.Location{}
		for _, m := range cfg.Maintenance {
			if zone, err := time.LoadLocation(m.Timezone); err == nil { // a wrong one is a fault of the configuration
				zones[m.Name] = zone
			}
			if why, is := doubt["maintenance."+m.Name]; is {
				fmt.Fprintf(rows, "  %s\t%s\n", m.Name, why)
			}
		}
		windows := r.Windows(now, now.Add(dutyAhead))
		if len(windows) == 0 {
			fmt.Fprintln(rows, "  none")
		}
		for _, s := range windows {
			hooks := ""
			if s.HoldHooks {
				hooks = ", HOOKS ARE HELD"
			}
			matchers := make([]string, len(s.Matchers))
			for i, m := range s.Matchers {
				matchers[i] = m.String()
			}
			fmt.Fprintf(rows, "  %s\t%s\tfor %s\t%s%s\t%s\n", s.Window, s.Starts.In(zones[s.Window]).Format(dutyInstant), config.Duration(s.Ends.Sub(s.Starts)),
				strings.Join(matchers, " "), hooks, s.Reason)
		}
	})
}

func onCall(s duty.Shift) string {
	people := strings.Join(s.People, ", ")
	switch s.By {
	case duty.ByNobody:
		return "NOBODY: everybody is told (" + people + ")"
	case duty.ByFallback, duty.ByCover:
		return people + " (" + s.By + ")"
	}
	return people
}

// section prints rows under a title, unless the configuration has none of them.
func section(out io.Writer, title string, n int, fill func(rows io.Writer)) {
	if n == 0 {
		return
	}
	fmt.Fprintf(out, "\n%s\n", title)
	rows := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fill(rows)
	_ = rows.Flush()
}
