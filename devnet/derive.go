package devnet

import (
	"crypto/ecdsa"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"sync"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/core/types"
	"github.com/ethereum/go-ethereum/params"
)

// depositTip is what a stand-in bids, in wei: more than users do, so that the miner takes it before them. The depositor
// pays it, and the fee history shows it.
const depositTip = 1000 * params.GWei

// Deposit is what became of one deposit at the portal.
type Deposit struct {
	Hash    common.Hash // of the deposit transaction (type 0x7e), by which any L2 endpoint finds it
	StandIn common.Hash // of the signed transaction that did its work
	L1Tx    common.Hash
	From    common.Address
	Block   uint64 // of L2; 0 while it is in none
	Refused string // why the net could not execute it, or ""
}

// deposits remembers what was derived. RPC methods read it while blocks are sealed, so it has a lock of its own.
type deposits struct {
	mu       sync.RWMutex
	order    []common.Hash
	derived  map[common.Hash]*derived    // by the hash of the deposit transaction
	standIns map[common.Hash]common.Hash // the hash of the deposit transaction by that of its stand-in
}

type derived struct {
	tx       *depositTx
	l1Tx     common.Hash
	standIns []common.Hash // one for each fork that held it, newest last
	refused  error
}

func newDeposits() *deposits {
	return &deposits{derived: map[common.Hash]*derived{}, standIns: map[common.Hash]common.Hash{}}
}

func (d *deposits) note(tx *depositTx, l1Tx common.Hash, standIn *types.Transaction, refused error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	hash := tx.hash()
	if d.derived[hash] == nil {
		d.derived[hash] = &derived{tx: tx, l1Tx: l1Tx}
		d.order = append(d.order, hash)
	}
	it := d.derived[hash]
	it.refused = refused
	if refused == nil && !slices.Contains(it.standIns, standIn.Hash()) {
		it.standIns = append(it.standIns, standIn.Hash())
		d.standIns[standIn.Hash()] = hash
	}
}

// standInsFor is empty for all hashes but those of deposit transactions.
func (d *deposits) standInsFor(hash common.Hash) (*depositTx, []common.Hash) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	it := d.derived[hash]
	if it == nil {
		return nil, nil
	}
	return it.tx, slices.Clone(it.standIns)
}

// depositOf gives the hash of the deposit transaction that a transaction stands for.
func (d *deposits) depositOf(standIn common.Hash) (hash common.Hash, ok bool) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	hash, ok = d.standIns[standIn]
	return hash, ok
}

// poolDeposits derives the deposits of the L1 block that becomes the origin with an L2 block, as op-node does: all events of
// the portal in their order. It hands the sequencer a stand-in for each and lists those that it took.
func (n *Net) poolDeposits(at attributes) ([]*types.Transaction, error) {
	if at.Sequence != 0 {
		return nil, nil
	}
	pool := n.sequencer.eth.TxPool()
	if err := pool.Sync(); err != nil {
		return nil, fmt.Errorf("wait for the pool: %w", err)
	}
	known, used := depositors(), map[common.Address]uint64{}
	var txs []*types.Transaction
	for _, receipt := range n.l1.node.chain.GetReceiptsByHash(at.Hash) {
		for _, log := range receipt.Logs {
			if log.Address != portalAddress || len(log.Topics) == 0 || log.Topics[0] != depositTopic {
				continue
			}
			deposit, err := decodeDeposit(log)
			if err != nil {
				return nil, fmt.Errorf("read deposit %d of L1 block %d: %w", log.Index, at.Number, err)
			}
			key := known[deposit.From]
			if key == nil {
				n.deposits.note(deposit, log.TxHash, nil, fmt.Errorf("the net has no key of %s", deposit.From))
				continue
			}
			tx := deposit.standIn(key, pool.Nonce(deposit.From)+used[deposit.From])
			err = errors.Join(pool.Add([]*types.Transaction{tx}, true)...)
			n.deposits.note(deposit, log.TxHash, tx, err)
			if err == nil {
				used[deposit.From]++
				txs = append(txs, tx)
			}
		}
	}
	return txs, nil
}

// standIn is the transaction that does the work of a deposit. All bid the same, so the miner takes them in the order in which
// they were signed. No two deposits have the same one: the source is in the fee cap.
func (tx *depositTx) standIn(key *ecdsa.PrivateKey, nonce uint64) *types.Transaction {
	source := new(big.Int).SetBytes(tx.Source[28:])
	id := big.NewInt(L2ChainID)
	return types.MustSignNewTx(key, types.LatestSignerForChainID(id), &types.DynamicFeeTx{
		ChainID:   id,
		Nonce:     nonce,
		GasTipCap: big.NewInt(depositTip),
		GasFeeCap: source.Add(source, big.NewInt(2*depositTip)),
		Gas:       tx.Gas,
		To:        tx.To,
		Value:     tx.Value,
		Data:      tx.Data,
	})
}

// Deposits lists all deposits that the sequencer has met so far, in the order in which it did. One that an L1 reorg has
// removed stays in the list, with block 0.
func (n *Net) Deposits() ([]Deposit, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.closed {
		return nil, ErrClosed
	}
	n.deposits.mu.RLock()
	defer n.deposits.mu.RUnlock()
	var all []Deposit
	for _, hash := range n.deposits.order {
		it := n.deposits.derived[hash]
		d := Deposit{Hash: hash, L1Tx: it.l1Tx, From: it.tx.From}
		for _, standIn := range it.standIns {
			if at, _ := n.sequencer.chain.GetCanonicalTransaction(standIn); at != nil {
				d.StandIn, d.Block = standIn, at.BlockIndex
			}
		}
		if it.refused != nil {
			d.Refused = it.refused.Error()
		}
		all = append(all, d)
	}
	return all, nil
}
