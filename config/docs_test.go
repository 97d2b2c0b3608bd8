package config

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// around is what the examples of the documents refer to and do not say again. What an example has itself is left out.
var around = []struct{ name, toml string }{
	{"ethereum", "[[chain]]\npreset = \"ethereum\"\n"},
	{"base", "[[chain]]\npreset = \"base\"\n"},
	{"op-mainnet", "[[chain]]\npreset = \"op-mainnet\"\n"},
	{"base-lending", "[[circuit]]\nname = \"base-lending\"\nchain = \"base\"\nalerts = [\"terminal\"]\n"},
	{"terminal", "[[alert]]\nname = \"terminal\"\nkind = \"console\"\n"},
	{"on-call", "[[alert]]\nname = \"on-call\"\nkind = \"pagerduty\"\nrouting_key = \"${PAGERDUTY_ROUTING_KEY}\"\n"},
	{"ops-chat", "[[alert]]\nname = \"ops-chat\"\nkind = \"slack\"\nurl = \"${SLACK_WEBHOOK_URL}\"\n"},
	{"alice-phone", "[[alert]]\nname = \"alice-phone\"\nkind = \"ntfy\"\nurl = \"https://ntfy.example.com/alice\"\n"},
	{"bob-phone", "[[alert]]\nname = \"bob-phone\"\nkind = \"ntfy\"\nurl = \"https://ntfy.example.com/bob\"\n"},
	{"alice-smith", "[[person]]\nname = \"alice-smith\"\ntell = [\"alice-phone\"]\n"},
	{"bob", "[[person]]\nname = \"bob\"\ntell = [\"bob-phone\"]\n"},
	{"first-line", "[[rota]]\nname = \"first-line\"\npeople = [\"alice-smith\", \"bob\"]\nstarts = \"2026-11-23T09:00\"\n"},
	{"office", "[[hours]]\nname = \"office\"\nfrom = \"09:00\"\nuntil = \"18:00\"\n"},
}

var exampleHeader = regexp.MustCompile(`^ {4}\[\[?[a-z_.]+\]\]?`)

// examples are the blocks of a document that are configuration, by the line on which they begin.
func examples(document string) map[int]string {
	found := map[int]string{}
	begin := 0
	for i, line := range strings.Split(document, "\n") {
		switch {
		case begin == 0 && exampleHeader.MatchString(line):
			begin = i + 1
		case begin != 0 && line != "" && !strings.HasPrefix(line, "    "):
			begin = 0
		}
		if begin != 0 {
			found[begin] += strings.TrimPrefix(line, "    ") + "\n"
		}
	}
	return found
}

// Whoever copies an example of these documents gets what it says, with no fault and no warning of a name that does not exist.
func TestTheExamplesInTheDocumentsWork(t *testing.T) {
	dir := t.TempDir()
	for name, content := range map[string]string{
		"secrets/pagerduty": "0123456789abcdef0123456789abcdef", "secrets/pagerduty-webhook": "0123456789abcdef0123456789abcdef",
		"secrets/guardian.json": "{}", "google-chat.tmpl": `{"text": {{json .Text}}}`,
	} {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o700); err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(dir, name), content, 0o600)
	}
	for _, document := range []string{"paging.md", "migrating.md"} {
		data, err := os.ReadFile(filepath.Join("..", "docs", document))
		if err != nil {
			t.Fatal(err)
		}
		all := examples(string(data))
		if len(all) < 5 {
			t.Errorf("%s has %d examples", document, len(all))
		}
		for line, example := range all {
			text := example
			for _, a := range around {
				if !strings.Contains(example, fmt.Sprintf("name = %q", a.name)) && !strings.Contains(example, fmt.Sprintf("preset = %q", a.name)) {
					text += a.toml
				}
			}
			if _, err := Parse(filepath.Join(dir, "config.toml"), []byte(text), exampleEnv); err != nil {
				t.Errorf("docs/%s:%d: %v\n%s", document, line, err, text)
			}
		}
	}
}
