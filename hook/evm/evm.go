// Package evm is the hook that calls a contract: it pauses a market on an L2, straight or through the L2's portal on L1, and
// says "paused" only after it has read the contract back.
//
// One concern a file: call.go encodes calls, preset.go knows contracts, deposit.go and inbox.go wrap a call for its way
// through L1, node.go asks and tells the nodes of a chain, plan.go decides what to do next, send.go and leg.go do it, gap.go clears
// the way of a nonce, ready.go tries everything without acting. Keys are in package signer and never leave it.
//
// It sends what has been decided, once: nothing is broadcast that the journal does not hold, and for one incident no two
// transactions with different nonces make the call on a chain. It never takes a pause back by itself.
package evm

import (
	"context"
	"math/big"
	"time"

	"github.com/ethereum/go-ethereum/common"
	"go.uber.org/zap"

	"headwatch"
	"headwatch/config"
)

// Deps is what the hook needs from the rest of the program. Journal is nil for commands that only look.
type Deps struct {
	Config   *config.Config
	Journal  Journal
	Accounts *Accounts                                    // shared by all hooks of the process; nil for one of its own
	Signals  func(lease time.Duration) []headwatch.Signal // of all circuits, for uptime feeds; nil for commands that only look
	Orders   func(hook string) []headwatch.Action         // to take its pause back, that are on record; nil for none
	Log      *zap.Logger

	Transaction func(hook, leg, result string) // counts what became of transactions; nil for nobody who counts
}

// Journal is what the hook uses of the journal.
type Journal interface {
	// Keep keeps the first content of a slot for an incident, and gives the one that is kept.
	Keep(ctx context.Context, incident, hook, slot string, data []byte) ([]byte, error)
	// Kept hands out everything that is kept for a hook, oldest first.
	Kept(ctx context.Context, hook string, handle func(headwatch.Kept) error) error
	// Report tells the people of an incident what the hook achieved; once for each kind.
	Report(ctx context.Context, r headwatch.Report) error
}

// Call is one contract call, encoded.
type Call struct {
	To    common.Address
	Data  []byte
	Value *big.Int // nil for none
	Text  string   // for people: setPoolPause(true, 14400)
}

// Reader reads a contract at the newest block of its chain, as its endpoints agree on it.
type Reader interface {
	// Call makes an eth_call. from may be the zero address. A revert is an error that says so, with its reason.
	Call(ctx context.Context, from, to common.Address, data []byte) ([]byte, error)
}

// Effect is what a hook does to a contract and how that is seen. It may be used from several goroutines.
type Effect interface {
	// Call gives the call that brings the contract there; some contracts are read first.
	Call(ctx context.Context, r Reader) (Call, error)
	// Holds reports whether the contract is there already.
	Holds(ctx context.Context, r Reader) (bool, error)
	// Resume gives the call that takes it back; an error when the hook names none.
	Resume(ctx context.Context, r Reader) (Call, error)
	// Check reports what Call could not do when sent by sender, beyond what an eth_call of it shows: a role that is gone, a
	// right that expires. nil when there is nothing.
	Check(ctx context.Context, r Reader, sender common.Address) error
}
