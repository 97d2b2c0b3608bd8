package devnet

import (
	"crypto/ecdsa"
	"errors"
	"fmt"
	"math/big"
	"slices"

	"github.com/ethereum/go-ethereum/core/types"
	"github.com/ethereum/go-ethereum/params"
)

// systemTx carries the attributes. There is one in each block, so the parent's number is its nonce.
func systemTx(nonce uint64, l1 attributes) *types.Transaction {
	return signTx(systemKey(), &types.DynamicFeeTx{Nonce: nonce, Gas: 1_000_000, To: &l1AttributesAddress, Data: l1.encode()})
}

// signTx fills in what the net's own transactions on L2 have in common.
func signTx(key *ecdsa.PrivateKey, tx *types.DynamicFeeTx) *types.Transaction {
	tx.ChainID = big.NewInt(L2ChainID)
	tx.GasTipCap = big.NewInt(params.GWei)
	tx.GasFeeCap = big.NewInt(100 * params.GWei)
	return types.MustSignNewTx(key, types.LatestSignerForChainID(tx.ChainID), tx)
}

// fillPool hands the sequencer what the next block is made of: the system transaction, which its miner prefers to all
// others, one of the steady user, and what was sent to the endpoints.
func (n *Net) fillPool(system *types.Transaction) error {
	pool := n.sequencer.eth.TxPool()
	if err := pool.Sync(); err != nil {
		return fmt.Errorf("wait for the pool: %w", err)
	}
	steady := signTx(userKey(), &types.DynamicFeeTx{
		Nonce: pool.Nonce(address(userKey())),
		Gas:   100_000,
		To:    &batcherAddress,
		Value: big.NewInt(1),
	})
	var sent []*types.Transaction
	for _, e := range n.l2 {
		sent = append(sent, e.node.pending()...)
	}
	pool.Add(sent, true) // what the pool refuses is the sender's problem
	if err := errors.Join(pool.Add([]*types.Transaction{system, steady}, true)...); err != nil {
		return fmt.Errorf("pool the sequencer's transactions: %w", err)
	}
	return nil
}

// repool takes out of an endpoint's pool what came back to it from blocks that were replaced and was not sent by a user: the
// net's own transactions, and the stand-ins of deposits that may not be there any more.
func (n *Net) repool(e *endpoint) error {
	pool := e.node.eth.TxPool()
	if err := pool.Sync(); err != nil {
		return fmt.Errorf("wait for the pool: %w", err)
	}
	sent := slices.DeleteFunc(e.node.pending(address(systemKey()), address(userKey())), func(tx *types.Transaction) bool {
		_, standsIn := n.deposits.depositOf(tx.Hash())
		return standsIn
	})
	pool.Clear()
	pool.Add(sent, true)
	return nil
}
