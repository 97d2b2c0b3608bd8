package config

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestWrongTypesAreFaultsAtTheirKey(t *testing.T) {
	const unit = `; write it with its unit and in quotes, such as `
	for text, want := range map[string]string{
		"chain = 5":                 `1:1: chain is a number, not a list of tables; write [[chain]]`,
		"[chain]":                   `1:1: chain is a table, not a list of tables; write [[chain]]`,
		"chain = [5]":               `1:10: chain is a number, not a table`,
		"[[journal]]":               `1:1: journal is a list, not a table`,
		"journal.keep = 90":         `1:1: journal: keep is a number, not a duration` + unit + `"90s", "5m", "36h" or "90d"`,
		"journal.keep = \"90\"":     `1:1: journal: keep is "90", not a duration` + unit + `"90s", "5m", "36h" or "90d"`,
		"journal.keep = 1.5":        `1:1: journal: keep is a number with a fraction, not a duration` + unit + `"90s", "5m", "36h" or "90d"`,
		"journal.max_size = \"1G\"": `1:1: journal: max_size is "1G", not a size` + unit + `"512MiB", "1GiB" or "100MB"`,
		"journal.dir = 2024-01-01":  `1:1: journal: dir is a date, not a string; put it in quotes`,
		"journal.url = 12345":       `1:1: journal: url is a number, not a string; put it in quotes`,
		"[[chain]]\nchain_id = \"8453\"\nquorum = 1.0\nname = true": `2:1: chain 1: chain_id is a string, not a positive whole number; write it without quotes, sign or fraction
3:1: chain 1: quorum is a number with a fraction, not a whole number; write it without quotes, sign or fraction
4:1: chain 1: name is a boolean, not a string; put it in quotes`,
		"[[circuit]]\nhooks = \"h\"\n  on = [1]": `2:1: circuit 1: hooks is a string, not a list; write hooks = ["..."]
3:9: circuit 1: on is a number, not a string; put it in quotes`,
		"[[hook]]\nenv = { A = 1 }\n[[alert]]\nfrom = 2": `2:9: hook 1: A is a number, not a string; put it in quotes
4:1: alert 1: from is a number, not a string; put it in quotes`,
	} {
		got := faultsOf(t, []byte(text), noEnv)
		for _, line := range strings.Split(want, "\n") {
			if !strings.Contains("\n"+got+"\n", "\n"+line+"\n") {
				t.Errorf("%s\n got %s\nwant %s", text, got, line)
			}
		}
	}
}

func TestUnknownKeysAreFaultsWithTheKeyThatWasMeant(t *testing.T) {
	for text, want := range map[string]string{
		"[[circit]]":                               `1:1: "circit" is not a key; did you mean circuit?`,
		"[[circuit]]\n\twarn = \"1m\"":             `2:2: circuit 1: "warn" is not a key; did you mean warn_after?`,
		"[[circuit]]\ntrip_afer = \"1m\"":          `2:1: circuit 1: "trip_afer" is not a key; did you mean trip_after?`,
		"[[chain]]\nendpoint = [{ urk_file = 1 }]": `2:15: chain 1 endpoint 1: "urk_file" is not a key; did you mean url_file?`,
		"[log.colour]\nx = 1":                      `1:1: log: "colour" is not a key; use one of level, format`,
		"log.a.b.c.d.e.f.g.h.i.j.k = 1":            `1:1: log: "a" is not a key; use one of level, format`,
		"\"log.level\" = 1":                        `1:1: "log.level" is not a key; use one of journal, api, log, chain, circuit, hook, signer, scarcity, alert, escalation, person, rota, hours, maintenance, watchdog, heartbeat, peer`,
	} {
		if got := faultsOf(t, []byte(text), noEnv); !strings.Contains("\n"+got+"\n", "\n"+want+"\n") {
			t.Errorf("%s\n got %s\nwant %s", text, got, want)
		}
	}
}

func TestASyntaxErrorStopsTheReading(t *testing.T) {
	for text, want := range map[string]string{
		"[log]\nlevel = debug":             `2:9: unexpected character U+0064 'd' at start of value`,
		"[log]\nlevel = \"a\"\nlevel = 1":  `3:1: key level is already defined`,
		"[log]\n[log]":                     `2:2: table log already exists`,
		"token = 1e999":                    `1:9: unable to parse float`,
		"a = \"\xff\"":                     `1:6: invalid UTF-8 character in basic string`,
		strings.Repeat("#", maxFile) + "#": `1:1: the file is larger than 1 MiB`,
	} {
		if got := faultsOf(t, []byte(text), noEnv); got != want {
			t.Errorf("%.40s\n got %s\nwant %s", text, got, want)
		}
	}
}

func TestInlineTablesAndDottedKeysAreTablesToo(t *testing.T) {
	c, err := Parse("t", []byte(`
circuit = [{ name = "lending", chain = "base", alerts = ["ops"] }]
alert = [{ name = "ops", kind = "console" }]
chain = [{ preset = "ethereum" }, { preset = "base", endpoint = [{ url = "http://localhost:8545" }] }]
log.level = "debug"
`), noEnv)
	if err != nil {
		t.Fatal(err)
	}
	if got := c.Chain("base").Endpoints[0].Name; got != "localhost-8545" || c.Log.Level != "debug" {
		t.Errorf("got endpoint %q, level %q", got, c.Log.Level)
	}
}

func TestLoadReadsTheFileAndTheEnvironment(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, "config.toml")
	write(t, name, string(altered(map[string]string{"#end": operator + `token = "${HEADWATCH_TEST_TOKEN}"`})), 0o644)
	t.Setenv("HEADWATCH_TEST_TOKEN", "0123456789abcdef")
	c, err := Load(name)
	if err != nil {
		t.Fatal(err)
	}
	if c.Path != name || c.Journal.Dir != filepath.Join(dir, "data") || c.API.Operators[0].Token.Reveal() != "0123456789abcdef" {
		t.Errorf("got path %s, journal %s", c.Path, c.Journal.Dir)
	}
	if err := os.Truncate(name, maxFile+1); err != nil {
		t.Fatal(err)
	}
	if _, err := Load(name); err == nil || err.Error() != name+":1:1: the file is larger than 1 MiB" {
		t.Errorf("a huge file gives %v", err)
	}
	if _, err := Load(filepath.Join(dir, "none")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no file gives %v", err)
	}
}

func TestNestingAndLengthAreNoTrouble(t *testing.T) {
	for _, text := range []string{
		strings.Repeat("a.", 5000) + "a = 1",
		"a = " + strings.Repeat("[", 5000) + strings.Repeat("]", 5000),
		"a = " + strings.Repeat("{ a = ", 5000) + "1" + strings.Repeat("}", 5000),
	} {
		if got := faultsOf(t, []byte(text), noEnv); !strings.HasPrefix(got, `1:1: "a" is not a key`) {
			t.Errorf("%.20s: %.200s", text, got)
		}
	}
	var keys strings.Builder
	for i := range 2000 {
		fmt.Fprintf(&keys, "key_%d = 1\n", i)
	}
	if got := strings.Count(faultsOf(t, []byte(keys.String()), noEnv), "is not a key"); got != 2000 {
		t.Errorf("%d of 2000 unknown keys are reported", got)
	}
}
