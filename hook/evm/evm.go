// Package evm is the hook that calls a contract: it pauses a market on an L2, straight or through the L2's portal on L1, and
// says "paused" only after it has read the contract back.
//
// It sends what has been decided, once: nothing is broadcast that the journal does not hold, and for one incident no two
// transactions with different nonces make the call on a chain. It never takes a pause back by itself. Keys are in package signer
// and never leave it.
//
// Its words: an Effect is what is to become of a contract, and the Call that brings it there. An errand is one Effect to be brought
// about, of one incident as a rule. It goes by one way or two: straight to the contract's chain, or over1, through its L1. On each a
// leg has one nonce, for which it signs drafts: first offers and replacements, kept in the journal before a node sees them. A passage
// is what becomes on L2 of what L1 has. A verdict is what the operators say of the contract; a scene is all that is known of an
// errand, and its story what people are told.
//
// Its files, in the order in which a pause passes them:
//
//   - The call: signature.go and value.go read what a person writes, call.go encodes it and decodes answers, packing.go packs what the
//     program itself calls. effect.go and maker.go make an Effect of a hook's keys and of preset.go, the table of the preset_*.go.
//     recall.go remembers what a call depends on.
//   - A chain: node.go asks one endpoint, head.go of which chain it is and how far, nodes.go all of them, by operator; agree.go says
//     what they agree on. track.go has nonces and receipts, witness.go the contract, fee.go fees and gas; broadcast.go tells them a
//     transaction.
//   - Through L1: entrance.go finds the contract there, by portal.go; deposit.go with metering.go, alias.go and origin.go is the OP
//     Stack's, inbox.go Arbitrum's; passage.go follows what was sent to the other side.
//   - Sending: send.go is the hook, one step of an errand an attempt. way.go drives the legs and gas.go makes what they send; leg.go
//     looks, does what plan.go decides, by commit.go with draft.go; gap.go uses up a nonce in the way, count.go counts. account.go
//     gives out nonces and keeps drafts for all hooks; memory.go is what the journal need not know.
//   - Telling: story.go judges a scene.
//   - Before the day: ready.go tries everything without acting, sketch.go what would be sent, probe.go of a real hook; drill.go says it.
//   - By people: handover.go prints transactions, batch.go for a Safe; resume.go takes a pause back by order.
//   - Uptime feeds: feed.go is the contract, uptime.go says words to it, renew.go keeps its lease, uptime_ready.go tries it.
//
// plan.go, story.go, agree.go and what encodes or decodes are pure: the rest looks and acts for them.
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
