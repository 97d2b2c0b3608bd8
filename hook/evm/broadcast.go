package evm

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/ethereum/go-ethereum/common/hexutil"
)

// answer is how a node took a transaction.
type answer string

// Answers to a broadcast.
const (
	accepted     answer = "accepted"
	known        answer = "already known"
	nonceTooLow  answer = "nonce too low"
	nonceTooHigh answer = "nonce too high"
	underpriced  answer = "replacement underpriced"
	feeTooLow    answer = "fee too low"
	unfunded     answer = "insufficient funds"
	feeCapped    answer = "fee above the node's own cap"
	refused      answer = "refused"
	elsewhere    answer = "of another chain"
	unreachable  answer = "unreachable"
)

// wordings are how nodes say it, in lower case; the first that matches counts. From geth (core/txpool/errors.go, core/error.go),
// erigon and op-geth, which copy it, reth ("already known", "replacement transaction underpriced"), besu (JsonRpcError.java:
// "Known transaction", "Upfront cost exceeds account balance"), nethermind (AcceptTxResult.cs: "OldNonce", "AlreadyKnown") and
// nitro ("max fee per gas less than block base fee"), as chainlink-evm pkg/client/errors.go collects them.
var wordings = []struct {
	says  string
	means answer
}{
	{"already known", known},
	{"alreadyknown", known},
	{"known transaction", known},
	{"already imported", known},
	{"existing tx with same hash", known},
	{"ownnoncealreadyused", underpriced}, // another one with this nonce is in its pool
	{"replacement transaction underpriced", underpriced},
	{"replacementnotallowed", underpriced},
	{"another transaction with same nonce", underpriced},
	{"could not replace existing tx", underpriced},
	{"nonce too low", nonceTooLow},
	{"oldnonce", nonceTooLow},
	{"nonce is too low", nonceTooLow},
	{"invalid transaction nonce", nonceTooLow},
	{"nonce too high", nonceTooHigh},
	{"noncegap", nonceTooHigh},
	{"nonce gap", nonceTooHigh},
	{"insufficient funds", unfunded},
	{"insufficientfunds", unfunded},
	{"insufficient balance", unfunded},
	{"not enough funds", unfunded},
	{"upfront cost exceeds account balance", unfunded},
	{"would cause overdraft", unfunded},
	{"exceeds the configured cap", feeCapped},
	{"fee cap exceeded", feeCapped},
	{"underpriced", feeTooLow},
	{"gas price below", feeTooLow},
	{"gas price too low", feeTooLow},
	{"feetoolow", feeTooLow},
	{"max fee per gas less than block base fee", feeTooLow},
	{"fee cap less than block base fee", feeTooLow},
}

// judge gives what the error of a broadcast means.
func judge(err error) answer {
	if err == nil {
		return accepted
	}
	if errors.Is(err, errOtherChain) {
		return elsewhere
	}
	r, ok := errors.AsType[*rejection](err)
	if !ok {
		if _, reverts := errors.AsType[*Reverted](err); reverts {
			return refused
		}
		return unreachable
	}
	words := strings.ToLower(r.words)
	for _, w := range wordings {
		if strings.Contains(words, w.says) {
			return w.means
		}
	}
	return refused
}

// taken says how all nodes took a transaction.
type taken map[string]answer // by endpoint

// any reports whether some node holds it now.
func (t taken) any() bool {
	for _, a := range t {
		if a == accepted || a == known {
			return true
		}
	}
	return false
}

// String lists the answers, sorted by endpoint: "a: accepted, b: already known".
func (t taken) String() string {
	var all []string
	for name, a := range t {
		all = append(all, name+": "+string(a))
	}
	slices.Sort(all)
	return strings.Join(all, ", ")
}

// broadcast hands a signed transaction to every endpoint at once, and to those that serve sequencer. Once one has taken it, it
// waits a little for the others. A node that says another chain id, or none, gets nothing; a sequencer's endpoint answers no such
// question, and the transaction itself says of which chain it is.
func (s *Nodes) broadcast(ctx context.Context, raw []byte) taken {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	t := taken{}
	var mu sync.Mutex
	var sending sync.WaitGroup
	for i, n := range slices.Concat(s.nodes, s.sequencers) {
		sending.Go(func() {
			var err error
			if i < len(s.nodes) {
				err = n.verify(ctx, s.chain.ChainID)
			}
			if err == nil {
				err = n.get(ctx, new(any), "eth_sendRawTransaction", hexutil.Bytes(raw))
			}
			mu.Lock()
			defer mu.Unlock()
			t[n.name] = judge(err)
			if t.any() {
				time.AfterFunc(straggle, cancel)
			}
		})
	}
	sending.Wait()
	return t
}

// trouble is what a person should know of a broadcast that no node took; "" when one did.
func (t taken) trouble(account string) string {
	if t.any() {
		return ""
	}
	for _, a := range t {
		if a == unfunded {
			return fmt.Sprintf("account %s has not enough for gas", account)
		}
	}
	return "no endpoint took the transaction: " + t.String()
}
