package devnet

import (
	"context"
	"errors"
	"math/big"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ethereum/go-ethereum/rpc"
)

func TestControlsFromManyGoroutinesLeaveAWellChain(t *testing.T) {
	t.Parallel()
	n := run(t, fast)
	n.StopBatcher()
	blocks(t, n, "l2-a", 3)
	var wg sync.WaitGroup
	for _, control := range []func() error{
		func() error { n.StopL2(); n.ResumeL2(50); return nil },
		func() error { n.StopL1(); n.ResumeL1(); return nil },
		func() error { n.EmptyBlocks(true); n.EmptyBlocks(false); return nil },
		func() error { return errors.Join(n.Freeze("l2-a"), n.Thaw("l2-a")) },
		func() error { return errors.Join(n.Lag("l2-b", 2), n.Lag("l2-b", 0)) },
		func() error { return errors.Join(n.Lie("l2-c", true), n.Lie("l2-c", false)) },
		func() error { return errors.Join(n.SetFault("l2-c", Refuse), n.SetFault("l2-c", Pass)) },
		func() error { return n.Reorg(2) },
		func() error { return n.ReorgL1(1, true) },
		func() error { return n.SpikeL1(1, big.NewInt(1)) },
		func() error { _, err := n.MarketCalls(1); return err },
		func() error { _, err := n.Deposits(); return err },
		func() error { _, err := n.Heads("l2-b"); return err },
	} {
		wg.Go(func() {
			for range 10 {
				if err := control(); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	blocks(t, n, "l2-a", 1)
	n.StopL2()
	var heads []block
	for _, e := range n.L2() {
		all := chain(t, dial(t, e.HTTP))
		onSchedule(t, all, time.Second)
		heads = append(heads, all[len(all)-1])
	}
	if heads[0].Hash != heads[1].Hash || heads[1].Hash != heads[2].Hash {
		t.Errorf("heads differ: %+v", heads)
	}
}

func TestTwoNetsSideBySideDoNotCollide(t *testing.T) {
	t.Parallel()
	one, two := run(t, fast), run(t, fast)
	blocks(t, one, "l2-a", 1)
	one.StopL2()
	stopped := get(t, dial(t, one.L2()[0].HTTP), "latest")
	blocks(t, two, "l2-a", 2)
	if got := get(t, dial(t, one.L2()[0].HTTP), "latest"); got.Hash != stopped.Hash {
		t.Errorf("the second net moved the first from %d to %d", stopped.Number, got.Number)
	}
	if got := get(t, dial(t, two.L2()[0].HTTP), "latest"); got.Number < 2 {
		t.Errorf("the first net stopped the second at %d", got.Number)
	}
}

func TestAnEndedNetLeavesNothingBehind(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	n, err := New(fast)
	if err != nil {
		t.Fatal(err)
	}
	if entries, _ := os.ReadDir(dir); len(entries) == 0 {
		t.Error("the nodes keep their files elsewhere: this test sees nothing")
	}
	ctx, cancel := context.WithCancel(t.Context())
	n.OnBlock(func(b Block) {
		if b.Endpoint == "l2-c" {
			cancel()
		}
	})
	if err := n.Run(ctx); err != nil {
		t.Errorf("run: %v", err)
	}
	if entries, _ := os.ReadDir(dir); len(entries) > 0 {
		t.Errorf("left %v", entries)
	}
	if _, err := rpc.DialContext(t.Context(), n.L2()[0].WS); err == nil {
		t.Error("still listening")
	}
	_, err = n.Heads("l1")
	for _, err := range []error{err, n.Thaw("l2-a"), n.Lag("l2-a", 1), n.Reorg(1), n.ReorgL1(1, false), n.SpikeL1(0, new(big.Int)), n.Lie("l1", true), n.SetFault("l1", Hang)} {
		if !errors.Is(err, ErrClosed) {
			t.Errorf("on an ended net: %v", err)
		}
	}
}

func TestANetThatIsCancelledBeforeItRunsIsReleased(t *testing.T) {
	t.Parallel()
	n, err := New(Config{})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := n.Run(ctx); err != nil {
		t.Error(err)
	}
}

func TestImpossibleWishesAreRefused(t *testing.T) {
	t.Parallel()
	for want, cfg := range map[string]Config{
		"whole seconds":   {L2BlockTime: 500 * time.Millisecond},
		"longer than L1":  {L1BlockTime: time.Second, L2BlockTime: 2 * time.Second},
		"not be negative": {SafeLag: -1},
		"0 to 64":         {Users: 65},
	} {
		if _, err := New(cfg); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: %v", cfg, err)
		}
	}
	n := run(t, fast)
	if err := n.Freeze("l2-d"); err == nil {
		t.Error("froze an endpoint that does not exist")
	}
	if err := n.Freeze("l1"); err == nil {
		t.Error("froze the L1, which seals for itself")
	}
}
