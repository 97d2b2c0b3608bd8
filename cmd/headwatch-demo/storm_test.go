package main

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"time"
)

// storm is all that goes wrong in one run, drawn from its seed and from nothing else. Times count from the firing unless they say
// otherwise.
type storm struct {
	seed uint64
	via  string

	mode  string        // armed, or confirm
	order string        // what an operator does about an announced firing: nothing, veto or approve
	after time.Duration // from the announcement to the order

	maxFee        int // gwei
	confirmations int
	signer        time.Duration // a remote signer takes so long to sign; 0 for a key in the process

	gates map[string]weather // by the name of the gate
	heal  time.Duration      // when weather passes that does
	spike spike
	reorg int // blocks of L1, with the deposit in one of them; 0 for none
	kills []kill
	back  time.Duration // when L2 comes back
}

// weather is what an endpoint does to those who ask it.
type weather struct {
	kind string
	ever bool // does not pass
}

// Kinds of weather.
const (
	forgets = "forgets" // says that it took a transaction, with the right hash, and drops it
	refuses = "refuses" // takes no transaction
	down    = "down"    // breaks every connection, from the firing on
	slow    = "slow"    // takes more than a second for everything
	lies    = "lies"    // about nonces, receipts and whether the market is paused
)

type spike struct {
	blocks int
	tip    int64 // gwei
}

// kill ends the process: so long after the firing, or when the nth of something happens that its name says, or while the life after
// another kill begins.
type kill struct {
	on    string
	nth   int
	after time.Duration
}

// What a kill may wait for.
const (
	onTime    = "time"
	onFired   = "fired"   // the chat hears of it
	onSigning = "signing" // the signer is asked
	onKept    = "kept"    // a transaction comes to an endpoint, which never gets it: it is kept and not broadcast
	onSent    = "sent"    // an endpoint has taken one, and its answer is lost
	onReceipt = "receipt" // a receipt was found, and its answer is lost
	onStart   = "start"
)

// confirmWithin is the shortest that leaves time for a replacement.
const (
	replaceAfter  = 5 * time.Second
	confirmWithin = 7 * time.Second
	vetoFor       = 10 * time.Second
)

func newStorm(seed uint64) storm {
	r := rand.New(rand.NewPCG(seed, 0))
	upTo := func(d time.Duration) time.Duration { return time.Duration(r.Int64N(int64(d))).Round(time.Millisecond) }
	s := storm{
		seed: seed, via: []string{"both", "l1-deposit", "l2"}[seed%3], mode: "armed",
		maxFee: 300, confirmations: 2 + r.IntN(2), gates: map[string]weather{},
		heal: upTo(12 * time.Second), back: upTo(12 * time.Second),
	}
	if seed%5 == 4 {
		s.mode, s.order, s.after = "confirm", []string{"", "veto", "approve", "veto"}[r.IntN(4)], upTo(vetoFor*11/10)
	}
	if r.IntN(2) == 0 {
		s.signer = time.Millisecond + upTo(3*time.Second)
	}
	if s.via != "l2" {
		s.weather(r, "l1")
		if r.IntN(3) == 0 {
			s.spike = spike{3 + r.IntN(6), 1 + r.Int64N(20)}
			s.maxFee = []int{300, 10}[r.IntN(2)]
		}
		if r.IntN(3) == 0 {
			s.reorg = 1 + r.IntN(s.confirmations-1)
		}
	}
	s.weather(r, "l2")
	kinds := []string{onTime, onTime, onFired, onKept, onSent, onReceipt, onStart}
	if s.signer > 0 {
		kinds = append(kinds, onSigning, onSigning)
	}
	for range r.IntN(4) {
		k := kill{on: kinds[r.IntN(len(kinds))], nth: 1 + r.IntN(3)}
		switch k.on {
		case onTime:
			k.after = upTo(12 * time.Second)
		case onFired, onStart:
			k.after = upTo(300 * time.Millisecond)
		}
		s.kills = append(s.kills, k)
	}
	return s
}

// weather draws that of the three endpoints of a chain: at most one that is not to be believed or not to be had, because more are
// not promised to be survived, and any number that drop what they are sent.
func (s *storm) weather(r *rand.Rand, chain string) {
	names := []string{chain + "-a", chain + "-b", chain + "-c"}
	r.Shuffle(len(names), func(i, k int) { names[i], names[k] = names[k], names[i] })
	drops := func() string { return []string{forgets, forgets, refuses}[r.IntN(3)] }
	for i := range []int{0, 1, 2, 3}[r.IntN(4)] {
		s.gates[names[i]] = weather{kind: drops(), ever: i == 0 && r.IntN(2) == 0}
	}
	if r.IntN(5) == 0 { // nobody takes it
		for _, name := range names {
			s.gates[name] = weather{kind: forgets}
		}
		s.heal = max(s.heal, confirmWithin+2*time.Second)
		s.back = max(s.back, s.heal)
	} else if r.IntN(2) == 0 {
		s.gates[names[0]] = weather{[]string{down, slow, lies}[r.IntN(3)], r.IntN(2) == 0}
	}
}

// String tells it in a line.
func (s storm) String() string {
	var all []string
	say := func(format string, args ...any) { all = append(all, fmt.Sprintf(format, args...)) }
	if s.mode == "confirm" {
		say("confirm")
	}
	if s.order != "" {
		say("%s after %s", s.order, s.after)
	}
	if s.signer > 0 {
		say("signer takes %s", s.signer)
	}
	for _, chain := range []string{"l1", "l2"} {
		for _, letter := range []string{"-a", "-b", "-c"} {
			if w, is := s.gates[chain+letter]; is && w.ever {
				say("%s %s", chain+letter, w.kind)
			} else if is {
				say("%s %s for %s", chain+letter, w.kind, s.heal)
			}
		}
	}
	if s.spike.blocks > 0 {
		say("spike of %d blocks at %d gwei under %d", s.spike.blocks, s.spike.tip, s.maxFee)
	}
	if s.reorg > 0 {
		say("L1 reorg of %d", s.reorg)
	}
	for _, k := range s.kills {
		switch {
		case k.on == onTime:
			say("kill at %s", k.after)
		case k.after > 0:
			say("kill %s after %s", k.after, k.on)
		default:
			say("kill on %s %d", k.on, k.nth)
		}
	}
	say("back at %s", s.back)
	return strings.Join(all, ", ")
}
