package config

import (
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"
)

// The config.toml that people copy documents every key. In it "#key = value" is a default, "# key = value" an example.
const reference = "../config.toml"

var (
	headerLine  = regexp.MustCompile(`(?m)^(?:# )?\[\[?([a-z_.]+)\]\]?(?:\s+#.*)?$`)
	keyLine     = regexp.MustCompile(`(?m)^#? ?([a-z_0-9]+) = `)
	defaultLine = regexp.MustCompile(`(?m)^#([a-z_0-9]+ = )`)
	exampleLine = regexp.MustCompile(`(?m)^# (\[\[?[a-z_.]+\]\]?|[a-z_0-9]+ = )`)
)

// exampleEnv gives every variable that an example names a value of the right form.
func exampleEnv(name string) (string, bool) {
	switch {
	case strings.HasSuffix(name, "_SECRET"):
		return "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3", true
	case strings.HasSuffix(name, "SPARE_KEY"):
		return strings.Repeat("01", 32), true
	case name == "SLACK_BOT_TOKEN":
		return "xoxb-0123456789", true
	case name == "TELEGRAM_TOKEN":
		return "0123456789:abcdefghijklmnopqrstuvwxyzABCDEFGHI", true
	case strings.HasSuffix(name, "_URL"):
		return "https://example.com/" + name, true
	default:
		return "0123456789abcdef0123456789abcdef", true
	}
}

func parseReference(t *testing.T, dir string, alter func(string) string) *Config {
	t.Helper()
	data, err := os.ReadFile(reference)
	if err != nil {
		t.Fatal(err)
	}
	c, err := Parse(filepath.Join(dir, "config.toml"), []byte(alter(string(data))), exampleEnv)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestTheReferenceWorksAsItIs(t *testing.T) {
	data, err := os.ReadFile(reference)
	if err != nil {
		t.Fatal(err)
	}
	c, err := Parse(reference, data, noEnv)
	if err != nil {
		t.Fatal(err)
	}
	if w := apart(c); len(w) != 0 {
		t.Errorf("warnings %q", w)
	}
	for _, h := range c.Hooks {
		if h.Mode != ModeDryRun {
			t.Errorf("hook %s is armed", h.Name)
		}
	}
	for _, chain := range []string{"base", "op-mainnet"} {
		if got := len(c.CircuitsOf(chain)); got != 1 {
			t.Errorf("%s has %d circuits", chain, got)
		}
	}
}

func TestTheReferenceShowsEveryKeyAndNoOther(t *testing.T) {
	data, err := os.ReadFile(reference)
	if err != nil {
		t.Fatal(err)
	}
	shown := map[string]bool{}
	section := ""
	for line := range strings.Lines(string(data)) {
		if m := headerLine.FindStringSubmatch(strings.TrimSpace(line)); m != nil {
			section = m[1]
		} else if m := keyLine.FindStringSubmatch(line); m != nil && section != "" {
			shown[section+"."+m[1]] = true
		}
	}
	known := map[string]bool{}
	keysOf(reflect.TypeFor[Config](), "", known)
	for key := range known {
		if !shown[key] {
			t.Errorf("%s is not shown", key)
		}
	}
	for key := range shown {
		if !known[key] {
			t.Errorf("%s is shown and does not exist", key)
		}
	}
}

func keysOf(t reflect.Type, section string, into map[string]bool) {
	for i := range t.NumField() {
		key, field := t.Field(i).Tag.Get("toml"), t.Field(i).Type
		if field.Kind() == reflect.Slice {
			field = field.Elem()
		}
		switch name := strings.TrimPrefix(section+"."+key, "."); {
		case key == "" || key == "-":
		case field.Kind() == reflect.Struct && field != secretType:
			keysOf(field, name, into)
		default:
			into[name] = true
		}
	}
}

func TestTheReferenceShowsTheTrueDefaults(t *testing.T) {
	as := parseReference(t, "", func(s string) string { return s })
	set := parseReference(t, "", func(s string) string { return defaultLine.ReplaceAllString(s, "$1") })
	if !reflect.DeepEqual(as, set) {
		t.Errorf("got\n%+v\nwant\n%+v", set, as)
	}
}

func TestTheExamplesInTheReferenceWork(t *testing.T) {
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "secrets"), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"bob.token", "guardian.json", "signer-ca.pem", "headwatch.pem", "headwatch-key.pem"} {
		write(t, filepath.Join(dir, "secrets", name), "fedcba9876543210", 0o600)
	}
	c := parseReference(t, dir, func(s string) string { return exampleLine.ReplaceAllString(s, "$1") })
	if c.Hook("pause-script") == nil || c.Alert("on-call") == nil || len(c.Chain("base").Endpoints) != 4 || len(c.API.Operators) != 2 {
		t.Errorf("got %+v", c)
	}
}
