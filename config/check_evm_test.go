package config

import "testing"

// onBase is a hook on a chain that has no fault.
const onBase = "[[hook]]\nname = \"p\"\nkind = \"evm\"\nto = \"0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed\"\ncall = \"pause()\"\nchain = \"base\"\n"

func TestTheLimitsOfAHookOnAChainAreSensible(t *testing.T) {
	for _, c := range []struct{ lines, want string }{
		{`gas_limit = 20000`, `gas_limit is 20000; make it 21000 to 20000000`},
		{`gas_limit = 21000`, ``},
		{`gas_limit = 30000000`, `gas_limit is 30000000; make it 21000 to 20000000`},
		{`max_fee = "2 ETH"`, `max_fee is 2 ETH for a unit of gas; write what you would pay on the worst day, such as "300 gwei"`},
		{`max_fee = "200"`, `max_fee is "200", not an amount of ether; write it with its unit and in quotes, such as "0.5 ETH" or "200 gwei"`},
		{`cooldown = "-1h"`, `cooldown is "-1h", which is negative, not a duration; write it with its unit and in quotes, such as "90s", "5m", "36h" or "90d"`},
		{`max_fee = "0 gwei"`, `max_fee is 0 ETH for a unit of gas; write what you would pay on the worst day, such as "300 gwei"`},
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
