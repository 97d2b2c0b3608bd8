package devnet

import (
	"bytes"
	"fmt"
	"math/big"
	"time"

	"github.com/ethereum/go-ethereum/accounts/abi"
	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/common/hexutil"
	"github.com/ethereum/go-ethereum/core/types"
	"github.com/ethereum/go-ethereum/crypto"

	"headwatch/contracts"
)

const (
	maxUsers = 64
	// patience is how many transactions of one user wait at most.
	patience = 16
)

// trade has every user send one trade to the market of L2. It is called once a block: of L2, or while that is stopped of
// L1. What is not sealed waits in the sequencer's pool and is first in line when it seals again.
func (n *Net) trade() error {
	pool := n.sequencer.eth.TxPool()
	if err := pool.Sync(); err != nil {
		return fmt.Errorf("wait for the pool: %w", err)
	}
	var txs []*types.Transaction
	for i := range n.config.Users {
		key := traderKey(i)
		next := pool.PoolNonce(address(key))
		if next >= pool.Nonce(address(key))+patience {
			continue
		}
		txs = append(txs, signTx(key, &types.DynamicFeeTx{
			Nonce: next,
			Gas:   100_000,
			To:    &marketAddress,
			Data:  crypto.Keccak256([]byte("trade()"))[:4],
		}))
	}
	pool.Add(txs, true) // a nonce that a reorg has moved is right again with the next block
	return nil
}

// MarketCall is a transaction to the market of L2.
type MarketCall struct {
	Block   uint64
	Index   int       // within the block
	Time    time.Time // of the chain
	From    common.Address
	Method  string      // such as "trade" or "pause"
	OK      bool        // whether it did anything: false is a revert
	Hash    common.Hash // of the deposit transaction, for a deposit
	Deposit bool
}

// MarketCalls lists the transactions to the market of L2 in the blocks from this one on, in the order of their execution,
// as the sequencer has them.
func (n *Net) MarketCalls(from uint64) ([]MarketCall, error) {
	market, err := abi.JSON(bytes.NewReader(contracts.Market().ABI))
	if err != nil {
		return nil, fmt.Errorf("read the market's ABI: %w", err)
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.closed {
		return nil, ErrClosed
	}
	chain := n.sequencer.chain
	signer := types.LatestSignerForChainID(big.NewInt(L2ChainID))
	var calls []MarketCall
	for number := from; number <= chain.CurrentBlock().Number.Uint64(); number++ {
		block := chain.GetBlockByNumber(number)
		receipts := chain.GetReceiptsByHash(block.Hash())
		for i, tx := range block.Transactions() {
			if to := tx.To(); to == nil || *to != marketAddress {
				continue
			}
			sender, err := types.Sender(signer, tx)
			if err != nil {
				return nil, fmt.Errorf("sender of transaction %d in block %d: %w", i, number, err)
			}
			call := MarketCall{
				Block:  number,
				Index:  i,
				Time:   time.Unix(int64(block.Time()), 0),
				From:   sender,
				Method: methodName(&market, tx.Data()),
				OK:     receipts[i].Status == types.ReceiptStatusSuccessful,
				Hash:   tx.Hash(),
			}
			if hash, ok := n.deposits.depositOf(tx.Hash()); ok {
				call.Hash, call.Deposit = hash, true
			}
			calls = append(calls, call)
		}
	}
	return calls, nil
}

// methodName gives the selector where there is no name.
func methodName(contract *abi.ABI, data []byte) string {
	if method, err := contract.MethodById(data); err == nil {
		return method.Name
	}
	return hexutil.Encode(data[:min(4, len(data))])
}
