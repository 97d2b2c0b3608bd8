package watcher

import (
	"encoding/json"

	"headwatch/config"
)

// kind says what is asked of an endpoint. A new chain kind is one function that gives a kind and one line in kinds.
type kind struct {
	head  question   // every time; what the endpoint is watched for
	slow  []question // every L1 slot, in one batch with head
	chain question   // which chain it is: once a connection, and after every bad answer

	stages *stages // what is asked with slow and depends on what was answered; nil where nothing does
}

// kinds has every kind of node that can be asked for heads, by the kind of its chain and by what it serves. What else an
// endpoint may serve is the same on all chains: newEndpoint has it.
var kinds = map[[2]string]func(config.Chain) kind{
	{config.KindEVM, config.ServesEth}:        evm,
	{config.KindOPStack, config.ServesEth}:    opStack,
	{config.KindOPStack, config.ServesRollup}: opNode,
	{config.KindArbitrum, config.ServesEth}:   arbitrum,
	{config.KindZKsync, config.ServesEth}:     zksync,
	{config.KindLinea, config.ServesEth}:      linea,
	{config.KindScroll, config.ServesEth}:     scroll,
	{config.KindPolygon, config.ServesEth}:    polygon,
}

// question is one JSON-RPC call; decodeAnswer knows what its answer means.
type question struct {
	method   string
	params   []json.RawMessage
	optional bool // an error instead of an answer means "not heard" and is not held against the endpoint
}

func newQuestion(method string, params ...json.RawMessage) question {
	return question{method: method, params: params}
}

func (q question) ifServed() question {
	q.optional = true
	return q
}

// args are the parameters as the rpc client takes them.
func (q question) args() []any {
	args := make([]any, len(q.params))
	for i, p := range q.params {
		args[i] = p
	}
	return args
}

// raw is a value that has a form in JSON.
func raw(v any) json.RawMessage {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err) // it has none
	}
	return b
}
