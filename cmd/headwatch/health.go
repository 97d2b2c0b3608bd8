package main

import (
	"sync"
	"time"

	"headwatch"
)

// health is what the delivery loops have said of their channels since the start.
type health struct {
	started time.Time

	mu       sync.Mutex
	failures map[string]string             // by channel: why the newest attempt failed; empty when it did not
	newest   map[string]headwatch.Delivery // by channel: the newest delivery that was taken, or refused for good
	late     int                           // deliveries that ended of notices from before the start
}

func newHealth() *health {
	return &health{started: time.Now(), failures: make(map[string]string), newest: make(map[string]headwatch.Delivery)}
}

func (h *health) attempt(channel, reason string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.failures[channel] = reason
}

func (h *health) finished(d headwatch.Delivery) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if d.Decided.Before(h.started) {
		h.late++
	}
	if d.Outcome == headwatch.Delivered || d.Outcome == headwatch.Coalesced || d.Outcome == headwatch.Refused {
		h.newest[d.Channel] = d
	}
}

// of gives why the newest attempt on a channel failed, and its newest delivery where that was refused for good.
func (h *health) of(channel string) (failure string, refused *headwatch.Delivery) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if d, ok := h.newest[channel]; ok && d.Outcome == headwatch.Refused {
		refused = &d
	}
	return h.failures[channel], refused
}

// caughtUp is how many notices from before the start have been delivered since.
func (h *health) caughtUp() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.late
}
