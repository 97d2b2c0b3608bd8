package evm

import (
	"context"
	"errors"
	"math/big"
	"strconv"
	"testing"
	"time"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/core/types"
	"github.com/ethereum/go-ethereum/crypto"
	"go.uber.org/zap"

	"headwatch/config"
	"headwatch/devnet"
	"headwatch/journal"
)

// What is under way is known again after a restart, on a real journal, and no nonce is given out twice.
func TestNoncesOutliveTheProcess(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	c := &config.Config{Hooks: []config.Hook{{Name: "pause.a", Kind: config.HookEVM}, {Name: "b", Kind: config.HookEVM}}}
	from := crypto.PubkeyToAddress(devnet.FundedKey().PublicKey)
	of := account{devnet.L2ChainID, from}
	signed := func(incident, hook string, nonce uint64) draft {
		tx := types.MustSignNewTx(devnet.FundedKey(), types.LatestSignerForChainID(big.NewInt(devnet.L2ChainID)), &types.DynamicFeeTx{
			ChainID: big.NewInt(devnet.L2ChainID), Nonce: nonce, To: &common.Address{1}, GasTipCap: inGwei(1), GasFeeCap: inGwei(2), Gas: 21_000,
		})
		d, err := newDraft(incident, hook, legL2, 1, tx, from, 7, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	open := func() (*Accounts, *journal.Journal) {
		j, err := journal.Open(t.Context(), config.Journal{Dir: dir}, zap.NewNop())
		if err != nil {
			t.Fatal(err)
		}
		a := NewAccounts(c, j)
		if err := a.load(t.Context()); err != nil {
			t.Fatal(err)
		}
		return a, j
	}
	a, j := open()
	for i, d := range []draft{signed("lending/7", "pause.a", 5), signed("lending/7", "b", 6)} {
		if got := a.nonce(of, 5); got != 5+uint64(i) {
			t.Errorf("gives out %d", got)
		}
		if _, err := a.keep(t.Context(), d); err != nil {
			t.Fatal(err)
		}
	}
	// The slot is taken: what is in it is given, and nothing else may be sent.
	if d, err := a.keep(t.Context(), signed("lending/7", "b", 9)); err != nil || d.Nonce != 6 {
		t.Errorf("kept nonce %d, %v", d.Nonce, err)
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}

	a, j = open()
	drafts, err := a.kept(t.Context(), "lending/7", "b", legL2)
	if err != nil || len(drafts) != 1 || drafts[0].Nonce != 6 || drafts[0].hash != signed("", "", 6).hash {
		t.Errorf("%+v, %v", drafts, err)
	}
	if got := a.nonce(of, 5); got != 7 {
		t.Errorf("gives out %d", got)
	}
	for _, hook := range []string{"pause.a", "b"} {
		if err := a.end(t.Context(), "lending/7", hook); err != nil {
			t.Fatal(err)
		}
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}

	a, j = open()
	if got := a.nonce(of, 5); got != 5 {
		t.Errorf("what is over has nonce %d", got-1)
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestAKeptTransactionIsWhatItsBytesSay(t *testing.T) {
	for _, text := range []string{"", "{}", `{"raw":"0x02"}`, `{"chain_id":901,"raw":"0x"}`} {
		if d, err := readDraft([]byte(text)); err == nil {
			t.Errorf("%s gives %+v", text, d)
		}
	}
}

// lossy takes what is kept, or does not, and says neither, once.
type lossy struct {
	*book
	hook  string
	takes bool
	lost  bool
}

func (l *lossy) Keep(ctx context.Context, incident, hook, slot string, data []byte) ([]byte, error) {
	if hook != l.hook || l.lost || slot == beganSlot {
		return l.book.Keep(ctx, incident, hook, slot, data)
	}
	l.lost = true
	if l.takes {
		_, _ = l.book.Keep(ctx, incident, hook, slot, data)
	}
	return nil, errors.New("no answer in time")
}

// The journal does not say whether it took the transaction of one hook: another gets the next nonce, and both pauses land.
func TestAKeptTransactionWithoutAnAnswerHasItsNonce(t *testing.T) {
	t.Parallel()
	for _, takes := range []bool{true, false} {
		t.Run(strconv.FormatBool(takes), func(t *testing.T) {
			t.Parallel()
			s := newStage(t)
			s.hook("one")
			s.hook("two")
			j := &lossy{book: s.book, hook: "one", takes: takes}
			accounts := NewAccounts(s.config, j)
			open := func(i int) *Hook {
				d := s.log()
				d.Accounts, d.Journal = accounts, j
				h, err := New(s.config.Hooks[i], d)
				if err != nil {
					t.Fatal(err)
				}
				return h
			}
			one, two := open(0), open(1)
			for i, h := range []*Hook{one, two} {
				if _, over, err := attempt(t, h, trip(h.config.Name)); over {
					t.Fatalf("%d: %v", i, err)
				}
			}
			if _, over, err := attempt(t, one, trip("one")); over && err != nil {
				t.Fatal(err)
			}
			nonces := map[uint64]string{}
			for _, d := range s.book.drafts(t, legL2) {
				if o, taken := nonces[d.Nonce]; taken {
					t.Errorf("nonce %d is of %s and %s", d.Nonce, o, d.Hook)
				}
				nonces[d.Nonce] = d.Hook
			}
			if len(nonces) != 2 {
				t.Errorf("kept %v", nonces)
			}
		})
	}
}
