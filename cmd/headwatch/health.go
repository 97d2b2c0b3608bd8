package main

import (
	"strings"
	"sync"
	"time"

	"headwatch"
)

// health is what the delivery loops have said of their channels since the start.
type health struct {
	started time.Time

	mu      sync.Mutex
	refused map[string]headwatch.Delivery // by channel: the first that was refused for good since one was taken
	late    int                           // deliveries that ended of notices from before the start
}

func newHealth() *health {
	return &health{started: time.Now(), refused: make(map[string]headwatch.Delivery)}
}

func (h *health) finished(d headwatch.Delivery) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if d.Decided.Before(h.started) {
		h.late++
	}
	switch d.Outcome {
	case headwatch.Delivered, headwatch.Coalesced:
		delete(h.refused, d.Channel)
	case headwatch.Refused:
		// That a channel refuses to be told of its own failure is no news: it would be told of again for ever.
		if ofWatchdog(d.Incident) {
			return
		}
		if first, again := h.refused[d.Channel]; again {
			first.At = d.At
			d = first
		}
		h.refused[d.Channel] = d
	}
}

// ofWatchdog reports whether an incident is one of headwatch's own troubles, by its name: that of the circuit and an instant. Names
// of circuits have no capitals.
func ofWatchdog(incident string) bool {
	const date = len("20060102")
	at, ok := strings.CutPrefix(incident, headwatch.Watchdog+"-")
	return ok && len(at) > date && at[date] == 'T'
}

// of gives what a channel refused for good since it last took something; nil for nothing.
func (h *health) of(channel string) *headwatch.Delivery {
	h.mu.Lock()
	defer h.mu.Unlock()
	if d, ok := h.refused[channel]; ok {
		return &d
	}
	return nil
}

// caughtUp is how many notices from before the start have been delivered since.
func (h *health) caughtUp() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.late
}
