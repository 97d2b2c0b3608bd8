package config

import (
	"strings"
	"testing"
)

func TestAFeedIsOfOneCircuitAndIsToldAtOnce(t *testing.T) {
	const signer = "[[signer]]\nname = \"guardian\"\nkind = \"remote\"\naddress = \"0x70997970C51812dc3A010C7d01b50e0d17dc79C8\"\nurl = \"http://127.0.0.1:9000\"\n"
	feed := func(name, more string) string {
		return "[[hook]]\nname = \"" + name + "\"\nsigner = \"guardian\"\nkind = \"uptime-feed\"\nto = \"0x5FbDB2315678afecb367f032d93F642f64180aa3\"\nchain = \"base\"\n" + more
	}
	circuit := func(name string) string {
		return "[[circuit]]\nname = \"" + name + "\"\nchain = \"base\"\nwarn_after = \"30s\"\npage_after = \"60s\"\ntrip_after = \"120s\"\nhooks = [\"h\"]\nalerts = [\"ops\"]\n"
	}
	for _, c := range []struct{ name, lines, want string }{
		{"one circuit", feed("h", "mode = \"armed\"\n") + circuit("a"), ""},
		{"two circuits", feed("h", "blast_radius = [\"a\", \"b\"]\n") + circuit("a") + circuit("b"), `a feed says how one circuit is, and "a", "b" list it; give each a feed of its own`},
		{"two hooks", feed("h", "") + feed("other", ""), `hook "other": hook "h" speaks to that feed too; give each a feed of its own`},
		{"two ways", feed("h", "via = \"both\"\n"), `via is both, and what is said on two ways may arrive in another order; choose "l1-deposit" or "l2"`},
		{"a veto", feed("h", "mode = \"confirm\"\n"), `a feed is told at once: nobody vetoes it; choose "armed" or "dry_run"`},
		{"a budget", feed("h", "max_per_day = 1\n"), "a feed has no limit: it must say up as often as down; leave it out"},
		{"a cooldown", feed("h", "cooldown = \"1h\"\n"), "a feed has no limit: it must say up as often as down; leave it out"},
	} {
		got := faultsOf(t, altered(map[string]string{"#end": signer + c.lines}), noEnv)
		if c.want == "" && got != "" || !strings.Contains(got, c.want) {
			t.Errorf("%s\ngot  %s\nwant %s", c.name, got, c.want)
		}
	}
}
