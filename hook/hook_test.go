package hook

import (
	"bytes"
	"encoding/base64"
	"strings"
	"testing"
	"time"

	"headwatch"
	"headwatch/config"
	"headwatch/delivery"
	"headwatch/delivery/deliverytest"
)

var whsec = "whsec_" + base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{7}, 32))

func TestAProgramIsToldOfStatesOnly(t *testing.T) {
	for kind, want := range map[headwatch.StepKind]string{
		headwatch.StepWarn:    "",
		headwatch.StepPage:    "",
		headwatch.StepTrip:    "circuit.open",
		headwatch.StepRecover: "circuit.half_open",
		headwatch.StepRelapse: "circuit.open",
		headwatch.StepResolve: "circuit.closed",
		headwatch.StepAck:     "",
		headwatch.StepHold:    "",
	} {
		if got := event(deliverytest.Notice(kind, "bot")); got != want {
			t.Errorf("%s: got %q, want %q", kind, got, want)
		}
	}
}

func TestALatchedCircuitIsNotAnnouncedAsHalfOpen(t *testing.T) {
	n := deliverytest.Notice(headwatch.StepRecover, "bot")
	n.Transition.To, n.Transition.Latched = headwatch.Open, true
	if got := event(n); got != "circuit.open" {
		t.Errorf("got %q", got)
	}
}

func TestNewRefusesWhatCannotWork(t *testing.T) {
	for name, c := range map[string]config.Hook{
		"unknown kind":        {Kind: "carrier pigeon"},
		"webhook, no url":     {Kind: config.HookWebhook, Secrets: []config.Secret{config.NewSecret(whsec)}},
		"webhook, bad secret": {Kind: config.HookWebhook, URL: config.NewSecret("https://example.org"), Secrets: []config.Secret{config.NewSecret("planted")}},
		"no command":          {Kind: config.HookCommand},
		"armed, no program":   {Kind: config.HookCommand, Mode: config.ModeArmed, Command: []string{"/no/such/program"}},
	} {
		c.Name = "pause"
		if _, err := New(c, Deps{}); err == nil {
			t.Errorf("%s: taken", name)
		} else if !strings.HasPrefix(err.Error(), "hook pause: ") || strings.Contains(err.Error(), "planted") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestADryCommandNeedNotBeInstalledYet(t *testing.T) {
	if _, err := New(config.Hook{Kind: config.HookCommand, Mode: config.ModeDryRun, Command: []string{"/no/such/program"}}, Deps{}); err != nil {
		t.Error(err)
	}
}

func TestTheWebhookHoldsAgainstEveryAnswer(t *testing.T) {
	deliverytest.Test(t, deliverytest.Channel{
		New: func(url config.Secret) (delivery.Sender, error) {
			return New(config.Hook{
				Name: "bot", Kind: config.HookWebhook, Timeout: config.Duration(10 * time.Second),
				URL: url, Secrets: []config.Secret{config.NewSecret(whsec)},
			}, Deps{})
		},
		Notice:  deliverytest.Notice(headwatch.StepTrip, "bot"),
		Accepts: func(status int) bool { return status/100 == 2 },
		Secrets: []string{whsec, strings.TrimPrefix(whsec, "whsec_")},
	})
}
