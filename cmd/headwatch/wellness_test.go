package main

import (
	"strings"
	"testing"
	"time"

	"headwatch"
)

// A heartbeat ceases when nobody may rely on headwatch, and for nothing else.
func TestWhenHeadwatchIsNotWell(t *testing.T) {
	now := time.Now()
	chain := func(change func(a *headwatch.Assessment)) []headwatch.ChainStatus {
		a := headwatch.Assessment{Chain: "base", At: now.Add(-time.Second), Phase: headwatch.Live, Head: &headwatch.Head{Number: 1}}
		change(&a)
		return []headwatch.ChainStatus{{Assessment: a}}
	}
	blind := chain(func(a *headwatch.Assessment) {
		a.Phase, a.Findings = headwatch.Unknown, []headwatch.Finding{{Condition: headwatch.Blind, Since: now.Add(-time.Minute)}}
	})
	says := func(level headwatch.Level, told bool, reasons ...headwatch.Condition) []headwatch.Signal {
		return []headwatch.Signal{{Circuit: "lending", Chain: "base", Level: level, Told: told, Reasons: reasons}}
	}
	for name, c := range map[string]struct {
		chains     []headwatch.ChainStatus
		signals    []headwatch.Signal
		unrecorded string
		stuck      []string
		reached    bool
		want       string
	}{
		"all is well": {chains: chain(func(*headwatch.Assessment) {})},
		"a chain stands still": {
			chains: chain(func(a *headwatch.Assessment) {
				a.Phase, a.Findings = headwatch.Stalled, []headwatch.Finding{{Condition: headwatch.UnsafeHeadStalled}}
			}),
			signals: says(headwatch.LevelTrip, false, headwatch.UnsafeHeadStalled),
		},
		"a loop stands still": {
			chains: chain(func(a *headwatch.Assessment) { a.At = now.Add(-11 * time.Second) }), want: "chain base: not assessed for 11s",
		},
		"no head is known yet":                   {chains: chain(func(a *headwatch.Assessment) { a.Head = nil }), want: "chain base: blind, and nobody has been told"},
		"a chain is blind":                       {chains: blind, signals: says(headwatch.LevelNone, false, headwatch.Blind), want: "chain base: blind, and nobody has been told"},
		"people know that it is":                 {chains: blind, signals: says(headwatch.LevelWarn, true, headwatch.Blind)},
		"people were told of something else":     {chains: blind, signals: says(headwatch.LevelWarn, true, headwatch.ClockSkew), want: "chain base: blind, and nobody has been told"},
		"the journal takes nothing":              {unrecorded: "no space left on device", want: "journal: no space left on device"},
		"a channel is stuck and another one not": {stuck: []string{"chat"}, reached: true},
		"no page gets out":                       {stuck: []string{"chat", "sms"}, want: "messages reach nobody: chat, sms"},
	} {
		if got := strings.Join(wants(now, c.chains, c.signals, c.unrecorded, c.stuck, c.reached), "; "); got != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}
