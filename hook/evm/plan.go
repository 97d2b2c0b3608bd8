package evm

import (
	"fmt"
	"math/big"
	"time"

	"github.com/ethereum/go-ethereum/common"
)

// resend is how often a transaction without a receipt is handed to the nodes again: one may have taken and forgotten it.
const resend = 8 * time.Second

// rules bound what a leg does.
type rules struct {
	Replace       time.Duration // an unmined transaction gets a higher fee after this
	Confirmations uint64        // blocks from the one that holds it on, itself included
	MaxFee        *big.Int      // per unit of gas, in wei
}

// offer is one signed transaction as the plan sees it. Those of a leg have one nonce; each offers more than the one before.
type offer struct {
	Hash  common.Hash
	Nonce uint64
	Fees  fees
	At    time.Time // when it was signed
	Head  uint64    // the chain's head then
}

// mined says that a transaction is in a block.
type mined struct {
	Depth uint64 // blocks from that one on, itself included
	OK    bool   // it did not revert
}

// sight is the world as a leg sees it at one moment.
type sight struct {
	Now    time.Time
	Head   uint64
	Latest uint64                // nonces that are used at the head
	Used   uint64                // nonces that are used up, in a block with as many confirmations as the rules ask
	Market fees                  // what a new transaction should offer
	Mined  map[common.Hash]mined // of ours, those that are in a block
	Holds  bool                  // the contract is there already
}

// action is what is to be done next.
type action uint8

// Actions.
const (
	actNothing action = iota // the contract is there and nothing of ours is under way
	actSign                  // sign and keep one more offer: the first, or one with the nonce of the others and higher fees
	actSend                  // hand the newest offer to all nodes
	actWait                  // look again after a while
	actLanded                // the end: one is in a block that has its confirmations
	actLost                  // the end: another transaction has used the nonce
)

// step is the plan's decision.
type step struct {
	Do     action
	Fees   fees        // of actSign
	Hash   common.Hash // of actSend, actLanded, and of actWait when it is in a block
	OK     bool        // of actLanded: it did not revert
	Capped bool        // the market or the next replacement is above the most that may be paid
	Why    string      // of actWait, for people
}

// next decides from what is kept and what is seen, and from nothing else: after a crash the same offers and the same world lead
// on from the same place. sent says when this process last handed each offer to the nodes.
//
// Only the first offer may take a nonce. A stranger's use of it is the end, not a reason to take another: one of the two could
// then be ours after a reorganisation, and a pause would be sent twice.
func (r rules) next(offers []offer, sent map[common.Hash]time.Time, w sight) step {
	if len(offers) == 0 {
		if w.Holds {
			return step{Do: actNothing}
		}
		f, capped := w.Market.within(r.MaxFee)
		return step{Do: actSign, Fees: f, Capped: capped}
	}
	for _, o := range offers {
		m, ok := w.Mined[o.Hash]
		switch {
		case ok && m.Depth >= r.Confirmations:
			return step{Do: actLanded, Hash: o.Hash, OK: m.OK}
		case ok:
			return step{Do: actWait, Hash: o.Hash, Why: fmt.Sprintf("in a block, with %d of %d confirmations", m.Depth, r.Confirmations)}
		}
	}
	newest := offers[len(offers)-1]
	switch {
	case w.Used > newest.Nonce:
		return step{Do: actLost}
	case w.Latest > newest.Nonce:
		return step{Do: actWait, Why: "its nonce has been used, and the nodes do not show yet by what"}
	}
	s := step{Do: actWait, Why: "waits to be put into a block"}
	// A chain that stands still takes no fee, whatever is offered.
	if w.Now.Sub(newest.At) >= r.Replace && w.Head >= newest.Head+2 {
		f, ok := newest.Fees.replace(w.Market, r.MaxFee)
		if ok {
			return step{Do: actSign, Fees: f}
		}
		s.Capped, s.Why = true, "waits to be put into a block, and max_fee leaves no room to offer more"
	}
	if at := sent[newest.Hash]; at.IsZero() || w.Now.Sub(at) >= resend {
		s.Do, s.Hash = actSend, newest.Hash
	}
	return s
}
