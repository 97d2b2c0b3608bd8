package main

import (
	"slices"
	"strings"
	"testing"
	"time"

	"headwatch"
	"headwatch/config"
)

// always is a roster in which everybody is reached, on a channel of their own.
type always struct{}

func (always) Reach(tell []string, _ time.Time) (channels, people []string) {
	return tell, []string{"ada"}
}

func (always) Within(string, time.Time) bool { return true }

func (always) Next(string, time.Time) time.Time { return time.Time{} }

func TestWhomAStallWouldReach(t *testing.T) {
	minute := config.Duration(time.Minute)
	cfg := &config.Config{
		Chains: []config.Chain{{Name: "base"}},
		Circuits: []config.Circuit{{
			Name: "lending", Chain: "base", On: []headwatch.Condition{headwatch.SafeHeadStalled, headwatch.UnsafeHeadStalled},
			WarnAfter: minute, PageAfter: 2 * minute, TripAfter: 3 * minute, Alerts: []string{"chat"}, Hooks: []string{"pause"}, Escalation: "nights",
		}},
		Alerts:      []config.Alert{{Name: "chat", From: headwatch.LevelWarn}, {Name: "phone"}},
		Hooks:       []config.Hook{{Name: "pause", Kind: config.HookWebhook, Mode: config.ModeArmed}},
		Escalations: []config.Escalation{{Name: "nights", Steps: []config.EscalationStep{{Tell: []string{"phone"}, From: headwatch.LevelPage, After: 5 * minute, Every: 30 * minute}}}},
	}
	at := time.Date(2026, 12, 24, 3, 0, 0, 0, time.UTC)
	w := suppose(cfg, always{}, nil, "lending", at)
	var steps []string
	for _, s := range w.Told {
		steps = append(steps, strings.Join([]string{s.After.String(), strings.Join(s.Channels, "+"), strings.Join(s.OnCall, "+"), strings.Join(s.Hooks, "+")}, " "))
	}
	want := []string{
		"1m0s chat  ", "2m0s chat  ", "3m0s chat  pause (armed)",
		"7m0s phone ada ", "37m0s phone ada ", "1h7m0s phone ada ", "1h37m0s phone ada ",
	}
	if !slices.Equal(steps, want) || w.Condition != headwatch.UnsafeHeadStalled || !w.Until.Equal(at.Add(2*time.Hour+3*time.Minute)) {
		t.Errorf("got %q until %s of %s", steps, w.Until, w.Condition)
	}
	if again := w.Told[4]; again.Why != "nights, step 1, again (1): nobody has acknowledged it for 35m" {
		t.Errorf("the second time: %q", again.Why)
	}
	silence := headwatch.Silence{ID: "s-1", Author: "ada", Reason: "upgrade", Starts: at, Ends: at.Add(time.Hour), Matchers: []headwatch.Matcher{{Name: "chain", Value: "base", IsEqual: true}}}
	held := suppose(cfg, always{}, []headwatch.Silence{silence}, "lending", at)
	if first := held.Told[0]; len(first.Channels) != 0 || !slices.Contains(first.Held, "chat") || first.Silence != "s-1" {
		t.Errorf("silenced: %+v", first)
	}
	if _, err := whoByConfig(t.Context(), cfg, "lendin", at); err == nil || !strings.Contains(err.Error(), "did you mean lending?") {
		t.Errorf("%v", err)
	}
}

func TestOrdersInWords(t *testing.T) {
	at := time.Date(2026, 12, 24, 3, 0, 0, 0, time.UTC)
	silence := &headwatch.Silence{
		ID: "s-1", Starts: at, Ends: at.Add(time.Hour), HoldHooks: true, Window: "tuesdays",
		Matchers: []headwatch.Matcher{{Name: "chain", Value: "base", IsEqual: true}, {Name: "severity", Value: "trip"}},
	}
	for want, a := range map[string]headwatch.Action{
		"ack of lending-1":                     {Kind: headwatch.ActionAck, Incident: "lending-1"},
		"ack of lending-1 for 30m via on-call": {Kind: headwatch.ActionAck, Incident: "lending-1", For: 30 * time.Minute, Via: "on-call"},
		"note on lending-1":                    {Kind: headwatch.ActionNote, Incident: "lending-1"},
		"hold for 1h":                          {Kind: headwatch.ActionHold, For: time.Hour},
		"trip":                                 {Kind: headwatch.ActionTrip},
		"veto for lending-1":                   {Kind: headwatch.ActionVeto, Hook: "pause", Incident: "lending-1"},
		"unsilence s-1":                        {Kind: headwatch.ActionUnsilence, Silence: silence},
		"silence s-1 of chain=base severity!=trip from 2026-12-24 03:00:00Z until 2026-12-24 04:00:00Z, HOOKS HELD, of maintenance tuesdays": {Kind: headwatch.ActionSilence, Silence: silence},
	} {
		if got := actionWords(&a); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
