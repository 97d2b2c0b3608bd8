package evm

import (
	"fmt"

	"github.com/ethereum/go-ethereum/common"
)

// OriginCall asks an OP Stack chain for the number of the L1 block that its newest block follows, in the L1Block predeploy
// (specs.optimism.io protocol/predeploys.md). A deposit of L1 block n is in the first block of L2 whose origin is n: when this says
// n or more and the derived transaction is not there, then L1 has dropped the deposit.
func OriginCall() Call {
	return Call{
		To:   common.HexToAddress("0x4200000000000000000000000000000000000015"),
		Data: packCall("number()"), Text: "number()",
	}
}

// ParseOrigin reads the answer to OriginCall.
func ParseOrigin(out []byte) (uint64, error) {
	list, err := splitWords(out, 1)
	if err != nil {
		return 0, fmt.Errorf("read number() of L1Block: %w", err)
	}
	if !list[0].IsUint64() {
		return 0, fmt.Errorf("read number() of L1Block: %v is out of range", list[0])
	}
	return list[0].Uint64(), nil
}
