package devnet

import (
	"testing"
	"time"

	"github.com/ethereum/go-ethereum/common/hexutil"
	"github.com/ethereum/go-ethereum/rpc"
)

func TestALiarInventsHeadsThatKeepUpWithTheClock(t *testing.T) {
	t.Parallel()
	n := run(t, fast)
	blocks(t, n, "l2-b", 1)
	n.StopL2()
	if err := n.Lie("l2-b", true); err != nil {
		t.Fatal(err)
	}
	liar, honest := dial(t, n.L2()[1].HTTP), dial(t, n.L2()[0].HTTP)
	blocks(t, n, "l1", 2)
	truth, asked := get(t, honest, "latest"), time.Now()
	lie := get(t, liar, "latest")
	if at := time.Unix(int64(lie.Timestamp), 0); lie.Number <= truth.Number || at.Before(asked.Add(-time.Second)) || at.After(time.Now()) {
		t.Errorf("the liar says %d at %d, the truth is %d at %d", lie.Number, lie.Timestamp, truth.Number, truth.Timestamp)
	}
	blocks(t, n, "l1", 2)

	batch := []rpc.BatchElem{
		{Method: "eth_getBlockByNumber", Args: []any{"latest", false}, Result: new(map[string]any)},
		{Method: "eth_getBlockByNumber", Args: []any{"safe", false}, Result: new(map[string]any)},
		{Method: "eth_getBlockByNumber", Args: []any{hexutil.EncodeUint64(uint64(truth.Number)), false}, Result: new(map[string]any)},
	}
	if err := liar.BatchCallContext(t.Context(), batch); err != nil {
		t.Fatal(err)
	}
	answer := func(i int) map[string]any { return *batch[i].Result.(*map[string]any) }
	if got := answer(0)["parentHash"]; got == truth.Hash.Hex() || answer(0)["number"] == hexutil.EncodeUint64(uint64(truth.Number)) {
		t.Errorf("the lie links to the truth: %v", answer(0))
	}
	if answer(0)["hash"] == lie.Hash.Hex() || answer(1)["hash"] == answer(0)["hash"] {
		t.Errorf("hash %v is told of several blocks", answer(0)["hash"])
	}
	if answer(2)["hash"] != truth.Hash.Hex() {
		t.Errorf("block %d by its number: %v, want the truth", truth.Number, answer(2)["hash"])
	}

	pushed := make(chan map[string]any, 10)
	sub, err := dial(t, n.L2()[1].WS).EthSubscribe(t.Context(), pushed, "newHeads")
	if err != nil {
		t.Fatal(err)
	}
	first := <-pushed
	if second := <-pushed; second["parentHash"] != first["hash"] || second["number"] == first["number"] {
		t.Errorf("pushed %v after %v", second["number"], first["number"])
	}
	if err := n.Lie("l2-b", false); err != nil {
		t.Fatal(err)
	}
	if err := <-sub.Err(); err == nil {
		t.Error("the lying subscription goes on")
	}
	if now := get(t, liar, "latest"); now.Hash != truth.Hash {
		t.Errorf("head %d after the lie, the truth is %d", now.Number, truth.Number)
	}
}
