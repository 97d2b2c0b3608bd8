package devnet

import (
	"fmt"
	"math/big"
	"slices"
	"strings"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/core"
	"github.com/ethereum/go-ethereum/core/txpool"
	"github.com/ethereum/go-ethereum/core/types"
	"github.com/ethereum/go-ethereum/eth"
	"github.com/ethereum/go-ethereum/eth/ethconfig"
	"github.com/ethereum/go-ethereum/miner"
	gethnode "github.com/ethereum/go-ethereum/node"
	"github.com/ethereum/go-ethereum/p2p"
	"github.com/ethereum/go-ethereum/rpc"
)

// node is one geth node without peers. It is driven through its chain and its miner rather than through the engine API:
// the engine API would do the same through a goroutine that never ends and keeps the whole node in memory.
type node struct {
	stack *gethnode.Node
	eth   *eth.Ethereum
	chain *core.BlockChain
}

// startNode starts a node on a genesis of its own, all in memory. It serves HTTP and WebSocket RPC on one loopback port,
// with the methods of apis laid over geth's, or nothing when apis is nil.
func startNode(genesis *core.Genesis, apis func(*eth.Ethereum) ([]rpc.API, error)) (*node, error) {
	cfg := gethnode.Config{P2P: p2p.Config{NoDiscovery: true, NoDial: true}}
	if apis != nil {
		cfg.HTTPHost, cfg.WSHost = "127.0.0.1", "127.0.0.1"
		cfg.HTTPModules = []string{"eth", "net", "web3", "optimism"}
		cfg.WSModules = cfg.HTTPModules
		cfg.BatchRequestLimit = gethnode.DefaultConfig.BatchRequestLimit
		cfg.BatchResponseMaxSize = gethnode.DefaultConfig.BatchResponseMaxSize
	}
	stack, err := gethnode.New(&cfg)
	if err != nil {
		return nil, fmt.Errorf("create node: %w", err)
	}
	n := &node{stack: stack}
	if err := n.start(genesis, apis); err != nil {
		_ = stack.Close() // a node whose start failed has closed itself already
		return nil, err
	}
	return n, nil
}

func (n *node) start(genesis *core.Genesis, apis func(*eth.Ethereum) ([]rpc.API, error)) error {
	cfg := ethconfig.Defaults
	cfg.Genesis = genesis
	cfg.SyncMode = ethconfig.FullSync
	cfg.TrieCleanCache, cfg.TrieDirtyCache, cfg.SnapshotCache = 0, 0, 0
	cfg.LogNoHistory = true
	cfg.TxPool.NoLocals = true
	cfg.Miner.GasCeil = gasLimit
	cfg.Miner.GasPrice = big.NewInt(1)

	var err error
	if n.eth, err = eth.New(n.stack, &cfg); err != nil {
		return fmt.Errorf("create chain: %w", err)
	}
	n.chain = n.eth.BlockChain()
	if apis != nil {
		over, err := apis(n.eth)
		if err != nil {
			return err
		}
		n.stack.RegisterAPIs(over)
	}
	if err := n.stack.Start(); err != nil {
		return fmt.Errorf("start node: %w", err)
	}
	n.eth.SetSynced()
	n.label(0, 0)
	return nil
}

func (n *node) close() error { return n.stack.Close() }

// address is where the node serves both HTTP and WebSocket.
func (n *node) address() string { return strings.TrimPrefix(n.stack.HTTPEndpoint(), "http://") }

// head is the block that the node serves as "latest".
func (n *node) head() *types.Block {
	header := n.chain.CurrentBlock()
	return n.chain.GetBlock(header.Hash(), header.Number.Uint64())
}

// seal builds a block on top of the head and makes it the head. It holds exactly txs, or what the pool has when txs is nil.
// The salt makes blocks differ that would otherwise be the same.
func (n *node) seal(timestamp uint64, salt common.Hash, txs []*types.Transaction) (*types.Block, error) {
	if err := n.eth.TxPool().Sync(); err != nil {
		return nil, fmt.Errorf("wait for the pool: %w", err)
	}
	block, _, err := n.eth.Miner().BuildTestingPayload(&miner.BuildPayloadArgs{
		Parent:     n.chain.CurrentBlock().Hash(),
		Timestamp:  timestamp,
		Random:     salt,
		BeaconRoot: new(common.Hash),
	}, txs, txs != nil && len(txs) == 0, nil)
	if err != nil {
		return nil, fmt.Errorf("build block: %w", err)
	}
	return block, n.extend(block)
}

// extend executes a block, whose parent the node has, and makes it the head. A parent below the head is a reorg.
func (n *node) extend(block *types.Block) error {
	if _, err := n.chain.InsertChain(types.Blocks{block}); err != nil {
		return fmt.Errorf("import block %d: %w", block.NumberU64(), err)
	}
	return nil
}

// rewind makes an ancestor of the head the head.
func (n *node) rewind(number uint64) error {
	if _, err := n.chain.SetCanonical(n.chain.GetBlockByNumber(number)); err != nil {
		return fmt.Errorf("rewind to block %d: %w", number, err)
	}
	return nil
}

// label sets the safe and the finalized head, neither of them above the head.
func (n *node) label(safe, finalized uint64) {
	head := n.chain.CurrentBlock().Number.Uint64()
	n.chain.SetSafe(n.chain.GetHeaderByNumber(min(safe, head)))
	n.chain.SetFinalized(n.chain.GetHeaderByNumber(min(finalized, head)))
}

// pending lists the transactions that were sent to this node and could be sealed, without those of some senders.
func (n *node) pending(without ...common.Address) []*types.Transaction {
	var txs []*types.Transaction
	senders, _ := n.eth.TxPool().Pending(txpool.PendingFilter{})
	for sender, lazy := range senders {
		if slices.Contains(without, sender) {
			continue
		}
		for _, l := range lazy {
			if tx := l.Resolve(); tx != nil {
				txs = append(txs, tx)
			}
		}
	}
	return txs
}
