package main

import (
	"fmt"
	"io"

	"headwatch"
	"headwatch/config"
)

// screenSelf says who hears of headwatch's own troubles, and who outside would notice its death.
func screenSelf(out io.Writer, cfg *config.Config) {
	own := *cfg.Circuit(headwatch.Watchdog)
	fmt.Fprintf(out, "\nheadwatch itself: its channels, its journal, its loops, its peers, its starts\n")
	fmt.Fprintf(out, "  after %-7s warn  %s\n", own.WarnAfter, orNobody(told(cfg, own, headwatch.LevelWarn)))
	fmt.Fprintf(out, "  after %-7s page  %s\n", own.PageAfter, orNobody(told(cfg, own, headwatch.LevelPage)))
	screenEscalation(out, cfg, own.Escalation)
	for _, h := range cfg.Heartbeats {
		fmt.Fprintf(out, "  heartbeat %s  to %s (%s), every %s\n", h.Name, h.URL.Host(), h.Kind, h.Every)
	}
	for _, p := range cfg.Peers {
		fmt.Fprintf(out, "  peer %s  at %s, asked every %s\n", p.Name, p.URL.Host(), p.Every)
	}
	if text := cfg.Unwatched(); text != "" {
		fmt.Fprintf(out, "  %s\n", text)
	}
}
