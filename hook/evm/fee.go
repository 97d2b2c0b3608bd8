package evm

import (
	"context"
	"errors"
	"fmt"
	"math/big"

	"github.com/ethereum/go-ethereum/common/hexutil"
	"github.com/ethereum/go-ethereum/params"

	"headwatch/config"
)

// leastTip is what a block builder is offered per unit of gas at least, 0.1 gwei: nodes that have seen nothing but empty blocks
// advise next to nothing.
var leastTip = big.NewInt(params.GWei / 10)

// fees are those of EIP-1559, in wei per unit of gas.
type fees struct {
	Tip *big.Int // maxPriorityFeePerGas
	Max *big.Int // maxFeePerGas
}

// limit gives a configured limit in wei.
func limit(most config.Ether) *big.Int {
	return new(big.Int).Mul(new(big.Int).SetUint64(uint64(most)), big.NewInt(params.GWei))
}

// market gives what a transaction should offer now: twice the base fee of the next block, which lasts for six full blocks in a
// row, and the tip.
func market(base, tip *big.Int) fees {
	if tip == nil || tip.Cmp(leastTip) < 0 {
		tip = leastTip
	}
	most := new(big.Int).Lsh(base, 1)
	return fees{Tip: tip, Max: most.Add(most, tip)}
}

// within gives the fees under a cap, and whether they had to be cut.
func (f fees) within(most *big.Int) (fees, bool) {
	if f.Max.Cmp(most) <= 0 {
		return f, false
	}
	return fees{Tip: lower(f.Tip, most), Max: most}, true
}

// replace gives the fees of a transaction that takes the place of one with fees f: both a tenth higher, as nodes demand, and no
// less than the market's. ok is false when the cap leaves no room for that.
func (f fees) replace(now fees, most *big.Int) (next fees, ok bool) {
	leastTip, leastMax := tenthMore(f.Tip), tenthMore(f.Max)
	if leastMax.Cmp(most) > 0 {
		return f, false
	}
	next = fees{Tip: higher(leastTip, now.Tip), Max: lower(higher(leastMax, now.Max), most)}
	next.Tip = lower(next.Tip, next.Max)
	return next, next.Tip.Cmp(leastTip) >= 0
}

// tenthMore rounds up.
func tenthMore(v *big.Int) *big.Int {
	more := new(big.Int).Mul(v, big.NewInt(11))
	return more.Add(more, big.NewInt(9)).Div(more, big.NewInt(10))
}

func higher(a, b *big.Int) *big.Int {
	if a.Cmp(b) > 0 {
		return a
	}
	return b
}

func lower(a, b *big.Int) *big.Int {
	if a.Cmp(b) < 0 {
		return a
	}
	return b
}

// feeHistory is what is read of eth_feeHistory: the last base fee is that of the block to come.
type feeHistory struct {
	Base []*hexutil.Big `json:"baseFeePerGas"`
}

// market asks for the middle one of the nodes' base fees and tips. A node that advises no tip is no trouble.
func (s *Nodes) market(ctx context.Context) (fees, error) {
	type quote struct{ base, tip *big.Int }
	replies, err := quick(ctx, s, func(ctx context.Context, n *node) (quote, error) {
		var tip hexutil.Big
		advised := make(chan bool, 1)
		go func() { advised <- n.get(ctx, &tip, "eth_maxPriorityFeePerGas") == nil }()
		var h feeHistory
		err := n.get(ctx, &h, "eth_feeHistory", "0x1", "latest", []float64{})
		hasTip := <-advised
		if err != nil {
			return quote{}, err
		}
		if len(h.Base) == 0 || h.Base[len(h.Base)-1] == nil {
			return quote{}, fmt.Errorf("%s: says no base fee", n.name)
		}
		q := quote{base: h.Base[len(h.Base)-1].ToInt()}
		if hasTip {
			q.tip = tip.ToInt()
		}
		return q, nil
	})
	if err != nil {
		return fees{}, err
	}
	return market(
		middle(replies, func(q quote) *big.Int { return q.base }),
		middle(replies, func(q quote) *big.Int { return q.tip }),
	), nil
}

// gas estimates what a call needs, and half as much again: the state may change until it is executed. It is a *Reverted when most
// nodes say that the call would revert.
func (s *Nodes) gas(ctx context.Context, m message) (uint64, error) {
	type estimate struct {
		gas    *big.Int
		revert error
	}
	replies, err := quick(ctx, s, func(ctx context.Context, n *node) (estimate, error) {
		var gas hexutil.Big
		err := n.get(ctx, &gas, "eth_estimateGas", m)
		if r, ok := errors.AsType[*Reverted](err); ok {
			return estimate{revert: r}, nil
		}
		return estimate{gas: gas.ToInt()}, err
	})
	if err != nil {
		return 0, err
	}
	var reverts int
	var why error
	for _, r := range replies {
		if r.value.revert != nil {
			reverts, why = reverts+1, r.value.revert
		}
	}
	if 2*reverts > len(replies) {
		return 0, why
	}
	gas := middle(replies, func(e estimate) *big.Int { return e.gas })
	if !gas.IsUint64() || gas.Uint64() > mostGas {
		return 0, fmt.Errorf("the endpoints of %s estimate %d gas", s.chain.Name, gas)
	}
	return gas.Uint64() + gas.Uint64()/2, nil
}

// mostGas is above the block gas limit of every chain that is watched.
const mostGas = 1 << 32
