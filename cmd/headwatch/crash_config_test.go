package main

import "fmt"

// config is that of the program: steep ladders, yet longer than a busy machine holds a block back.
func (n *crashNight) config(nodes string) string {
	at := func(channel string) string { return "http://" + n.posts[channel].addr }
	return fmt.Sprintf(crashConfig, n.api, crashToken, nodes, nodes, nodes, at("pause"), crashSecret, at("chat"), at("pager"), at("backup"), at("desk"), crashSecret)
}

const crashToken = "operators-token-of-alice"

const crashConfig = `
[journal]
dir = "data"
[api]
listen = %q
[[api.operator]]
name = "alice"
token = %q
[log]
level = "info"
format = "json"

[[chain]]
name = "base-layer"
kind = "evm"
chain_id = 1
block_time = "1s"
[[chain.endpoint]]
name = "node"
url = "%s/1"

[[chain]]
name = "one"
kind = "op-stack"
chain_id = 2
block_time = "1s"
l1 = "base-layer"
quorum = 1
[[chain.endpoint]]
name = "node-of-one"
url = "%s/2"

[[chain]]
name = "two"
kind = "op-stack"
chain_id = 3
block_time = "1s"
l1 = "base-layer"
quorum = 1
[[chain.endpoint]]
name = "node-of-two"
url = "%s/3"

[[circuit]]
name = "one"
chain = "one"
on = ["unsafe_head_stalled"]
warn_after = "3s"
page_after = "4s"
trip_after = "6s"
recover_after = "5s"
hooks = ["pause"]
alerts = ["chat", "desk", "pager"]
escalation = "one"

[[circuit]]
name = "two"
chain = "two"
on = ["unsafe_head_stalled"]
warn_after = "3s"
page_after = "4s"
trip_after = "6s"
recover_after = "5s"
hooks = ["pause"]
alerts = ["chat", "desk"]
escalation = "two"

[[hook]]
name = "pause"
kind = "webhook"
mode = "armed"
blast_radius = ["one", "two"]
url = %q
timeout = "1s"
secrets = [%q]

[[alert]]
name = "chat"
kind = "slack"
url = %q
timeout = "1s"
[[alert]]
name = "pager"
kind = "pagerduty"
url = %q
routing_key = "0123456789abcdef0123456789abcdef"
timeout = "1s"
[[alert]]
name = "backup"
kind = "pagerduty"
url = %q
routing_key = "fedcba9876543210fedcba9876543210"
timeout = "1s"
[[alert]]
name = "desk"
kind = "webhook"
url = %q
secrets = [%q]
timeout = "1s"

[[escalation]]
name = "one"
[[escalation.step]]
tell = ["backup"]
after = "3s"

[[escalation]]
name = "two"
[[escalation.step]]
tell = ["pager"]
[[escalation.step]]
tell = ["backup"]
after = "3s"

[watchdog]
warn_after = "1s"
page_after = "4s"
recover_after = "2s"
`
