package evm

import (
	"context"
	"fmt"
	"math/big"
	"strconv"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/params"

	"headwatch/config"
)

// Margins of readiness: fees are many times higher on the worst day, and an account that is just funded well enough today is not
// then. Three replacements raise an offer by a tenth each.
const (
	feeMargin    = 10
	leastMaxFee  = 2 // times today's fee
	replacements = 3

	overhead   = 150     // bytes of a transaction around its data, with some to spare
	assumedGas = 300_000 // of a call that cannot be estimated
)

// tryLeg looks at the transaction that would go one way: whether the way is open, what it would cost, and whether its account
// could pay and send it at once.
func (p *Probe) tryLeg(ctx context.Context, w LegProbe, call Call) []Step {
	d, steps := p.sketch(ctx, w, call)
	if d == nil {
		return steps
	}
	on, from := " on "+w.Network.Name(), p.Signer.Address()
	needed := d.Needed()
	if least := times(d.Price, leastMaxFee); p.MaxFee.Cmp(least) < 0 {
		steps = append(steps, bad("max_fee"+on, fmt.Errorf("max_fee %s is less than twice today's fee%s, %s", perGas(p.MaxFee), on, perGas(d.Price)),
			"raise max_fee: a transaction that offers too little is not mined"))
	} else {
		steps = append(steps, good("max_fee"+on, fmt.Sprintf("%s, today's fee is %s", perGas(p.MaxFee), perGas(d.Price))))
	}
	if d.Funds.Cmp(needed) < 0 {
		missing := new(big.Int).Sub(needed, d.Funds)
		steps = append(steps, bad("funds"+on, fmt.Errorf("account %s has %s%s and needs %s: %d gas at ten times today's fee and three replacements",
			from, ether(d.Funds, false), on, ether(needed, true), d.Gas), fmt.Sprintf("send it %s or more", ether(missing, true))))
	} else {
		steps = append(steps, good("funds"+on, fmt.Sprintf("%s, of which %s would do", ether(d.Funds, false), ether(needed, true))))
	}
	return append(steps, p.tryNonce(d, on, from))
}

func (p *Probe) tryNonce(d *Sketch, on string, from common.Address) Step {
	what, foreign := "nonce"+on, uint64(0)
	for n := d.Nonce; n < d.Pending; n++ {
		if p.Ours == nil || !p.Ours(d.Chain, n) {
			foreign++
		}
	}
	switch {
	case foreign > 0:
		return bad(what, fmt.Errorf("account %s has unmined transactions%s (%d, from nonce %d): the hook's would wait behind them", from, on, foreign, d.Nonce),
			"have them mined or replaced, and use the account for nothing else")
	case d.Pending > d.Nonce:
		return good(what, fmt.Sprintf("%d of our own are under way", d.Pending-d.Nonce))
	}
	return good(what, fmt.Sprintf("%d, nothing waits before it", d.Nonce))
}

// Sketch is the transaction that a hook would send on one leg, as of now.
type Sketch struct {
	Leg     string         `json:"leg"`
	Chain   string         `json:"chain"`
	From    common.Address `json:"from"`
	Sender  common.Address `json:"sender"`   // msg.sender at the contract
	Wraps   bool           `json:"deposits"` // the transaction on the contract's chain follows from this one, and has a hash of its own
	Call    Call           `json:"-"`
	Nonce   uint64         `json:"nonce"`
	Pending uint64         `json:"-"`
	Gas     uint64         `json:"gas"`
	Price   *big.Int       `json:"price_wei"`   // per unit of gas, today
	Posting *big.Int       `json:"posting_wei"` // of its bytes on the L1, today
	Funds   *big.Int       `json:"funds_wei"`
	most    *big.Int
}

// Cost is what it would cost today.
func (d *Sketch) Cost() *big.Int {
	cost := new(big.Int).Mul(new(big.Int).SetUint64(d.Gas), d.Price)
	return d.worth(cost.Add(cost, d.Posting))
}

// Needed is what its account should hold: for ten times today's fee and three replacements, but never more than max_fee allows.
func (d *Sketch) Needed() *big.Int {
	price := times(d.Price, feeMargin)
	for range replacements {
		price = tenthMore(price)
	}
	cost := new(big.Int).Mul(new(big.Int).SetUint64(d.Gas), lower(price, d.most))
	return d.worth(cost.Add(cost, times(d.Posting, feeMargin)))
}

func (d *Sketch) worth(cost *big.Int) *big.Int {
	if d.Call.Value != nil {
		cost.Add(cost, d.Call.Value)
	}
	return cost
}

// sketch makes the transaction of one way. It is nil when it cannot be made: then the steps say why.
func (p *Probe) sketch(ctx context.Context, w LegProbe, call Call) (*Sketch, []Step) {
	var steps []Step
	on, from := " on "+w.Network.Name(), p.Signer.Address()
	fail := func(what string, err error, do string) (*Sketch, []Step) {
		return nil, append(steps, bad(what+on, err, do))
	}
	if w.Astray != nil {
		if err := w.Astray(ctx); err != nil {
			steps = append(steps, bad("way through"+on, fmt.Errorf("what is deposited may get to another chain: %w", err),
				"see that the chain's portal is the right address, and that its rollup endpoints are of the chain"))
		}
	}
	if w.Closed != nil {
		why, err := w.Closed(ctx)
		switch {
		case err != nil:
			return fail("way through", fmt.Errorf("whether the way through %s is open cannot be read: %w", w.Network.Name(), err), "see that the chain's portal or inbox is the right address")
		case why != "":
			steps = append(steps, bad("way through"+on, fmt.Errorf("the way through %s is closed: %s", w.Network.Name(), why), "nothing gets through until it is opened: set via = \"l2\" or \"both\" meanwhile"))
		default:
			steps = append(steps, good("way through"+on, "open"))
		}
	}
	d := &Sketch{Leg: w.Name, Chain: w.Network.Name(), From: from, Sender: from, Call: call, most: p.MaxFee}
	a, err := w.Network.Account(ctx, from)
	if err != nil {
		return fail("account", fmt.Errorf("account %s cannot be read: %w", from, err), noEndpoint)
	}
	d.Nonce, d.Pending, d.Funds = a.Mined, a.Pending, a.Funds
	if w.Alias != nil {
		d.Wraps = true
		d.Sender = w.Alias(from, a.Code)
	}
	switch {
	case w.Wrap != nil:
		if d.Call, d.Gas, err = w.Wrap(ctx, call); err == nil {
			_, err = w.Network.Call(ctx, from, d.Call.To, d.Call.Data)
		}
		if err != nil {
			return fail("transaction", fmt.Errorf("the call cannot be sent through %s: %w", w.Network.Name(), err), "see that the chain's portal or inbox is the right address")
		}
	case w.Gas > 0:
		d.Gas = w.Gas
	default:
		if d.Gas, err = w.Network.Gas(ctx, from, d.Call); err != nil {
			d.Gas = assumedGas // it would fail now: that is said of the call, or it is in effect already
		}
	}
	if d.Price, err = w.Network.Price(ctx); err == nil {
		d.Posting, err = w.Network.Posting(ctx, len(d.Call.Data)+overhead)
	}
	if err != nil {
		return fail("fee", fmt.Errorf("today's fee%s cannot be read: %w", on, err), noEndpoint)
	}
	return d, steps
}

func times(v *big.Int, n int64) *big.Int { return new(big.Int).Mul(v, big.NewInt(n)) }

// ether writes an amount to the gwei; what is needed is rounded up.
func ether(wei *big.Int, up bool) string {
	g := new(big.Int).Set(wei)
	if up {
		g.Add(g, big.NewInt(params.GWei-1))
	}
	if g.Div(g, big.NewInt(params.GWei)); !g.IsUint64() {
		return wei.String() + " wei"
	}
	return config.Ether(g.Uint64()).String()
}

// perGas writes a price with three digits.
func perGas(wei *big.Int) string {
	f, _ := new(big.Rat).SetFrac(wei, big.NewInt(params.GWei)).Float64()
	rounded, _ := strconv.ParseFloat(strconv.FormatFloat(f, 'g', 3, 64), 64) // of what was just written
	return strconv.FormatFloat(rounded, 'f', -1, 64) + " gwei"
}
