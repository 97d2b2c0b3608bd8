package config

import (
	"strings"
	"testing"
)

// onBase is a hook on a chain that has no fault.
const onBase = "[[hook]]\nname = \"p\"\nkind = \"evm\"\nto = \"0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed\"\ncall = \"pause()\"\nchain = \"base\"\n"

func TestAHookOnAChainHasAWayThere(t *testing.T) {
	const arbitrum = "[[chain]]\nname = \"arb\"\nkind = \"arbitrum\"\nchain_id = 5\nblock_time = \"1s\"\nl1 = \"ethereum\"\n[[chain.endpoint]]\nurl = \"https://x.example\"\n"
	const linea = "[[chain]]\npreset = \"linea\"\n"
	on := func(chain string) string { return strings.Replace(onBase, `"base"`, `"`+chain+`"`, 1) }
	for _, c := range []struct{ lines, want string }{
		{onBase, ``},
		{onBase + `via = "both"`, ``},
		{onBase + `via = "l1-deposit"`, ``},
		{onBase + `via = "l1-deposi"`, `22:1: hook "p": via "l1-deposi" is unknown; did you mean l1-deposit?`},
		{on("bas"), `21:1: hook "p": chain "bas" does not exist; did you mean base?`},
		{strings.Replace(onBase, "chain = \"base\"\n", "", 1), `16:1: hook "p": chain is missing; no circuit lists the hook, or circuits of different chains do: name the chain where the contract is`},
		{on("ethereum") + `via = "both"`, `22:1: hook "p": via both goes through the L1 of op-stack and arbitrum chains, and "ethereum" is evm; use l2`},
		{on("linea") + `via = "l1-deposit"` + "\n" + linea, `22:1: hook "p": via l1-deposit goes through the L1 of op-stack and arbitrum chains, and "linea" is linea; use l2`},
		{on("arb") + `via = "both"` + "\n" + arbitrum, `22:1: hook "p": chain "arb" has no inbox; set inbox on the chain`},
	} {
		if got := faultsOf(t, altered(map[string]string{"#end": c.lines}), noEnv); got != c.want {
			t.Errorf("%s\ngot  %s\nwant %s", c.lines, got, c.want)
		}
	}
}

func TestTheLimitsOfAHookOnAChainAreSensible(t *testing.T) {
	for _, c := range []struct{ lines, want string }{
		{`gas_limit = 20000`, `gas_limit is 20000; make it 21000 to 20000000`},
		{`gas_limit = 21000`, ``},
		{`gas_limit = 30000000`, `gas_limit is 30000000; make it 21000 to 20000000`},
		{`max_fee = "0 gwei"`, `max_fee is 0; nothing is free: write what you would pay on the worst day, such as "300 gwei"`},
		{`confirmations = 0`, `confirmations is 0; make it 1 to 100`},
		{`confirmations = 101`, `confirmations is 101; make it 1 to 100`},
		{`replace_after = "0s"`, `replace_after is 0s; make it 5s to 10m`},
		{`confirm_within = "30s"`, `confirm_within is 30s, not longer than replace_after 30s; leave time for a replacement or two`},
		{`confirm_within = "31s"`, ``},
		{`confirm_within = "2d"`, `confirm_within is 2d; make it 5s to 1d`},
	} {
		want := c.want
		if want != "" {
			want = `22:1: hook "p": ` + want
		}
		if got := faultsOf(t, altered(map[string]string{"#end": onBase + c.lines}), noEnv); got != want {
			t.Errorf("%s\ngot  %s\nwant %s", c.lines, got, want)
		}
	}
}

func TestAFeedHasAnAddress(t *testing.T) {
	const feed = "[[hook]]\nname = \"f\"\nkind = \"uptime-feed\"\nchain = \"base\"\n"
	for lines, want := range map[string]string{
		feed:               `16:1: hook "f": to is missing; write the address of the feed`,
		feed + `to = "0x"`: `20:1: hook "f": to is not an address; write 0x and its 40 hex digits`,
		feed + `to = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"`: ``,
	} {
		if got := faultsOf(t, altered(map[string]string{"#end": lines}), noEnv); got != want {
			t.Errorf("%s\ngot  %s\nwant %s", lines, got, want)
		}
	}
}

func TestChecksOfOtherPackagesHaveTheirPlaceInTheFile(t *testing.T) {
	_, err := Parse("t", altered(map[string]string{"#end": onBase + "args = [\"x\", \"y\"]\nvia = \"l3\""}), noEnv,
		func(c *Config, fault func(key, problem, hint string)) {
			for i := range c.Hooks {
				if i != 0 || c.Hooks[i].Via != "l3" {
					t.Errorf("hook %d is %+v", i, c.Hooks[i])
				}
				fault("hook[0].args[1]", "args is wrong", "mend it")
				fault("hook[0].want", "want is missing", "")
			}
		})
	const want = "t:16:1: hook \"p\": want is missing\nt:22:14: hook \"p\": args is wrong; mend it\nt:23:1: hook \"p\": via \"l3\" is unknown; did you mean l2?"
	if err == nil || err.Error() != want {
		t.Errorf("got\n%v\nwant\n%s", err, want)
	}
}
