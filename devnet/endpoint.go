package devnet

import (
	"fmt"
	"time"

	"github.com/ethereum/go-ethereum/core/types"
	"github.com/ethereum/go-ethereum/eth"
	"github.com/ethereum/go-ethereum/rpc"

	"headwatch"
)

// endpoint is one node that clients reach, through a proxy.
type endpoint struct {
	name    string
	chainID int64
	node    *node
	liar    *liar
	proxy   *proxy

	frozen bool
	lag    uint64 // blocks behind the sequencer
}

// Block is a new head of one endpoint.
type Block struct {
	At       time.Time // when it had just become what the node serves as "latest"; well under a millisecond late
	Endpoint string
	Head     headwatch.Head
}

func (n *Net) startEndpoint(name string, chainID int64, blockTime time.Duration) (*endpoint, error) {
	e := &endpoint{name: name, chainID: chainID}
	node, err := startNode(n.genesisBlock(chainID), func(backend *eth.Ethereum) ([]rpc.API, error) {
		var err error
		if e.liar, err = newLiar(backend, n.genesis, blockTime); err != nil {
			return nil, err
		}
		apis := e.liar.apis()
		if chainID == L2ChainID {
			apis = append(apis,
				rpc.API{Namespace: "optimism", Service: &rollupAPI{net: n, endpoint: e}},
				rpc.API{Namespace: "eth", Service: newDepositAPI(backend, n.deposits)},
			)
		}
		return apis, nil
	})
	if err != nil {
		return nil, fmt.Errorf("start %s: %w", name, err)
	}
	e.node = node
	if e.proxy, err = newProxy(node.address()); err != nil {
		_ = node.close()
		return nil, fmt.Errorf("start %s: %w", name, err)
	}
	return e, nil
}

// close ends the clients' connections first, so that the node need not wait for them.
func (e *endpoint) close() error {
	e.proxy.close()
	if err := e.node.close(); err != nil {
		return fmt.Errorf("close %s: %w", e.name, err)
	}
	return nil
}

func (e *endpoint) public() Endpoint {
	p := Endpoint{Name: e.name, HTTP: "http://" + e.proxy.address, WS: "ws://" + e.proxy.address}
	if e.chainID == L2ChainID {
		p.Rollup = p.HTTP
	}
	return p
}

// follow brings all L2 endpoints to where they ought to be.
func (n *Net) follow() error {
	for _, e := range n.l2 {
		if err := n.followOne(e); err != nil {
			return err
		}
	}
	return nil
}

// followOne imports what one endpoint lacks, block by block, and sets its labels. It leaves a frozen endpoint alone, and
// takes no endpoint back except from blocks that were replaced.
func (n *Net) followOne(e *endpoint) error {
	if e.frozen {
		return nil
	}
	chain := n.sequencer.chain
	tip := chain.CurrentBlock().Number.Uint64()
	target := tip - min(tip, e.lag)
	shown := e.node.chain.CurrentBlock().Number.Uint64()
	shared := min(shown, tip)
	for e.node.chain.GetCanonicalHash(shared) != chain.GetCanonicalHash(shared) {
		shared--
	}
	if shared < shown && target <= shared {
		if err := e.node.rewind(shared); err != nil {
			return fmt.Errorf("%s: %w", e.name, err)
		}
		n.observe(e, e.node.head())
	}
	for number := shared + 1; number <= target; number++ {
		block := chain.GetBlockByNumber(number)
		if err := e.node.extend(block); err != nil {
			return fmt.Errorf("%s: %w", e.name, err)
		}
		n.observe(e, block)
	}
	if shared < shown {
		if err := n.repool(e); err != nil {
			return fmt.Errorf("%s: %w", e.name, err)
		}
	}
	e.node.label(n.batcher.latest(), ago(n.batcher.safe, n.config.FinalizedLag))
	return nil
}

// observe tells the observers of a new head.
func (n *Net) observe(e *endpoint, block *types.Block) {
	b := Block{At: time.Now(), Endpoint: e.name, Head: e.head(block)}
	for _, f := range n.observers {
		f(b)
	}
}

// head puts a block into headwatch's words.
func (e *endpoint) head(block *types.Block) headwatch.Head {
	users := len(block.Transactions())
	if e.chainID == L2ChainID && users > 0 {
		users-- // the system's
	}
	return headwatch.Head{
		Number:  block.NumberU64(),
		Hash:    block.Hash().Hex(),
		Parent:  block.ParentHash().Hex(),
		Time:    time.Unix(int64(block.Time()), 0),
		UserTxs: &users,
	}
}
