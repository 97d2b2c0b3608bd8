package devnet

import (
	"fmt"
	"math/big"

	"github.com/ethereum/go-ethereum/core/types"
	"github.com/ethereum/go-ethereum/params"
)

// spike is a crowd that fills blocks of L1.
type spike struct {
	blocks int // yet to be filled
	tip    *big.Int
}

const (
	maxSpike  = 100       // blocks
	crowdGas  = 1_000_000 // a transaction
	crowdSize = gasLimit / crowdGas
)

// SpikeL1 has a crowd fill this many of the next L1 blocks, at most 100, with transactions that bid a tip, in wei. While it
// lasts, who bids less does not get in, and the base fee grows by an eighth with each block: twofold in 6 blocks, tenfold in
// 20. A call ends the spike before it; 0 blocks only do that.
func (n *Net) SpikeL1(blocks int, tip *big.Int) error {
	if limit := big.NewInt(params.Ether); blocks < 0 || blocks > maxSpike || tip.Sign() < 0 || tip.Cmp(limit) > 0 {
		return fmt.Errorf("spike of %d blocks at %s wei: must be at most %d, and %s wei", blocks, tip, maxSpike, limit)
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.closed {
		return ErrClosed
	}
	n.spike = spike{blocks, new(big.Int).Set(tip)}
	return nil
}

// crowd fills the pool of L1 with as much as the next block can take.
func (n *Net) crowd() error {
	if n.spike.blocks == 0 {
		return nil
	}
	n.spike.blocks--
	pool := n.l1.node.eth.TxPool()
	if err := pool.Sync(); err != nil {
		return fmt.Errorf("wait for the pool: %w", err)
	}
	id, nonce := big.NewInt(L1ChainID), pool.Nonce(address(crowdKey()))
	baseFee := new(big.Int).Mul(n.l1.node.chain.CurrentBlock().BaseFee, big.NewInt(2))
	var txs []*types.Transaction
	for i := range uint64(crowdSize) {
		txs = append(txs, types.MustSignNewTx(crowdKey(), types.LatestSignerForChainID(id), &types.DynamicFeeTx{
			ChainID:   id,
			Nonce:     nonce + i,
			GasTipCap: n.spike.tip,
			GasFeeCap: baseFee.Add(baseFee, n.spike.tip),
			Gas:       crowdGas,
			To:        &furnaceAddress,
		}))
	}
	pool.Add(txs, true) // what a higher bidder left of the last block's is there already
	return nil
}
