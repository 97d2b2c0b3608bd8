package devnet

import (
	"errors"
	"testing"

	"github.com/ethereum/go-ethereum/core/types"
	"github.com/ethereum/go-ethereum/ethclient"
	"github.com/ethereum/go-ethereum/rpc"

	"headwatch"
)

func TestBothChainsServeHTTPAndWebSocket(t *testing.T) {
	t.Parallel()
	n := run(t, fast)
	blocks(t, n, "l2-c", 1)
	for _, e := range append(n.L2(), n.L1()) {
		want := uint64(L2ChainID)
		if e.Name == "l1" {
			want = L1ChainID
		}
		for _, url := range []string{e.HTTP, e.WS} {
			client := ethclient.NewClient(dial(t, url))
			id, err := client.ChainID(t.Context())
			if err != nil || id.Uint64() != want {
				t.Errorf("%s: chain id %v, %v", url, id, err)
			}
			if syncing, err := client.SyncProgress(t.Context()); err != nil || syncing != nil {
				t.Errorf("%s: syncing %v, %v", url, syncing, err)
			}
		}
	}
}

func TestNewHeadsArriveOverWebSocketAsTheyAreAnnounced(t *testing.T) {
	t.Parallel()
	n := run(t, fast)
	announced := make(chan Block, 100)
	n.OnBlock(func(b Block) {
		if b.Endpoint == "l2-b" {
			announced <- b
		}
	})
	pushed := make(chan *types.Header, 100)
	sub, err := ethclient.NewClient(dial(t, n.L2()[1].WS)).SubscribeNewHead(t.Context(), pushed)
	if err != nil {
		t.Fatal(err)
	}
	defer sub.Unsubscribe()
	for range 3 {
		head := <-pushed
		b := <-announced
		for b.Head.Number < head.Number.Uint64() {
			b = <-announced
		}
		if b.Head.Hash != head.Hash().Hex() {
			t.Errorf("pushed %d %s, announced %d %s", head.Number, head.Hash(), b.Head.Number, b.Head.Hash)
		}
	}
}

func TestOneEndpointFreezesAndLagsWhileTheOthersGoOn(t *testing.T) {
	t.Parallel()
	n := run(t, fast)
	a, b := dial(t, n.L2()[0].HTTP), dial(t, n.L2()[1].HTTP)
	blocks(t, n, "l2-b", 1)

	if err := n.Freeze("l2-a"); err != nil {
		t.Fatal(err)
	}
	frozen := get(t, a, "latest")
	blocks(t, n, "l2-b", 2)
	if now := get(t, a, "latest"); now.Hash != frozen.Hash {
		t.Errorf("frozen at %d, now at %d", frozen.Number, now.Number)
	}
	n.StopL2()
	if err := n.Thaw("l2-a"); err != nil {
		t.Fatal(err)
	}
	if thawed, other := get(t, a, "latest"), get(t, b, "latest"); thawed.Hash != other.Hash {
		t.Errorf("thawed at %d, the others at %d", thawed.Number, other.Number)
	}

	if err := n.Lag("l2-a", 2); err != nil {
		t.Fatal(err)
	}
	if now, other := get(t, a, "latest"), get(t, b, "latest"); now.Hash != other.Hash {
		t.Errorf("lag took the head back to %d", now.Number)
	}
	n.ResumeL2(0)
	blocks(t, n, "l2-b", 3)
	n.StopL2()
	if now, other := get(t, a, "latest"), get(t, b, "latest"); now.Number+2 != other.Number {
		t.Errorf("at %d with a lag of 2, the others at %d", now.Number, other.Number)
	}
	if err := n.Lag("l2-a", 0); err != nil {
		t.Fatal(err)
	}
	if now, other := get(t, a, "latest"), get(t, b, "latest"); now.Hash != other.Hash {
		t.Errorf("at %d without lag, the others at %d", now.Number, other.Number)
	}
}

func TestAFaultyWireLeavesTheOtherEndpointsAlone(t *testing.T) {
	t.Parallel()
	n := run(t, fast)
	blocks(t, n, "l2-a", 1)
	if err := n.SetFault("l2-a", Refuse); err != nil {
		t.Fatal(err)
	}
	if _, err := rpc.DialContext(t.Context(), n.L2()[0].WS); err == nil {
		t.Error("connected to a refusing endpoint")
	}
	get(t, dial(t, n.L2()[1].WS), "latest")
	if err := n.SetFault("l2-a", Pass); err != nil {
		t.Fatal(err)
	}
	get(t, dial(t, n.L2()[0].WS), "latest")
}

func TestHeadsAreTrueThroughAnyFault(t *testing.T) {
	t.Parallel()
	n := run(t, fast)
	blocks(t, n, "l2-a", 2)
	n.StopL2()
	want := get(t, dial(t, n.L2()[0].HTTP), "latest")
	if err := errors.Join(n.SetFault("l2-a", Refuse), n.Lie("l2-a", true)); err != nil {
		t.Fatal(err)
	}
	heads, err := n.Heads("l2-a")
	if err != nil {
		t.Fatal(err)
	}
	if got := heads[headwatch.Unsafe]; got.Hash != want.Hash.Hex() || got.Parent != want.ParentHash.Hex() || *got.UserTxs != 1 {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if heads[headwatch.Safe].Number > heads[headwatch.Unsafe].Number || heads[headwatch.Finalized].Number > heads[headwatch.Safe].Number {
		t.Errorf("heads out of order: %+v", heads)
	}
}
