package config

import (
	"strings"
	"testing"
)

func TestAnEmailNeedsAServerASenderAndSomebody(t *testing.T) {
	const good = "[[alert]]\nname = \"m\"\nkind = \"email\"\nurl = \"smtp://mail.example\"\nsender = \"Watch <w@a.example>\"\nto = [\"o@a.example\"]\n"
	for _, c := range []struct{ old, change, want string }{
		{"", "", ``},
		{"smtp://", "smtps://", ``},
		{"to =", "account = \"w\"\ntoken = \"0123\"\nto =", ``},
		{"smtp://", "https://", `19:1: alert "m": url has the wrong scheme; begin it with smtp:// or smtps://`},
		{"mail.example", "mail.example:65536", `19:1: alert "m": url has a port that there is not; ports are 1 to 65535`},
		{"mail.example", "mail.example:0", `19:1: alert "m": url has a port that there is not; ports are 1 to 65535`},
		{"smtp://", "smtp://w:x@", `19:1: alert "m": url holds a user; write it to account, and the password to token`},
		{"sender = \"Watch <w@a.example>\"\n", "", `16:1: alert "m": sender is missing; the address that the messages come from: "headwatch@example.com"`},
		{"Watch <w@a.example>", "watch", `20:1: alert "m": sender is no address; write "headwatch@example.com" or "Headwatch <headwatch@example.com>"`},
		{"to = [\"o@a.example\"]\n", "", `16:1: alert "m": to is missing; who is told: ["on-call@example.com"]`},
		{"[\"o@a.example\"]", "[\"o@a.example\", \"bob\\r\\nBcc: x@a.example\"]", `21:22: alert "m": to has what is no address; write "on-call@example.com"`},
		{"to =", "account = \"w\"\nto =", `21:1: alert "m": account and token belong together; give both, or neither where the server asks for none`},
	} {
		lines := strings.Replace(good, c.old, c.change, 1)
		if got := faultsOf(t, altered(map[string]string{"#end": lines}), noEnv); got != c.want {
			t.Errorf("%s\n got %s\nwant %s", lines, got, c.want)
		}
	}
}
