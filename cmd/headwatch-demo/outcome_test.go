package main

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/ethereum/go-ethereum"
	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/core/types"
	"github.com/ethereum/go-ethereum/crypto"

	"headwatch"
)

// outcome is the end of a run, by the chains, the endpoints and the people. What the journal says is held against them.
type outcome struct {
	end    headwatch.ReportKind
	kills  int
	reorgs int
	sent   int           // times that an endpoint was handed a transaction
	lost   int           // times that it dropped or refused it
	offers int           // different transactions among them
	paged  bool          // that it was not confirmed in time
	took   time.Duration // from the firing to the end
	faults []string
}

func (v *outcome) fault(what string, args ...any) {
	v.faults = append(v.faults, fmt.Sprintf(what, args...))
}

// judge holds what happened against what was promised.
func (o *ordeal) judge(ctx context.Context) (v outcome, err error) {
	r, err := o.journal(ctx)
	if err != nil {
		return v, err
	}
	pauses, err := o.l2.FilterLogs(ctx, ethereum.FilterQuery{
		Addresses: []common.Address{o.net.Market()}, Topics: [][]common.Hash{{crypto.Keccak256Hash([]byte("Paused(address)"))}},
	})
	if err != nil {
		return v, fmt.Errorf("read the events of the market: %w", err)
	}
	o.mu.Lock()
	v.reorgs = o.reorgs
	v.faults = slices.Clone(o.wrongs)
	o.mu.Unlock()
	seen := o.transactions()
	v.transactions(seen, o.storm.maxFee)
	end := r.first(headwatch.ReportEffective, headwatch.ReportNeedless, headwatch.ReportForeign, headwatch.ReportVetoed)
	v.end = end.Kind
	if r.vetoed != (end.Kind == headwatch.ReportVetoed) {
		v.fault("vetoed: %t, and it ends with %q", r.vetoed, end.Kind)
	}
	switch {
	case r.vetoed && len(seen)+len(pauses) > 0:
		v.fault("vetoed, and yet %d transactions and %d pauses", len(seen), len(pauses))
	case !r.vetoed && len(pauses) != 1:
		v.fault("%d pauses on L2, want 1", len(pauses))
	}
	if f := r.first(headwatch.ReportFailed, headwatch.ReportUndone, headwatch.ReportLapsed, headwatch.ReportWithheld); f.Kind != "" {
		v.fault("it says %s: %s", f.Kind, f.Detail)
	}
	if end.Kind == "" {
		v.fault("nobody was told how it ended")
	}
	if end.Tx != "" {
		receipt, err := o.l2.TransactionReceipt(ctx, common.HexToHash(end.Tx))
		if err != nil || receipt.Status != types.ReceiptStatusSuccessful {
			v.fault("%s says %s, which is not on L2: %v", end.Kind, end.Tx, err)
		}
	}
	o.victim.change(func() { o.people(&v, r, end) })
	return v, nil
}

// transactions counts them, and holds each against what may be sent. One that left the signer and came to no endpoint, because its
// process was killed before it was kept, takes no nonce.
func (v *outcome) transactions(seen []sent, maxFee int) {
	offers := map[common.Hash]bool{}
	nonces := map[int64]uint64{}
	for _, s := range seen {
		from, err := types.Sender(types.LatestSignerForChainID(s.tx.ChainId()), s.tx)
		if err != nil || from != guardianAddress() || s.tx.ChainId().Int64() != s.chain {
			v.fault("%s got a transaction of %s for chain %s: %v", s.gate, from, s.tx.ChainId(), err)
		}
		if s.tx.GasFeeCap().Cmp(gwei(int64(maxFee))) > 0 {
			v.fault("%s got a fee of %s, above max_fee", s.gate, s.tx.GasFeeCap())
		}
		if s.gate == signerGate {
			continue
		}
		first, known := nonces[s.chain]
		if !known {
			nonces[s.chain] = s.tx.Nonce()
		} else if s.tx.Nonce() != first {
			v.fault("%s got nonce %d, and nonce %d was for the same incident", s.gate, s.tx.Nonce(), first)
		}
		offers[s.tx.Hash()] = true
		v.sent++
		if s.lost {
			v.lost++
		}
	}
	v.offers = len(offers)
}

// slack is how much later than promised a page may be on a busy machine that also has to start the process again.
const slack = 5 * time.Second

// people holds what they were told. The caller holds the victim's lock.
func (o *ordeal) people(v *outcome, r records, end headwatch.Report) {
	rang := func(words string) bool {
		return slices.ContainsFunc(o.victim.requests, func(q request) bool {
			return q.channel == "on-call" && q.kind == "trigger" && q.severity == "critical" && q.answered && bytes.Contains(q.body, []byte(words))
		})
	}
	v.kills = len(o.victim.kills)
	if !rang("") {
		v.fault("nobody was paged of the trip")
	}
	// The time within which it has to be confirmed counts from the firing, and of what is on L1 from then on, or from the life that sees
	// the L2 come back.
	fired, unconfirmed := r.first(headwatch.ReportFired), r.first(headwatch.ReportUnconfirmed)
	if fired.Kind != "" {
		v.took = end.At.Sub(fired.At)
	}
	since := fired.At
	if d := r.first(headwatch.ReportDeposited); d.At.After(since) {
		since = d.At
	}
	for _, k := range o.victim.kills {
		if since != fired.At && k.After(since) && k.Before(end.At) {
			since = k
		}
	}
	v.paged = unconfirmed.Kind != ""
	switch late := end.At.Sub(since); {
	case v.paged && !rang("NOT CONFIRMED"):
		v.fault("not confirmed, says the journal, and nobody was paged of it")
	case v.paged && unconfirmed.At.Sub(fired.At) < confirmWithin:
		v.fault("paged that it is not confirmed after %s", unconfirmed.At.Sub(fired.At))
	case !v.paged && !r.vetoed && late > confirmWithin+slack:
		v.fault("in effect %s late, and nobody was paged of it", late)
	}
	if i := bytes.Index(o.victim.log.Bytes(), []byte("WARNING: DATA RACE")); i >= 0 {
		v.fault("%s", o.victim.log.Bytes()[i:])
	}
}
