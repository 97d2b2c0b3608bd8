package config

import (
	"strings"
	"testing"
)

func TestADepositTakesNoNonceFromAnotherHook(t *testing.T) {
	signer := func(name string) string {
		return "[[signer]]\nname = \"" + name + "\"\nkind = \"remote\"\naddress = \"0x70997970C51812dc3A010C7d01b50e0d17dc79C8\"\nurl = \"http://127.0.0.1:9000\"\n"
	}
	hook := func(name, signer, via string) string {
		return "[[hook]]\nname = \"" + name + "\"\nkind = \"evm\"\nchain = \"base\"\nsigner = \"" + signer + "\"\nvia = \"" + via + "\"\n"
	}
	const shared = `signer "guardian" also deposits for hook "b", which takes a nonce on base from under this hook`
	for name, tc := range map[string]struct {
		lines string
		fault bool
	}{
		"both through L1":        {hook("a", "guardian", "l2") + hook("b", "guardian", "both"), true},
		"only through L1":        {hook("a", "guardian", "l2") + hook("b", "guardian", "l1-deposit"), true},
		"another way is left":    {hook("a", "guardian", "both") + hook("b", "guardian", "l1-deposit"), false},
		"nobody deposits":        {hook("a", "guardian", "l2") + hook("b", "guardian", "l2"), false},
		"signers of their own":   {hook("a", "guardian", "l2") + hook("b", "spare", "both"), false},
		"the deposit is its own": {hook("a", "guardian", "both"), false},
	} {
		got := faultsOf(t, altered(map[string]string{"#end": signer("guardian") + signer("spare") + tc.lines}), noEnv)
		if strings.Contains(got, shared) != tc.fault {
			t.Errorf("%s: got %q", name, got)
		}
	}
}
