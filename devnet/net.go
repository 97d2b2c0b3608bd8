// Package devnet runs real geth chains inside the process, for the demo and the tests: an L1 and an OP-shaped L2 with
// three endpoints, whose sequencer, batcher, nodes and wires can each be made to fail on command.
//
//	l1 ──> sequencer ─┬─> l2-a ──> proxy ──> clients
//	                  ├─> l2-b ──> proxy
//	                  └─> l2-c ──> proxy
//
// Each of the five is a geth node. The sequencer serves nobody, so each endpoint of L2 can be frozen, lag or lie without
// holding up the chain. A net starts in about 0.2 s, takes 60 MB at first and some 40 MB more for every thousand L2 blocks,
// seals up to 250 of them a second, and at the usual pace needs 1 % of a processor (go test -bench Net ./devnet).
//
// What is deposited at the portal on L1 runs in the first L2 block of the epoch of its L1 block, behind the L1 attributes and
// before all users, also when that block is back-filled. Each chain has a market that can be paused, and users may trade at
// that of L2 all the time.
//
// The package must not be linked into the production binary and must not listen beyond loopback. It is not a rollup: of L1
// only the origin and the deposits are derived, and the batcher only moves the safe and finalized labels. Plain geth has no
// deposit type, so the L1 attributes travel in an ordinary transaction of a system account, and a deposit in one that the net
// signs with the depositor's key. Of that follows what differs from an OP Stack chain:
//
//   - It can sign for FundedKey and GuardianKey alone. What others deposit, and every contract, whose alias has no key, is left
//     out; Deposits says so.
//   - A deposit mints nothing: the depositor pays its value, its gas and a bid of 1000 gwei on L2. Who bids more comes first.
//     What the depositor cannot pay is left out, where an OP Stack chain would include it as failed.
//   - eth_getTransactionReceipt and eth_getTransactionByHash answer for the hash of the deposit transaction (type 0x7e).
//     Blocks, and whatever else lists transactions, show the stand-in.
package devnet

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/ethereum/go-ethereum/common"
	"golang.org/x/sync/errgroup"
)

// Chain ids of the two chains.
const (
	L1ChainID = 900
	L2ChainID = 901
)

// Config is the shape of a net. Block timestamps are whole seconds, so block times are too.
type Config struct {
	L1BlockTime  time.Duration // 2 s when zero
	L2BlockTime  time.Duration // 1 s when zero; at most L1BlockTime, or the L1 origin could not keep up
	SafeLag      int           // L1 blocks until an L2 block is safe; 2 when zero
	FinalizedLag int           // L1 blocks until an L1 block, and with it the L2 blocks that it made safe, is final; 4 when zero
	Users        int           // how many trade at the L2 market all the time; at most 64
}

func (c Config) withDefaults() (Config, error) {
	if c.L1BlockTime == 0 {
		c.L1BlockTime = 2 * time.Second
	}
	if c.L2BlockTime == 0 {
		c.L2BlockTime = time.Second
	}
	if c.SafeLag == 0 {
		c.SafeLag = 2
	}
	if c.FinalizedLag == 0 {
		c.FinalizedLag = 4
	}
	switch {
	case c.L1BlockTime < 0 || c.L1BlockTime%time.Second != 0, c.L2BlockTime < 0 || c.L2BlockTime%time.Second != 0:
		return c, fmt.Errorf("block times %s and %s: must be whole seconds", c.L1BlockTime, c.L2BlockTime)
	case c.L2BlockTime > c.L1BlockTime:
		return c, fmt.Errorf("L2 block time %s: longer than L1's %s", c.L2BlockTime, c.L1BlockTime)
	case c.SafeLag < 0 || c.FinalizedLag < 0:
		return c, fmt.Errorf("lags %d and %d: must not be negative", c.SafeLag, c.FinalizedLag)
	case c.Users < 0 || c.Users > maxUsers:
		return c, fmt.Errorf("%d users: must be 0 to %d", c.Users, maxUsers)
	}
	return c, nil
}

// Endpoint is where clients reach one node. All its URLs lead through the same proxy.
type Endpoint struct {
	Name   string
	HTTP   string
	WS     string
	Rollup string // serves optimism_syncStatus and optimism_rollupConfig; empty for L1
}

// Net is the running pair of chains. Its methods may be called from any goroutine, from New on; what a method does is
// done when it returns. Once the net is closed they change nothing, and those that can say so return ErrClosed.
type Net struct {
	config    Config
	genesis   time.Time // of both chains
	l1        *endpoint // its node seals L1
	l2        []*endpoint
	sequencer *node // seals L2; its head is the unsafe head
	deposits  *deposits

	mu        sync.Mutex // guards what follows, and every change of a head or label
	closed    bool
	l1Pace    *pace
	l2Pace    *pace
	batcher   batcher
	empty     bool   // users' transactions do not get into L2 blocks
	forks     uint64 // reorgs so far: makes the blocks of each fork differ
	spike     spike  // who fills the next blocks of L1
	observers []func(Block)
}

// ErrClosed is returned by calls on a net whose Run has ended.
var ErrClosed = errors.New("devnet is closed")

// New starts the nodes and proxies of a net. Both chains stand at their genesis until Run; everything that New started is
// released by Run, which therefore must be called.
func New(cfg Config) (*Net, error) {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return nil, err
	}
	n := &Net{
		config:   cfg,
		genesis:  time.Now().Truncate(time.Second),
		l1Pace:   newPace(),
		l2Pace:   newPace(),
		batcher:  newBatcher(),
		deposits: newDeposits(),
	}
	if err := n.start(); err != nil {
		return nil, errors.Join(err, n.close())
	}
	return n, nil
}

func (n *Net) start() (err error) {
	if n.l1, err = n.startEndpoint("l1", L1ChainID, n.config.L1BlockTime); err != nil {
		return err
	}
	if n.sequencer, err = startNode(n.genesisBlock(L2ChainID), nil); err != nil {
		return fmt.Errorf("start sequencer: %w", err)
	}
	n.sequencer.eth.Miner().SetPrioAddresses([]common.Address{address(systemKey())})
	for _, name := range []string{"l2-a", "l2-b", "l2-c"} {
		e, err := n.startEndpoint(name, L2ChainID, n.config.L2BlockTime)
		if err != nil {
			return err
		}
		n.l2 = append(n.l2, e)
	}
	return nil
}

// Run seals blocks on both chains until ctx is done, then closes everything and waits for it. It returns nil on
// cancellation, and must be called exactly once.
func (n *Net) Run(ctx context.Context) error {
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return n.produce(ctx, n.l1Pace, n.stepL1) })
	g.Go(func() error { return n.produce(ctx, n.l2Pace, n.stepL2) })
	return errors.Join(g.Wait(), n.close())
}

// close may find a net that is only half started.
func (n *Net) close() error {
	n.mu.Lock()
	n.closed = true
	n.mu.Unlock()

	var errs []error
	for _, e := range n.endpoints() {
		errs = append(errs, e.close())
	}
	if n.sequencer != nil {
		errs = append(errs, n.sequencer.close())
	}
	return errors.Join(errs...)
}

// endpoints lists those of L2 before that of L1, whose node they read.
func (n *Net) endpoints() []*endpoint {
	all := slices.Clone(n.l2)
	if n.l1 != nil {
		all = append(all, n.l1)
	}
	return all
}

// L1 is the endpoint of the L1 chain, named "l1".
func (n *Net) L1() Endpoint { return n.l1.public() }

// L2 lists the endpoints of the L2 chain, named "l2-a", "l2-b" and "l2-c".
func (n *Net) L2() []Endpoint {
	var all []Endpoint
	for _, e := range n.l2 {
		all = append(all, e.public())
	}
	return all
}
