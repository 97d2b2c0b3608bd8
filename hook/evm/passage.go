package evm

import (
	"context"
	"errors"
	"fmt"
	"math/big"
	"time"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/common/hexutil"
	"github.com/ethereum/go-ethereum/core/types"
	"github.com/ethereum/go-ethereum/params"
	"golang.org/x/sync/errgroup"

	"headwatch/config"
)

const (
	// spareGas is what a call on L2 gets when no node can estimate it and none has before: a pool with 60 reserves takes most of it.
	spareGas = 2_000_000

	// lively is how old the newest block of a chain may be that is not down.
	lively = time.Minute
)

// passage is what became on L2 of what has its confirmations on L1.
type passage struct {
	Hash    common.Hash // of the transaction on L2
	From    uint64      // block on L1 that it is in
	Receipt confirmed   // on L2
	Dropped bool        // L2 has gone past that block and does not have it
	Seen    bool        // its nodes answer
	Live    bool        // L2 seals blocks now
}

// over1 is the way of a call through the L1 of its chain.
type over1 struct {
	chain  config.Chain
	l1, l2 *Nodes
}

func newOver1(l1, l2 *Nodes) (*over1, error) {
	if hint := l2.chain.NoEntrance(); hint != "" {
		return nil, fmt.Errorf("there is no way into %s from its L1: %s", l2.chain.Name, hint)
	}
	return &over1{l2.chain, l1, l2}, nil
}

// wrap gives the call on L1 that deposits a call, and its gas there.
func (o *over1) wrap(ctx context.Context, from common.Address, call Call, gas uint64) (Call, uint64, error) {
	portal, err := o.l2.entrance(ctx)
	if err != nil {
		return call, 0, err
	}
	gas = max(gas, MinimumGas(call.Data))
	call = DepositCall(portal, call, gas)
	var limit, metered uint64
	var asking errgroup.Group
	asking.Go(func() (err error) {
		if limit, err = o.l1.gas(ctx, call.message(from)); err != nil {
			err = fmt.Errorf("deposit through the portal: %w", err)
		}
		return err
	})
	asking.Go(func() (err error) {
		metered, err = o.meter(ctx, call, gas)
		return err
	})
	if err := asking.Wait(); err != nil {
		return call, 0, err
	}
	return call, min(max(limit, metered), params.MaxTxGas), nil
}

// meter gives the gas on L1 for which the portal sells gas on L2 also after others have bought from it; 0 when its market cannot
// be read.
func (o *over1) meter(ctx context.Context, call Call, gas uint64) (uint64, error) {
	ask := MeteringCall(call.To)
	var m Metering
	var unmetered error
	var head uint64
	var f fees
	var asking errgroup.Group
	asking.Go(func() error {
		out, err := o.l1.Call(ctx, common.Address{}, ask.To, ask.Data)
		if err == nil {
			m, err = ParseMetering(out)
		}
		unmetered = err
		return nil
	})
	asking.Go(func() error {
		replies, err := poll(ctx, o.l1, func(context.Context, *node, uint64) (struct{}, error) { return struct{}{}, nil })
		head = reached(len(replies), heads(replies))
		return err
	})
	asking.Go(func() (err error) {
		f, err = o.l1.market(ctx)
		return err
	})
	err := asking.Wait()
	switch {
	case unmetered != nil:
		return 0, nil
	case err != nil:
		return 0, err
	}
	base := new(big.Int).Sub(f.Max, f.Tip)
	return m.DepositGas(call, gas, head+1, base.Rsh(base, 1))
}

// message is the call as nodes take it.
func (c Call) message(from common.Address) message {
	m := message{From: from, To: c.To, Data: c.Data}
	if c.Value != nil {
		m.Value = (*hexutil.Big)(c.Value)
	}
	return m
}

// follow looks on L2 for what a receipt on L1 has sent there.
func (o *over1) follow(ctx context.Context, on1 *types.Receipt) (passage, error) {
	p := passage{From: on1.BlockNumber.Uint64()}
	to, err := o.l2.entrance(ctx)
	if err != nil {
		return p, err
	}
	if o.chain.Kind == config.KindArbitrum {
		d, err := DeliveredIn(to, on1.Logs)
		if err != nil {
			return p, err
		}
		p.Hash = d.Tx.Hash()
	} else {
		d, err := DepositIn(to, on1.Logs)
		if err != nil {
			return p, err
		}
		p.Hash = d.Hash()
	}
	newest := o.l2.at(ctx, "latest")
	p.Seen, p.Live = !newest.IsZero(), time.Since(newest) < lively
	type said struct {
		passed  bool
		receipt *types.Receipt
	}
	replies, err := poll(ctx, o.l2, func(ctx context.Context, n *node, _ uint64) (said, error) {
		var s said
		if o.chain.Kind == config.KindOPStack {
			s.passed = passed(ctx, n, p.From) // before the receipt: what is not there then will never be
		}
		err := n.get(ctx, &s.receipt, "eth_getTransactionReceipt", p.Hash)
		return s, err
	})
	if err != nil {
		return p, err
	}
	p.Receipt, _ = agreed(replies, func(s said) *types.Receipt { return s.receipt })
	gone := 0
	for _, r := range replies {
		if r.value.passed && r.value.receipt == nil {
			gone++
		}
	}
	p.Dropped = 2*gone > o.l2.peers
	return p, nil
}

// passed reports whether the newest block of a node follows a later block of L1 than that one.
func passed(ctx context.Context, n *node, block uint64) bool {
	ask := OriginCall()
	out, err := n.Call(ctx, common.Address{}, ask.To, ask.Data)
	if err != nil {
		return false
	}
	origin, err := ParseOrigin(out)
	return err == nil && origin > block
}

var errNotYet = errors.New("waits for the transaction on L2 to be signed")
