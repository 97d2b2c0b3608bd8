package backtest

import (
	"math/rand/v2"
	"testing"
	"time"

	"headwatch"
	"headwatch/config"
)

var start = time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC)

func chainOf(kind string, blockTime time.Duration, script ...Phase) *chain {
	cfg := &config.Chain{Name: "l2", Kind: kind, BlockTime: config.Duration(blockTime), L1: "l1"}
	return newChain(cfg, script, Anchor{}, start, rand.New(rand.NewPCG(1, 2)))
}

func TestABackFillKeepsTheScheduleOfTimestamps(t *testing.T) {
	c := chainOf(config.KindOPStack, 2*time.Second,
		Phase{At: start, Head: HeadFrozen, Txs: TxsNone}, Phase{At: start.Add(10 * time.Minute), Txs: TxsNone}, Phase{At: start.Add(12 * time.Minute)})
	c.advance(start.Add(10*time.Minute - time.Second))
	stood := c.head
	if age := start.Add(10 * time.Minute).Sub(c.blocks[stood%kept].time); age < 10*time.Minute {
		t.Fatalf("the head is %s old at the end of the stall", age)
	}
	c.advance(start.Add(15 * time.Minute))
	for n := stood + 1; n <= c.head; n++ {
		b, before := c.blocks[n%kept], c.blocks[(n-1)%kept]
		if b.time.Sub(before.time) != 2*time.Second {
			t.Fatalf("block %d is %s after its parent", n, b.time.Sub(before.time))
		}
		if late := b.sealed.After(start.Add(12 * time.Minute)); late == (b.txs == 0) && c.cfg.Busy {
			t.Errorf("block %d has %d transactions", n, b.txs)
		}
	}
	if behind := start.Add(15 * time.Minute).Sub(c.blocks[c.head%kept].time); behind > 2*time.Second+mostLate {
		t.Errorf("still %s behind", behind)
	}
	if filled := c.visible(start.Add(10*time.Minute + 10*time.Second)); filled.number < stood+95 || filled.number > stood+101 {
		t.Errorf("%d blocks in ten seconds, want ten a second", filled.number-stood)
	}
}

func TestWithoutBackFillTimestampsFollowTheWallClock(t *testing.T) {
	c := chainOf(config.KindLinea, time.Second, Phase{At: start, Head: HeadFrozen}, Phase{At: start.Add(time.Hour)})
	c.advance(start.Add(time.Minute))
	stood := c.head
	c.advance(start.Add(time.Hour + 10*time.Second))
	next := c.blocks[(stood+1)%kept]
	if next.time.Before(start.Add(time.Hour)) || next.sealed.Before(next.time) {
		t.Errorf("the first block after the stall is of %s, sealed %s", next.time, next.sealed)
	}
	if n := c.head - stood; n < 1 || n > 8 {
		t.Errorf("%d blocks in ten seconds of a chain that waits for somebody to send", n)
	}
}

func TestAReorganisationReplacesBlocksAndLinksThem(t *testing.T) {
	c := chainOf(config.KindPolygon, 2*time.Second, Phase{At: start, Reorg: 157}, Phase{At: start.Add(time.Second)})
	c.advance(start.Add(-time.Millisecond))
	old := c.head
	was := c.named(c.blocks[old%kept])
	c.advance(start.Add(time.Minute))
	if now := c.named(c.blocks[old%kept]); now.Hash == was.Hash || !now.Time.Equal(was.Time) {
		t.Errorf("block %d was %+v and is %+v", old, was, now)
	}
	if kept := c.named(c.blocks[(old-157)%kept]); kept.Hash != hashOf(old-157, 0) {
		t.Errorf("the common ancestor became %+v", kept)
	}
	for n := old - 200; n < c.head; n++ {
		if child, parent := c.named(c.blocks[(n+1)%kept]), c.named(c.blocks[n%kept]); child.Parent != parent.Hash {
			t.Fatalf("block %d does not link to its parent", n+1)
		}
	}
}

func TestBlocksSettleInTheirOrderAndStandStillOnDemand(t *testing.T) {
	for _, kind := range []string{config.KindEVM, config.KindOPStack, config.KindArbitrum, config.KindPolygon, config.KindZKsync} {
		c := chainOf(kind, 2*time.Second, Phase{At: start.Add(time.Hour), Safe: Still}, Phase{At: start.Add(2 * time.Hour)})
		order := func() {
			t.Helper()
			unsafe, safe := c.blocks[c.head%kept].number, c.settling.heads[headwatch.Safe].number
			final, proven := c.settling.heads[headwatch.Finalized].number, c.settling.heads[headwatch.Proven].number
			if final == 0 || final > safe || safe > unsafe || proven > safe {
				t.Errorf("%s: unsafe %d, safe %d, proven %d, finalized %d", kind, unsafe, safe, proven, final)
			}
		}
		for at := start; at.Before(start.Add(time.Hour)); at = at.Add(time.Minute) {
			c.advance(at)
			order()
		}
		c.advance(start.Add(time.Hour))
		stood := c.settling.heads[headwatch.Safe].number
		c.advance(start.Add(2*time.Hour - time.Second))
		if c.settling.heads[headwatch.Safe].number != stood {
			t.Errorf("%s: the safe head went on", kind)
		}
		c.advance(start.Add(2*time.Hour + 2*epochL1))
		if c.settling.heads[headwatch.Safe].number == stood {
			t.Errorf("%s: the safe head stands", kind)
		}
		order()
	}
}

func TestAClockAheadShowsInTimestampsAndHoldsTheHeadAfterwards(t *testing.T) {
	c := chainOf(config.KindOPStack, 2*time.Second,
		Phase{At: start, Clock: config.Duration(40 * time.Second)}, Phase{At: start.Add(10 * time.Minute)})
	c.advance(start.Add(10*time.Minute - time.Millisecond))
	ahead := c.blocks[c.head%kept]
	if by := ahead.time.Sub(start.Add(10 * time.Minute)); by < 35*time.Second || by > 42*time.Second {
		t.Errorf("the head is %s ahead", by)
	}
	c.advance(start.Add(10*time.Minute + 35*time.Second))
	if c.head > ahead.number+1 {
		t.Errorf("%d blocks although the clock is behind the head", c.head-ahead.number)
	}
}
