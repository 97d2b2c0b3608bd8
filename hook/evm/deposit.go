package evm

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math/big"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/core/types"
	"github.com/ethereum/go-ethereum/crypto"
	"github.com/ethereum/go-ethereum/rlp"
)

// Deposits of the OP Stack (specs.optimism.io: protocol/deposits.md; ethereum-optimism/optimism: contracts-bedrock
// src/L1/OptimismPortal2.sol, op-node/rollup/derive/deposit_log.go and deposit_source.go).
const (
	depositSignature = "depositTransaction(address,uint256,uint64,bool,bytes)"
	depositEvent     = "TransactionDeposited(address,address,uint256,bytes)"

	depositType = 0x7e // of the derived transaction on L2

	// opaqueHead is what opaqueData of version 0 holds before the data: mint, value, gas, isCreation.
	opaqueHead = wordSize + wordSize + 8 + 1
)

// Deposit is a transaction on an OP Stack chain that was made on its L1.
type Deposit struct {
	SourceHash common.Hash     // where on L1 it comes from; makes it unique
	From       common.Address  // the msg.sender on L2
	To         *common.Address // nil creates a contract
	Mint       *big.Int        // nil for none
	Value      *big.Int
	Gas        uint64
	Data       []byte
}

// MinimumGas is the least L2 gas for which a portal sells a call with that data. Portals of 2024 ask 16 a byte; since L2 charges
// the data floor of EIP-7623 they ask 40. The higher one suits both, and an older portal sells it just as well
// (OptimismPortal2.minimumGasLimit).
func MinimumGas(data []byte) uint64 { return 21_000 + 40*uint64(len(data)) }

// DepositCall wraps a call on L2 into the call of the portal on L1 that deposits it, with that much gas on L2 and never less than
// MinimumGas. L2 takes no other fee for it. A value is minted from what the call on L1 carries. The portal refuses data over
// 120,000 bytes.
func DepositCall(portal common.Address, call Call, gas uint64) Call {
	data := packCall(depositSignature, addressWord(call.To), amountWord(call.Value), numberWord(max(gas, MinimumGas(call.Data))), flagWord(false),
		numberWord(5*wordSize), bytesTail(call.Data))
	return Call{To: portal, Data: data, Value: call.Value, Text: "deposit " + call.Text}
}

// DepositIn gives the one deposit that a transaction made through the portal. logs are those of its receipt.
func DepositIn(portal common.Address, logs []*types.Log) (Deposit, error) {
	log, err := onlyLog(portal, depositEvent, logs)
	if err != nil {
		return Deposit{}, err
	}
	return ParseDeposit(log)
}

// ParseDeposit reads a TransactionDeposited log as op-node does. Whether the portal wrote it is for the caller to say. Every byte
// that passes is a deposit that op-node derives too; a log that a reorganisation removed is an error.
func ParseDeposit(log *types.Log) (Deposit, error) {
	switch {
	case log.Removed:
		return Deposit{}, errors.New("the deposit is on no chain any more")
	case len(log.Topics) != 4 || log.Topics[0] != eventTopic(depositEvent):
		return Deposit{}, errors.New("the log is no TransactionDeposited")
	case log.Topics[3] != common.Hash{}:
		return Deposit{}, fmt.Errorf("the deposit has the unknown version %s", log.Topics[3])
	}
	opaque, err := onlyBytes(log.Data)
	if err != nil {
		return Deposit{}, fmt.Errorf("read the deposit: %w", err)
	}
	if len(opaque) < opaqueHead {
		return Deposit{}, fmt.Errorf("read the deposit: %d bytes of opaque data", len(opaque))
	}
	d := Deposit{
		SourceHash: userSource(log.BlockHash, uint64(log.Index)),
		From:       common.BytesToAddress(log.Topics[1][:]),
		Mint:       new(big.Int).SetBytes(opaque[:32]),
		Value:      new(big.Int).SetBytes(opaque[32:64]),
		Gas:        binary.BigEndian.Uint64(opaque[64:72]),
		Data:       opaque[opaqueHead:],
	}
	if d.Mint.Sign() == 0 {
		d.Mint = nil
	}
	if opaque[72] == 0 {
		d.To = new(common.BytesToAddress(log.Topics[2][:]))
	}
	return d, nil
}

// userSource is the source hash of a deposit that a user made, domain 0. It changes when a reorganisation of L1 moves the log.
func userSource(block common.Hash, index uint64) common.Hash { return sourceHash(0, block, index) }

func sourceHash(domain uint64, block common.Hash, n uint64) common.Hash {
	return crypto.Keccak256Hash(numberWord(domain), crypto.Keccak256(block[:], numberWord(n)))
}

// Hash is that of the transaction on L2: it can be asked for before L2 has it. It is not signed, and has no nonce in it, but it
// counts up the nonce of From on L2.
func (d Deposit) Hash() common.Hash {
	payload, err := rlp.EncodeToBytes([]any{d.SourceHash, d.From, d.to(), amountOf(d.Mint), amountOf(d.Value), d.Gas, false, d.Data})
	if err != nil {
		return common.Hash{} // a negative value, which no log can hold
	}
	return crypto.Keccak256Hash([]byte{depositType}, payload)
}

func (d Deposit) to() []byte {
	if d.To == nil {
		return nil
	}
	return d.To[:]
}

func amountOf(n *big.Int) *big.Int {
	if n == nil {
		return new(big.Int)
	}
	return n
}
