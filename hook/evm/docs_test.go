package evm

import (
	"cmp"
	"flag"
	"os"
	"regexp"
	"strings"
	"testing"
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
