package backtest

import (
	"time"

	"headwatch"
	"headwatch/config"
)

const (
	slotL1  = 12 * time.Second
	epochL1 = 32 * slotL1
	l1Confs = 4 * slotL1 // a sequencer builds on an L1 block with four confirmations
)

// cadence is how the blocks of a kind of chain become safe, proven and final. The figures are made up within what is normal:
// batches every few minutes at the longest, finality two epochs of the L1 after that, proofs within some hours.
type cadence struct {
	least, most  time.Duration // between batches
	age          time.Duration // of the newest block in one
	prove        time.Duration // after the batch; 0: there are no proofs
	final, every time.Duration // after the batch, and how often
}

func cadenceOf(kind string) cadence {
	c := cadence{least: 30 * time.Second, most: 5 * time.Minute, age: 30 * time.Second, final: 2 * epochL1, every: epochL1}
	switch kind {
	case config.KindEVM:
		return cadence{least: epochL1, most: epochL1, age: slotL1, final: epochL1, every: slotL1}
	case config.KindPolygon:
		return cadence{least: 5 * time.Second, most: 30 * time.Second, age: 5 * time.Second, every: 5 * time.Second}
	case config.KindZKsync, config.KindLinea, config.KindScroll:
		c.prove, c.final = time.Hour, 2*time.Hour
	}
	return c
}

// settling follows the blocks of a chain into its safe, proven and finalized heads.
type settling struct {
	cadence
	land, settle time.Time // of the next batch, and when the next may be final
	batches      uint64    // so far
	landed       []landing // safe heads that are not final yet, oldest first
	heads        [headwatch.Proven + 1]block
}

type landing struct {
	at   time.Time
	head block
}

func newSettling(kind string, start time.Time) settling {
	return settling{cadence: cadenceOf(kind), land: start, settle: start}
}

func (s *settling) step(now time.Time, c *chain) {
	if !s.land.After(now) {
		if c.phase.Safe != Still {
			s.batch(now, c)
		}
		s.land = now.Add(s.least + time.Duration(c.rng.Int64N(int64(s.most-s.least)+1)))
	}
	if s.settle.After(now) {
		return
	}
	s.settle = now.Add(s.every)
	for _, l := range s.landed {
		if s.prove > 0 && now.Sub(l.at) >= s.prove {
			s.heads[headwatch.Proven] = l.head
		}
	}
	for c.phase.Finalized != Still && len(s.landed) > 0 && now.Sub(s.landed[0].at) >= s.final {
		s.heads[headwatch.Finalized] = s.landed[0].head
		s.landed = s.landed[1:]
	}
}

// flush lands a batch right now, where batches are not bound to a rhythm of their own.
func (s *settling) flush(now time.Time, c *chain) {
	if s.least == s.most {
		return
	}
	s.batch(now, c)
	s.settle = now
	s.step(now, c)
}

// batch makes every block safe that is old enough to be in one.
func (s *settling) batch(now time.Time, c *chain) {
	head := c.visible(now.Add(-s.age))
	s.batches++
	s.heads[headwatch.Safe] = head
	s.landed = append(s.landed, landing{now, head})
}
