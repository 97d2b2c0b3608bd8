package devnet

import (
	"context"
	"reflect"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/common/hexutil"
	"github.com/ethereum/go-ethereum/core/types"
	"github.com/ethereum/go-ethereum/eth"
)

// transactionReader is what depositAPI needs of geth's own service, whose type cannot be named from here.
type transactionReader interface {
	GetTransactionReceipt(ctx context.Context, hash common.Hash) (map[string]any, error)
}

// depositAPI answers for the hashes of deposit transactions, which plain geth does not know, with what became of their
// stand-ins, in op-geth's shape. All else it hands through. Its exported methods are RPC methods.
type depositAPI struct {
	backend  *eth.EthAPIBackend
	honest   transactionReader
	deposits *deposits
}

// newDepositAPI panics when geth has no transaction service: then it is another geth than the one it was built with.
func newDepositAPI(backend *eth.Ethereum, deposits *deposits) *depositAPI {
	for _, api := range backend.APIs() {
		if honest, ok := api.Service.(transactionReader); ok {
			return &depositAPI{backend.APIBackend, honest, deposits}
		}
	}
	panic("geth has no eth_getTransactionReceipt")
}

// GetTransactionReceipt is eth_getTransactionReceipt.
func (a *depositAPI) GetTransactionReceipt(ctx context.Context, hash common.Hash) (map[string]any, error) {
	deposit, standIns := a.deposits.standInsFor(hash)
	if deposit == nil {
		return a.honest.GetTransactionReceipt(ctx, hash)
	}
	for _, standIn := range standIns {
		found, tx, _, _, _ := a.backend.GetCanonicalTransaction(standIn)
		if !found {
			continue
		}
		receipt, err := a.honest.GetTransactionReceipt(ctx, standIn)
		if err != nil || receipt == nil {
			return nil, err
		}
		if logs, ok := receipt["logs"].([]*types.Log); ok {
			renamed := make([]*types.Log, len(logs))
			for i, log := range logs {
				renamed[i] = new(*log)
				renamed[i].TxHash = hash
			}
			receipt["logs"] = renamed
		}
		receipt["transactionHash"] = hash
		receipt["type"] = hexutil.Uint(depositTxType)
		receipt["effectiveGasPrice"] = new(hexutil.Big)
		receipt["depositNonce"] = hexutil.Uint64(tx.Nonce())
		receipt["depositReceiptVersion"] = hexutil.Uint(1)
		return receipt, nil
	}
	return nil, nil
}

// GetTransactionByHash is eth_getTransactionByHash.
func (a *depositAPI) GetTransactionByHash(ctx context.Context, hash common.Hash) (any, error) {
	deposit, standIns := a.deposits.standInsFor(hash)
	if deposit == nil {
		out := reflect.ValueOf(a.honest).MethodByName("GetTransactionByHash").Call([]reflect.Value{reflect.ValueOf(ctx), reflect.ValueOf(hash)})
		err, _ := out[1].Interface().(error)
		return out[0].Interface(), err
	}
	for _, standIn := range standIns {
		found, tx, blockHash, number, index := a.backend.GetCanonicalTransaction(standIn)
		if !found {
			continue
		}
		zero := new(hexutil.Big)
		return map[string]any{
			"blockHash":        blockHash,
			"blockNumber":      hexutil.Uint64(number),
			"transactionIndex": hexutil.Uint64(index),
			"type":             hexutil.Uint(depositTxType),
			"hash":             hash,
			"sourceHash":       deposit.Source,
			"from":             deposit.From,
			"to":               deposit.To,
			"mint":             (*hexutil.Big)(deposit.Mint),
			"value":            (*hexutil.Big)(deposit.Value),
			"gas":              hexutil.Uint64(deposit.Gas),
			"gasPrice":         zero,
			"input":            hexutil.Bytes(deposit.Data),
			"nonce":            hexutil.Uint64(tx.Nonce()),
			"v":                zero,
			"r":                zero,
			"s":                zero,
		}, nil
	}
	return nil, nil
}
