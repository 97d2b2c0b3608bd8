package main

import (
	"io"
	"os"
	"strings"
	"testing"

	"go.uber.org/zap"

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
