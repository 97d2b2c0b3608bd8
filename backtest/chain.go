package backtest

import (
	"math/rand/v2"
	"strconv"
	"time"

	"headwatch"
	"headwatch/config"
)

const (
	kept     = 4096            // newest blocks that a simulated chain remembers: as far as an endpoint may be behind
	before   = 4 * time.Hour   // it has lived so long when a scenario begins, so that its safe and finalized heads are in their places
	mostLate = 4 * time.Second // that a block of a healthy chain may be; an L1's would be orphaned after that
	mostTxs  = 200             // in one block
	fillRate = 10.0            // blocks a second that it fills back unless the script says otherwise
)

// chain is a simulated chain: it seals blocks on its own schedule, has them settled, and does what the script says.
type chain struct {
	cfg    *config.Chain
	rng    *rand.Rand
	script []Phase // to come
	phase  Phase   // now
	wanted uint64  // the block that endpoints are asked for beside the head; 0 for none

	counts []int // 0, 1, 2 ...: what heads point to as their number of transactions
	blocks [kept]block
	head   uint64
	fork   int
	fills  bool      // its timestamps have no gaps: what it missed is filled back
	sparse bool      // it seals no empty blocks, and now and then nobody sends anything
	slot   time.Time // when the next block is scheduled
	stamp  time.Time // its timestamp
	due    time.Time // when it arrives

	settling settling
}

type block struct {
	number       uint64
	fork, parent int // the forks on which it and its parent are
	time, sealed time.Time
	txs          int
}

// farOff is when what does not happen is due.
var farOff = time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)

func newChain(cfg *config.Chain, script []Phase, anchor Anchor, start time.Time, rng *rand.Rand) *chain {
	if anchor.Time.IsZero() {
		anchor = Anchor{Block: 10_000_000, Time: start.Truncate(time.Second)}
	}
	sparse := cfg.Kind == config.KindArbitrum || cfg.Kind == config.KindLinea || cfg.Kind == config.KindScroll || cfg.Kind == config.KindZKsync
	missing := uint64(anchor.Time.Sub(start.Add(-before)) / cfg.BlockTime.D())
	c := &chain{
		cfg: cfg, rng: rng, script: script, head: anchor.Block - missing,
		fills: cfg.Kind == config.KindOPStack, sparse: sparse,
	}
	for n := range mostTxs + 1 {
		c.counts = append(c.counts, n)
	}
	c.stamp = anchor.Time.Add(-time.Duration(missing) * cfg.BlockTime.D())
	c.slot = c.stamp
	c.blocks[c.head%kept] = block{number: c.head, time: c.stamp, sealed: c.stamp}
	c.settling = newSettling(cfg.Kind, c.stamp)
	c.plan(c.stamp)
	return c
}

// advance lets everything happen that is due by an instant.
func (c *chain) advance(to time.Time) {
	for {
		turn := farOff
		if len(c.script) > 0 {
			turn = c.script[0].At
		}
		switch first := earliest(turn, c.due, c.settling.land, c.settling.settle); {
		case first.After(to):
			return
		case first.Equal(turn):
			c.turn(turn)
		case first.Equal(c.due):
			c.seal(c.due, c.fork)
			c.plan(c.due)
		default:
			c.settling.step(first, c)
		}
	}
}

func earliest(times ...time.Time) time.Time {
	first := times[0]
	for _, t := range times[1:] {
		if t.Before(first) {
			first = t
		}
	}
	return first
}

// turn begins the next phase of the script.
func (c *chain) turn(now time.Time) {
	frozen := c.phase.Head == HeadFrozen
	if next := &c.script[0]; c.phase.Safe != next.Safe || c.phase.Finalized != next.Finalized {
		c.settling.flush(now, c) // the last batch, or the first
	}
	c.phase, c.script = c.script[0], c.script[1:]
	if n := min(c.phase.Reorg, kept/2); n > 0 {
		c.reorg(n, now)
	}
	if !c.fills && frozen {
		c.slot = now
	}
	c.plan(now)
}

// reorg replaces the newest n blocks at once.
func (c *chain) reorg(n uint64, now time.Time) {
	c.fork++
	head, slot, stamp := c.head, c.slot, c.stamp
	for c.head -= n; c.head < head; {
		c.stamp = c.blocks[(c.head+1)%kept].time
		c.seal(now, c.fork)
	}
	c.slot, c.stamp = slot, stamp
}

func (c *chain) seal(now time.Time, fork int) {
	parent := c.blocks[c.head%kept].fork
	c.head++
	c.blocks[c.head%kept] = block{number: c.head, fork: fork, parent: parent, time: c.stamp, sealed: now, txs: c.txs()}
}

// txs are a block's transactions of users. On a chain that is not busy many blocks have none.
func (c *chain) txs() int {
	switch {
	case c.phase.Txs == TxsNone:
		return 0
	case c.cfg.Busy || c.cfg.L1 == "":
		return 1 + c.rng.IntN(mostTxs)
	default:
		return max(0, c.rng.IntN(6)-2)
	}
}

// plan schedules the next block.
func (c *chain) plan(now time.Time) {
	blockTime := c.cfg.BlockTime.D()
	offset := (c.phase.Clock - c.phase.Behind).D()
	last := &c.blocks[c.head%kept]
	if c.fills {
		c.stamp = last.time.Add(blockTime)
		c.slot = c.stamp.Add(-offset)
	} else if !c.slot.After(last.sealed) || c.slot.Before(now) {
		c.slot = c.next(c.slot, now)
	}
	switch {
	case c.phase.Head == HeadFrozen:
		c.due = farOff
		return
	case c.phase.Head == HeadSlow:
		c.due = last.sealed.Add(c.phase.Every.D())
	case c.fills && c.slot.Before(now):
		rate := c.phase.Rate
		if rate <= 0 {
			rate = fillRate
		}
		c.due = now.Add(time.Duration(float64(time.Second) / rate))
	default:
		c.due = c.slot.Add(c.late())
	}
	if c.due.Before(now) {
		c.due = now
	}
	if !c.fills {
		c.stamp = c.slot.Add(offset).Truncate(time.Second)
	}
}

// next is the slot after this one. A layer 1 leaves one in a hundred empty; a chain without empty blocks waits for somebody
// to send something, two blocks in the mean.
func (c *chain) next(slot, now time.Time) time.Time {
	blockTime := c.cfg.BlockTime.D()
	slot = slot.Add(blockTime)
	if behind := now.Sub(slot); behind > 0 {
		slot = slot.Add((behind + blockTime - 1) / blockTime * blockTime)
	}
	for c.cfg.L1 == "" && c.rng.Float64() < 0.01 {
		slot = slot.Add(blockTime)
	}
	if c.sparse {
		slot = slot.Add(time.Duration(c.rng.ExpFloat64() * 2 * float64(blockTime)))
	}
	return slot
}

// late is how long after its slot a block arrives: about a tenth of the block time, now and then the whole of it or more.
func (c *chain) late() time.Duration {
	of := float64(c.cfg.BlockTime.D()) / 10
	if c.rng.Float64() < 0.005 {
		of *= 10
	}
	return min(time.Duration(of*c.rng.ExpFloat64()), mostLate)
}

// visible is the newest block that had been sealed by an instant.
func (c *chain) visible(at time.Time) block {
	n := c.head
	for range kept - 1 {
		b := c.blocks[n%kept]
		if !b.sealed.After(at) || c.blocks[(n-1)%kept].number != n-1 {
			return b
		}
		n--
	}
	return c.blocks[n%kept]
}

// named gives a block as an endpoint names it.
func (c *chain) named(b block) headwatch.Head {
	return headwatch.Head{
		Number: b.number, Hash: hashOf(b.number, b.fork), Parent: hashOf(b.number-1, b.parent), Time: b.time, UserTxs: &c.counts[b.txs],
	}
}

func hashOf(number uint64, fork int) string {
	text := append(make([]byte, 0, 24), "0x"...)
	text = append(strconv.AppendUint(text, number, 16), '.')
	return string(strconv.AppendInt(text, int64(fork), 16))
}
