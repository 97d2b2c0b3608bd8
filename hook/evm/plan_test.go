package evm

import (
	"encoding/binary"
	"math/big"
	"testing"
	"time"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/params"
	"pgregory.net/rapid"
)

func inGwei(n int64) *big.Int { return big.NewInt(n * params.GWei) }

// chaos is a chain, its mempool and the journal, all out to make a leg send two pauses or none.
type chaos struct {
	rules rules
	now   time.Time

	kept []offer                   // in the journal
	sent map[common.Hash]time.Time // in the process: lost by a crash

	blocks   []common.Hash // of each block: the transaction of our nonce, zero for none
	pool     common.Hash   // what would be mined next with our nonce
	base     *big.Int
	nonce    uint64
	stranger common.Hash
	holds    bool
}

func newChaos(t *rapid.T) *chaos {
	return &chaos{
		rules: rules{Replace: 30 * time.Second, Confirmations: rapid.Uint64Range(1, 4).Draw(t, "confirmations"), MaxFee: inGwei(300)},
		now:   time.Unix(1_700_000_000, 0), sent: map[common.Hash]time.Time{},
		base: inGwei(rapid.Int64Range(1, 400).Draw(t, "base")), nonce: 7, stranger: common.Hash{0xff},
	}
}

func (c *chaos) see() sight {
	w := sight{Now: c.now, Head: uint64(len(c.blocks)), Latest: c.nonce, Used: c.nonce, Market: market(c.base, nil), Mined: map[common.Hash]mined{}, Holds: c.holds}
	for i, tx := range c.blocks {
		depth := uint64(len(c.blocks) - i)
		if tx != (common.Hash{}) {
			w.Latest = c.nonce + 1
		}
		switch tx {
		case common.Hash{}:
		case c.stranger:
			if depth >= c.rules.Confirmations {
				w.Used = c.nonce + 1
			}
		default:
			w.Mined[tx] = mined{Depth: depth, OK: true}
			if depth >= c.rules.Confirmations {
				w.Used = c.nonce + 1
			}
		}
	}
	return w
}

// step does what the plan says, up to a crash: the first crashAfter effects happen.
func (c *chaos) step(t *rapid.T, crash bool) step {
	w := c.see()
	s := c.rules.next(c.kept, c.sent, w)
	switch s.Do {
	case actSign:
		if s.Fees.Max.Cmp(c.rules.MaxFee) > 0 || s.Fees.Tip.Cmp(s.Fees.Max) > 0 {
			t.Fatalf("offers %v over the cap", s.Fees)
		}
		if n := len(c.kept); n > 0 {
			before := c.kept[n-1].Fees
			if s.Fees.Max.Cmp(tenthMore(before.Max)) < 0 || s.Fees.Tip.Cmp(tenthMore(before.Tip)) < 0 {
				t.Fatalf("offers %v after %v", s.Fees, before)
			}
		} else if c.holds {
			t.Fatal("signs although the contract is there")
		}
		if crash {
			break // before it was kept: the signature is lost, and nothing was sent
		}
		var hash common.Hash
		binary.BigEndian.PutUint64(hash[:], uint64(len(c.kept)+1))
		c.kept = append(c.kept, offer{hash, c.nonce, s.Fees, c.now, w.Head})
	case actSend:
		if len(c.kept) == 0 || c.kept[len(c.kept)-1].Hash != s.Hash {
			t.Fatalf("sends %s, which is not the newest that is kept", s.Hash)
		}
		if rapid.Bool().Draw(t, "a node takes it") {
			c.pool = s.Hash
		}
		c.sent[s.Hash] = c.now
	case actLanded:
		if m, ok := w.Mined[s.Hash]; !ok || m.Depth < c.rules.Confirmations {
			t.Fatalf("landed, and the block has %d confirmations", m.Depth)
		}
	case actLost:
		if w.Used <= c.nonce || len(w.Mined) > 0 {
			t.Fatal("gives up although its nonce is free")
		}
	case actNothing:
		if len(c.kept) > 0 {
			t.Fatal("forgets what is under way")
		}
	}
	if crash {
		c.sent = map[common.Hash]time.Time{}
	}
	return s
}

func (c *chaos) affordable() bool {
	for _, o := range c.kept {
		if o.Hash == c.pool {
			return o.Fees.Max.Cmp(c.base) >= 0
		}
	}
	return c.pool == c.stranger
}

func (c *chaos) mine() {
	var tx common.Hash
	if c.affordable() {
		tx, c.pool = c.pool, common.Hash{}
	}
	for _, b := range c.blocks {
		if b != (common.Hash{}) {
			tx = common.Hash{} // the nonce is used
		}
	}
	c.blocks = append(c.blocks, tx)
}

func TestALegKeepsItsPromisesInAnyWorld(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := newChaos(t)
		t.Repeat(map[string]func(*rapid.T){
			"step":  func(t *rapid.T) { c.step(t, false) },
			"crash": func(t *rapid.T) { c.step(t, true) },
			"time":  func(t *rapid.T) { c.now = c.now.Add(time.Duration(rapid.IntRange(1, 40).Draw(t, "s")) * time.Second) },
			"block": func(*rapid.T) { c.mine() },
			"drop":  func(*rapid.T) { c.pool = common.Hash{} },
			"spike": func(t *rapid.T) { c.base = inGwei(rapid.Int64Range(1, 400).Draw(t, "base")) },
			"older": func(t *rapid.T) {
				if len(c.kept) > 0 { // a node mines one that was replaced
					c.pool = rapid.SampledFrom(c.kept).Draw(t, "kept").Hash
				}
			},
			"reorg": func(t *rapid.T) {
				n := min(rapid.IntRange(1, 5).Draw(t, "depth"), len(c.blocks), int(c.rules.Confirmations)-1)
				c.blocks = c.blocks[:len(c.blocks)-n]
			},
			"foreign": func(*rapid.T) { c.holds = true },
			"stranger": func(t *rapid.T) {
				if rapid.IntRange(0, 9).Draw(t, "rarely") == 0 {
					c.pool = c.stranger
				}
			},
			"": func(t *rapid.T) {
				for _, o := range c.kept {
					if o.Nonce != c.nonce {
						t.Fatal("a second nonce")
					}
				}
			},
		})
		// From here on the world is kind: base fees are low, what is sent is taken, blocks come and stay.
		c.base = inGwei(1)
		for range 40 {
			s := c.step(t, false)
			if s.Do == actLanded || s.Do == actLost || s.Do == actNothing {
				return
			}
			if s.Do == actSend {
				c.pool = s.Hash
			}
			if s.Do == actWait || s.Do == actSend {
				c.now = c.now.Add(4 * time.Second)
				c.mine()
			}
		}
		t.Fatalf("does not end: %d are kept, blocks %v", len(c.kept), c.blocks)
	})
}

func TestAReorganisedReceiptIsSentAgain(t *testing.T) {
	r := rules{Replace: time.Minute, Confirmations: 2, MaxFee: inGwei(300)}
	now := time.Unix(1_700_000_000, 0)
	o := offer{Hash: common.Hash{1}, Nonce: 3, Fees: market(inGwei(1), nil), At: now, Head: 10}
	sent := map[common.Hash]time.Time{o.Hash: now}
	w := sight{Now: now.Add(12 * time.Second), Head: 11, Used: 3, Market: market(inGwei(1), nil), Mined: map[common.Hash]mined{o.Hash: {1, true}}}
	if s := r.next([]offer{o}, sent, w); s.Do != actWait || s.Hash != o.Hash {
		t.Errorf("in a block: %+v", s)
	}
	w.Mined = nil
	if s := r.next([]offer{o}, sent, w); s.Do != actSend || s.Hash != o.Hash {
		t.Errorf("out of it again: %+v", s)
	}
}

func TestAChainThatStandsStillIsOfferedNoMore(t *testing.T) {
	r := rules{Replace: 30 * time.Second, Confirmations: 2, MaxFee: inGwei(300)}
	now := time.Unix(1_700_000_000, 0)
	o := offer{Hash: common.Hash{1}, Nonce: 3, Fees: market(inGwei(1), nil), At: now, Head: 10}
	sent := map[common.Hash]time.Time{o.Hash: now.Add(time.Hour)}
	w := sight{Now: now.Add(time.Hour), Head: 10, Used: 3, Market: market(inGwei(1), nil)}
	if s := r.next([]offer{o}, sent, w); s.Do != actWait {
		t.Errorf("while it stands: %+v", s)
	}
	w.Head = 12
	if s := r.next([]offer{o}, sent, w); s.Do != actSign {
		t.Errorf("once it moves: %+v", s)
	}
	o.Fees = fees{inGwei(1), inGwei(290)}
	if s := r.next([]offer{o}, sent, w); s.Do != actWait || !s.Capped {
		t.Errorf("at the cap: %+v", s)
	}
}
