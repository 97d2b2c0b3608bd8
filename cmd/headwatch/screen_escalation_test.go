package main

import (
	"strings"
	"testing"
	"time"

	"headwatch"
	"headwatch/config"
)

func TestTheEscalationIsShownByItsCircuit(t *testing.T) {
	cfg := &config.Config{Escalations: []config.Escalation{{Name: "other"}, {Name: "nights", AckFor: config.Duration(30 * time.Minute), Steps: []config.EscalationStep{
		{Tell: []string{"first-line"}, From: headwatch.LevelPage, Every: config.Duration(10 * time.Minute)},
		{Tell: []string{"bob", "ada"}, From: headwatch.LevelTrip, After: config.Duration(5 * time.Minute), Outside: "office"},
	}}}}
	var out strings.Builder
	screenEscalation(&out, cfg, "nights")
	const want = `  escalation nights, while nobody acknowledges (an acknowledgement holds for 30m)
    0s      after page  first-line, again every 10m
    5m      after trip  bob, ada, only outside office
`
	if out.String() != want {
		t.Errorf("got\n%s", out.String())
	}
	out.Reset()
	if screenEscalation(&out, cfg, ""); out.String() != "" {
		t.Errorf("without one: %q", out.String())
	}
}
