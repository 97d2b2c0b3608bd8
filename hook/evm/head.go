package evm

import (
	"context"
	"errors"
	"fmt"

	"github.com/ethereum/go-ethereum/common/hexutil"
)

// verify asks, until it has once heard it, whether the node is of the chain. Nothing is read from and nothing is sent to one of
// another chain.
func (n *node) verify(ctx context.Context, chain uint64) error {
	n.mu.Lock()
	verified := n.verified
	n.mu.Unlock()
	if verified {
		return nil
	}
	var id hexutil.Uint64
	if err := n.get(ctx, &id, "eth_chainId"); err != nil {
		return err
	}
	if uint64(id) != chain {
		return fmt.Errorf("%s: %w: %d, not %d", n.name, errOtherChain, id, chain)
	}
	n.mu.Lock()
	n.verified = true
	n.mu.Unlock()
	return nil
}

var errOtherChain = errors.New("is of another chain")

// head gives the number of the node's newest block, of a node that is of the chain.
func (n *node) head(ctx context.Context, chain uint64) (uint64, error) {
	verified := make(chan error, 1)
	go func() { verified <- n.verify(ctx, chain) }()
	var head hexutil.Uint64
	err := n.get(ctx, &head, "eth_blockNumber")
	if other := <-verified; other != nil {
		return 0, other
	}
	if err == nil {
		n.mu.Lock()
		n.last = uint64(head)
		n.mu.Unlock()
	}
	return uint64(head), err
}

// lastHead gives the newest head that the node said before now; one that has said none is asked.
func (n *node) lastHead(ctx context.Context, chain uint64) (uint64, error) {
	n.mu.Lock()
	last := n.last
	n.mu.Unlock()
	if last > 0 {
		return last, nil
	}
	return n.head(ctx, chain)
}
