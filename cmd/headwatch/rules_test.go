package main

import (
	"fmt"
	"slices"
	"testing"

	"headwatch"
	"headwatch/config"
	"headwatch/watcher"
)

// The check of the configuration and the table of conditions are in rooms that do not know each other: they must agree on
// what may trip a circuit.
func TestTheCheckAndTheTableAgreeOnWhatMayTrip(t *testing.T) {
	const l1 = `
[[chain]]
name = "one"
kind = "evm"
chain_id = 1
block_time = "12s"
[[chain.endpoint]]
name = "a"
url = "http://127.0.0.1:1"
[[alert]]
name = "terminal"
kind = "console"
`
	const l2 = `
[[chain]]
name = "two"
kind = "op-stack"
chain_id = 2
block_time = "2s"
l1 = "one"
busy = true
safe_lag = "30m"
finalized_lag = "2h"
batcher = "0x5050F69a9786F081509234F1a7F4684b5E5b76C9"
[[chain.endpoint]]
name = "b"
url = "http://127.0.0.1:2"
[[chain.endpoint]]
name = "c"
url = "http://127.0.0.1:3"
serves = "api"
path = "time"
`
	const zk = `
[[chain]]
name = "three"
kind = "zksync"
chain_id = 3
block_time = "1s"
l1 = "one"
proven_lag = "12h"
[[chain.endpoint]]
name = "d"
url = "http://127.0.0.1:4"
`
	const hook = `
[[hook]]
name = "pause"
kind = "evm"
chain = "two"
to = "0x5FbDB2315678afecb367f032d93F642f64180aa3"
preset = "openzeppelin-pausable"
signer = "guardian"
[[signer]]
name = "guardian"
kind = "remote"
address = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8"
url = "https://signer.example"
`
	for _, r := range slices.Concat(watcher.Rules, watcher.OwnRules) {
		for _, key := range []string{"on", "tell"} {
			text, chain := l1+l2+zk, "two"
			switch r.Condition {
			case headwatch.L1HeadStalled:
				chain = "one"
			case headwatch.ProvenHeadStalled:
				chain = "three"
			}
			text += fmt.Sprintf("[[circuit]]\nname = \"c\"\nchain = %q\n%s = [%q]\nwarn_after = \"60s\"\npage_after = \"90s\"\ntrip_after = \"120s\"\nrecover_after = \"5m\"\nalerts = [\"terminal\"]\n", chain, key, r.Condition)
			if key == "tell" && r.Trips {
				if chain == "one" || r.Condition == headwatch.UnsafeHeadSlow {
					continue // the only one there is to trip on, or the same again
				}
				text += "on = [\"unsafe_head_slow\"]\n" // leaves the condition out of the default
			}
			if r.Condition == headwatch.HookNotReady {
				text += "hooks = [\"pause\"]\n" + hook
			}
			_, err := config.Parse("config.toml", []byte(text), func(string) (string, bool) { return "", false })
			if may := (key == "tell" || r.Trips) && slices.Contains(watcher.Rules, r); may != (err == nil) {
				t.Errorf("%s = [%q]: may it stand there? %v; the check says: %v", key, r.Condition, may, err)
			}
		}
	}
}
