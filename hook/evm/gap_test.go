package evm

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ethereum/go-ethereum/common"
	"pgregory.net/rapid"

	"headwatch/config"
	"headwatch/devnet"
)

// A transaction was kept, no node took it, and its delivery has ended elsewhere: the next pause of the account lands all the same,
// and the old transaction can land no more.
func TestWhatIsLeftOverBlocksNobody(t *testing.T) {
	t.Parallel()
	for name, leave := range map[string]func(*stage, *config.Hook, *Accounts){
		"the hook is off": func(s *stage, old *config.Hook, _ *Accounts) { old.Mode = config.ModeOff },
		"nobody follows":  func(_ *stage, _ *config.Hook, a *Accounts) { a.gaps.idle = time.Second },
		"the hook is gone": func(s *stage, old *config.Hook, _ *Accounts) {
			s.config.Hooks = slices.DeleteFunc(s.config.Hooks, func(h config.Hook) bool { return h.Name == "old" })
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t)
			g := newGate(t, s.L2()[0].HTTP)
			g.answer(func(method string) (string, bool) {
				return `"error":{"code":-32000,"message":"txpool is full"}`, method == "eth_sendRawTransaction"
			})
			s.config.Chains[0].Endpoints = nil
			s.endpoint("gate", g.URL)
			s.hook("pause")
			old := s.hook("old")
			old.GasLimit = 200_000 // for another transaction
			if _, over, err := attempt(t, s.open(t, old, nil), trip("a")); over {
				t.Fatal(err)
			}
			g.answer(nil)
			a := NewAccounts(s.config, s.book)
			leave(s, old, a)
			h := s.open(t, &s.config.Hooks[0], a)
			if detail, err := s.deliver(t, h, trip("b")); err != nil {
				t.Fatal(detail, err)
			}
			left := s.book.drafts(t, legL2)[0]
			c, err := h.target.look(t.Context(), left.From, 1, []common.Hash{left.hash})
			if err != nil || c.Latest <= left.Nonce || len(c.Receipts) != 0 || s.pauses(t) != 1 {
				t.Errorf("%+v, %v, %d pauses", c, err, s.pauses(t))
			}
		})
	}
}

// Any errands of one account, in any order, some of which are left over: whatever waits is told apart right. Nobody fills what
// another still sends, and in the end every nonce up to the last has somebody who sends or fills it.
func TestEveryNonceIsSentOrFilled(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := &config.Config{Hooks: []config.Hook{
			{Name: "on", Kind: config.HookEVM, Mode: config.ModeArmed}, {Name: "off", Kind: config.HookEVM, Mode: config.ModeOff},
		}}
		now := time.Now()
		a := NewAccounts(c, &book{})
		a.gaps.loaded = now.Add(-2 * idle)
		of := account{devnet.L2ChainID, common.Address{1}}
		var all []draft
		dead, unknown := map[uint64]bool{}, map[uint64]bool{}
		for i := range rapid.IntRange(1, 8).Draw(t, "errands") {
			d := draft{Incident: fmt.Sprint(i), Hook: "on", Leg: legL2, Number: 1, ChainID: of.chain, From: of.address}
			d.Nonce = a.nonce(of, uint64(i))
			if d.Nonce != uint64(i) {
				t.Fatalf("nonce %d is given as the next after %d", d.Nonce, i)
			}
			a.give(d)
			kind := rapid.SampledFrom([]string{"followed", "off", "idle", "unknown"}).Draw(t, "kind")
			switch kind {
			case "followed":
				a.gaps.followed[d.end()] = true
			case "off":
				d.Hook, dead[d.Nonce] = "off", true
			case "idle":
				dead[d.Nonce] = true
			case "unknown": // kept by a hook that is in the configuration no more
				unknown[d.Nonce] = true
				continue
			}
			a.drafts = append(a.drafts, d)
			all = append(all, d)
		}
		for latest, left := uint64(0), 100; ; left-- {
			last := slices.IndexFunc(all, func(d draft) bool { return d.Nonce >= latest && !dead[d.Nonce] })
			if last < 0 {
				return // nobody waits
			}
			if left == 0 {
				t.Fatalf("nonce %d is neither sent nor filled", latest)
			}
			moved := false
			for _, d := range all {
				if d.Nonce < latest || dead[d.Nonce] {
					continue
				}
				why, stuck := a.ahead(d, latest, now, time.Minute)
				switch {
				case (why == "") != (d.Nonce == latest):
					t.Fatalf("%d waits at %d: %q", d.Nonce, latest, why)
				case stuck && !dead[latest] && !unknown[latest]:
					t.Fatalf("%d fills %d, which another sends", d.Nonce, latest)
				case stuck && moved:
					t.Fatalf("two fill %d", latest)
				}
				moved = moved || stuck || why == ""
			}
			if moved {
				latest++
			}
			now = now.Add(30 * time.Second)
		}
	})
}

// Nobody's pause is taken for left over that another process has begun and this one has not come to yet, nor one that this process
// has begun and cannot get on with.
func TestWhatWillBeFollowedIsNotLeftOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &config.Config{Hooks: []config.Hook{{Name: "one", Kind: config.HookEVM, Mode: config.ModeArmed}}}
		a := NewAccounts(c, &book{})
		first := draft{Incident: "i", Hook: "one", Leg: legL2, Number: 1, Nonce: 5}
		second := draft{Incident: "i", Hook: "two", Leg: legL2, Number: 1, Nonce: 6}
		stuck := func() bool {
			_, stuck := a.ahead(second, 5, time.Now(), time.Second)
			return stuck
		}
		time.Sleep(time.Hour) // the journal does not answer at the start
		if err := a.load(t.Context()); err != nil {
			t.Fatal(err)
		}
		a.drafts = []draft{first, second}
		if stuck() {
			t.Error("what was just read is left over")
		}
		if time.Sleep(idle); !stuck() {
			t.Error("what nobody follows is not left over")
		}
		a.follow("i", "one")
		if time.Sleep(24 * time.Hour); stuck() {
			t.Error("what cannot be got on with is left over")
		}
		if err := a.end(t.Context(), "i", "one"); err != nil {
			t.Fatal(err)
		}
		if len(a.gaps.followed) != 0 {
			t.Errorf("%d ends are remembered", len(a.gaps.followed))
		}
	})
}

// What a filler offers outbids all that was signed with its nonce by others, and not itself.
func TestTheMostOfRivals(t *testing.T) {
	a := NewAccounts(&config.Config{}, nil)
	for i, f := range []fees{{inGwei(1), inGwei(9)}, {inGwei(2), inGwei(5)}} {
		d := draft{Incident: fmt.Sprint(i), Hook: "h", Nonce: 3}
		data := fmt.Appendf(nil, `{"tip":"0x%x","max_fee":"0x%x"}`, f.Tip, f.Max)
		if err := json.Unmarshal(data, &d); err != nil {
			t.Fatal(err)
		}
		a.drafts = append(a.drafts, d)
	}
	if f := a.rivals(account{}, 3, over{"2", "h", true}); f.Tip.Cmp(inGwei(2)) != 0 || f.Max.Cmp(inGwei(9)) != 0 {
		t.Errorf("%+v", f)
	}
	if f := a.rivals(account{}, 3, over{"0", "h", true}); f.Max.Cmp(inGwei(5)) != 0 {
		t.Errorf("%+v", f)
	}
	if f := a.rivals(account{}, 4, over{"0", "h", true}); f != nil {
		t.Errorf("%+v", f)
	}
}
