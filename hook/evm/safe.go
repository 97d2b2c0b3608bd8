package evm

import "github.com/ethereum/go-ethereum/common"

// throughSafe makes the Safe send the calls.
func (m *maker) throughSafe(safe common.Address) {
}
