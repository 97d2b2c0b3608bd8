package main

import (
	"fmt"
	"strings"
	"testing"

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
[[chain.endpoint]]
name = "b"
url = "http://127.0.0.1:2"
`
	for _, r := range watcher.Rules {
		for _, key := range []string{"on", "tell"} {
			text, chain := l1+l2, "two"
			if strings.HasPrefix(string(r.Condition), "l1_") {
				chain = "one"
			}
			text += fmt.Sprintf("[[circuit]]\nname = \"c\"\nchain = %q\n%s = [%q]\nwarn_after = \"60s\"\npage_after = \"90s\"\ntrip_after = \"120s\"\nrecover_after = \"5m\"\nalerts = [\"terminal\"]\n", chain, key, r.Condition)
			if key == "tell" && r.Trips {
				text += "on = [\"unsafe_head_slow\"]\n" // leaves the condition out of the default
				if chain == "one" || strings.HasSuffix(string(r.Condition), "_slow") {
					continue // the only one there is to trip on, or the same again
				}
			}
			_, err := config.Parse("config.toml", []byte(text), func(string) (string, bool) { return "", false })
			if may := key == "tell" || r.Trips; may != (err == nil) {
				t.Errorf("%s = [%q]: may it stand there? %v; the check says: %v", key, r.Condition, may, err)
			}
		}
	}
}
