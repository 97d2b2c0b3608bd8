package main

import (
	"fmt"
	"time"

	"headwatch/devnet"
)

// landing is where the pause came to lie among the users' transactions, by what the chain itself holds.
type landing struct {
	pause    devnet.MarketCall
	pauses   int    // calls of pause() in all
	first    uint64 // the first block after the stop
	waited   int    // trades in it: what had waited while the chain stood, and was first in line
	traded   int    // trades from the stop to the pause
	refused  int    // trades behind the pause, reverted
	slipped  int    // trades behind the pause that went through
	foremost bool   // no other transaction to the market comes before it in its block
}

// land reads a landing out of the calls of the market since the first block after the stop, in the order of their execution.
func land(first uint64, calls []devnet.MarketCall) landing {
	l := landing{first: first, foremost: true}
	for _, c := range calls {
		switch {
		case c.Method == "pause":
			if l.pauses++; l.pauses == 1 {
				l.pause = c
			}
		case l.pauses > 0 && c.OK:
			l.slipped++
		case l.pauses > 0:
			l.refused++
		case c.OK:
			l.traded++
			if c.Block == first {
				l.waited++
			}
		}
	}
	for _, c := range calls {
		if c.Block == l.pause.Block && c.Index < l.pause.Index {
			l.foremost = false
		}
	}
	return l
}

// tell says in lines for a person when the pause took effect, and for whom. The chain stopped with one block and was on
// schedule again with another.
func (l landing) tell(stopped, back devnet.Block) []string {
	if l.pauses == 0 {
		return []string{fmt.Sprintf("no pause ran: %d trades went through since the stop", l.traded)}
	}
	place := "behind others of that block"
	if l.foremost {
		place = "ahead of every user of that block"
	}
	return []string{
		fmt.Sprintf("the pause ran in L2 block %d, %s", l.pause.Block, place),
		fmt.Sprintf("in chain time that is %s: %s after the last block before the stop, %s before L2 caught up with the clock (block %d)",
			clock(l.pause.Time), l.pause.Time.Sub(stopped.Head.Time), back.Head.Time.Sub(l.pause.Time), back.Head.Number),
		fmt.Sprintf("users before the pause: %d trades went through, %d of them in block %d, where what had waited was first in line",
			l.traded, l.waited, l.first),
		fmt.Sprintf("users after the pause: %d trades refused, %d went through", l.refused, l.slipped),
	}
}

func clock(t time.Time) string { return t.UTC().Format("15:04:05Z") }
