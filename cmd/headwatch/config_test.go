package main

import (
	"context"
	"io"
	"os"
	"strings"
	"testing"

	"go.uber.org/zap"

	"headwatch"
	"headwatch/config"
	"headwatch/incident"
	"headwatch/web"
)

// What the check lets pass must be able to run: the reference configuration is wired as `headwatch run` would wire it.
func TestTheReferenceConfigurationCanBeWired(t *testing.T) {
	cfg, err := config.Load("../../config.toml")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := wire(cfg, nil, nil, zap.NewNop()); err != nil {
		t.Error(err)
	}
	if _, err := openChannels(cfg, &network{}, io.Discard, nil, nil, nil, web.NewMetrics(cfg), zap.NewNop()); err != nil {
		t.Error(err)
	}
}

// A lease that nobody renews would stop every subscriber.
func TestAHookWithWorkOfItsOwnIsRun(t *testing.T) {
	cfg := &config.Config{Hooks: []config.Hook{{Name: "bus", Kind: config.HookNATS, URL: config.NewSecret("nats://127.0.0.1:1")}}}
	c, err := openChannels(cfg, &network{}, io.Discard, nil, nil, nil, web.NewMetrics(cfg), zap.NewNop())
	if err != nil || len(c.runners) != 1 {
		t.Errorf("%d hooks to run, %v", len(c.runners), err)
	}
}

// Buttons that nobody hears would let a person believe that it is acknowledged.
func TestTheButtonsOfChatsAreHeard(t *testing.T) {
	token, to := config.NewSecret("123456789:x"), []string{"-1"}
	cfg := &config.Config{Alerts: []config.Alert{
		{Name: "one", Kind: config.AlertTelegram, Token: token, To: to},
		{Name: "two", Kind: config.AlertTelegram, Token: token, To: to},
		{Name: "bot", Kind: config.AlertSlack, Token: token, To: to},
	}}
	c, err := openChannels(cfg, &network{}, io.Discard, nil, nil, nil, web.NewMetrics(cfg), zap.NewNop())
	if err != nil || len(c.runners) != 1 || c.inbound["bot"] == nil || len(c.inbound) != 1 {
		t.Errorf("%d runners, inbound %v, %v", len(c.runners), c.inbound, err)
	}
	var given headwatch.Action
	c.order = func(_ context.Context, a headwatch.Action) error {
		given = a
		return nil
	}
	if err := c.act(t.Context(), headwatch.Action{Kind: headwatch.ActionAck, Actor: "alice"}); err != nil || given.Actor != "alice" {
		t.Errorf("given %+v, %v", given, err)
	}
}

// A program that is not on this machine is told, and is no fault: the check may be run elsewhere.
func TestTheCheckTellsOfArmedProgramsThatAreNotHere(t *testing.T) {
	hook := func(name, mode, program string) config.Hook {
		return config.Hook{Name: name, Kind: config.HookCommand, Mode: mode, Command: []string{program}}
	}
	got := absentPrograms(&config.Config{Hooks: []config.Hook{
		hook("here", config.ModeArmed, os.Args[0]), hook("dry", config.ModeDryRun, "/nosuch/pause"), hook("gone", config.ModeArmed, "/nosuch/pause"),
		{Name: "web", Kind: config.HookWebhook, Mode: config.ModeArmed},
	}})
	if len(got) != 1 || !strings.Contains(got[0], `"gone"`) || !strings.Contains(got[0], "/nosuch/pause") {
		t.Errorf("got %q", got)
	}
}

// Prometheus' Alertmanager forgets what it is not told again.
func TestAnAlertChannelWithWorkOfItsOwnIsRun(t *testing.T) {
	cfg := &config.Config{Alerts: []config.Alert{{Name: "am", Kind: config.AlertAlertmanager, URLs: []config.Secret{config.NewSecret("http://127.0.0.1:1")}}}}
	c, err := openChannels(cfg, &network{}, io.Discard, nil, nil, incident.NewBook(plan(cfg)), web.NewMetrics(cfg), zap.NewNop())
	if err != nil || len(c.runners) != 1 {
		t.Errorf("%d channels to run, %v", len(c.runners), err)
	}
}
