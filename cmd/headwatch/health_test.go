package main

import (
	"testing"
	"time"

	"headwatch"
)

func TestWhatAChannelRefusedIsKnownUntilItTakesSomething(t *testing.T) {
	h, now := newHealth(), time.Now()
	for i, c := range []struct {
		incident string
		outcome  headwatch.Outcome
		want     string // the incident whose notice is said to be lost
		at       int    // which of these refused last
	}{
		{"lending-20260301T100000Z", headwatch.Delivered, "", 0},
		{"headwatch-20260301T100000Z", headwatch.Refused, "", 0},
		{"lending-20260301T110000Z", headwatch.Refused, "lending-20260301T110000Z", 2},
		{"headwatch-20260301T110100Z", headwatch.Refused, "lending-20260301T110000Z", 2},
		{"headwatch-2-20260301T110100Z", headwatch.Refused, "lending-20260301T110000Z", 4},
		{"lending-20260301T120000Z", headwatch.Withheld, "lending-20260301T110000Z", 4},
		{"headwatch-20260301T130000Z", headwatch.Delivered, "", 0},
	} {
		h.finished(headwatch.Delivery{Channel: "chat", Incident: c.incident, Outcome: c.outcome, Decided: now, At: now.Add(time.Duration(i) * time.Minute)})
		refused := h.of("chat")
		if (refused == nil) != (c.want == "") || refused != nil && (refused.Incident != c.want || !refused.At.Equal(now.Add(time.Duration(c.at)*time.Minute))) {
			t.Errorf("after %d: %+v, want %q", i, refused, c.want)
		}
	}
}
