package evm

import (
	"fmt"
	"math"
	"math/big"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/params"
)

// The market on which a portal sells L2 gas: paid for by burning gas on L1, at a price that follows demand as in EIP-1559
// (specs.optimism.io protocol/guaranteed-gas-market.md; contracts-bedrock src/L1/ResourceMetering.sol and
// src/libraries/Constants.sol, DEFAULT_RESOURCE_CONFIG).
const (
	meterLimit       = 20_000_000 // L2 gas for sale in an L1 block
	meterTarget      = meterLimit / 10
	meterDenominator = 8
	meterFloor       = params.GWei // least price, and least base fee of L1 that is reckoned with

	depositWork = 120_000 // execution of depositTransaction behind its proxy; a benchmark of 68,422 is in .gas-snapshot
	depositByte = 40      // floor of EIP-7623; more than calldata, copying and the log take together
	surge       = 3       // blocks that others may buy up before ours, and its gas still suffices
)

// Metering is the state of a portal's market as it left it at the last deposit.
type Metering struct {
	BaseFee *big.Int // wei for one unit of L2 gas
	Bought  uint64   // L2 gas in Block
	Block   uint64   // of L1
}

// MeteringCall asks a portal for its Metering.
func MeteringCall(portal common.Address) Call {
	return Call{To: portal, Data: packCall("params()"), Text: "params()"}
}

// ParseMetering reads the answer to MeteringCall: uint128 prevBaseFee, uint64 prevBoughtGas, uint64 prevBlockNum, a word each.
func ParseMetering(out []byte) (Metering, error) {
	list, err := splitWords(out, 3)
	if err != nil {
		return Metering{}, fmt.Errorf("read the portal's params(): %w", err)
	}
	if list[0].BitLen() > 128 || !list[1].IsUint64() || !list[2].IsUint64() {
		return Metering{}, fmt.Errorf("read the portal's params(): %v is out of range", list)
	}
	return Metering{BaseFee: list[0], Bought: list[1].Uint64(), Block: list[2].Uint64()}, nil
}

// At gives the market as the first deposit of a block finds it when nobody deposits in between. A block in the past changes nothing.
func (m Metering) At(block uint64) Metering {
	if block <= m.Block {
		return m
	}
	fee := m.step()
	// Each empty block takes an eighth. The portal has exp and ln for this; rounding up is never less.
	for range block - m.Block - 1 {
		if fee.Cmp(big.NewInt(meterFloor)) <= 0 {
			break
		}
		fee = ceil(new(big.Int).Mul(fee, big.NewInt(meterDenominator-1)), big.NewInt(meterDenominator))
	}
	return Metering{BaseFee: floored(fee), Block: block}
}

// step gives the price after the block of m.
func (m Metering) step() *big.Int {
	over := new(big.Int).Sub(new(big.Int).SetUint64(m.Bought), big.NewInt(meterTarget))
	delta := over.Mul(over, m.BaseFee)
	return floored(delta.Add(m.BaseFee, delta.Quo(delta, big.NewInt(meterTarget*meterDenominator))))
}

// Burn gives the gas on L1 for which the portal sells that much gas, with the base fee of the L1 block. What the deposit needs
// anyway counts towards it.
func (m Metering) Burn(gas uint64, baseFee *big.Int) uint64 {
	cost := new(big.Int).Mul(new(big.Int).SetUint64(gas), m.BaseFee)
	cost.Quo(cost, floored(baseFee))
	if !cost.IsUint64() {
		return math.MaxUint64
	}
	return cost.Uint64()
}

// DepositGas gives the gas limit of a transaction on L1 that deposits gas for L2 by call, in the block of that number, or in one
// soon after: it also suffices when others buy up three blocks before it while the base fee of L1 falls as fast as it can. What
// is not burned is not paid. It is an error when a block does not sell that much, or when the burn alone is over what a
// transaction may use (EIP-7825).
func (m Metering) DepositGas(call Call, gas, block uint64, baseFee *big.Int) (uint64, error) {
	if gas > meterLimit {
		return 0, fmt.Errorf("the deposit takes %d gas on L2, and the portal sells %d in a block", gas, meterLimit)
	}
	m = m.At(block)
	fixed := params.TxGas + depositByte*uint64(len(call.Data))
	if burn := m.Burn(gas, baseFee); burn > params.MaxTxGas-min(fixed, params.MaxTxGas) {
		return 0, fmt.Errorf("the portal burns %d gas on L1 for %d on L2, more than a transaction may use", burn, gas)
	}
	fee := new(big.Int).Set(amountOf(baseFee))
	for range surge {
		m.Bought = meterLimit
		m = m.At(m.Block + 1)
		fee.Sub(fee, ceil(fee, big.NewInt(int64(params.DefaultBaseFeeChangeDenominator))))
	}
	return fixed + min(max(depositWork, m.Burn(gas, fee)), params.MaxTxGas-fixed), nil
}

func floored(fee *big.Int) *big.Int {
	if floor := big.NewInt(meterFloor); fee == nil || fee.Cmp(floor) < 0 {
		return floor
	}
	return fee
}

// ceil divides positive numbers and rounds up.
func ceil(n, by *big.Int) *big.Int {
	q, rest := new(big.Int).QuoRem(n, by, new(big.Int))
	if rest.Sign() > 0 {
		q.Add(q, big.NewInt(1))
	}
	return q
}
