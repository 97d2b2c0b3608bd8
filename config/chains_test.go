package config

import (
	"cmp"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
)

// What the documents say of the presets is made of the presets: go test ./config -update writes it.
func TestTheDocumentsKnowEveryPreset(t *testing.T) {
	generated(t, "../docs/chains.md", `(?s)<!-- presets -->\n(.*)\n<!-- /presets -->`, presetTable(t))
	generated(t, reference, `(?s)There are:\n(#   .*?)\n\n`, presetList())
	generated(t, "../README.md", `presets for (\d+) chains`, fmt.Sprint(len(Presets())))
}

// generated checks the part of a document that the pattern's group marks, and leaves the rest to people.
func generated(t *testing.T, file, pattern, want string) {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	at := regexp.MustCompile(pattern).FindSubmatchIndex(data)
	if at == nil {
		t.Fatalf("%s has no %s", file, pattern)
	}
	if string(data[at[2]:at[3]]) == want {
		return
	}
	if !*update {
		t.Errorf("%s is out of date: run make golden", file)
		return
	}
	text := string(data[:at[2]]) + want + string(data[at[3]:])
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func presetTable(t *testing.T) string {
	t.Helper()
	rows := []string{
		"| preset | chain id | kind | block | L1 | busy | safe, proven, final within | reorg | warn, page, trip, close after | batcher | entrance on L1 | sources |",
		"|---|---|---|---|---|---|---|---|---|---|---|---|",
	}
	for _, name := range Presets() {
		p, err := presetNamed(name)
		if err != nil {
			t.Fatal(err)
		}
		c, th := p.Chain, p.Thresholds
		rows = append(rows, fmt.Sprintf("| %s | %d | %s | %v | %s | %s | %s, %s, %s | %d | %v, %v, %v, %v | %s | %s | %s |",
			name, c.ChainID, c.Kind, c.BlockTime, cmp.Or(c.L1, "-"), yes(c.Busy), limit(c.SafeLag), limit(c.ProvenLag), limit(c.FinalizedLag),
			max(c.ReorgDepth, 1), th.WarnAfter, th.PageAfter, th.TripAfter, th.RecoverAfter, yes(c.Batcher != ""), entrance(c), strings.Join(p.Sources, "; ")))
	}
	return strings.Join(rows, "\n")
}

func entrance(c Chain) string {
	switch {
	case c.Portal != "":
		return "portal"
	case c.Inbox != "":
		return "inbox"
	}
	return "-"
}

func yes(b bool) string {
	if b {
		return "yes"
	}
	return "-"
}

func limit(d Duration) string {
	if d == 0 {
		return "-"
	}
	return d.String()
}

// presetList is the comment of config.toml, in lines of a width.
func presetList() string {
	const width = 120
	lines := []string{"#  "}
	for i, name := range Presets() {
		if i < len(Presets())-1 {
			name += ","
		}
		last := &lines[len(lines)-1]
		if len(*last)+1+len(name) > width {
			lines = append(lines, "#  ")
			last = &lines[len(lines)-1]
		}
		*last += " " + name
	}
	return strings.Join(lines, "\n")
}
