package devnet

import (
	"fmt"
	"time"
)

// batcher remembers, for each L1 block, how far L2 had come and how much of it was safe. What an L1 block made safe is
// final when that L1 block is.
type batcher struct {
	stopped bool
	unsafe  []uint64 // L2 block numbers, by L1 block number
	safe    []uint64
}

// newBatcher knows the genesis.
func newBatcher() batcher { return batcher{unsafe: []uint64{0}, safe: []uint64{0}} }

// post adds one L1 block, sealed while the unsafe head of L2 was at this number. A stopped batcher leaves the safe head
// where it is, and makes good for it in its first block after.
func (b *batcher) post(unsafe uint64, safeLag int) {
	b.unsafe = append(b.unsafe, unsafe)
	safe := b.latest()
	if !b.stopped {
		safe = ago(b.unsafe, safeLag)
	}
	b.safe = append(b.safe, safe)
}

// latest is the safe head.
func (b *batcher) latest() uint64 { return ago(b.safe, 0) }

// ago gives the value of an earlier L1 block, at the earliest the genesis.
func ago(byL1Block []uint64, blocks int) uint64 {
	return byL1Block[max(0, len(byL1Block)-1-blocks)]
}

// stepL1 leaves out the slots that were missed, as L1 does.
func (n *Net) stepL1(now time.Time) (time.Time, error) {
	slot := seconds(n.config.L1BlockTime)
	head := n.l1.node.chain.CurrentBlock().Time
	if due := n.l1Pace.due(head + slot); due.IsZero() || due.After(now) {
		return due, nil
	}
	timestamp := head + (uint64(now.Unix())-head)/slot*slot
	if err := n.sealL1(timestamp); err != nil {
		return time.Time{}, err
	}
	return n.l1Pace.due(timestamp + slot), nil
}

func (n *Net) sealL1(timestamp uint64) error {
	if err := n.crowd(); err != nil {
		return err
	}
	block, err := n.l1.node.seal(timestamp, n.fork(), nil)
	if err != nil {
		return fmt.Errorf("seal L1: %w", err)
	}
	n.observe(n.l1, block)
	n.batcher.post(n.sequencer.chain.CurrentBlock().Number.Uint64(), n.config.SafeLag)
	n.labelL1()
	if n.l2Pace.stopped {
		if err := n.trade(); err != nil {
			return err
		}
	}
	return n.follow()
}

func (n *Net) labelL1() {
	lag := uint64(n.config.FinalizedLag)
	number := n.l1.node.chain.CurrentBlock().Number.Uint64()
	n.l1.node.label(number-min(number, lag/2), number-min(number, lag))
}
