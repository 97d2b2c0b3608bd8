package config

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func env(vars map[string]string) func(string) (string, bool) {
	return func(name string) (string, bool) {
		v, ok := vars[name]
		return v, ok
	}
}

const operator = "[[api.operator]]\nname = \"alice\"\n"

func TestVariablesAreExpandedInSecrets(t *testing.T) {
	getenv := env(map[string]string{"KEY": "0123456789abcdef", "_B2": "-${KEY}-"})
	for text, want := range map[string]string{
		"${KEY}":                 "0123456789abcdef",
		"https://x/${KEY}/v2":    "https://x/0123456789abcdef/v2",
		"${KEY}${KEY}":           "0123456789abcdef0123456789abcdef",
		"$${KEY}-sixteen-chars":  "${KEY}-sixteen-chars",
		"$$$${KEY}-sixteen-char": "$${KEY}-sixteen-char",
		"$$${KEY}":               "$0123456789abcdef",
		"${_B2}-sixteen-chars":   "-${KEY}--sixteen-chars", // a value is not expanded again
	} {
		c, err := Parse("t", altered(map[string]string{"#end": operator + fmt.Sprintf("token = %q", text)}), getenv)
		if err != nil {
			t.Fatal(err)
		}
		if got := c.API.Operators[0].Token.Reveal(); got != want {
			t.Errorf("%q gives %q, want %q", text, got, want)
		}
	}
}

func TestVariablesAreExpandedInNothingElse(t *testing.T) {
	const text = "https://wiki.example/${KEY}/$$/$"
	c, err := Parse("t", altered(map[string]string{"#alert": fmt.Sprintf("link = %q", text)}), noEnv)
	if err != nil {
		t.Fatal(err)
	}
	if got := c.Alerts[0].Link; got != text {
		t.Errorf("got %q", got)
	}
}

func TestAReferenceThatIsNoneIsAFault(t *testing.T) {
	getenv := env(map[string]string{"EMPTY": "", "KEY": "0123456789abcdef"})
	const lone = "token has a dollar that begins no variable; write ${NAME} for an environment variable and $$ for a dollar"
	for text, want := range map[string]string{
		"${UNSET}":         "token needs the environment variable UNSET, which is not set",
		"x${EMPTY}":        "token needs the environment variable EMPTY, which is empty",
		"${KEY}${UNSET}":   "token needs the environment variable UNSET, which is not set",
		"$KEY":             lone,
		"p4ss$":            lone,
		"p4ss${":           lone,
		"${}":              lone,
		"${p4ss word}":     lone,
		"$${KEY}$p4ss${1}": lone,
	} {
		got := faultsOf(t, altered(map[string]string{"#end": operator + fmt.Sprintf("token = %q", text)}), getenv)
		if want = `18:1: api operator "alice": ` + want; got != want {
			t.Errorf("%q\n got %s\nwant %s", text, got, want)
		}
	}
}

func TestEverySecretMayComeFromAFile(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"token": "0123456789abcdef\n", "crlf": "fedcba9876543210\r\n", "key": "0123456789abcdef0123456789abcdef", "nats": "nats://u:p4ss@h",
		"url": "https://h/p4ss\n", "ws": "wss://h/p4ss\n", "whsec": "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3\n\n whsec_MTEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3 \n",
	} {
		write(t, filepath.Join(dir, name), text, 0o600)
	}
	c, err := Parse(filepath.Join(dir, "config.toml"), altered(map[string]string{
		"#chain": "[[chain.endpoint]]\nurl_file = \"url\"\nws_file = \"ws\"",
		"#end": operator + "token_file = \"token\"\n[[api.operator]]\nname = \"bob\"\ntoken_file = \"" + filepath.Join(dir, "key") + "\"\n[[api.operator]]\nname = \"carol\"\ntoken_file = \"crlf\"\n" +
			"[journal]\nurl_file = \"nats\"\n" +
			"[[hook]]\nname = \"h\"\nkind = \"webhook\"\nmode = \"armed\"\nurl_file = \"url\"\nsecrets_file = \"whsec\"\n" +
			"[[alert]]\nname = \"p\"\nkind = \"pagerduty\"\nrouting_key_file = \"key\"\n" +
			"[[alert]]\nname = \"w\"\nkind = \"webhook\"\nurl_file = \"url\"\nsecrets_file = \"whsec\"",
	}), noEnv)
	if err != nil {
		t.Fatal(err)
	}
	h := c.Hook("h")
	for _, s := range []struct {
		got  Secret
		want string
	}{
		{c.API.Operators[0].Token, "0123456789abcdef"},
		{c.API.Operators[1].Token, "0123456789abcdef0123456789abcdef"},
		{c.API.Operators[2].Token, "fedcba9876543210"},
		{c.Journal.URL, "nats://u:p4ss@h"},
		{c.Chain("base").Endpoints[0].URL, "https://h/p4ss"},
		{c.Chain("base").Endpoints[0].WS, "wss://h/p4ss"},
		{h.URL, "https://h/p4ss"},
		{h.Secrets[0], "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3"},
		{h.Secrets[1], "whsec_MTEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3"},
		{c.Alert("p").RoutingKey, "0123456789abcdef0123456789abcdef"},
		{c.Alert("w").URL, "https://h/p4ss"},
		{c.Alert("w").Secrets[1], "whsec_MTEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3"},
	} {
		if s.got.Reveal() != s.want {
			t.Errorf("got %q, want %q", s.got.Reveal(), s.want)
		}
	}
	if w := apart(c); len(w) != 0 {
		t.Errorf("secrets in files are warned of: %q", w)
	}
}

func TestASecretFileThatCannotServeIsAFault(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "empty"), " \n", 0o600)
	write(t, filepath.Join(dir, "open"), "0123456789abcdef", 0o604)
	write(t, filepath.Join(dir, "huge"), strings.Repeat("x", maxSecretFile+1), 0o600)
	write(t, filepath.Join(dir, "full"), strings.Repeat("x", maxSecretFile), 0o600)
	for line, want := range map[string]string{
		`token_file = "none"`:  `18:1: api operator "alice": token_file "none": no such file or directory`,
		`token_file = "."`:     `18:1: api operator "alice": token_file ".": not a regular file`,
		`token_file = "empty"`: `18:1: api operator "alice": token_file "empty": empty`,
		`token_file = "open"`:  `18:1: api operator "alice": token_file "open": everybody on this machine has access to it (mode 0604): chmod o= it`,
		`token_file = "huge"`:  `18:1: api operator "alice": token_file "huge": larger than 64 KiB`,
		`token_file = "full"`:  ``,
		`token_file = 5`:       `18:1: api operator "alice": token_file is a number, not a string; put it in quotes`,
		"token_file = \"full\"\ntoken = \"0123456789abcdef\"": `18:1: api operator "alice": token and token_file are both given; keep one of them`,
	} {
		_, err := Parse(filepath.Join(dir, "t"), altered(map[string]string{"#end": operator + line}), noEnv)
		got := ""
		if err != nil {
			got = strings.ReplaceAll(err.Error(), filepath.Join(dir, "t")+":", "")
		}
		if got != want {
			t.Errorf("%s\n got %s\nwant %s", line, got, want)
		}
	}
}

func TestWarningsListSecretsThatStandInTheFile(t *testing.T) {
	const whsec = `"whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3"`
	c, err := Parse("t", altered(map[string]string{
		"#chain": "[[chain.endpoint]]\nurl = \"https://public.example\"",
		"#end": operator + "token = \"0123456789abcdef\"\n[[api.operator]]\nname = \"bob\"\ntoken = \"${KEY}\"\n" +
			"[[hook]]\nname = \"h\"\nkind = \"webhook\"\nurl = \"https://h.example\"\nsecrets = [\"${WHSEC}\", " + whsec + "]\n" +
			"[[alert]]\nname = \"p\"\nkind = \"pagerduty\"\nrouting_key = \"0123456789abcdef0123456789abcdef\"\n" +
			"[[alert]]\nname = \"s\"\nkind = \"slack\"\nurl = \"https://chat.example/k3y\"\n" +
			"[[alert]]\nname = \"w\"\nkind = \"webhook\"\nurl = \"https://h.example/${KEY}\"\nsecrets = [" + whsec + "]",
	}), env(map[string]string{"KEY": "fedcba9876543210", "WHSEC": strings.Trim(whsec, `"`)}))
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		`t:19: api operator "alice": token is written in the file; prefer ${ENV} or token_file`,
		`t:27: hook "h": secrets is written in the file; prefer ${ENV} or secrets_file`,
		`t:31: alert "p": routing_key is written in the file; prefer ${ENV} or routing_key_file`,
		`t:35: alert "s": url is written in the file; prefer ${ENV} or url_file`,
		`t:40: alert "w": secrets is written in the file; prefer ${ENV} or secrets_file`,
	}
	if got := apart(c); strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func write(t *testing.T, name, text string, mode os.FileMode) {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), mode); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(name, mode); err != nil { // whatever the umask
		t.Fatal(err)
	}
}
