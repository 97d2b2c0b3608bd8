package evm

import (
	"cmp"
	"flag"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/pelletier/go-toml/v2"

	"headwatch/config"
)

var update = flag.Bool("update", false, "write the table of presets in docs/pause-hooks.md anew")

func TestTheDocsShowEveryPreset(t *testing.T) {
	const path = "../../docs/pause-hooks.md"
	rows := []string{"| preset | calls, the default first | stops | who may | who may take it back |", "|---|---|---|---|---|"}
	for _, p := range presets {
		calls := "`" + strings.Join(p.calls(), "`, `") + "`"
		if len(p.patterns) == 0 {
			calls = "any"
		}
		rows = append(rows, "| `"+p.name+"` | "+calls+" | "+p.pauses+" | "+p.who+" | "+cmp.Or(p.back, "the same")+" |")
	}
	want := strings.Join(rows, "\n") + "\n"
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	table := regexp.MustCompile(`\| preset \| calls[^\n]*\n(\|[^\n]*\n)*`)
	if *update {
		text = table.ReplaceAllLiteral(text, []byte(want))
		if err := os.WriteFile(path, text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if got := string(table.Find(text)); got != want {
		t.Errorf("docs/pause-hooks.md has\n%s\nwant\n%s\n(make golden)", got, want)
	}
}

// The examples that people copy are calls that can be made.
func TestTheHooksInTheReferenceCanBeCalled(t *testing.T) {
	text, err := os.ReadFile("../../config.toml")
	if err != nil {
		t.Fatal(err)
	}
	plain := regexp.MustCompile(`(?m)^# ?`).ReplaceAllString(string(text), "")
	found := 0
	for _, section := range strings.Split(plain, "[[hook]]\n")[1:] {
		section, _, _ = strings.Cut(section, "\n\n")
		if !strings.Contains(section, `kind = "evm"`) {
			continue
		}
		var h config.Hook
		if err := toml.Unmarshal([]byte(section), &h); err != nil {
			t.Fatalf("%s: %v", section, err)
		}
		if _, err := NewEffect(h); err != nil {
			t.Errorf("hook %s: %v", h.Name, err)
		}
		found++
	}
	if found != 2 {
		t.Errorf("%d hooks of kind evm are shown", found)
	}
}
