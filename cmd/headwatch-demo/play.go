package main

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/crypto"
	"github.com/ethereum/go-ethereum/ethclient"

	"headwatch/devnet"
)

const (
	// patience is how long a step may take on a machine that is busy with other things; on an idle one none takes a third of it.
	patience = 30 * time.Second
	// still is how long the L2 goes on standing when the deposit is on L1: users come to harm behind it, not before.
	still = 5 * time.Second
	// backfill is how many blocks the L2 makes a second when it is back.
	backfill = 5
)

// show is the story and what must be seen of it. Each act goes on where the one before has ended.
type show struct {
	*stage
	chains   *devnet.Net
	dog      *watchdog
	tape     *tape
	guardian *guardian
	l1       *ethclient.Client

	stopped  devnet.Block // the last one before the stop
	page     sighting
	resumed  time.Time
	deposit  common.Hash // on L1
	executed common.Hash // on L2
}

func (s *show) play(ctx context.Context) {
	s.quiet(ctx)
	s.outage(ctx)
	s.pause(ctx)
	s.recovery(ctx)
	s.again(ctx)
}

// quiet is while all is well.
func (s *show) quiet(ctx context.Context) {
	first := s.tape.find(ctx, patience, func(devnet.Block) bool { return true })
	ready := s.tape.find(ctx, patience, func(b devnet.Block) bool { return b.Head.Number >= first.Head.Number+quiet })
	s.check("the chain is under way", ready.Head.Number > 0)
	s.sight(sighting{at: ready.At, who: "chain", kind: "under way", text: fmt.Sprintf("L2 has come to block %d", ready.Head.Number)})
	s.expect(ctx, "the chain is live", patience, from("headwatch", "phase live"))
	s.check("the circuit is closed: 200", s.dog.status(ctx, "lending") == http.StatusOK)
	s.expect(ctx, "the pause hook was tried without sending, and would work", patience, from("pause hook", "ready"))
}

// outage is from the last block to the trip.
func (s *show) outage(ctx context.Context) {
	_ = s.chains.Lie("l2-c", true)
	s.say("provider l2-c begins to lie: it invents a new head every second, whatever the chain does")
	s.expect(ctx, "the liar loses its vote", patience, func(x sighting) bool { return x.kind == "outvoted" && x.key == "l2-c" })
	s.chains.StopL2()
	s.stopped = s.tape.last()
	s.sight(sighting{at: time.Now(), who: "chain", kind: "stopped", text: fmt.Sprintf("L2 stops; its last block was %d, at %+.2f. Users go on sending trades",
		s.stopped.Head.Number, s.stopped.At.Sub(s.start).Seconds())})

	s.expect(ctx, "warn: the incident opens", patience, from("headwatch", "warn"))
	s.expect(ctx, "warn: the chat is told", patience, told("chat", "WARN"))
	s.expect(ctx, "page: decided", patience, from("headwatch", "page"))
	s.page = s.expect(ctx, "page: the pager rings", patience, from("pager", "trigger"))
	s.check("two of three endpoints outvote the liar: stalled", s.has("phase stalled"))
	tripped := s.expect(ctx, "trip: the circuit opens", patience, from("headwatch", "open"))
	late := tripped.at.Sub(s.stopped.At) - tripAfter
	s.check("trip: within a second of the last block + 10 s", late.Abs() < time.Second)
	hook := s.expect(ctx, "trip: the webhook arrives, its signature verified", patience, from("webhook", "circuit.open"))
	s.expect(ctx, "trip: the page becomes critical", patience, func(x sighting) bool {
		return x.who == "pager" && x.kind == "trigger" && x.key == s.page.key
	})
	s.check("the circuit is open: 503", s.dog.status(ctx, "lending") == http.StatusServiceUnavailable)
	if !hook.at.IsZero() {
		s.say("from the last block to the verified webhook: %s", hook.at.Sub(s.stopped.At).Round(time.Millisecond))
	}
}

// pause is how it gets on L1 while L2 stands still.
func (s *show) pause(ctx context.Context) {
	s.expect(ctx, "pause: the firing is on record", patience, from("pause hook", "fired"))
	sent := s.expect(ctx, "pause: the deposit is sent", patience, from("pause hook", "sent"))
	s.expect(ctx, "pause: the deposit is on L1", patience, from("pause hook", "deposited"))
	s.expect(ctx, "pause: the chat is told that it is on L1", patience, told("chat", "PAUSE ON L1"))
	s.deposit = common.HexToHash(sent.key)
	receipt, err := s.l1.TransactionReceipt(ctx, s.deposit)
	s.check("pause: L1 has the deposit's transaction", err == nil && receipt.Status == 1)
	if err == nil {
		s.sight(sighting{at: time.Now(), who: "chain", kind: "deposit", text: fmt.Sprintf("L1 block %d has the deposit, transaction %s; L2 still stands at block %d",
			receipt.BlockNumber, short(s.deposit.Hex()), s.tape.last().Head.Number)})
	}
	s.check("pause: nothing has moved on L2", s.tape.last().Head.Number == s.stopped.Head.Number)
	select {
	case <-time.After(still):
	case <-ctx.Done():
	}
}

// recovery is from the first back-filled block to the end of the incident.
func (s *show) recovery(ctx context.Context) {
	s.resumed = time.Now()
	s.chains.ResumeL2(backfill)
	s.sight(sighting{at: s.resumed, who: "chain", kind: "resumed", text: "L2 is back and fills in what it missed, five blocks a second, with old timestamps"})
	s.expect(ctx, "recovery: back-fill is seen as catching up", patience, from("headwatch", "phase catching_up"))
	s.check("recovery: the circuit is not yet closed", s.dog.status(ctx, "lending") == http.StatusServiceUnavailable)
	effective := s.expect(ctx, "pause: read back from the contract", patience, from("pause hook", "effective"))
	s.executed = common.HexToHash(effective.key)
	s.expect(ctx, "pause: the chat is told that it is in effect", patience, told("chat", "PAUSED"))
	half := s.expect(ctx, "recovery: live again, on probation", patience, from("headwatch", "half_open"))
	s.landed(ctx)
	closed := s.expect(ctx, "close: after 8 s of life", patience, from("headwatch", "closed"))
	s.check("close: not before 8 s of life", closed.at.Sub(half.at) >= recoverAfter)
	s.expect(ctx, "close: the webhook arrives, its signature verified", patience, from("webhook", "circuit.closed"))
	s.expect(ctx, "resolve: the chat is told", patience, told("chat", "RESOLVED"))
	resolve := s.expect(ctx, "resolve: the page is resolved", patience, from("pager", "resolve"))
	s.check("resolve: with the dedup key of its trigger", resolve.key != "" && resolve.key == s.page.key)
	s.check("the circuit is closed: 200", s.dog.status(ctx, "lending") == http.StatusOK)
}

// landed shows where the pause came to lie among the users' transactions.
func (s *show) landed(ctx context.Context) {
	back := s.tape.find(ctx, patience, func(b devnet.Block) bool { return b.Head.Number > s.stopped.Head.Number && onSchedule(b) })
	s.check("recovery: L2 caught up with the clock", back.Head.Number > 0)
	l := s.landing()
	s.check("pause: it ran on L2 as the deposit that was sent on L1", l.pauses == 1 && l.pause.Deposit && l.pause.OK && l.pause.Hash == s.executed)
	s.check("pause: before all users of its block", l.pauses > 0 && l.foremost)
	s.check("pause: in chain time it comes before the L2 was back", l.pauses > 0 && l.pause.Time.Before(s.resumed))
	s.check("pause: users traded before it", l.traded > 0)
	s.check("pause: users were refused after it", l.refused > 0)
	s.check("pause: no trade went through after it", l.pauses > 0 && l.slipped == 0)
	for _, text := range l.tell(s.stopped, back) {
		s.sight(sighting{at: time.Now(), who: "chain", kind: "landing", text: text})
	}
}

// landing reads the chain as it is now.
func (s *show) landing() landing {
	calls, err := s.chains.MarketCalls(s.stopped.Head.Number + 1)
	s.check("the chain's transactions can be read", err == nil)
	return land(s.stopped.Head.Number+1, calls)
}

// again is a second trip, which finds the market paused.
func (s *show) again(ctx context.Context) {
	s.say("a second trip, by hand: headwatch trip lending --reason ...")
	s.check("again: an operator trips the circuit", s.ordered(ctx, "trip", "a second trip, for the demo"))
	s.expect(ctx, "again: the circuit opens", patience, from("headwatch", "open"))
	s.expect(ctx, "again: the webhook arrives, its signature verified", patience, from("webhook", "circuit.open"))
	s.expect(ctx, "again: the pause hook finds nothing to do", patience, from("pause hook", "needless"))
	s.expect(ctx, "again: the chat is told so", patience, told("chat", "NOTHING TO DO"))
	s.expect(ctx, "again: the pause hook is done with it", patience, from("pause hook", "withheld"))
	guardian := crypto.PubkeyToAddress(devnet.GuardianKey().PublicKey)
	nonce, err := s.l1.PendingNonceAt(ctx, guardian)
	deposits, err2 := s.chains.Deposits()
	once := err == nil && err2 == nil && nonce == 1 && len(deposits) == 1 && deposits[0].L1Tx == s.deposit
	s.check("again: the guardian's account has sent one transaction in all, the first deposit", once)
	if once {
		s.sight(sighting{at: time.Now(), who: "chain", kind: "once", text: "the guardian's account has sent one transaction in all; the portal has one deposit"})
	}
	s.check("again: an operator closes the circuit", s.ordered(ctx, "reset", "the demo is over"))
	s.expect(ctx, "again: the circuit is closed", patience, from("headwatch", "closed"))
	s.expect(ctx, "again: the page is resolved", patience, from("pager", "resolve"))
	s.expect(ctx, "again: the webhook of the end arrives", patience, from("webhook", "circuit.closed"))
	s.expect(ctx, "again: the chat is told of the end", patience, told("chat", "RESOLVED lending: by order"))
	l := s.landing()
	s.check("in the end: one pause, and no trade went through after it", l.pauses == 1 && l.slipped == 0)
	if l.pauses > 0 && l.slipped == 0 {
		text := fmt.Sprintf("the market is still paused, %d trades refused by now: only people take a pause back", l.refused)
		s.sight(sighting{at: time.Now(), who: "chain", kind: "paused", text: text})
	}
}

func (s *show) ordered(ctx context.Context, order, reason string) bool {
	err := s.dog.order(ctx, order, "lending", reason, s.guardian.token)
	if err != nil {
		s.say("%v", err)
	}
	return err == nil
}

// told matches a message that begins with some words.
func told(who, words string) func(sighting) bool {
	return func(x sighting) bool { return x.who == who && strings.HasPrefix(x.text, words+" ") }
}
