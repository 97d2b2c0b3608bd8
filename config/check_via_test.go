package config

import (
	"strings"
	"testing"
)

func TestAHookHasAWayToItsChain(t *testing.T) {
	const signer = "[[signer]]\nname = \"guardian\"\nkind = \"remote\"\naddress = \"0x70997970C51812dc3A010C7d01b50e0d17dc79C8\"\nurl = \"http://127.0.0.1:9000\"\n"
	const hook = signer + "[[hook]]\nname = \"h\"\nsigner = \"guardian\"\nkind = "
	const feed = hook + "\"uptime-feed\"\nto = \"0x5FbDB2315678afecb367f032d93F642f64180aa3\"\n"
	const rollup = "[[chain.endpoint]]\nurl = \"https://example.com\"\nname = \"NAME\"\n"
	chain := func(kind, more string) string {
		return "[[chain]]\nname = \"other\"\nkind = \"" + kind + "\"\nchain_id = 7\nblock_time = \"2s\"\nl1 = \"ethereum\"\n" + more +
			strings.ReplaceAll(rollup, "NAME", "one")
	}
	for _, c := range []struct{ name, lines, want string }{
		{"the preset has a portal", feed + "chain = \"base\"", ""},
		{"straight to L2", hook + "\"evm\"\nchain = \"base\"\nvia = \"l2\"", ""},
		{"another way", feed + "chain = \"base\"\nvia = \"l1\"", `via "l1" is unknown; did you mean l2 or l1-deposit?`},
		{"another chain", feed + "chain = \"bsae\"", `chain "bsae" does not exist; did you mean base?`},
		{"no blocks", "[[chain]]\nname = \"books\"\nkind = \"api\"\n[[chain.endpoint]]\nurl = \"https://x.example\"\nserves = \"api\"\npath = \"t\"\n" + feed + "chain = \"books\"", `chain "books" is of kind api, which takes no transactions`},
		{"an L1", hook + "\"evm\"\nchain = \"ethereum\"\nvia = \"both\"", `via is both, and no way into ethereum from an L1 is known; only op-stack and arbitrum chains have one: use via = "l2"`},
		{"no portal", chain("op-stack", "") + feed + "chain = \"other\"", `via is l1-deposit, and no way into other from an L1 is known; set the chain's portal, or add an endpoint that serves rollup`},
		{"a rollup endpoint", chain("op-stack", "") + strings.ReplaceAll(rollup, "NAME", "two") + "serves = \"rollup\"\n" + feed + "chain = \"other\"", ""},
		{"no inbox", chain("arbitrum", "busy = true\n") + feed + "chain = \"other\"", `via is l1-deposit, and no way into other from an L1 is known; set the chain's inbox`},
		{"an inbox", chain("arbitrum", "busy = true\ninbox = \"0x4Dbd4fc535Ac27206064B68FfCf827b0A60BAB3f\"\n") + feed + "chain = \"other\"", ""},
		{"no feed", hook + "\"uptime-feed\"\nchain = \"base\"", `to is missing; name the HeadwatchUptimeFeed on the chain`},
		{"no address", hook + "\"uptime-feed\"\nchain = \"base\"\nto = \"feed\"", `to is not an address; write 0x and its 40 hex digits`},
		{"a short lease", feed + "chain = \"base\"\nlease = \"59m\"", `lease is 59m; make it 1h to 7d`},
		{"a long lease", feed + "chain = \"base\"\nlease = \"8d\"", `lease is 8d; make it 1h to 7d`},
	} {
		got := faultsOf(t, altered(map[string]string{"#end": c.lines}), noEnv)
		if _, after, found := strings.Cut(got, `hook "h": `); found {
			got = after
		}
		if got != c.want {
			t.Errorf("%s\ngot  %s\nwant %s", c.name, got, c.want)
		}
	}
}

func TestAHookOfTwoChainsNamesTheOneItActsOn(t *testing.T) {
	lines := map[string]string{
		"#circuit": `hooks = ["h"]`,
		"#end": "[[circuit]]\nname = \"l1\"\nchain = \"ethereum\"\nhooks = [\"h\"]\nalerts = [\"ops\"]\n[[signer]]\nname = \"guardian\"\nkind = \"remote\"\n" +
			"address = \"0x70997970C51812dc3A010C7d01b50e0d17dc79C8\"\nurl = \"http://127.0.0.1:9000\"\n[[hook]]\nname = \"h\"\nkind = \"evm\"\nsigner = \"guardian\"\n",
	}
	const want = `chain is missing; its circuits guard different chains: name the [[chain]] of the contract`
	if got := faultsOf(t, altered(lines), noEnv); !strings.Contains(got, want) {
		t.Errorf("got %s", got)
	}
	lines["#end"] += "chain = \"base\"\n"
	if got := faultsOf(t, altered(lines), noEnv); strings.Contains(got, "chain") {
		t.Errorf("got %s", got)
	}
}
