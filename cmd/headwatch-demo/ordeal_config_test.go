package main

import (
	"encoding/hex"
	"fmt"
	"math/big"
	"strings"

	"github.com/ethereum/go-ethereum/crypto"
	"github.com/ethereum/go-ethereum/params"

	"headwatch/devnet"
)

const operatorToken = "the word of an operator"

func gwei(n int64) *big.Int { return new(big.Int).Mul(big.NewInt(n), big.NewInt(params.GWei)) }

// config is that of the victim.
func (o *ordeal) config(listen, street, signer string) string {
	endpoints := map[int64]*strings.Builder{devnet.L1ChainID: {}, devnet.L2ChainID: {}}
	for _, g := range o.gates {
		fmt.Fprintf(endpoints[g.chain], "\n[[chain.endpoint]]\nname = %q\nurl = %q\n", g.name, g.URL)
	}
	keys := fmt.Sprintf("kind = \"key\"\nkey = %q", hex.EncodeToString(crypto.FromECDSA(devnet.GuardianKey())))
	if o.storm.signer > 0 {
		keys = fmt.Sprintf("kind = \"remote\"\nurl = %q", signer)
	}
	return fmt.Sprintf(`
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
name = "l1"
kind = "evm"
chain_id = %d
block_time = "2s"
stale_after = "30s"
%s
[[chain]]
name = "l2"
kind = "op-stack"
chain_id = %d
block_time = "1s"
l1 = "l1"
portal = %q
%s
[[circuit]]
name = "lending"
chain = "l2"
warn_after = "%s"
page_after = "%s"
trip_after = "%s"
recover_after = "%s"
hooks = ["pause"]
alerts = ["chat", "on-call"]

[[signer]]
name = "guardian"
address = %q
%s

[[hook]]
name = "pause"
kind = "evm"
mode = %q
veto_for = "%s"
chain = "l2"
via = %q
preset = "openzeppelin-pausable"
to = %q
signer = "guardian"
max_fee = "%d gwei"
confirmations = %d
replace_after = "%s"
confirm_within = "%s"

[[alert]]
name = "chat"
kind = "slack"
url = "%s/chat"

[[alert]]
name = "on-call"
kind = "pagerduty"
url = "%s"
routing_key = %q
`, listen, operatorToken, devnet.L1ChainID, endpoints[devnet.L1ChainID], devnet.L2ChainID, o.net.Portal(), endpoints[devnet.L2ChainID],
		steep.warn, steep.page, steep.trip, steep.recover, guardianAddress(), keys, o.storm.mode, vetoFor, o.storm.via, o.net.Market(),
		o.storm.maxFee, o.storm.confirmations, replaceAfter, confirmWithin, street, street, strings.Repeat("0", 32))
}
