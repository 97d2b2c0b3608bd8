package evm

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/ethereum/go-ethereum/common"

	"headwatch/config"
)

// How long the slower nodes are waited for after the first has answered, and after a majority of the operators has: a pause does
// not wait for nodes that hang.
const (
	straggle = time.Second
	enough   = 300 * time.Millisecond
)

// Nodes are the endpoints of one chain that serve eth, as one set. What they say counts by operator: each has one voice, that of
// its endpoint with the highest head, so that a second endpoint of a provider proves nothing.
//
// A lying or lagging minority must neither make us believe that the contract is there already, which would be a missed pause, nor
// that it got there, which would be a false word. So "it is there" needs more than half of all configured operators; what is only
// read to act on it needs more than half of those that answer, because on the worst day few do.
type Nodes struct {
	chain config.Chain
	nodes []*node
	peers int // operators

	rollups    []*node // that serve rollup instead of eth
	sequencers []*node // that take transactions and are asked nothing

	mu     sync.Mutex
	portal common.Address // the one that the rollup endpoints named; zero before
}

// NewNodes prepares the nodes of a chain; it connects to none.
func NewNodes(c config.Chain) (*Nodes, error) {
	s, over := &Nodes{chain: c}, newClient()
	operators := map[string]bool{}
	for _, e := range c.Endpoints {
		if !strings.HasPrefix(e.URL.Reveal(), "http") {
			continue
		}
		switch e.Serves {
		case config.ServesRollup:
			s.rollups = append(s.rollups, newNode(e, over))
		case config.ServesSequencer:
			s.sequencers = append(s.sequencers, newNode(e, over))
		case config.ServesEth:
			s.nodes = append(s.nodes, newNode(e, over))
			operators[e.Operator] = true
		}
	}
	s.peers = len(operators)
	if s.peers == 0 {
		return nil, fmt.Errorf("chain %s has no endpoint that serves eth over HTTP", c.Name)
	}
	return s, nil
}

// id is the chain's, as signers take it.
func (s *Nodes) id() *big.Int { return new(big.Int).SetUint64(s.chain.ChainID) }

// reply is what an operator says.
type reply[T any] struct {
	node  *node
	head  uint64 // its newest block before it said so: the value is at least as new
	value T
}

// poll asks all nodes at once, each for its head first, and gives the reply of each operator that gave one, highest head first. It
// fails when none did. A *Reverted of ask is an answer: its reply has the zero value unless ask turns it into one.
func poll[T any](ctx context.Context, s *Nodes, ask func(ctx context.Context, n *node, head uint64) (T, error)) ([]reply[T], error) {
	return gather(ctx, s, (*node).head, ask)
}

// quick is poll for what no head matters to: a node is asked for it only while none is known. With slow nodes that is half of the
// time.
func quick[T any](ctx context.Context, s *Nodes, ask func(ctx context.Context, n *node) (T, error)) ([]reply[T], error) {
	return gather(ctx, s, (*node).lastHead, func(ctx context.Context, n *node, _ uint64) (T, error) { return ask(ctx, n) })
}

func gather[T any](
	ctx context.Context, s *Nodes, height func(*node, context.Context, uint64) (uint64, error), ask func(ctx context.Context, n *node, head uint64) (T, error),
) ([]reply[T], error) {
	type result struct {
		reply[T]
		err error
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	results := make(chan result, len(s.nodes))
	for _, n := range s.nodes {
		go func() {
			r := result{reply: reply[T]{node: n}}
			r.err = contained(func() (err error) {
				if r.head, err = height(n, ctx, s.chain.ChainID); err == nil {
					r.value, err = ask(ctx, n, r.head)
				}
				return err
			})
			results <- r
		}()
	}
	best := map[string]reply[T]{}
	var errs []error
	var patience <-chan time.Time
	var most bool
	for range s.nodes {
		select {
		case r := <-results:
			if r.err != nil {
				errs = append(errs, r.err)
			} else if old, has := best[r.node.operator]; !has || r.head > old.head {
				best[r.node.operator] = r.reply
			}
		case <-patience:
			return voices(best), nil
		case <-ctx.Done():
			errs = append(errs, errors.New("no answer in time"))
		}
		switch {
		case patience == nil && len(best) > 0:
			patience = time.After(straggle)
		case !most && len(best) > s.peers/2:
			most, patience = true, time.After(enough)
		}
	}
	if len(best) == 0 {
		return nil, fmt.Errorf("no endpoint of %s answers: %w", s.chain.Name, clauses(errs))
	}
	return voices(best), nil
}

func voices[T any](best map[string]reply[T]) []reply[T] {
	all := make([]reply[T], 0, len(best))
	for _, r := range best {
		all = append(all, r)
	}
	slices.SortFunc(all, func(a, b reply[T]) int {
		return cmp.Or(cmp.Compare(b.head, a.head), cmp.Compare(a.node.name, b.node.name))
	})
	return all
}

// clauses joins errors on one line.
func clauses(errs []error) error {
	texts := make([]string, len(errs))
	for i, err := range errs {
		texts[i] = err.Error()
	}
	slices.Sort(texts)
	return errors.New(strings.Join(slices.Compact(texts), "; "))
}

// Call implements Reader: what more than half of the operators that answer say, at blocks of their own. That nodes which are a
// block apart say different things passes with the next attempt.
func (s *Nodes) Call(ctx context.Context, from, to common.Address, data []byte) ([]byte, error) {
	type word struct {
		data     string
		reverted bool
		reason   string
	}
	replies, err := quick(ctx, s, func(ctx context.Context, n *node) (word, error) {
		out, err := n.Call(ctx, from, to, data)
		if r, ok := errors.AsType[*Reverted](err); ok {
			return word{reverted: true, reason: r.Reason}, nil
		}
		return word{data: string(out)}, err
	})
	if err != nil {
		return nil, err
	}
	w, ok := majority(replies)
	switch {
	case !ok:
		return nil, fmt.Errorf("the endpoints of %s disagree on what %s says", s.chain.Name, to)
	case w.reverted:
		return nil, &Reverted{w.reason}
	}
	return []byte(w.data), nil
}
