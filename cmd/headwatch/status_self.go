package main

import (
	"fmt"
	"io"
	"strings"
	"time"

	"headwatch"
	"headwatch/explain"
)

// printSelf says what headwatch knows of itself: nothing where all is well and nobody outside is told.
func printSelf(w io.Writer, s *headwatch.WatchdogStatus, now time.Time) {
	if len(s.Assessment.Findings)+len(s.Heartbeats)+len(s.Peers) == 0 {
		return
	}
	fmt.Fprintln(w)
	for _, f := range s.Assessment.Findings {
		fmt.Fprintf(w, "HEADWATCH ITSELF\t%s%s\tsince %s\t%s\n", explain.Words(f.Condition), explain.Place(f.Endpoint, ""), stamp(f.Since), f.Detail)
	}
	for i := range s.Heartbeats {
		h := &s.Heartbeats[i]
		fmt.Fprintf(w, "HEARTBEAT\t%s\tto %s (%s)\t%s\n", h.Name, h.Host, h.Kind, beats(h, now))
	}
	for _, p := range s.Peers {
		seen := "never seen"
		if !p.Seen.IsZero() {
			seen = "seen " + short(now.Sub(p.Seen)) + " ago"
		}
		if p.Error != "" {
			seen += ": " + p.Error
		}
		fmt.Fprintf(w, "PEER\t%s\tat %s\t%s\n", p.Name, p.Host, seen)
	}
}

// beats says what became of a heartbeat.
func beats(h *headwatch.HeartbeatStatus, now time.Time) string {
	text := "not heard yet"
	if !h.Last.IsZero() {
		text = "heard " + short(now.Sub(h.Last)) + " ago"
	}
	if !h.Failing.IsZero() {
		text += fmt.Sprintf("; FAILING since %s: %s", stamp(h.Failing), h.Error)
	}
	if len(h.Unwell) > 0 {
		text += "; HELD BACK: " + strings.Join(h.Unwell, "; ")
	}
	return text
}
