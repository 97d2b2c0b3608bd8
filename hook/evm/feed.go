package evm

import (
	"context"
	"fmt"
	"math/big"
	"time"

	"github.com/ethereum/go-ethereum/common"

	"headwatch/config"
)

// Feed is a HeadwatchUptimeFeed on an L2: the contract in contracts/, read like Chainlink's L2 sequencer uptime feeds. It
// answers up for Lease after a message and down from then on, until the next one.
type Feed struct {
	Address common.Address
	Lease   time.Duration // of its up
}

// FeedState is what a feed answers.
type FeedState struct {
	Round     *big.Int
	Down      bool
	StartedAt time.Time // when that began, by the time of L1; zero when the feed was never told anything
	UpdatedAt time.Time // time of the L2 block with the newest message
}

// FeedCall tells a feed that the chain was down, or up, at an instant; telling the same again renews the lease. A time before the
// one at which the feed's status began is ignored by the contract, and one a day ahead of the chain reverts.
func FeedCall(feed common.Address, down bool, at time.Time) Call {
	text := "up"
	if down {
		text = "down"
	}
	return Call{
		To: feed, Data: packCall("updateStatus(bool,uint64)", flagWord(down), numberWord(uint64(max(at.Unix(), 0)))),
		Text: fmt.Sprintf("updateStatus(%t, %d): %s", down, max(at.Unix(), 0), text),
	}
}

// ParseFeed reads the answer to latestRoundData(): round, answer (0 up, 1 down), startedAt, updatedAt, answeredInRound.
func ParseFeed(out []byte) (FeedState, error) {
	list, err := splitWords(out, 5)
	if err != nil {
		return FeedState{}, fmt.Errorf("read latestRoundData(): %w", err)
	}
	answer, started, updated := list[1], list[2], list[3]
	if !answer.IsUint64() || answer.Uint64() > 1 || !started.IsInt64() || !updated.IsInt64() {
		return FeedState{}, fmt.Errorf("read latestRoundData(): %v is no uptime", list)
	}
	s := FeedState{Round: list[0], Down: answer.Uint64() == 1, UpdatedAt: time.Unix(updated.Int64(), 0)}
	if started.Sign() > 0 {
		s.StartedAt = time.Unix(started.Int64(), 0)
	}
	return s, nil
}

// Renew gives the instant at which an up should be told again: after a third of the lease, so that two renewals may be lost. A
// down needs none.
func (f Feed) Renew(s FeedState) (at time.Time, needed bool) {
	return s.UpdatedAt.Add(f.Lease / 3), !s.Down
}

// Says is the effect of telling the feed that the chain was down at an instant (when its stall began), or up (when it was back, or
// now, to renew the lease). No instant is the one at which it is told.
func (f Feed) Says(down bool, at time.Time) Effect { return &feedEffect{f, down, at} }

type feedEffect struct {
	Feed
	down bool
	at   time.Time
}

// Call implements Effect. The contract ignores a status that began before the one that stands, which a stall has that began
// before the last one was over: it begins when that one ended.
func (e *feedEffect) Call(ctx context.Context, r Reader) (Call, error) {
	s, err := e.state(ctx, r)
	if err != nil {
		return Call{}, err
	}
	at := e.at
	if at.IsZero() {
		at = time.Now()
	}
	if at.Before(s.StartedAt) {
		at = s.StartedAt
	}
	return FeedCall(e.Address, e.down, at), nil
}

// Holds implements Effect. An up holds while it needs no renewal.
func (e *feedEffect) Holds(ctx context.Context, r Reader) (bool, error) {
	s, err := e.state(ctx, r)
	if err != nil || s.Down != e.down {
		return false, err
	}
	renew, needed := e.Renew(s)
	return !needed || e.at.Before(renew), nil
}

// Resume implements Effect: it says "up", now.
func (e *feedEffect) Resume(ctx context.Context, r Reader) (Call, error) {
	return e.Says(false, time.Time{}).Call(ctx, r)
}

// feedOf gives the feed of a hook of kind uptime-feed.
func feedOf(c config.Hook) Feed { return Feed{common.HexToAddress(c.To), c.Lease.D()} }

// Check implements Effect: the feed takes the sender's word, and its lease is the one that we reckon with.
func (e *feedEffect) Check(ctx context.Context, r Reader, sender common.Address) error {
	updater, err := e.read(ctx, r, "updater()")
	if err != nil {
		return err
	}
	if a := common.BigToAddress(updater); a != sender {
		return fmt.Errorf("the feed listens to %s, and messages come from %s", a, sender)
	}
	lease, err := e.read(ctx, r, "lease()")
	if err != nil {
		return err
	}
	if want := big.NewInt(int64(e.Lease / time.Second)); lease.Cmp(want) != 0 {
		return fmt.Errorf("the feed has a lease of %v s, and the hook's is %v s", lease, want)
	}
	return nil
}

func (e *feedEffect) state(ctx context.Context, r Reader) (FeedState, error) {
	out, err := r.Call(ctx, common.Address{}, e.Address, packCall("latestRoundData()"))
	if err != nil {
		return FeedState{}, fmt.Errorf("read the feed: %w", err)
	}
	return ParseFeed(out)
}

func (e *feedEffect) read(ctx context.Context, r Reader, what string) (*big.Int, error) {
	out, err := r.Call(ctx, common.Address{}, e.Address, packCall(what))
	if err != nil {
		return nil, fmt.Errorf("read %s of the feed: %w", what, err)
	}
	list, err := splitWords(out, 1)
	if err != nil {
		return nil, fmt.Errorf("read %s of the feed: %w", what, err)
	}
	return list[0], nil
}
