package config

import (
	"slices"
	"strings"
	"testing"
)

// apart gives the warnings but those of circuits that page nobody, as most of the small files of tests do.
func apart(c *Config) []string {
	return slices.DeleteFunc(c.Warnings(), func(w string) bool { return strings.Contains(w, "nobody would be paged") })
}

func TestACircuitWhosePageNobodyWouldHearIsTold(t *testing.T) {
	const file = `
[[chain]]
preset = "ethereum"
[[chain.endpoint]]
name = "a"
url = "https://node.example"
[[alert]]
name = "terminal"
kind = "console"
[[alert]]
name = "chat"
kind = "slack"
url = "${URL}"
from = "FROM"
[[circuit]]
name = "l1"
chain = "ethereum"
alerts = [ALERTS]
`
	const only = `config.toml:15: nobody would be paged: circuit "l1" tells only the console when it pages; list an alert of another kind, from warn or page`
	const none = `config.toml:15: nobody would be paged: circuit "l1" tells nobody when it pages; list an alert of another kind, from warn or page`
	for _, c := range []struct{ from, alerts, want string }{
		{"warn", `"terminal"`, only},
		{"trip", `"terminal", "chat"`, only},
		{"page", `"terminal", "chat"`, ""},
		{"warn", `"chat"`, ""},
		{"trip", `"chat"`, none},
	} {
		data := strings.NewReplacer("FROM", c.from, "ALERTS", c.alerts).Replace(file)
		parsed, err := Parse("config.toml", []byte(data), env(map[string]string{"URL": "https://hooks.example/planted"}))
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(parsed.Warnings(), "\n"); got != c.want {
			t.Errorf("%s from %s: %q, want %q", c.alerts, c.from, got, c.want)
		}
	}
}
