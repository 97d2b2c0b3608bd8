package watcher

import (
	"fmt"
	"time"

	"headwatch"
	"headwatch/config"
)

// batcher is what an L2 knows, by its L1, of the account that pays for its batches.
type batcher struct {
	address string // in lower case; empty when it is not watched
	account account
	lowFrom time.Time // when it was first seen to hold less than it should; zero while it holds enough
}

// watchFunds keeps account of the batcher's funds, after the witness changed.
func (v *View) watchFunds() {
	b := &v.batcher
	if b.address == "" || v.witness.Ledger == nil {
		return
	}
	b.account = (*v.witness.Ledger)[b.address]
	switch {
	case b.account.at.IsZero() || config.Ether(b.account.balance) >= v.chain.BatcherFunds:
		b.lowFrom = time.Time{}
	case b.lowFrom.IsZero():
		b.lowFrom = b.account.at
	}
}

// assessBatcher tells what is wrong with the batcher's account. An L1 that does not answer makes it neither silent nor
// poor: what was agreed of the account must be recent.
func (v *View) assessBatcher(now time.Time) {
	b := &v.batcher
	if b.account.at.IsZero() || now.Sub(b.account.at) >= accountFor {
		return
	}
	if !b.lowFrom.IsZero() {
		v.find(headwatch.Finding{
			Condition: headwatch.BatcherLowFunds, Since: b.lowFrom, Value: now.Sub(b.lowFrom),
			Detail: fmt.Sprintf("%s left, less than %s", config.Ether(b.account.balance), v.chain.BatcherFunds),
		})
	}
	// While either chain stood still there was nothing to post, or nowhere to post it.
	since := later(b.account.rose, later(v.resumed, v.witness.Resumed))
	standing := !v.agreed || now.Sub(v.advanced) >= v.limit || v.blinded(now)
	if silence := v.chain.BatcherSilence.D(); !standing && b.account.at.Sub(since) >= silence {
		v.find(headwatch.Finding{
			Condition: headwatch.BatcherSilent, Since: since, Value: now.Sub(since), Limit: silence,
			Detail: fmt.Sprintf("it has sent %d transactions, and none since", b.account.nonce),
		})
	}
}
