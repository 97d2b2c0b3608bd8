package evm

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/ethereum/go-ethereum/common/hexutil"
	"github.com/ethereum/go-ethereum/core/types"

	"headwatch"
	"headwatch/config"
)

// ways drives every leg one step and says how far each way is. A way through L1 does not wait for nodes of L2 that hang; of
// Arbitrum it needs what is signed for L2.
func (h *Hook) ways(ctx context.Context, e errand) []way {
	var direct, deposit way
	var both sync.WaitGroup
	if h.l2 != nil {
		both.Go(func() { direct = alone(config.ViaL2, func() way { return h.direct(ctx, e) }) })
		if h.over != nil && h.over.chain.Kind == config.KindArbitrum {
			both.Wait()
		}
	}
	if h.l1 != nil {
		both.Go(func() { deposit = alone(config.ViaL1Deposit, func() way { return h.deposit(ctx, e) }) })
	}
	both.Wait()
	if direct.Lost && deposit.Seen {
		direct.Failed = "its nonce went to the deposit, which counts up the account's nonce on L2 too"
	}
	var all []way
	if h.l2 != nil {
		all = append(all, direct)
	}
	if h.l1 != nil {
		all = append(all, deposit)
	}
	return all
}

var errBarred = errors.New("it must not begin now")

// direct is the way of a transaction on the contract's own chain.
func (h *Hook) direct(ctx context.Context, e errand) way {
	p := h.l2.drive(ctx, e.key, e.holds, func(ctx context.Context) (Call, uint64, error) {
		call, err := e.effect.Call(ctx, h.target)
		if err != nil {
			return call, 0, fmt.Errorf("make the call: %w", err)
		}
		gas, err := h.estimate(ctx, call)
		if err == nil && e.barred != nil && e.barred() {
			err = errBarred
		}
		return call, gas, err
	})
	w := h.newWay(ctx, config.ViaL2, e, p)
	if p.Receipt.Receipt != nil {
		h.executed(ctx, &w, p.Receipt, p.Last.Do == actLanded)
	}
	return w
}

// deposit is the way of a transaction on L1.
func (h *Hook) deposit(ctx context.Context, e errand) way {
	p := h.l1.drive(ctx, e.key, e.holds, func(ctx context.Context) (Call, uint64, error) { return h.wrap(ctx, e) })
	w := h.newWay(ctx, config.ViaL1Deposit, e, p)
	if p.Receipt.Receipt == nil {
		return w
	}
	final := p.Last.Do == actLanded
	if p.Receipt.Status != types.ReceiptStatusSuccessful {
		if final {
			w.Failed = fmt.Sprintf("the deposit reverted in L1 block %d", p.Receipt.BlockNumber)
		}
		return w
	}
	on2, err := h.over.follow(ctx, p.Receipt.Receipt)
	w.Tx = p.Receipt.TxHash
	switch {
	case err != nil && final:
		w.Deposited, w.Why, w.Trouble = true, fmt.Sprintf("deposited in L1 block %d; the nodes of %s do not answer: it cannot be seen whether it is in effect (%v)",
			p.Receipt.BlockNumber, h.config.Chain, err), true
		w.Since = h.since(ctx, e, on2)
	case err != nil:
	case on2.Receipt.Receipt != nil:
		h.executed(ctx, &w, on2.Receipt, final && on2.Receipt.Depth >= h.l1.rules.Confirmations)
	case final && on2.Dropped:
		w.Failed = fmt.Sprintf("%s has passed L1 block %d without the deposit", h.config.Chain, on2.From)
	}
	if final && w.Failed == "" && !w.Executed && err == nil {
		w.Deposited = true
		w.Why = fmt.Sprintf("the deposit is in L1 block %d; %s executes it as %s", on2.From, h.config.Chain, on2.Hash)
		if !on2.Seen {
			w.Why += fmt.Sprintf("; the nodes of %s do not answer: it cannot be seen whether it is in effect", h.config.Chain)
		}
		w.Since = h.since(ctx, e, on2)
	}
	return w
}

// since gives from when on a deposit may be expected to be seen as executed: when L1 had it, or L2 came back, or nobody could be asked
// any more; zero while L2 is seen to be down.
func (h *Hook) since(ctx context.Context, e errand, p passage) time.Time {
	now := time.Now()
	h.mu.Lock()
	switch {
	case p.Seen && !p.Live:
		h.down, h.alive = now, time.Time{}
	case p.Live && h.alive.IsZero():
		h.alive = now
	}
	begin := e.memory.began
	if p.Live {
		begin = h.alive
	} else if h.down.After(begin) {
		begin = h.down
	}
	h.mu.Unlock()
	if p.Seen && !p.Live {
		return time.Time{}
	}
	if on1 := h.over.l1.at(ctx, hexutil.EncodeUint64(p.From)); on1.After(begin) {
		return on1
	}
	return begin
}

// newWay says of a leg's progress what is the same for all ways, and reports that it was sent.
func (h *Hook) newWay(ctx context.Context, name string, e errand, p progress) way {
	w := way{Name: name, Begun: p.begun(), Why: p.Last.Why}
	if p.begun() {
		newest := p.Drafts[len(p.Drafts)-1]
		w.Tx = newest.hash
		if p.Took.any() {
			detail := fmt.Sprintf("%s: nonce %d, at most %s per gas; %s", name, newest.Nonce, perGas(newest.Max.ToInt()), p.Took)
			h.mu.Lock()
			if read := e.memory.read; name == config.ViaL1Deposit && !read.IsZero() {
				detail += "; no node of " + h.config.Chain + " answers: made of what the contract read at " + read.UTC().Format(time.TimeOnly)
			}
			h.mu.Unlock()
			if h.report(ctx, e, line{headwatch.ReportSent, newest.hash, detail}) != nil {
				w.Why = "the journal takes no report" // the next attempt sends it again, and reports that
			}
		}
	}
	if w.Lost = p.Last.Do == actLost; w.Lost {
		w.Failed = fmt.Sprintf("another transaction used nonce %d of account %s: somebody else has its key, or nobody followed the hook meanwhile", p.Drafts[0].Nonce, p.Drafts[0].From)
	}
	if p.Trouble != nil {
		w.Why, w.Trouble = p.Trouble.Error(), true
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if w.Begun && p.Drafts[0].At.Before(e.memory.began) {
		e.memory.began = p.Drafts[0].At
	}
	if _, reverts := errors.AsType[*Reverted](p.Trouble); !w.Begun && reverts && (e.blind == nil || !e.blind()) {
		if e.memory.reverting.IsZero() {
			e.memory.reverting = time.Now()
		}
		if time.Since(e.memory.reverting) >= h.config.ReplaceAfter.D() { // nodes that lagged have caught up
			w.Failed = "nothing was sent: " + p.Trouble.Error()
		}
	} else if w.Begun || reverts { // what is under way may change that
		e.memory.reverting = time.Time{}
	}
	return w
}

// executed notes the receipt on the contract's chain.
func (h *Hook) executed(ctx context.Context, w *way, r confirmed, final bool) {
	w.Seen, w.Block, w.Tx = true, r.BlockNumber.Uint64(), r.TxHash
	if !final {
		return
	}
	w.Executed, w.OK = true, r.Status == types.ReceiptStatusSuccessful
	w.Time = h.target.at(ctx, hexutil.EncodeUint64(w.Block))
}
