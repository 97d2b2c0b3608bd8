package alert

import (
	"bytes"
	"encoding/base64"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"headwatch"
	"headwatch/config"
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
