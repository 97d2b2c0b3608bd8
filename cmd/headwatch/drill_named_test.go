package main

import (
	"strings"
	"testing"

	"headwatch/config"
)

func TestADrillOfWhatThereIsNotNamesCircuitsAndHooks(t *testing.T) {
	cfg := &config.Config{Circuits: []config.Circuit{{Name: "lending"}}, Hooks: []config.Hook{{Name: "pause"}}}
	for name, want := range map[string]string{"lendng": "did you mean lending?", "pase": "did you mean pause?", "zzzzzz": "use one of lending, pause", "lending": "", "pause": ""} {
		if _, err := circuitOrHook(cfg, name); (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", name, err, want)
		}
	}
}
