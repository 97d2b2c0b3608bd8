package evm

import (
	"context"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"sync"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/common/hexutil"
	"github.com/ethereum/go-ethereum/core/types"

	"headwatch/config"
)

// Probe gives what tries a hook of kind evm as it would fire now. It reads the signer's files and connects nothing. Its
// errors show no secret.
func (a *Accounts) Probe(h config.Hook) (*Probe, error) {
	effect, err := NewEffect(h)
	if err != nil {
		return nil, err
	}
	return a.ProbeOf(h, effect)
}

// ProbeOf is Probe for another effect on the contract of a hook.
func (a *Accounts) ProbeOf(h config.Hook, effect Effect) (*Probe, error) {
	s, err := a.Signer(h.Signer)
	if err != nil {
		return nil, err
	}
	l2, err := a.Nodes(h.Chain)
	if err != nil {
		return nil, err
	}
	p := &Probe{Effect: effect, Signer: s, Target: network{l2}, MaxFee: limit(h.MaxFee), Ours: func(chain string, nonce uint64) bool {
		return a.ours(chain, s.Address(), nonce)
	}}
	// What a delayed inbox carries is paid for on its chain as well.
	if h.Via != config.ViaL1Deposit || l2.chain.Kind == config.KindArbitrum {
		p.Legs = append(p.Legs, LegProbe{Name: config.ViaL2, Network: network{l2}, Gas: h.GasLimit})
	}
	if h.Via == config.ViaL2 {
		return p, nil
	}
	l1, err := a.Nodes(l2.chain.L1)
	if err != nil {
		return nil, err
	}
	o, err := newOver1(l1, l2)
	if err != nil {
		return nil, err
	}
	leg := LegProbe{Name: config.ViaL1Deposit, Network: network{l1}, Closed: o.closed}
	if l2.chain.Kind == config.KindArbitrum {
		leg.Wrap = func(ctx context.Context, c Call) (Call, uint64, error) { return o.wouldDeliver(ctx, s.Address(), c) }
	} else {
		leg.Alias, leg.Astray = SenderOnL2, l2.disputed
		leg.Wrap = func(ctx context.Context, c Call) (Call, uint64, error) {
			return o.wrap(ctx, s.Address(), c, l2.gasOr(ctx, s.Address(), c, h.GasLimit))
		}
	}
	p.Legs = append(p.Legs, leg)
	return p, nil
}

// Ready implements hook.Readier.
func (h *Hook) Ready(ctx context.Context) error {
	p, err := h.accounts.ProbeOf(h.config, h.effect)
	if err != nil {
		return err
	}
	var remembering sync.WaitGroup
	remembering.Go(func() { _, _ = h.Estimate(ctx) }) // for the day when no node answers; what is wrong is in the probe's words
	defer remembering.Wait()
	return p.Ready(ctx)
}

// Steps implements hook.Prober.
func (h *Hook) Steps(ctx context.Context) []Step {
	p, err := h.accounts.ProbeOf(h.config, h.effect)
	if err != nil {
		return []Step{bad("configuration", err, "correct the configuration")}
	}
	return p.Steps(ctx)
}

// Sketch implements hook.Prober.
func (h *Hook) Sketch(ctx context.Context) (Drill, error) {
	p, err := h.accounts.ProbeOf(h.config, h.effect)
	if err != nil {
		return Drill{}, err
	}
	return p.Drill(ctx)
}

// ours reports whether a transaction of ours with that nonce is under way.
func (a *Accounts) ours(chain string, from common.Address, nonce uint64) bool {
	c := a.config.Chain(chain)
	a.mu.Lock()
	defer a.mu.Unlock()
	return c != nil && slices.ContainsFunc(a.drafts, func(d draft) bool {
		return d.ChainID == c.ChainID && d.From == from && d.Nonce == nonce
	})
}

// gasOr gives the configured gas of a call, else an estimate, else what does for most.
func (s *Nodes) gasOr(ctx context.Context, from common.Address, c Call, configured uint64) uint64 {
	if configured > 0 {
		return configured
	}
	gas, err := s.gas(ctx, c.message(from))
	if err != nil {
		return spareGas
	}
	return gas
}

// closed says why a portal or an inbox lets nothing through: both have paused(). One that has not cannot be paused.
func (o *over1) closed(ctx context.Context) (string, error) {
	to, err := o.l2.entrance(ctx)
	if err != nil {
		return "", err
	}
	values, err := look(ctx, o.l1, to, "paused()")
	switch {
	case reverted(err):
		return "", nil
	case err != nil:
		return "", err
	case values[0] == "true":
		return fmt.Sprintf("paused() of %s is true", to), nil
	}
	return "", nil
}

// wouldDeliver is a delivery through the inbox of a transaction that nobody has signed: the inbox looks only at its size.
func (o *over1) wouldDeliver(ctx context.Context, from common.Address, c Call) (Call, uint64, error) {
	none := new(big.Int).Lsh(big.NewInt(1), 255) // as long as a signature's numbers
	raw, err := types.NewTx(&types.DynamicFeeTx{
		ChainID: o.l2.id(), To: &c.To, Data: c.Data, Gas: spareGas, GasFeeCap: limit(1), GasTipCap: limit(1), V: big.NewInt(1), R: none, S: none,
	}).MarshalBinary()
	if err != nil {
		return Call{}, 0, fmt.Errorf("encode a transaction: %w", err)
	}
	inbox, err := o.l2.entrance(ctx)
	if err != nil {
		return Call{}, 0, err
	}
	call, err := InboxCall(inbox, raw)
	if err != nil {
		return call, 0, err
	}
	call.Text = c.Text + " through the delayed inbox"
	gas, err := o.l1.gas(ctx, call.message(from))
	return call, gas, err
}

// feeOracle is the GasPriceOracle of every OP Stack chain.
var feeOracle = common.HexToAddress("0x420000000000000000000000000000000000000F")

// reverted reports whether a contract itself refused.
func reverted(err error) bool {
	_, ok := errors.AsType[*Reverted](err)
	return ok
}

// network is a chain's nodes as a Probe asks them.
type network struct{ *Nodes }

func (n network) Name() string { return n.chain.Name }

// Strays asks every node anew which chain it is of: a provider may have changed it behind its URL.
func (n network) Strays(ctx context.Context) (wrong []string, usable int) {
	said := make([]error, len(n.nodes))
	var asking sync.WaitGroup
	for i, node := range n.nodes {
		asking.Go(func() {
			var id hexutil.Uint64
			if said[i] = node.get(ctx, &id, "eth_chainId"); said[i] == nil && uint64(id) != n.chain.ChainID {
				said[i] = fmt.Errorf("%s: is of chain %d, not %d", node.name, id, n.chain.ChainID)
			}
		})
	}
	asking.Wait()
	for _, err := range said {
		if err == nil {
			usable++
		} else {
			wrong = append(wrong, err.Error())
		}
	}
	return wrong, usable
}

func (n network) Account(ctx context.Context, address common.Address) (Account, error) {
	c, err := n.look(ctx, address, 1, nil)
	if err != nil {
		return Account{}, err
	}
	type said struct {
		funds *big.Int
		code  string
	}
	replies, err := quick(ctx, n.Nodes, func(ctx context.Context, node *node) (said, error) {
		var funds hexutil.Big
		var code hexutil.Bytes
		if err := node.get(ctx, &funds, "eth_getBalance", address, "latest"); err != nil {
			return said{}, err
		}
		err := node.get(ctx, &code, "eth_getCode", address, "latest")
		return said{funds.ToInt(), string(code)}, err
	})
	if err != nil {
		return Account{}, err
	}
	return Account{
		Funds: middle(replies, func(s said) *big.Int { return s.funds }), Mined: c.Latest, Pending: c.Pending, Code: []byte(replies[0].value.code),
	}, nil
}

// Price takes the base fee and the tip out of what would be offered now, which is twice the one and the other.
func (n network) Price(ctx context.Context) (*big.Int, error) {
	f, err := n.market(ctx)
	if err != nil {
		return nil, err
	}
	base := new(big.Int).Sub(f.Max, f.Tip)
	return base.Add(base.Rsh(base, 1), f.Tip), nil
}

func (n network) Gas(ctx context.Context, from common.Address, c Call) (uint64, error) {
	return n.gas(ctx, c.message(from))
}

// Posting asks the GasPriceOracle of an OP Stack chain (specs.optimism.io protocol/fjord/predeploys.md, getL1FeeUpperBound). On
// Arbitrum the gas holds it already.
func (n network) Posting(ctx context.Context, size int) (*big.Int, error) {
	if n.chain.Kind != config.KindOPStack {
		return new(big.Int), nil
	}
	out, err := n.Call(ctx, common.Address{}, feeOracle, packCall("getL1FeeUpperBound(uint256)", numberWord(uint64(size))))
	if err != nil && !reverted(err) {
		return nil, err
	}
	if len(out) != wordSize {
		return new(big.Int), nil // a chain from before Fjord, or without the contract
	}
	return new(big.Int).SetBytes(out), nil
}
