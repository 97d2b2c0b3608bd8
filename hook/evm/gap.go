package evm

import (
	"context"
	"fmt"
	"math/big"
	"time"

	"github.com/ethereum/go-ethereum/core/types"
)

// idle is how long after a start a draft that nobody has followed yet counts as followed: by then every delivery was tried again.
const idle = time.Minute

// gaps are what is known of nonces that hold up others. A draft is left over when its delivery ended without it: its hook was
// switched off, or is in the configuration no more. It must not be sent then, and what was signed after it waits for its nonce.
//
// What this process has begun to follow it follows to its end, however long a journal or a node keeps it from the next attempt.
type gaps struct {
	idle     time.Duration      // idle, except in tests
	loaded   time.Time          // since when it is known what is kept, and may be followed; zero before
	followed map[over]bool      // by this process
	seen     map[hole]time.Time // since when nothing is known that would use it up
}

// hole is a nonce that holds up others.
type hole struct {
	account
	nonce uint64
}

func newGaps() gaps {
	return gaps{idle: idle, followed: map[over]bool{}, seen: map[hole]time.Time{}}
}

// follow notes that an errand is followed from now on, until it ends.
func (a *Accounts) follow(incident, hook string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.gaps.followed[over{incident, hook, true}] = true
}

// leftOver reports whether nobody follows a draft any more. The caller has the lock.
func (a *Accounts) leftOver(d draft, now time.Time) bool {
	if a.gaps.followed[d.end()] {
		return false
	}
	h := a.config.Hook(d.Hook)
	return h == nil || !h.Acts() || now.Sub(a.gaps.loaded) >= a.gaps.idle
}

// ahead says what a draft waits for whose nonce is not the account's next, which is latest; "" when it is. stuck reports that this
// nonce has to be used up for it: nobody sends what was signed with it, or for a while nobody is seen to.
func (a *Accounts) ahead(d draft, latest uint64, now time.Time, patience time.Duration) (why string, stuck bool) {
	if d.Nonce <= latest {
		return "", false
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	var old *draft
	for _, o := range a.drafts {
		if o.account() != d.account() || o.end() == d.end() || o.Nonce < latest || o.Nonce >= d.Nonce {
			continue
		}
		if !a.leftOver(o, now) {
			return fmt.Sprintf("nonce %d of account %s waits behind %d, of hook %s for %s", d.Nonce, d.From, o.Nonce, o.Hook, o.Incident), false
		}
		if o.Nonce == latest {
			old = &o
		}
	}
	if old != nil {
		return fmt.Sprintf("nonce %d of account %s waits behind %d, of hook %s for %s, which is not sent any more: an empty transaction takes its place",
			d.Nonce, d.From, latest, old.Hook, old.Incident), true
	}
	at := hole{d.account(), latest}
	since, ok := a.gaps.seen[at]
	if !ok {
		since = now
		a.gaps.seen[at] = now
	}
	return fmt.Sprintf("nonce %d of account %s waits for %d, which this headwatch has not signed", d.Nonce, d.From, latest), now.Sub(since) >= patience
}

// rivals gives the most that is offered by what others signed with a nonce; nil when nobody did.
func (a *Accounts) rivals(of account, nonce uint64, mine over) *fees {
	a.mu.Lock()
	defer a.mu.Unlock()
	var most *fees
	for _, d := range a.drafts {
		if d.account() != of || d.Nonce != nonce || d.end() == mine {
			continue
		}
		f := d.offer().Fees
		if most != nil {
			f = fees{higher(f.Tip, most.Tip), higher(f.Max, most.Max)}
		}
		most = &f
	}
	return most
}

// fill uses up a nonce that holds up a draft, by an empty transaction of the account to itself that offers more than what was
// signed with it before. Whichever of them lands, the draft is next. It is kept, sent and outbid like the draft itself.
func (l *leg) fill(ctx context.Context, d draft, nonce, head uint64) error {
	market, err := l.nodes.market(ctx)
	if err != nil {
		return err
	}
	slot := fmt.Sprintf("%s-gap%d", l.name, nonce)
	fillers, err := l.accounts.kept(ctx, d.Incident, l.hook, slot)
	if err != nil {
		return fmt.Errorf("read what is kept: %w", err)
	}
	if old := l.accounts.rivals(d.account(), nonce, d.end()); old != nil && len(fillers) == 0 {
		above, ok := old.replace(market, l.rules.MaxFee)
		if !ok {
			return fmt.Errorf("max_fee leaves no room to outbid what was signed with nonce %d before", nonce)
		}
		market = above
	}
	next := l.rules.next(offers(fillers), l.times(), sight{Now: time.Now(), Head: head, Latest: nonce, Market: market})
	if next.Do == actSign {
		self := message{From: d.From, To: d.From}
		gas, err := l.nodes.gas(ctx, self)
		if err != nil {
			return fmt.Errorf("use up nonce %d: %w", nonce, err)
		}
		f, err := l.commit(ctx, d.Incident, slot, len(fillers)+1, head, &types.DynamicFeeTx{
			ChainID: l.nodes.id(), Nonce: nonce, To: &d.From, Value: new(big.Int), Gas: gas, GasTipCap: next.Fees.Tip, GasFeeCap: next.Fees.Max,
		})
		if err != nil {
			return err
		}
		fillers, next.Do = append(fillers, f), actSend
	}
	if next.Do != actSend || len(fillers) == 0 {
		return nil
	}
	l.hand(ctx, fillers[len(fillers)-1], new(taken))
	return nil
}
