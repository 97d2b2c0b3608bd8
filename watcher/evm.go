package watcher

import (
	"encoding/json"
	"strconv"

	"headwatch"
	"headwatch/config"
)

// Methods of an Ethereum node.
const (
	methodBlock   = "eth_getBlockByNumber"
	methodSyncing = "eth_syncing"
	methodChainID = "eth_chainId"
	methodTx      = "eth_getTransactionByBlockNumberAndIndex"

	methodSubscribe = "eth_subscribe"
	methodPush      = "eth_subscription" // of a notification
)

// tags are the block tags of the heads, as JSON has them.
var tags = map[string]headwatch.Tag{
	`"latest"`:    headwatch.Unsafe,
	`"safe"`:      headwatch.Safe,
	`"finalized"`: headwatch.Finalized,

	`"l1_committed"`: headwatch.Safe, // of ZKsync Era
}

// evm is any chain with the plain eth interface.
func evm(config.Chain) kind { return served("safe", "finalized") }

// served is the plain eth interface with the tags that exist beside latest.
func served(tags ...string) kind {
	k := kind{head: askBlock("latest"), chain: newQuestion(methodChainID)}
	for _, tag := range tags {
		k.slow = append(k.slow, askBlock(tag).ifServed())
	}
	k.slow = append(k.slow, newQuestion(methodSyncing).ifServed())
	return k
}

// askPast is for a block by number, of the chain that the endpoint is on.
func askPast(number uint64) question {
	return askBlock("0x" + strconv.FormatUint(number, 16)).ifServed()
}

func askBlock(tag string) question { return newQuestion(methodBlock, raw(tag), raw(false)) }

// readBlock takes a block into the head that was asked for. A node that does not know its safe or finalized head yet
// answers null; one without a latest block is broken.
func readBlock(chain config.Chain, params []json.RawMessage, result json.RawMessage, into *headwatch.Observation) error {
	if len(params) == 0 {
		return faultf(headwatch.FaultOther, "a block that was not asked for")
	}
	tag := tags[string(params[0])]
	if tag == 0 {
		return readPast(params[0], result, into)
	}
	if isNull(result) {
		if tag == headwatch.Unsafe {
			return faultf(headwatch.FaultNull, "no latest block")
		}
		return nil
	}
	var b block
	if err := unmarshal(result, &b); err != nil {
		return err
	}
	head, err := b.head(tag.String(), into.At)
	if err != nil {
		return err
	}
	head.UserTxs = b.userTxs(chain.Kind)
	setHead(into, tag, head)
	if tag == headwatch.Unsafe && b.L1 != nil && *b.L1 <= maxNumber {
		into.Origin = &headwatch.Head{Number: uint64(*b.L1)}
	}
	return nil
}

// readPast takes the block that was asked for by number. A node that does not have it answers null.
func readPast(number, result json.RawMessage, into *headwatch.Observation) error {
	var asked quantity
	if err := json.Unmarshal(number, &asked); err != nil {
		return faultf(headwatch.FaultOther, "a block that was asked for neither by a known tag nor by number")
	}
	if isNull(result) {
		return nil
	}
	var b block
	if err := unmarshal(result, &b); err != nil {
		return err
	}
	past, err := b.head("the block asked for by number", into.At)
	if err != nil {
		return err
	}
	if past.Number != uint64(asked) {
		return faultf(headwatch.FaultBadHead, "block %d in place of %d", past.Number, uint64(asked))
	}
	into.Past = &past
	return nil
}

// userTxs is nil when the transactions were not counted.
func (b *block) userTxs(kind string) *int {
	n := b.Transactions
	if !n.known {
		n = b.TxCount
	}
	if !n.known {
		return nil
	}
	if kind == config.KindOPStack || kind == config.KindArbitrum {
		n.n = max(0, n.n-1) // the L1 attributes deposit opens every block, or nitro's own transaction does
	}
	return &n.n
}

func readSyncing(result json.RawMessage, into *headwatch.Observation) error {
	into.Syncing = !isNull(result) && string(result) != "false"
	return nil
}

func readChainID(chain config.Chain, result json.RawMessage, into *headwatch.Observation) error {
	var id quantity
	if err := json.Unmarshal(result, &id); err != nil {
		return faultf(headwatch.FaultWrongChain, "the chain id is not a number")
	}
	return checkChain(chain, uint64(id), into)
}

func checkChain(chain config.Chain, id uint64, into *headwatch.Observation) error {
	into.ChainID = id
	if id != chain.ChainID {
		return faultf(headwatch.FaultWrongChain, "chain id %d, not %d", id, chain.ChainID)
	}
	return nil
}

func setHead(into *headwatch.Observation, tag headwatch.Tag, h headwatch.Head) {
	if into.Heads == nil {
		into.Heads = make(map[headwatch.Tag]headwatch.Head, 3)
	}
	into.Heads[tag] = h
}
