package evm

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/common/hexutil"

	"headwatch/config"
)

// Handover is what somebody wants to send in place of a hook.
type Handover struct {
	Resume bool           // what takes the pause back, and not what pauses
	Via    string         // l2 or l1-deposit; "" for the hook's ways, and for l2 to resume
	From   common.Address // who will send it; zero for not known
	Inside bool           // of a hook that acts through a Safe: what the Safe itself sends straight to its chain, without the module
}

// Transaction is one of a hook, unsigned.
type Transaction struct {
	Via     string        `json:"via"`   // l2 or l1-deposit
	Chain   string        `json:"chain"` // on which it is sent
	ChainID uint64        `json:"chain_id"`
	From    string        `json:"from,omitempty"` // with its checksum; absent when not known
	Who     string        `json:"who"`            // may send it
	To      string        `json:"to"`             // with its checksum
	Value   string        `json:"value"`          // in wei
	Data    hexutil.Bytes `json:"data"`
	Text    string        `json:"text"`
	Notes   []string      `json:"notes,omitempty"`
}

// Transactions gives what a hook sends that calls a contract, the direct way first. Nodes of the chain are asked only where the call or
// its gas depends on them; the deadline of ctx is obeyed.
func Transactions(ctx context.Context, c *config.Config, h config.Hook, o Handover) ([]Transaction, error) {
	if !h.OnChain() {
		return nil, fmt.Errorf("it is of kind %s, and only those of kind evm and uptime-feed call a contract", h.Kind)
	}
	chain := c.Chain(h.Chain)
	if chain == nil {
		return nil, errors.New("its chain is not known, for no circuit lists it: set chain")
	}
	via := o.Via
	if via == "" {
		if via = h.Via; o.Resume {
			via = config.ViaL2
		}
	}
	if o.Inside && h.Safe != "" && via == config.ViaL2 {
		o.From, h.Safe = common.HexToAddress(h.Safe), ""
		if h.Preset == safeModule.name {
			h.Preset = ""
		}
	}
	d := drawer{config: c, hook: h, want: o, chain: chain}
	direct, err := d.direct(ctx)
	if err != nil {
		return nil, err
	}
	if via == config.ViaL2 {
		return []Transaction{direct}, nil
	}
	deposit, err := d.deposit(ctx)
	switch {
	case via == config.ViaL1Deposit && err != nil:
		return nil, err
	case via == config.ViaL1Deposit:
		return []Transaction{deposit}, nil
	case err != nil:
		direct.Notes = append(direct.Notes, "through L1: "+err.Error())
		return []Transaction{direct}, nil
	}
	return []Transaction{direct, deposit}, nil
}

// drawer draws up the transactions of a hook.
type drawer struct {
	config *config.Config
	hook   config.Hook
	want   Handover
	chain  *config.Chain
	call   Call
	nodes  *Nodes
}

// direct gives the call on the contract's own chain.
func (d *drawer) direct(ctx context.Context) (Transaction, error) {
	e, err := NewEffect(d.hook)
	if err != nil {
		return Transaction{}, err
	}
	if d.nodes, err = NewNodes(*d.chain); err != nil {
		return Transaction{}, err
	}
	call := e.Call
	if d.want.Resume {
		call = e.Resume
	}
	if d.call, err = call(ctx, d.nodes); err != nil {
		return Transaction{}, err
	}
	t := d.transaction(config.ViaL2, d.chain, d.call)
	if d.hook.Safe != "" && !d.want.Resume {
		t.Notes = append(t.Notes, "the owners of the Safe need no module: --format safe gives the call inside")
	}
	return t, nil
}

func (d *drawer) transaction(via string, on *config.Chain, c Call) Transaction {
	t := Transaction{Via: via, Chain: on.Name, ChainID: on.ChainID, Who: d.who(), To: c.To.Hex(), Value: amountOf(c.Value).String(), Data: c.Data, Text: c.Text}
	if from := d.sender(); from != (common.Address{}) {
		t.From = from.Hex()
	}
	return t
}

// sender gives who sends: the person who asks, or else the signer; zero for not known.
func (d *drawer) sender() common.Address {
	if d.want.From != (common.Address{}) {
		return d.want.From
	}
	name := d.hook.Signer
	if d.want.Resume && d.hook.Kind == config.HookEVM {
		name = d.hook.ResumeSigner
	}
	if s := d.config.Signer(name); s != nil && !d.want.Inside {
		return common.HexToAddress(s.Address)
	}
	return common.Address{}
}

// who gives who may.
func (d *drawer) who() string {
	if d.hook.Safe != "" && !d.want.Resume {
		return "a module of the Safe " + d.hook.Safe
	}
	if d.hook.Kind == config.HookUptimeFeed {
		return "the feed's updater"
	}
	for _, p := range presets {
		if p.name == d.hook.Preset && d.want.Resume {
			return cmp.Or(p.back, p.who)
		} else if p.name == d.hook.Preset {
			return p.who
		}
	}
	return "whoever the contract admits"
}

// deposit gives the call of the portal on L1 that has the same effect.
func (d *drawer) deposit(ctx context.Context) (Transaction, error) {
	l1 := d.config.Chain(d.chain.L1)
	switch {
	case d.chain.Kind == config.KindArbitrum:
		return Transaction{}, errors.New("into the delayed inbox goes a transaction that the signer has signed, and nobody else can make it; send it straight to the chain")
	case d.chain.Kind != config.KindOPStack || l1 == nil:
		return Transaction{}, fmt.Errorf("chain %s takes no deposits", d.chain.Name)
	}
	portal, err := d.nodes.entrance(ctx)
	if err != nil {
		return Transaction{}, err
	}
	gas, notes := d.gas(ctx)
	t := d.transaction(config.ViaL1Deposit, l1, DepositCall(portal, d.call, gas))
	t.Text = fmt.Sprintf("deposits %s on %s with %d gas", d.call.Text, d.call.To, max(gas, MinimumGas(d.call.Data)))
	t.Notes = append(notes, d.aliased(), "on "+d.chain.Name+" it is executed before the transactions of users in the first block of its L1 block")
	return t, nil
}

// gas gives that of the call on its chain, and how it is known when it is not configured.
func (d *drawer) gas(ctx context.Context) (gas uint64, notes []string) {
	if d.hook.GasLimit > 0 {
		return d.hook.GasLimit, nil
	}
	from := d.sender()
	if from == (common.Address{}) {
		return spareGas, []string{fmt.Sprintf("%d gas on %s is a guess; set gas_limit, or say who sends it with --from", spareGas, d.chain.Name)}
	}
	gas, err := d.nodes.gas(ctx, d.call.message(from))
	if err != nil {
		return spareGas, []string{fmt.Sprintf("%d gas on %s is a guess, for it could not be estimated: %v", spareGas, d.chain.Name, err)}
	}
	return gas, nil
}

// aliased says who the contract will see.
func (d *drawer) aliased() string {
	from := d.sender()
	if from == (common.Address{}) {
		return fmt.Sprintf("%s sees a plain account as itself, and a contract on L1, such as a Safe, as its address + 0x1111000000000000000000000000000000001111: that one needs the right", d.chain.Name)
	}
	return fmt.Sprintf("if %s is a plain account, %s sees it as itself; if it is a contract on L1, such as a Safe, as %s: that one needs the right", from, d.chain.Name, Alias(from))
}
