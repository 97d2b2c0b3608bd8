package devnet

import (
	"errors"
	"fmt"
	"time"

	"headwatch"
)

// StopL2 stops the sequencer: no L2 block is sealed after it has returned.
func (n *Net) StopL2() { n.setPace(n.l2Pace, func(p *pace) { p.stopped = true }) }

// ResumeL2 starts the sequencer, or ends its slowness. Missed blocks are sealed with the timestamps that they should have
// had, this many a second, or as fast as the machine can at 0; once the chain has reached the wall clock it is on schedule.
func (n *Net) ResumeL2(blocksPerSecond float64) {
	gap := time.Duration(0)
	if blocksPerSecond > 0 {
		gap = time.Duration(float64(time.Second) / blocksPerSecond)
	}
	n.SlowL2(gap)
}

// SlowL2 lets the sequencer run, with at least this long from block to block. Timestamps still step by the block time, so
// at a period above it the chain falls behind the wall clock.
func (n *Net) SlowL2(period time.Duration) {
	n.setPace(n.l2Pace, func(p *pace) { p.stopped, p.gap = false, period })
}

// StopL1 stops L1, and with it the batcher, the L1 origin, and the safe and finalized heads of both chains.
func (n *Net) StopL1() { n.setPace(n.l1Pace, func(p *pace) { p.stopped = true }) }

// ResumeL1 starts L1 again. The slots that it missed stay empty.
func (n *Net) ResumeL1() { n.setPace(n.l1Pace, func(p *pace) { p.stopped = false }) }

func (n *Net) setPace(p *pace, change func(*pace)) {
	n.mu.Lock()
	defer n.mu.Unlock()
	change(p)
	select {
	case p.changed <- struct{}{}:
	default: // it has been woken already
	}
}

// EmptyBlocks keeps users' transactions out of L2 blocks while on: each holds the system transaction alone. They wait in
// the pool. While off, which is how a net starts, each block also holds one transaction of a steady user.
func (n *Net) EmptyBlocks(on bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.empty = on
}

// StopBatcher stops the safe head where it is; the finalized head comes up to it.
func (n *Net) StopBatcher() { n.runBatcher(false) }

// StartBatcher lets the safe head catch up, with the next L1 block.
func (n *Net) StartBatcher() { n.runBatcher(true) }

func (n *Net) runBatcher(on bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.batcher.stopped = !on
}

// Freeze stops the heads of one L2 endpoint; its RPC still answers.
func (n *Net) Freeze(name string) error {
	return n.steer(name, func(e *endpoint) { e.frozen = true })
}

// Thaw ends Freeze: the endpoint is where it ought to be when Thaw returns.
func (n *Net) Thaw(name string) error {
	return n.steer(name, func(e *endpoint) { e.frozen = false })
}

// Lag keeps one L2 endpoint this many blocks behind the sequencer, 0 ends it. A head does not go back for it: it stands
// until the sequencer is that far ahead.
func (n *Net) Lag(name string, blocks int) error {
	return n.steer(name, func(e *endpoint) { e.lag = uint64(max(0, blocks)) })
}

func (n *Net) steer(name string, change func(*endpoint)) error {
	e, err := n.endpoint(name)
	if err != nil {
		return err
	}
	if e == n.l1 {
		return errors.New("l1 follows no sequencer: stop it instead")
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.closed {
		return ErrClosed
	}
	change(e)
	return n.followOne(e)
}

// Lie makes one endpoint invent its heads, over HTTP and WebSocket: numbers and timestamps that keep up with the wall
// clock, hashes that nobody else has, parents that lead nowhere. All else it answers truthfully.
func (n *Net) Lie(name string, on bool) error {
	e, err := n.endpoint(name)
	if err != nil {
		return err
	}
	e.liar.lying.Store(on)
	return e.proxy.cut() // a subscription keeps to what it began with
}

// SetFault breaks or mends the wire to one endpoint, for open connections as for new ones.
func (n *Net) SetFault(name string, f Fault) error {
	e, err := n.endpoint(name)
	if err != nil {
		return err
	}
	return e.proxy.set(f)
}

// OnBlock has f called for every new head of every endpoint, in the order in which they became visible, until the net
// closes. The net stands still meanwhile: f must be quick and must not call the net.
func (n *Net) OnBlock(f func(Block)) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.observers = append(n.observers, f)
}

// Heads gives the true heads of one endpoint, whatever its liar and its proxy make of them.
func (n *Net) Heads(name string) (map[headwatch.Tag]headwatch.Head, error) {
	e, err := n.endpoint(name)
	if err != nil {
		return nil, err
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.closed {
		return nil, ErrClosed
	}
	chain := e.node.chain
	return map[headwatch.Tag]headwatch.Head{
		headwatch.Unsafe:    e.head(e.node.head()),
		headwatch.Safe:      e.head(chain.GetBlockByNumber(chain.CurrentSafeBlock().Number.Uint64())),
		headwatch.Finalized: e.head(chain.GetBlockByNumber(chain.CurrentFinalBlock().Number.Uint64())),
	}, nil
}

func (n *Net) endpoint(name string) (*endpoint, error) {
	for _, e := range n.endpoints() {
		if e.name == name {
			return e, nil
		}
	}
	return nil, fmt.Errorf("no endpoint is named %q", name)
}
