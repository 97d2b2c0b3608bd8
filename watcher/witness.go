package watcher

import "time"

// Witness is what an L2's verdict takes from its L1: proof that network, clock and process work here.
type Witness struct {
	Advanced time.Time     // when the L1 head last rose here
	Limit    time.Duration // how long that may be ago
	Resumed  time.Time     // when it rose again after it had stood still; zero when it never did
	Skew     skew          // what the L1's servers say of the local clock
	Ledger   *ledger       // what the L1 agrees on of accounts; nil for nothing
	Number   uint64        // of that head; 0 when unknown
	Time     time.Time     // its own timestamp
	Slot     time.Duration // between two blocks of the L1; 0 when unknown
}

// SetWitness gives the View the newest state of its L1. A chain without an L1 never gets one.
func (v *View) SetWitness(w Witness) {
	moved := w.Number != v.witness.Number
	v.witness = w
	v.watchFunds()
	if moved {
		v.judgeClosing(w.Advanced)
	}
}

// slot is the time between two blocks of the L1.
func (w *Witness) slot() time.Duration {
	if w.Slot > 0 {
		return w.Slot
	}
	return l1Slot
}

func (v *View) hasL1() bool { return v.chain.L1 != "" }

// blinded reports whether the second clock has stopped: the L1 has not advanced here for longer than its own limit.
func (v *View) blinded(now time.Time) bool {
	return v.hasL1() && now.Sub(v.witnessed()) >= v.witness.Limit
}

// witnessed is when the L1 last advanced here, or when this View began if it never has.
func (v *View) witnessed() time.Time { return later(v.started, v.witness.Advanced) }

// testify publishes what the L2s take from this chain, when it is news.
func (c *Chain) testify() {
	v := c.view
	word := Witness{Limit: v.limit, Slot: c.config.BlockTime.D(), Resumed: v.resumed, Skew: v.skew, Ledger: v.ledgers.agreed}
	if v.agreed {
		word.Advanced, word.Number, word.Time = v.advanced, v.tip.Number, v.tip.Time
	}
	if last := c.witness.Load(); last == nil || *last != word {
		news := word // a copy of its own: word would be allocated also when it is none
		c.witness.Store(&news)
	}
}

func (c *Chain) asWitness() Witness {
	if w := c.witness.Load(); w != nil {
		return *w
	}
	return Witness{Limit: c.config.StaleAfter.D()}
}
