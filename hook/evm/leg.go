package evm

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"math/big"
	"sync"
	"time"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/core/types"

	"headwatch/hook/evm/signer"
)

// Names of legs: the slots of the journal have them.
const (
	legL2 = "l2" // on the chain of the contract
	legL1 = "l1" // on its L1
)

// leg sends one transaction on one chain and follows it to its end, for any number of incidents. Its methods may be called from
// several goroutines, for one incident from one.
type leg struct {
	name     string
	hook     string
	nodes    *Nodes
	signer   signer.Signer
	accounts *Accounts
	rules    rules
	silent   bool // signs and keeps, and leaves it to another leg to carry what it signed

	mu   sync.Mutex
	sent map[common.Hash]time.Time // when the nodes were handed it last
	used map[common.Hash]time.Time // by the first of a nonce: since when that is seen used, without a receipt
	told map[common.Hash]error     // why no node took it the last time
}

// payload gives what a leg should send and with how much gas. It is asked for when nothing is kept yet.
type payload func(ctx context.Context) (Call, uint64, error)

// progress is how far a leg came.
type progress struct {
	Drafts  []draft
	Last    step      // what the plan said last
	Receipt confirmed // of the one that is in a block; no Receipt in it for none
	Took    taken     // how the nodes took it, if it was sent now
	Trouble error     // what keeps it from going on
}

func (p progress) begun() bool { return len(p.Drafts) > 0 }

// drive looks at the chain and does what the plan says, until there is something to wait for.
func (l *leg) drive(ctx context.Context, incident string, holds bool, what payload) progress {
	drafts, err := l.accounts.kept(ctx, incident, l.hook, l.name)
	if err != nil {
		return progress{Trouble: fmt.Errorf("read what is kept: %w", err)}
	}
	p := progress{Drafts: drafts}
	w, err := l.see(ctx, &p)
	w.Holds = holds
	if err != nil && (!p.begun() || l.silent) {
		p.Trouble = err
		return p
	}
	if err != nil { // what is kept may be sent although nobody can say how it fares
		p.Trouble, w.Head = err, 0
	}
	if l.silent && w.Market.Max != nil { // L1 may take a day to bring it
		w.Market.Max = new(big.Int).Mul(w.Market.Max, big.NewInt(5))
	}
	p.Last = l.rules.next(offers(drafts), l.times(), w)
	if l.silent && p.begun() && (p.Last.Do == actSign || p.Last.Do == actSend) {
		p.Last = step{Do: actWait, Why: "waits to be carried over L1"}
	}
	if p.Last.Do == actSign {
		d, err := l.sign(ctx, incident, drafts, p.Last.Fees, w.Head, what)
		if err != nil {
			p.Trouble = err
			return p
		}
		p.Drafts = append(p.Drafts, d)
		p.Last.Do, p.Last.Hash = actSend, d.hash
	}
	if p.Last.Do == actSend && !l.silent {
		p.send(ctx, l)
	}
	if n := len(p.Drafts); n > 0 && p.Receipt.Receipt == nil {
		l.mu.Lock()
		p.Trouble = cmp.Or(l.told[p.Drafts[n-1].hash], p.Trouble)
		l.mu.Unlock()
	}
	return p
}

// send hands the newest draft to the nodes.
func (p *progress) send(ctx context.Context, l *leg) {
	d := p.Drafts[len(p.Drafts)-1]
	p.Took = l.nodes.broadcast(ctx, d.Raw)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.sent[d.hash] = time.Now()
	delete(l.told, d.hash)
	if why := p.Took.trouble(d.From.Hex()); why != "" {
		l.told[d.hash] = errors.New(why)
	}
}

// see looks at the chain for the plan, and notes in p what is in a block.
func (l *leg) see(ctx context.Context, p *progress) (sight, error) {
	w := sight{Now: time.Now(), Mined: map[common.Hash]mined{}}
	hashes := make([]common.Hash, len(p.Drafts))
	for i, d := range p.Drafts {
		hashes[i] = d.hash
	}
	c, err := l.nodes.look(ctx, l.signer.Address(), l.rules.Confirmations, hashes)
	if err != nil {
		return w, err
	}
	w.Head, w.Latest = c.Head, c.Latest
	for hash, r := range c.Receipts {
		p.Receipt = r
		w.Mined[hash] = mined{Depth: r.Depth, OK: r.Status == types.ReceiptStatusSuccessful}
	}
	if n := len(p.Drafts); n > 0 {
		newest := p.Drafts[n-1]
		if l.stranger(p.Drafts[0], c, w.Now) {
			w.Used = c.Deep
		}
		if len(c.Receipts) == 0 {
			if why := l.accounts.ahead(newest, c.Latest); why != "" {
				p.Trouble = errors.New(why)
			}
		}
		if len(c.Receipts) > 0 || w.Now.Sub(newest.At) < l.rules.Replace {
			return w, nil
		}
	}
	w.Market, err = l.nodes.market(ctx)
	return w, err
}

// stranger reports whether somebody else used the nonce of a draft: it is used up, no receipt is ours, and both have been so for
// a while, because a node may know a block before it has indexed what is in it.
func (l *leg) stranger(d draft, c census, now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if c.Deep <= d.Nonce || len(c.Receipts) > 0 {
		delete(l.used, d.hash)
		return false
	}
	since, seen := l.used[d.hash]
	if !seen {
		l.used[d.hash] = now
		return false
	}
	return now.Sub(since) >= l.rules.Replace
}

func (l *leg) times() map[common.Hash]time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	return maps.Clone(l.sent)
}

func offers(drafts []draft) []offer {
	all := make([]offer, len(drafts))
	for i, d := range drafts {
		all[i] = d.offer()
	}
	return all
}

// sign makes and keeps the next draft. The first takes a nonce, the others are the first with other fees.
func (l *leg) sign(ctx context.Context, incident string, drafts []draft, f fees, head uint64, what payload) (draft, error) {
	tx := &types.DynamicFeeTx{ChainID: l.nodes.id(), GasTipCap: f.Tip, GasFeeCap: f.Max}
	from := l.signer.Address()
	if len(drafts) > 0 {
		first, err := drafts[0].transaction()
		if err != nil {
			return draft{}, err
		}
		tx.Nonce, tx.To, tx.Value, tx.Data, tx.Gas = first.Nonce(), first.To(), first.Value(), first.Data(), first.Gas()
	} else {
		call, gas, err := what(ctx)
		if err != nil {
			return draft{}, err
		}
		tx.To, tx.Value, tx.Data, tx.Gas = &call.To, call.Value, call.Data, gas
		of := account{l.nodes.chain.ChainID, from}
		done, err := l.accounts.turn(ctx, of)
		if err != nil {
			return draft{}, fmt.Errorf("wait for a nonce: %w", err)
		}
		defer done()
		c, err := l.nodes.look(ctx, from, l.rules.Confirmations, nil)
		if err != nil {
			return draft{}, err
		}
		tx.Nonce = l.accounts.nonce(of, c.Pending)
	}
	signed, err := l.signer.Sign(ctx, types.NewTx(tx), l.nodes.id())
	if err != nil {
		return draft{}, fmt.Errorf("sign: %w", err)
	}
	d, err := newDraft(incident, l.hook, l.name, len(drafts)+1, signed, from, head, time.Now())
	if err != nil {
		return draft{}, err
	}
	if d, err = l.accounts.keep(ctx, d); err != nil {
		return draft{}, fmt.Errorf("keep the transaction: %w", err)
	}
	return d, nil
}
