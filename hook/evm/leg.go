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
	over map[common.Hash]bool      // by the first of a nonce: its end is counted

	count func(result string)
}

// payload gives what a leg should send and with how much gas. It is asked for while nothing is kept yet, beside the look at the
// chain: it may come to nothing.
type payload func(ctx context.Context) (Call, uint64, error)

// progress is how far a leg came.
type progress struct {
	Drafts  []draft
	Last    step      // what the plan said last
	Receipt confirmed // of the one that is in a block; no Receipt in it for none
	Took    taken     // how the nodes took it, if it was sent now
	Trouble error     // what keeps it from going on

	free   uint64 // the next nonce, as the nodes have it
	latest uint64 // nonces that are used; meaningless without a look
	doubt  bool   // free is the word of one against one
}

func (p progress) begun() bool { return len(p.Drafts) > 0 }

// drive looks at the chain and does what the plan says, until there is something to wait for. It asks all that it needs at once:
// a pause must get out although each answer takes seconds. holds is asked while nothing is kept.
func (l *leg) drive(ctx context.Context, incident string, holds func() bool, what payload) progress {
	drafts, err := l.accounts.kept(ctx, incident, l.hook, l.name)
	if err != nil {
		return progress{Trouble: fmt.Errorf("read what is kept: %w", err)}
	}
	p := progress{Drafts: drafts}
	first := func() (Call, uint64, error) { return Call{}, 0, nil }
	if !p.begun() {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		first = begin(ctx, what)
	}
	w, err := l.see(ctx, &p)
	if err != nil && (!p.begun() || l.silent) {
		p.Trouble = err
		return p
	}
	looked := err == nil
	if !looked { // what is kept may be sent although nobody can say how it fares
		p.Trouble, w.Head = err, 0
	}
	ours := l.from(drafts) == l.signer.Address()
	if !ours { // a head of 0 asks for no replacement
		w.Head, p.Trouble = 0, cmp.Or(p.Trouble, fmt.Errorf("account %s signed it, and the hook has another key now: it cannot be offered more", l.from(drafts)))
	}
	if l.silent && w.Market.Max != nil { // L1 may take a day to bring it
		w.Market.Max = new(big.Int).Mul(w.Market.Max, big.NewInt(5))
	}
	w.Holds = !p.begun() && holds()
	p.Last = l.rules.next(offers(drafts), l.times(), w)
	if p.begun() {
		l.ended(drafts[0].hash, p.Last)
	}
	if l.silent && p.begun() && (p.Last.Do == actSign || p.Last.Do == actSend) {
		p.Last = step{Do: actWait, Why: "waits to be carried over L1"}
	}
	if p.Last.Do == actSign {
		d, err := l.sign(ctx, incident, p, w.Head, first)
		if err != nil {
			p.Trouble = err
			return p
		}
		p.Drafts = append(p.Drafts, d)
		p.Last.Do, p.Last.Hash = actSend, d.hash
	}
	if p.Last.Do == actSend && !l.silent {
		l.hand(ctx, p.Drafts[len(p.Drafts)-1], &p.Took)
	}
	if n := len(p.Drafts); n > 0 && p.Receipt.Receipt == nil {
		var blocked error
		if looked && ours {
			blocked = l.unblock(ctx, p.Drafts[n-1], p.latest, w.Head)
		}
		l.mu.Lock()
		p.Trouble = cmp.Or(l.told[p.Drafts[n-1].hash], blocked, p.Trouble)
		l.mu.Unlock()
	}
	return p
}

// begin asks for what is to be sent, and gives what waits for it.
func begin(ctx context.Context, what payload) func() (Call, uint64, error) {
	var call Call
	var gas uint64
	var err error
	made := make(chan struct{})
	go func() {
		defer close(made)
		err = contained(func() (err error) {
			call, gas, err = what(ctx)
			return err
		})
	}()
	return func() (Call, uint64, error) {
		<-made
		return call, gas, err
	}
}

// hand gives a draft to the nodes, and notes how they took it.
func (l *leg) hand(ctx context.Context, d draft, took *taken) {
	*took = l.nodes.broadcast(ctx, d.Raw)
	if took.any() {
		l.count(txAccepted)
	} else {
		l.count(txRefused)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.sent[d.hash] = time.Now()
	delete(l.told, d.hash)
	if why := took.trouble(d.From.Hex()); why != "" {
		l.told[d.hash] = errors.New(why)
	}
}

// unblock says what a draft waits for, when that is not for a block, and does something about it.
func (l *leg) unblock(ctx context.Context, d draft, latest, head uint64) error {
	why, stuck := l.accounts.ahead(d, latest, time.Now(), l.rules.Replace)
	if why == "" {
		return nil
	}
	if stuck && !l.silent {
		if err := l.fill(ctx, d, latest, head); err != nil {
			return fmt.Errorf("%s: %w", why, err)
		}
	}
	return errors.New(why)
}

// see looks at the chain for the plan, and notes in p what is in a block.
func (l *leg) see(ctx context.Context, p *progress) (sight, error) {
	w := sight{Now: time.Now(), Mined: map[common.Hash]mined{}}
	hashes := make([]common.Hash, len(p.Drafts))
	for i, d := range p.Drafts {
		hashes[i] = d.hash
	}
	var unpriced error
	var asking sync.WaitGroup
	if n := len(p.Drafts); n == 0 || w.Now.Sub(p.Drafts[n-1].At) >= l.rules.Replace {
		asking.Go(func() { w.Market, unpriced = l.nodes.market(ctx) })
	}
	c, err := l.nodes.look(ctx, l.from(p.Drafts), l.rules.Confirmations, hashes)
	asking.Wait()
	if err != nil {
		return w, err
	}
	w.Head, w.Latest, p.free, p.latest, p.doubt = c.Head, c.Latest, c.Pending, c.Latest, c.Disputed
	for hash, r := range c.Receipts {
		p.Receipt = r
		w.Mined[hash] = mined{Depth: r.Depth, OK: r.Status == types.ReceiptStatusSuccessful}
	}
	if p.begun() && l.stranger(p.Drafts[0], c, w.Now) {
		w.Used = c.Deep
	}
	if len(c.Receipts) > 0 {
		return w, nil
	}
	return w, unpriced
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

// from gives the account that sends: the signer's, but what is kept stays with the one that it was signed by.
func (l *leg) from(drafts []draft) common.Address {
	if len(drafts) > 0 {
		return drafts[0].From
	}
	return l.signer.Address()
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
