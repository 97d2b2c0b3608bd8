package devnet

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math/big"
	"slices"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/common/math"
	"github.com/ethereum/go-ethereum/core/types"
	"github.com/ethereum/go-ethereum/crypto"
	"github.com/ethereum/go-ethereum/rlp"
)

// depositTopic is the event by which a portal tells the rollup of a deposit.
var depositTopic = crypto.Keccak256Hash([]byte("TransactionDeposited(address,address,uint256,bytes)"))

// depositTxType is the transaction type of deposits on OP Stack chains.
const depositTxType = 0x7e

// depositTx is a transaction that L1 forces upon L2, in the order in which the OP Stack encodes it
// (https://specs.optimism.io/protocol/deposits.html#the-deposited-transaction-type).
type depositTx struct {
	Source   common.Hash // makes each deposit a transaction of its own
	From     common.Address
	To       *common.Address `rlp:"nil"` // nil creates a contract
	Mint     *big.Int
	Value    *big.Int
	Gas      uint64
	IsSystem bool
	Data     []byte
}

// decodeDeposit reads the portal's event, and refuses whatever a portal cannot have emitted.
func decodeDeposit(log *types.Log) (*depositTx, error) {
	const head = 32 + 32 + 8 + 1 // of the opaque data: mint, value, gas limit, whether it creates a contract
	if len(log.Topics) != 4 || log.Topics[0] != depositTopic {
		return nil, errors.New("not a deposit")
	}
	if log.Topics[3] != (common.Hash{}) {
		return nil, fmt.Errorf("deposit of version %s: only 0 is known", log.Topics[3].Big())
	}
	opaque, err := abiBytes(log.Data)
	if err != nil {
		return nil, err
	}
	if len(opaque) < head {
		return nil, fmt.Errorf("opaque data of %d bytes: needs %d", len(opaque), head)
	}
	tx := &depositTx{
		Source: sourceHash(log.BlockHash, uint64(log.Index)),
		From:   common.BytesToAddress(log.Topics[1][:]),
		Mint:   new(big.Int).SetBytes(opaque[:32]),
		Value:  new(big.Int).SetBytes(opaque[32:64]),
		Gas:    binary.BigEndian.Uint64(opaque[64:72]),
		Data:   opaque[head:],
	}
	if opaque[72] == 0 {
		tx.To = new(common.BytesToAddress(log.Topics[2][:]))
	}
	return tx, nil
}

// abiBytes reads the only argument of an event, of type bytes.
func abiBytes(data []byte) ([]byte, error) {
	if len(data) < 64 || len(data)%32 != 0 || !slices.Equal(data[:32], math.U256Bytes(big.NewInt(32))) {
		return nil, errors.New("event data is not one byte string")
	}
	size := new(big.Int).SetBytes(data[32:64])
	if !size.IsUint64() || size.Uint64() > uint64(len(data)-64) {
		return nil, fmt.Errorf("byte string of %s bytes in %d", size, len(data)-64)
	}
	return data[64 : 64+size.Uint64()], nil
}

// sourceHash tells user deposits (domain 0) apart: keccak256(bytes32(domain), keccak256(l1BlockHash, bytes32(logIndex))).
func sourceHash(l1Block common.Hash, logIndex uint64) common.Hash {
	var domain common.Hash
	deposit := crypto.Keccak256Hash(l1Block[:], common.BigToHash(new(big.Int).SetUint64(logIndex)).Bytes())
	return crypto.Keccak256Hash(domain[:], deposit[:])
}

// hash is the transaction hash under which an OP Stack chain knows the deposit.
func (tx *depositTx) hash() common.Hash {
	payload, err := rlp.EncodeToBytes(tx)
	if err != nil {
		panic(err) // nothing in it can be refused
	}
	return crypto.Keccak256Hash([]byte{depositTxType}, payload)
}
