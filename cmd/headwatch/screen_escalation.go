package main

import (
	"fmt"
	"io"
	"strings"

	"headwatch/config"
)

// screenEscalation says who else is told while nobody acknowledges.
func screenEscalation(out io.Writer, cfg *config.Config, name string) {
	for _, e := range cfg.Escalations {
		if e.Name != name {
			continue
		}
		fmt.Fprintf(out, "  escalation %s, while nobody acknowledges (an acknowledgement holds for %s)\n", e.Name, e.AckFor)
		for _, s := range e.Steps {
			line := strings.Join(s.Tell, ", ")
			if s.Every > 0 {
				line += fmt.Sprintf(", again every %s", s.Every)
			}
			if s.During != "" {
				line += ", only during " + s.During
			}
			if s.Outside != "" {
				line += ", only outside " + s.Outside
			}
			fmt.Fprintf(out, "    %-7s after %s  %s\n", s.After, s.From, line)
		}
	}
}
