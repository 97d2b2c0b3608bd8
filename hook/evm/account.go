package evm

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/ethereum/go-ethereum/common"

	"headwatch"
	"headwatch/config"
	"headwatch/hook/evm/signer"
)

// Accounts is what the hooks of a process share: the nodes of each chain, the signers, and the nonces. Two hooks may send from one
// account; a nonce is given out once, to a transaction that the journal keeps before the next is given out. It may be used from
// several goroutines.
type Accounts struct {
	config  *config.Config
	journal Journal

	mu      sync.Mutex
	nodes   map[string]*Nodes
	signers map[string]signer.Signer
	turns   map[account]chan struct{}
	loaded  map[string]bool // hooks whose drafts are in memory
	drafts  []draft         // of all deliveries that are not over, as they were kept
	done    map[over]bool
	doubts  map[string]draft   // by their place in the journal, which has not said whether it took them
	given   map[account]uint64 // above every nonce that was ever given out, as far as is known
	gaps    gaps
}

// account is one address on one chain.
type account struct {
	chain   uint64
	address common.Address
}

// NewAccounts prepares what hooks share; it reads and connects nothing yet. The journal may be nil for commands that only look.
func NewAccounts(c *config.Config, j Journal) *Accounts {
	return &Accounts{
		config: c, journal: j, nodes: map[string]*Nodes{}, signers: map[string]signer.Signer{},
		turns: map[account]chan struct{}{}, loaded: map[string]bool{}, done: map[over]bool{},
		doubts: map[string]draft{}, given: map[account]uint64{}, gaps: newGaps(),
	}
}

// Nodes gives the nodes of a configured chain.
func (a *Accounts) Nodes(chain string) (*Nodes, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if n := a.nodes[chain]; n != nil {
		return n, nil
	}
	c := a.config.Chain(chain)
	if c == nil {
		return nil, fmt.Errorf("no chain is named %q", chain)
	}
	n, err := NewNodes(*c)
	if err == nil {
		a.nodes[chain] = n
	}
	return n, err
}

// Signer gives a configured signer: a keystore is opened once.
func (a *Accounts) Signer(name string) (signer.Signer, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if s := a.signers[name]; s != nil {
		return s, nil
	}
	c := a.config.Signer(name)
	if c == nil {
		return nil, fmt.Errorf("no signer is named %q", name)
	}
	s, err := signer.New(*c)
	if err == nil {
		a.signers[name] = s
	}
	return s, err
}

// load reads what is kept for all hooks: before that no nonce is given out.
func (a *Accounts) load(ctx context.Context) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, h := range a.config.Hooks {
		if !h.OnChain() || a.loaded[h.Name] {
			continue
		}
		var drafts []draft
		err := a.journal.Kept(ctx, h.Name, func(k headwatch.Kept) error {
			switch k.Slot {
			case beganSlot:
				return nil
			case overSlot:
				var end over
				if err := json.Unmarshal(k.Data, &end); err != nil {
					return fmt.Errorf("read the end of what hook %s sent: %w", h.Name, err)
				}
				a.done[end] = true
				return nil
			}
			d, err := readDraft(k.Data)
			drafts = append(drafts, d)
			return err
		})
		if err != nil {
			return err
		}
		a.drafts = append(a.drafts, drafts...)
		a.loaded[h.Name] = true
	}
	a.drafts = slices.DeleteFunc(a.drafts, func(d draft) bool { return a.done[d.end()] })
	for _, d := range a.drafts {
		a.give(d)
	}
	if a.gaps.loaded.IsZero() {
		a.gaps.loaded = time.Now()
	}
	return nil
}

// give notes that a draft has its nonce. The caller has the lock.
func (a *Accounts) give(d draft) { a.given[d.account()] = max(a.given[d.account()], d.Nonce+1) }

// kept gives the drafts of a leg, the first offer first.
func (a *Accounts) kept(ctx context.Context, incident, hook, leg string) ([]draft, error) {
	if err := a.load(ctx); err != nil {
		return nil, err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	var all []draft
	for _, d := range a.drafts {
		if d.Incident == incident && d.Hook == hook && d.Leg == leg {
			all = append(all, d)
		}
	}
	slices.SortFunc(all, func(a, b draft) int { return a.Number - b.Number })
	return all, nil
}

// begun reports whether anything is kept for an errand, and whether that is over.
func (a *Accounts) begun(ctx context.Context, incident, hook string) (underway, ended bool, err error) {
	if err := a.load(ctx); err != nil {
		return false, false, err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	errand := over{incident, hook, true}
	return slices.ContainsFunc(a.drafts, func(d draft) bool { return d.end() == errand }), a.done[errand], nil
}

// keep puts a draft into the journal, and gives the one that is in its slot: only that may be sent. One of which the journal does
// not say that it took it may be in it: its nonce is taken, and it is the next that is put into that slot.
func (a *Accounts) keep(ctx context.Context, d draft) (draft, error) {
	data, err := json.Marshal(d)
	if err != nil {
		return d, fmt.Errorf("encode a transaction: %w", err)
	}
	a.mu.Lock()
	a.doubts[d.place()] = d
	a.give(d)
	a.mu.Unlock()
	data, err = a.journal.Keep(ctx, d.Incident, d.Hook, d.slot(), data)
	if err != nil {
		return d, err
	}
	place := d.place()
	if d, err = readDraft(data); err != nil {
		return d, err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.doubts, place)
	a.give(d)
	a.drafts = append(a.drafts, d)
	return d, nil
}

// doubted gives the draft that the journal may have in a place.
func (a *Accounts) doubted(place string) (draft, bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	d, ok := a.doubts[place]
	return d, ok
}

// end notes that nothing of a hook is under way for an incident any more.
func (a *Accounts) end(ctx context.Context, incident, hook string) error {
	end := over{incident, hook, true}
	data, err := json.Marshal(end)
	if err != nil {
		return fmt.Errorf("encode an end: %w", err)
	}
	if _, err := a.journal.Keep(ctx, incident, hook, overSlot, data); err != nil {
		return err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.done[end] = true
	delete(a.gaps.followed, end)
	a.drafts = slices.DeleteFunc(a.drafts, func(d draft) bool { return d.end() == end })
	return nil
}

// turn waits until nobody else is about to take a nonce of an account. The nonce is free again for others when done is called:
// after the draft that has it is kept.
func (a *Accounts) turn(ctx context.Context, of account) (done func(), err error) {
	a.mu.Lock()
	turn := a.turns[of]
	if turn == nil {
		turn = make(chan struct{}, 1)
		a.turns[of] = turn
	}
	a.mu.Unlock()
	select {
	case turn <- struct{}{}:
		return func() { <-turn }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// nonce gives the next one of an account, of which the chain says that pending is free: it was given to no other. The caller has
// the turn and everything is loaded.
func (a *Accounts) nonce(of account, pending uint64) uint64 {
	a.mu.Lock()
	defer a.mu.Unlock()
	return max(pending, a.given[of])
}
