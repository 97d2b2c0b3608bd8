package evm

import (
	"context"
	"fmt"
	"time"

	"github.com/ethereum/go-ethereum/core/types"
)

// sign makes and keeps the next draft. The first takes a nonce, the others are the first with other fees.
func (l *leg) sign(ctx context.Context, incident string, p progress, head uint64, what func() (Call, uint64, error)) (draft, error) {
	tx := &types.DynamicFeeTx{ChainID: l.nodes.id(), GasTipCap: p.Last.Fees.Tip, GasFeeCap: p.Last.Fees.Max}
	if p.begun() {
		first, err := p.Drafts[0].transaction()
		if err != nil {
			return draft{}, err
		}
		tx.Nonce, tx.To, tx.Value, tx.Data, tx.Gas = first.Nonce(), first.To(), first.Value(), first.Data(), first.Gas()
	} else {
		if p.doubt {
			return draft{}, fmt.Errorf("two operators of %s disagree on the nonce of %s, and a third has to answer", l.nodes.chain.Name, l.signer.Address())
		}
		call, gas, err := what()
		if err != nil {
			return draft{}, err
		}
		tx.To, tx.Value, tx.Data, tx.Gas = &call.To, call.Value, call.Data, gas
		of := account{l.nodes.chain.ChainID, l.signer.Address()}
		done, err := l.accounts.turn(ctx, of)
		if err != nil {
			return draft{}, fmt.Errorf("wait for a nonce: %w", err)
		}
		defer done()
		tx.Nonce = l.accounts.nonce(of, p.free)
	}
	return l.commit(ctx, incident, l.name, len(p.Drafts)+1, head, tx)
}

// commit signs and keeps a draft. One that may be kept in its place already is kept again instead.
func (l *leg) commit(ctx context.Context, incident, name string, number int, head uint64, tx *types.DynamicFeeTx) (draft, error) {
	d, doubtful := l.accounts.doubted(draft{Incident: incident, Hook: l.hook, Leg: name, Number: number}.place())
	if !doubtful {
		signed, err := l.signer.Sign(ctx, types.NewTx(tx), l.nodes.id())
		if err != nil {
			return draft{}, fmt.Errorf("sign: %w", err)
		}
		if d, err = newDraft(incident, l.hook, name, number, signed, l.signer.Address(), head, time.Now()); err != nil {
			return draft{}, err
		}
	}
	d, err := l.accounts.keep(ctx, d)
	if err != nil {
		return draft{}, fmt.Errorf("keep the transaction: %w", err)
	}
	l.count(txSigned)
	return d, nil
}
