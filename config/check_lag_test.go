package config

import (
	"strings"
	"testing"
)

func TestALimitThatAHealthyChainExceedsIsAFault(t *testing.T) {
	for _, c := range []struct{ lines, want string }{
		{"safe_lag = \"1s\"", `safe_lag is 1s, and a healthy chain with a block every 2s may take as long; make it at least 60s, or "0s" not to judge it`},
		{"safe_lag = \"59s\"", `safe_lag is 59s, and a healthy chain with a block every 2s may take as long; make it at least 60s, or "0s" not to judge it`},
		{"safe_lag = \"1m\"", ""},
		{"safe_lag = \"0s\"", ""},
		{"finalized_lag = \"30s\"", `finalized_lag is 30s, and a healthy chain with a block every 2s may take as long; make it at least 60s, or "0s" not to judge it`},
		{"proven_lag = \"30s\"", `proven_lag is 30s, and a healthy chain with a block every 2s may take as long; make it at least 60s, or "0s" not to judge it`},
		{"block_time = \"45s\"\nsafe_lag = \"80s\"", `safe_lag is 80s, and a healthy chain with a block every 45s may take as long; make it at least 90s, or "0s" not to judge it`},
	} {
		const chain = "[[chain]]\nname = \"other\"\nkind = \"op-stack\"\nchain_id = 7\nl1 = \"ethereum\"\n"
		block := "block_time = \"2s\"\n"
		if strings.Contains(c.lines, "block_time") {
			block = ""
		}
		got := faultsOf(t, altered(map[string]string{"#end": chain + block + c.lines + "\n[[chain.endpoint]]\nurl = \"https://example.com\"\nname = \"one\"\n"}), noEnv)
		if _, after, found := strings.Cut(got, `chain "other": `); found {
			got = after
		}
		if got != c.want {
			t.Errorf("%s\ngot  %s\nwant %s", c.lines, got, c.want)
		}
	}
}
