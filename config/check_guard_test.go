package config

import (
	"strings"
	"testing"
)

// caller is a hook that calls a contract; a test adds to it.
const caller = "[[hook]]\nname = \"h\"\nkind = \"evm\"\nchain = \"base\"\nto = \"0x5731a04B1E775f0fdd454Bf70f3335886e9A96be\"\ncall = \"pause()\"\nread = \"paused()\"\nresume = \"unpause()\"\nsigner = \"s\"\n"

const signer = "\n[[signer]]\nname = \"s\"\nkind = \"key\"\nkey = \"0x59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d\""

func TestHooksAreBoundAsTheyShould(t *testing.T) {
	const second = "\n[[circuit]]\nname = \"trading\"\nchain = \"base\"\nalerts = [\"ops\"]\nhooks = [\"h\"]"
	other := strings.Replace(caller, `"h"`, `"other"`, 1)
	for _, c := range []struct{ name, circuit, alert, end, want string }{
		{"armed", `hooks = ["h"]`, "", caller + "mode = \"armed\"" + signer, ""},
		{"no time for a veto", "", "", caller + "veto_for = \"9s\"" + signer, `25:1: hook "h": veto_for is 9s; make it 10s to 1h`},
		{"too long for a veto", "", "", caller + "veto_for = \"61m\"" + signer, `hook "h": veto_for is 1h1m; make it 10s to 1h`},
		{"a negative budget", "", "", caller + "max_per_day = -1" + signer, `hook "h": max_per_day is -1; make it a number of firings; 0 is no limit`},
		{"a cooldown for ever", "", "", caller + "cooldown = \"31d\"" + signer, `hook "h": cooldown is 31d; make it 0s to 30d`},
		{"negative caps", "", "", "[scarcity]\nmax_per_day = -1\nmax_per_chain_day = -2", "17:1: scarcity: max_per_day is -1; make it a number of firings; 0 is no limit\n18:1: scarcity: max_per_chain_day is -2; make it a number of firings; 0 is no limit"},
		{"a journal that forgets", `hooks = ["h"]`, "", caller + "mode = \"armed\"\n" + signer + "\n[journal]\nkeep = \"23h\"", `hook "h": the journal forgets after 23h (journal.keep) what the limits of this hook count; make keep at least 1d`},
		{"a journal that forgets a cooldown", `hooks = ["h"]`, "", caller + "mode = \"armed\"\ncooldown = \"3d\"\n" + signer + "\n[journal]\nkeep = \"2d\"", `what the limits of this hook count; make keep at least 3d`},

		{"two circuits, dry", `hooks = ["h"]`, "", caller + signer + second, ""},
		{"two circuits", `hooks = ["h"]`, "", caller + "mode = \"armed\"" + signer + second, `hook "h": circuits "lending", "trading" can fire this hook against each other; give each a hook of its own, or say that it is meant: blast_radius = ["lending", "trading"]`},
		{"two circuits, confirm", `hooks = ["h"]`, "", caller + "mode = \"confirm\"" + signer + second, `can fire this hook against each other`},
		{"two circuits, one said", `hooks = ["h"]`, "", caller + "mode = \"armed\"\nblast_radius = [\"lending\"]" + signer + second, `can fire this hook against each other`},
		{"two circuits, both said", `hooks = ["h"]`, "", caller + "mode = \"armed\"\nblast_radius = [\"trading\", \"lending\"]" + signer + second, ""},
		{"a circuit that does not list it", `hooks = ["h"]`, "", caller + "blast_radius = [\"lending\", \"trading\"]" + signer + strings.Replace(second, "hooks", "#", 1), `25:28: hook "h": circuit "trading" does not list this hook; take it out, or add the hook to its hooks`},
		{"a circuit that does not exist", `hooks = ["h"]`, "", caller + "blast_radius = [\"landing\"]" + signer, `hook "h": circuit "landing" does not exist; did you mean lending?`},

		{"against each other by what they want", `hooks = ["h", "other"]`, "", caller + "mode = \"armed\"\n" + other + "mode = \"armed\"\nwant = \"false\"" + signer, `hook "other": want "false" works against hook "h", which wants "true" of the same contract; arm one of them`},
		{"one of them is dry", `hooks = ["h", "other"]`, "", caller + other + "mode = \"armed\"\nwant = \"false\"" + signer, ""},
		{"against each other by what they call", `hooks = ["h", "other"]`, "", caller + "mode = \"armed\"\n" + strings.NewReplacer(`"pause()"`, `"unpause()"`, `"unpause()"`, `"pause( )"`).Replace(other) + "mode = \"confirm\"\n" + signer, `hook "other": one of this hook and hook "h" takes back what the other does; arm one of them: people resume`},
		{"two that do the same", `hooks = ["h", "other"]`, "", caller + "mode = \"armed\"\n" + other + "mode = \"armed\"" + signer, ""},

		{"nobody is paged", `hooks = ["h"]`, `from = "trip"`, caller + "mode = \"confirm\"" + signer, `circuit "lending": nobody is paged when hook "h" waits, or does not work; list an [[alert]] whose from is "page" or "warn"`},
		{"nobody is paged, dry", `hooks = ["h"]`, `from = "trip"`, caller + signer, ""},
	} {
		lines := map[string]string{"#end": c.end}
		if c.circuit != "" {
			lines["#circuit"] = c.circuit + "\nalerts = [\"ops\"]"
		}
		if c.alert != "" {
			lines["#alert"] = c.alert
		}
		got := faultsOf(t, altered(lines), noEnv)
		if c.want == "" && got != "" || !strings.Contains(got, c.want) || c.want != "" && strings.Count(got, "\n") != strings.Count(c.want, "\n") {
			t.Errorf("%s\n got %s\nwant %s", c.name, got, c.want)
		}
	}
}
