package evm

import (
	"context"
	"encoding/json"
	"fmt"
	"math/big"

	"github.com/ethereum/go-ethereum/common/hexutil"
)

// Drill is what a hook would do if it fired now. Nothing of it is sent or kept.
type Drill struct {
	Chain   string    `json:"chain"` // of the contract
	Text    string    `json:"call"`  // for people: setPoolPause(true, 14400)
	To      string    `json:"to"`
	Holds   bool      `json:"in_effect"` // the contract is there already: the hook would send nothing
	Sends   []*Sketch `json:"sends"`     // one for each transaction, in the order of the legs
	Trouble []Step    `json:"trouble,omitempty"`
}

// Drill makes all transactions that the hook would send now, unsigned, and reads the contract back. A leg that could not go
// is missing in Sends, and in Trouble instead. The error says that not even the call can be made.
func (p *Probe) Drill(ctx context.Context) (Drill, error) {
	d := Drill{Chain: p.Target.Name(), Sends: []*Sketch{}}
	call, err := p.Effect.Call(ctx, p.Target)
	if err != nil {
		return d, fmt.Errorf("make the call on %s: %w", d.Chain, err)
	}
	d.Text, d.To = call.Text, call.To.Hex()
	if d.Holds, err = p.Effect.Holds(ctx, p.Target); err != nil {
		d.Trouble = append(d.Trouble, bad("read-back on "+d.Chain, err, "correct to, read and read_args, or the preset"))
	}
	for _, leg := range p.Legs {
		sketch, steps := p.sketch(ctx, leg, call)
		for _, s := range steps {
			if !s.OK {
				d.Trouble = append(d.Trouble, s)
			}
		}
		if sketch != nil {
			d.Sends = append(d.Sends, sketch)
		}
	}
	return d, nil
}

// MarshalJSON adds the transaction's fields in hex, and what it costs.
func (d *Sketch) MarshalJSON() ([]byte, error) {
	value := d.Call.Value
	if value == nil {
		value = new(big.Int)
	}
	type plain Sketch
	return json.Marshal(struct {
		*plain
		To     string        `json:"to"`
		Data   hexutil.Bytes `json:"data"`
		Value  *big.Int      `json:"value_wei"`
		Cost   *big.Int      `json:"cost_wei"`   // today
		Needed *big.Int      `json:"needed_wei"` // that its account should hold
	}{(*plain)(d), d.Call.To.Hex(), d.Call.Data, value, d.Cost(), d.Needed()})
}

// Words says an amount as people do.
func (d *Sketch) Words() (price, cost, funds string) {
	return perGas(d.Price), ether(d.Cost(), true), ether(d.Funds, false)
}
