package devnet

import (
	"crypto/ecdsa"
	"errors"
	"fmt"
	"math/big"

	"github.com/ethereum/go-ethereum/core/types"
	"github.com/ethereum/go-ethereum/params"
)

// systemTx carries the attributes. There is one in each block, so the parent's number is its nonce.
func systemTx(nonce uint64, l1 attributes) *types.Transaction {
	return signTx(systemKey(), &types.DynamicFeeTx{Nonce: nonce, To: &l1AttributesAddress, Data: l1.encode()})
}

// signTx fills in what all transactions of the net have in common.
func signTx(key *ecdsa.PrivateKey, tx *types.DynamicFeeTx) *types.Transaction {
	tx.ChainID = big.NewInt(L2ChainID)
	tx.GasTipCap = big.NewInt(params.GWei)
	tx.GasFeeCap = big.NewInt(100 * params.GWei)
	tx.Gas = 100_000
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
		To:    &batcherAddress,
		Value: big.NewInt(1),
	})
	var sent []*types.Transaction
	for _, e := range n.l2 {
		// After a reorg an endpoint's pool also holds the net's own transactions, out of the replaced blocks.
		sent = append(sent, e.node.pending(address(systemKey()), address(userKey()))...)
	}
	pool.Add(sent, true) // what the pool refuses is the sender's problem
	if err := errors.Join(pool.Add([]*types.Transaction{system, steady}, true)...); err != nil {
		return fmt.Errorf("pool the sequencer's transactions: %w", err)
	}
	return nil
}
