package config

import "testing"

func TestAPortalAndAnInboxAreOfTheirStack(t *testing.T) {
	const portal = "portal = \"0x49048044D57e1C92A77f79988d21Fa8fAF74E97e\"\n"
	const inbox = "inbox = \"0x4Dbd4fc535Ac27206064B68FfCf827b0A60BAB3f\"\n"
	for _, c := range []struct{ marker, lines, want string }{
		{"#chain", portal, ``},
		{"#chain", `portal = "0x49048044d57e1c92a77f79988d21fa8faf74e97e"`, ``},
		{"#chain", `portal = "0x49048044D57e1C92A77f79988d21Fa8fAF74E97E"`, `6:1: chain "base": portal has a wrong checksum; a digit is wrong, or its case: copy it again`},
		{"#chain", `portal = "base"`, `6:1: chain "base": portal is not an address; write 0x and its 40 hex digits`},
		{"#chain", inbox, `6:1: chain "base": inbox is for arbitrum chains, and this one is op-stack; remove it`},
		{"#l1", portal, `3:1: chain "ethereum": portal is for op-stack chains, and this one is evm; remove it`},
	} {
		if got := faultsOf(t, altered(map[string]string{c.marker: c.lines}), noEnv); got != c.want {
			t.Errorf("%s\ngot  %s\nwant %s", c.lines, got, c.want)
		}
	}
}
