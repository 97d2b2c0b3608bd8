package devnet

import (
	"fmt"
	"time"

	"github.com/ethereum/go-ethereum/core/types"
)

// stepL2 never leaves a slot out: the timestamp is always the parent's plus the block time, however late it is.
func (n *Net) stepL2(now time.Time) (time.Time, error) {
	timestamp := n.sequencer.chain.CurrentBlock().Time + seconds(n.config.L2BlockTime)
	if due := n.l2Pace.due(timestamp); due.IsZero() || due.After(now) {
		return due, nil
	}
	if err := n.sealL2(); err != nil {
		return time.Time{}, err
	}
	n.l2Pace.sealed = now
	if err := n.trade(); err != nil {
		return time.Time{}, err
	}
	return n.l2Pace.due(timestamp + seconds(n.config.L2BlockTime)), n.follow()
}

// sealL2 puts one block on the sequencer's head. The endpoints do not know of it before they follow.
func (n *Net) sealL2() error {
	parent := n.sequencer.head()
	timestamp := parent.Time() + seconds(n.config.L2BlockTime)
	l1, err := n.nextAttributes(parent, timestamp)
	if err != nil {
		return err
	}
	system := systemTx(parent.NumberU64(), l1)
	deposits, err := n.poolDeposits(l1)
	if err != nil {
		return err
	}
	txs := append([]*types.Transaction{system}, deposits...)
	if !n.empty {
		if err := n.fillPool(system); err != nil {
			return err
		}
		txs = nil
	}
	if _, err = n.sequencer.seal(timestamp, n.fork(), txs); err != nil {
		return fmt.Errorf("seal L2: %w", err)
	}
	return nil
}

// nextAttributes moves the L1 origin on by at most one block, as soon as that block is not younger than the L2 block.
func (n *Net) nextAttributes(parent *types.Block, timestamp uint64) (attributes, error) {
	at, err := n.attributesIn(parent)
	if err != nil {
		return attributes{}, err
	}
	if next := n.l1.node.chain.GetHeaderByNumber(at.Number + 1); next != nil && next.Time <= timestamp {
		return attributesOf(next), nil
	}
	at.Sequence++
	return at, nil
}

// attributesIn reads the L1 attributes of an L2 block. The genesis has no transaction; its origin is L1's genesis.
func (n *Net) attributesIn(block *types.Block) (attributes, error) {
	if block.NumberU64() == 0 {
		return attributesOf(n.l1.node.chain.Genesis().Header()), nil
	}
	at, err := decodeAttributes(block.Transactions()[0].Data())
	if err != nil {
		return attributes{}, fmt.Errorf("read origin of block %d: %w", block.NumberU64(), err)
	}
	return at, nil
}
