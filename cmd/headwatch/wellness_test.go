package main

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"go.uber.org/zap"

	"headwatch"
	"headwatch/config"
	"headwatch/delivery"
	"headwatch/journal"
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

// A receiver that refuses everything for good leaves nothing waiting: a heartbeat must not take that for well.
func TestWhereEveryMessageIsRefusedNobodyIsReached(t *testing.T) {
	cfg, err := config.Parse("t", fmt.Appendf(nil, strings.Replace(waitingConfig, `kind = "console"`, "kind = \"ntfy\"\nurl = \"https://ntfy.example.org/lending\"", 1), "http://127.0.0.1:1"),
		func(string) (string, bool) { return "", false })
	if err != nil {
		t.Fatal(err)
	}
	j, err := journal.Open(t.Context(), config.Journal{Dir: t.TempDir()}, zap.NewNop())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = j.Close() }()
	now := time.Now()
	d := &desk{
		cfg: cfg, net: &network{}, journal: j, recorder: newRecorder(j, nil, nil, zap.NewNop()),
		channels: &channels{health: newHealth(), loops: map[string]*delivery.Loop{"terminal": delivery.New(delivery.Channel{}, nil, nil, zap.NewNop())}},
		self:     &selfWatch{}, trials: newTrials(cfg, nil, nil, zap.NewNop()),
	}
	seen := func(at time.Time) { d.self.seen.Store(&headwatch.Assessment{At: at}) }
	says := func(when, want string, now time.Time) {
		t.Helper()
		if got := strings.Join(d.unwell(now), "; "); got != want {
			t.Errorf("%s: unwell %q, want %q", when, got, want)
		}
		if got := strings.Join(d.unready(now), "; "); !strings.Contains(got, want) {
			t.Errorf("%s: not ready %q, want %q", when, got, want)
		}
	}
	seen(now)
	says("at first", "", now)
	d.channels.health.finished(headwatch.Delivery{Channel: "terminal", Incident: "lending-1", Outcome: headwatch.Refused, Decided: now, At: now})
	says("refused", "messages reach nobody: terminal", now)
	seen(now.Add(time.Hour))
	says("long ago", "", now.Add(time.Hour))
	d.channels.health.finished(headwatch.Delivery{Channel: "terminal", Incident: "lending-1", Outcome: headwatch.Delivered, Decided: now, At: now})
	says("taken", "", now.Add(time.Hour))
	says("when nobody looks at headwatch itself", "headwatch itself: not assessed for 11s", now.Add(time.Hour+11*time.Second))
}
