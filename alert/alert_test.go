package alert

import (
	"bytes"
	"encoding/base64"
	"flag"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"headwatch"
	"headwatch/config"
	"headwatch/delivery"
	"headwatch/delivery/deliverytest"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s: got\n%s", path, got)
	}
}

var (
	routingKey = "planted-routing-key-of-32-chars-"
	whsec      = "whsec_" + base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{7}, 32))
)

var deps = Deps{
	Advice: func(c headwatch.Condition) string {
		if c == headwatch.UnsafeHeadStalled {
			return "Check the sequencer's status page and stop quoting."
		}
		return "advice about " + string(c)
	},
	Hooks: func(circuit string) []string {
		if circuit == "base-lending" {
			return []string{"pause-lending (armed)", "market-makers (dry run)"}
		}
		return nil
	},
	Console: &bytes.Buffer{},
}

// conf is a complete configuration of a kind.
func conf(kind string, url config.Secret) config.Alert {
	c := config.Alert{
		Name: "ops", Kind: kind, From: headwatch.LevelWarn, URL: url,
		Timeout: config.Duration(10 * time.Second), Link: "https://runbooks.example.org/base",
	}
	switch kind {
	case config.AlertPagerDuty:
		c.From, c.RoutingKey = headwatch.LevelPage, config.NewSecret(routingKey)
	case config.AlertWebhook:
		c.Secrets = []config.Secret{config.NewSecret(whsec)}
	}
	return c
}

func TestEveryChannelHoldsAgainstEveryAnswer(t *testing.T) {
	for kind, c := range map[string]deliverytest.Channel{
		config.AlertPagerDuty: {Accepts: func(status int) bool { return status == http.StatusAccepted }, Secrets: []string{routingKey}},
		config.AlertSlack:     {Accepts: func(status int) bool { return status == http.StatusOK }, Answer: "ok"},
		config.AlertWebhook:   {Accepts: func(status int) bool { return status/100 == 2 }, Secrets: []string{whsec, strings.TrimPrefix(whsec, "whsec_")}},
	} {
		c.New = func(url config.Secret) (delivery.Sender, error) { return New(conf(kind, url), deps) }
		c.Notice = deliverytest.Notice(headwatch.StepTrip, "ops")
		t.Run(kind, func(t *testing.T) { deliverytest.Test(t, c) })
	}
}

func TestEveryKindTellsALateIncidentInOneMessage(t *testing.T) {
	for kind := range kinds {
		s, err := New(conf(kind, config.NewSecret("https://example.org")), deps)
		if err != nil {
			t.Fatal(err)
		}
		if _, ok := s.(delivery.Coalescer); !ok {
			t.Errorf("%s does not", kind)
		}
	}
}

func TestNewRefusesWhatCannotWork(t *testing.T) {
	for name, c := range map[string]config.Alert{
		"unknown kind":       {Kind: "carrier pigeon"},
		"slack, no url":      {Kind: config.AlertSlack},
		"slack, bad url":     {Kind: config.AlertSlack, URL: config.NewSecret("planted://x")},
		"pagerduty, no key":  {Kind: config.AlertPagerDuty},
		"pagerduty, bad url": {Kind: config.AlertPagerDuty, RoutingKey: config.NewSecret("x"), URL: config.NewSecret("http://[planted")},
		"console, none":      {Kind: config.AlertConsole},
	} {
		c.Name = "ops"
		if _, err := New(c, Deps{}); err == nil {
			t.Errorf("%s: taken", name)
		} else if !strings.HasPrefix(err.Error(), "alert ops: ") || strings.Contains(err.Error(), "planted") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
