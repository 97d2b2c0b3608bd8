package devnet

import (
	"fmt"
	"math/big"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/core/types"
)

// Reorg replaces the last blocks of the unsafe chain by as many others, on all endpoints that are not frozen. It cannot
// replace a safe block.
func (n *Net) Reorg(depth int) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.closed {
		return ErrClosed
	}
	head := n.sequencer.chain.CurrentBlock().Number.Uint64()
	if unsafe := head - n.batcher.latest(); depth <= 0 || uint64(depth) > unsafe {
		return fmt.Errorf("reorg of depth %d: there are %d unsafe blocks", depth, unsafe)
	}
	n.forks++
	return n.replaceL2(head - uint64(depth))
}

// ReorgL1 replaces the last blocks of L1 by as many empty ones, and all L2 blocks whose origin was replaced, safe ones among
// them, by as many others that are derived anew. A transaction of the replaced L1 blocks comes back with the next block; or
// L1 forgets it, and all that waits in its pool, until somebody sends it again. For an instant clients see L1 stand at the
// block before. It cannot replace a finalized block.
func (n *Net) ReorgL1(depth int, forget bool) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.closed {
		return ErrClosed
	}
	l1 := n.l1.node
	head := l1.chain.CurrentBlock().Number.Uint64()
	if replaceable := head - l1.chain.CurrentFinalBlock().Number.Uint64(); depth <= 0 || uint64(depth) > replaceable {
		return fmt.Errorf("reorg of L1 of depth %d: there are %d blocks that are not final", depth, replaceable)
	}
	shared := head - uint64(depth)
	var times []uint64
	for number := shared + 1; number <= head; number++ {
		times = append(times, l1.chain.GetHeaderByNumber(number).Time)
	}
	if err := l1.rewind(shared); err != nil {
		return fmt.Errorf("l1: %w", err)
	}
	n.observe(n.l1, l1.head())
	n.forks++
	for _, timestamp := range times {
		block, err := l1.seal(timestamp, n.fork(), []*types.Transaction{})
		if err != nil {
			return fmt.Errorf("seal L1: %w", err)
		}
		n.observe(n.l1, block)
	}
	n.labelL1()
	if forget {
		l1.eth.TxPool().Clear()
	}
	return n.rederive(shared)
}

// rederive replaces the L2 blocks whose origin is above an L1 block.
func (n *Net) rederive(origin uint64) error {
	for block := n.sequencer.head(); ; block = n.sequencer.chain.GetBlock(block.ParentHash(), block.NumberU64()-1) {
		at, err := n.attributesIn(block)
		if err != nil {
			return err
		}
		if at.Number <= origin {
			return n.replaceL2(block.NumberU64())
		}
	}
}

// replaceL2 seals all blocks above one anew, and has the endpoints follow.
func (n *Net) replaceL2(above uint64) error {
	depth := n.sequencer.chain.CurrentBlock().Number.Uint64() - above
	if depth == 0 {
		return nil
	}
	if err := n.sequencer.rewind(above); err != nil {
		return err
	}
	n.sequencer.eth.TxPool().Clear() // of what the replaced blocks held
	for range depth {
		if err := n.sealL2(); err != nil {
			return err
		}
	}
	return n.follow()
}

// fork is in each block, so that those of two forks differ.
func (n *Net) fork() common.Hash { return common.BigToHash(new(big.Int).SetUint64(n.forks)) }
