package config

import (
	"testing"
	"time"
)

const batcherLine = "batcher = \"0x5050F69a9786F081509234F1a7F4684b5E5b76C9\"\n"

func TestABatcherIsAnAddressOnTheL1(t *testing.T) {
	for _, c := range []struct{ marker, lines, want string }{
		{"#chain", batcherLine, ``},
		{"#chain", batcherLine + "batcher_funds = \"0.25 ETH\"\nbatcher_silence = \"15m\"", ``},
		{"#chain", `batcher = "5050F69a9786F081509234F1a7F4684b5E5b76C9"`, `6:1: chain "base": batcher is not an address; write 0x and its 40 hex digits`},
		{"#chain", `batcher = "0x5050F69a9786F081509234F1a7F4684b5E5b76C"`, `6:1: chain "base": batcher is not an address; write 0x and its 40 hex digits`},
		{"#chain", `batcher = "0x5050F69a9786F081509234F1a7F4684b5E5b76Cg"`, `6:1: chain "base": batcher is not an address; write 0x and its 40 hex digits`},
		{"#l1", batcherLine, `3:1: chain "ethereum": batcher is an account on the L1, and the chain has none; set l1, or remove it`},
		{"#chain", batcherLine + `batcher_silence = "14m"`, `7:1: chain "base": batcher_silence is 14m; make it at least 15m`},
	} {
		if got := faultsOf(t, altered(map[string]string{c.marker: c.lines}), noEnv); got != c.want {
			t.Errorf("%s\ngot  %s\nwant %s", c.lines, got, c.want)
		}
	}
}

func TestTheSilenceOfABatcherFollowsFromTheSafeLag(t *testing.T) {
	for lines, want := range map[string]time.Duration{
		batcherLine:                          30 * time.Minute,
		batcherLine + `safe_lag = "1h"`:      time.Hour,
		batcherLine + `safe_lag = "5m"`:      15 * time.Minute,
		batcherLine + `batcher_silence="2h"`: 2 * time.Hour,
	} {
		c, err := Parse("t", altered(map[string]string{"#chain": lines}), noEnv)
		if err != nil {
			t.Fatal(err)
		}
		if got := c.Chain("base").BatcherSilence.D(); got != want {
			t.Errorf("%s: %v, want %v", lines, got, want)
		}
	}
}
