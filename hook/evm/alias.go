package evm

import (
	"math/big"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/core/types"
)

// Alias gives the address on L2 under which a contract on L1 sends: its own plus 0x1111000000000000000000000000000000001111, so
// that no contract on L1 passes for one with the same address on L2. OP Stack and Arbitrum do the same
// (specs.optimism.io, protocol/deposits.md; nitro-contracts src/libraries/AddressAliasHelper.sol).
func Alias(l1 common.Address) common.Address {
	offset := common.HexToAddress("0x1111000000000000000000000000000000001111")
	return common.BigToAddress(new(big.Int).Add(l1.Big(), offset.Big())) // the last 160 bits, as the contracts' uint160 wraps
}

// SenderOnL2 gives the msg.sender on L2 of what an account with that code on L1 deposits: a plain account keeps its address,
// and so does one that has delegated itself by EIP-7702; a contract is aliased, a Safe among them.
//
// A portal that does not know EIP-7702 still keeps the address of a delegated account that signs the deposit itself, and
// aliases it only when its code makes the deposit in somebody else's transaction (contracts-bedrock
// src/libraries/EOA.sol, and OptimismPortal2 before it: msg.sender == tx.origin).
func SenderOnL2(l1 common.Address, code []byte) common.Address {
	if _, delegated := types.ParseDelegation(code); len(code) == 0 || delegated {
		return l1
	}
	return Alias(l1)
}
