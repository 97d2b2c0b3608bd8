package devnet

import (
	"math/big"
	"slices"
	"testing"
	"time"

	"github.com/ethereum/go-ethereum"
	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/common/hexutil"
	"github.com/ethereum/go-ethereum/core/types"
	"github.com/ethereum/go-ethereum/ethclient"
	"github.com/ethereum/go-ethereum/params"
	"github.com/ethereum/go-ethereum/rpc"
)

func TestEveryL2BlockBeginsWithTheAttributesOfARealL1Block(t *testing.T) {
	t.Parallel()
	n := run(t, Config{L1BlockTime: 2 * time.Second})
	blocks(t, n, "l2-a", 5)
	l1, l2 := dial(t, n.L1().HTTP), dial(t, n.L2()[0].HTTP)
	all := chain(t, l2)
	onSchedule(t, all, time.Second)

	before := attributes{Hash: get(t, l1, "0x0").Hash}
	for _, b := range all[1:] {
		if len(b.Transactions) != 2 {
			t.Fatalf("block %d: %d transactions, want the system's and the steady user's", b.Number, len(b.Transactions))
		}
		first := b.Transactions[0]
		if *first.To != l1AttributesAddress || first.From != address(systemKey()) {
			t.Errorf("block %d: first transaction from %s to %s", b.Number, first.From, first.To)
		}
		at, err := decodeAttributes(first.Input)
		if err != nil {
			t.Fatalf("block %d: %v", b.Number, err)
		}
		origin := get(t, l1, hexutil.EncodeUint64(at.Number))
		if at.Hash != origin.Hash || at.Time != uint64(origin.Timestamp) || at.BaseFee.Cmp(origin.BaseFee.ToInt()) != 0 {
			t.Errorf("block %d: attributes %+v, L1 has %+v", b.Number, at, origin)
		}
		if at.Time > uint64(b.Timestamp) {
			t.Errorf("block %d: its origin is younger than itself", b.Number)
		}
		if same := at.Number == before.Number; same && at.Sequence != before.Sequence+1 || !same && (at.Number != before.Number+1 || at.Sequence != 0) {
			t.Errorf("block %d: origin %d/%d after %d/%d", b.Number, at.Number, at.Sequence, before.Number, before.Sequence)
		}
		before = at
	}
	if before.Number == 0 {
		t.Error("the origin never moved")
	}
}

func TestAStoppedSequencerBackfillsOnItsSchedule(t *testing.T) {
	t.Parallel()
	n := run(t, fast)
	client := dial(t, n.L2()[2].HTTP)
	blocks(t, n, "l2-c", 1)

	n.StopL2()
	stopped := get(t, client, "latest")
	blocks(t, n, "l1", 4)
	if now := get(t, client, "latest"); now.Hash != stopped.Hash {
		t.Fatalf("head %d after the stop at %d", now.Number, stopped.Number)
	}

	var seen []Block
	n.OnBlock(func(b Block) {
		if b.Endpoint == "l2-c" {
			seen = append(seen, b)
		}
	})
	n.ResumeL2(2)
	await(t, n, func(b Block) bool {
		return b.Endpoint == "l2-c" && b.At.Sub(b.Head.Time) < time.Second
	})
	blocks(t, n, "l2-c", 2)
	n.StopL2()
	all := chain(t, client)
	onSchedule(t, all, time.Second)
	if behind := seen[0].At.Sub(seen[0].Head.Time); behind < 2*time.Second {
		t.Errorf("the first block after the stop was only %v late", behind)
	}
	caught := slices.IndexFunc(seen, func(b Block) bool { return b.At.Sub(b.Head.Time) < time.Second })
	if took, least := seen[caught].At.Sub(seen[0].At), time.Duration(caught)*time.Second/2; took < least/2 {
		t.Errorf("%d blocks were back-filled in %v, asked for 2 a second", caught, took)
	}
	if last := seen[len(seen)-1]; last.At.Before(last.Head.Time) {
		t.Errorf("block %d came before its time", last.Head.Number)
	}
}

func TestASlowSequencerFallsBehindAndCatchesUp(t *testing.T) {
	t.Parallel()
	n := run(t, fast)
	blocks(t, n, "l2-a", 1)
	n.SlowL2(1600 * time.Millisecond)
	var seen []Block
	n.OnBlock(func(b Block) {
		if b.Endpoint == "l2-a" {
			seen = append(seen, b)
		}
	})
	blocks(t, n, "l2-a", 4)
	n.StopL2()
	if age := seen[3].At.Sub(seen[3].Head.Time); age < 1200*time.Millisecond {
		t.Errorf("age %v after four slow blocks", age)
	}
	if step := seen[3].Head.Time.Sub(seen[2].Head.Time); step != time.Second {
		t.Errorf("timestamps step by %v", step)
	}
	n.ResumeL2(0)
	await(t, n, func(b Block) bool { return b.Endpoint == "l2-a" && b.At.Sub(b.Head.Time) < time.Second })
}

func TestEmptyBlocksHoldTheSystemTransactionAlone(t *testing.T) {
	t.Parallel()
	n := run(t, fast)
	users := func(want int) {
		t.Helper()
		b := await(t, n, func(b Block) bool { return b.Endpoint == "l2-a" })
		if *b.Head.UserTxs != want {
			t.Errorf("block %d: %d user transactions, want %d", b.Head.Number, *b.Head.UserTxs, want)
		}
		if got := get(t, dial(t, n.L2()[0].HTTP), hexutil.EncodeUint64(b.Head.Number)); len(got.Transactions) != want+1 {
			t.Errorf("block %d: %d transactions", got.Number, len(got.Transactions))
		}
	}
	users(1)
	n.EmptyBlocks(true)
	users(0)
	n.EmptyBlocks(false)
	users(1)
}

func TestSentTransactionsAreSealedBehindTheSystems(t *testing.T) {
	t.Parallel()
	n := run(t, fast)
	for _, e := range []Endpoint{n.L1(), n.L2()[1]} {
		rpcClient := dial(t, e.HTTP)
		client := ethclient.NewClient(rpcClient)
		id, err := client.ChainID(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		tx := types.MustSignNewTx(FundedKey(), types.LatestSignerForChainID(id), &types.DynamicFeeTx{
			ChainID:   id,
			GasTipCap: big.NewInt(50 * params.GWei), // more than the system bids
			GasFeeCap: big.NewInt(100 * params.GWei),
			Gas:       params.TxGas,
			To:        &common.Address{},
		})
		if err := client.SendTransaction(t.Context(), tx); err != nil {
			t.Fatal(err)
		}
		var receipt *types.Receipt
		err = ethereum.NotFound
		for tries := 0; err != nil && tries < 5; tries++ {
			blocks(t, n, e.Name, 1)
			receipt, err = client.TransactionReceipt(t.Context(), tx.Hash())
		}
		if err != nil {
			t.Fatalf("%s: %v", e.Name, err)
		}
		first := get(t, rpcClient, hexutil.EncodeBig(receipt.BlockNumber)).Transactions[0]
		if e.Name != "l1" && *first.To != l1AttributesAddress {
			t.Errorf("block %d begins with a transaction to %s", receipt.BlockNumber, first.To)
		}
	}
}

func TestReorgReplacesTheLastUnsafeBlocksEverywhere(t *testing.T) {
	t.Parallel()
	n := run(t, fast)
	n.StopBatcher()
	blocks(t, n, "l2-a", 4)
	if err := n.Lag("l2-c", 3); err != nil {
		t.Fatal(err)
	}
	blocks(t, n, "l2-a", 1)
	n.StopL2()
	var clients []*rpc.Client
	var before [][]block
	for _, e := range n.L2() {
		clients = append(clients, dial(t, e.HTTP))
		before = append(before, chain(t, clients[len(clients)-1]))
	}
	if err := n.Reorg(2); err != nil {
		t.Fatal(err)
	}
	height := len(before[0]) - 1
	for i, client := range clients {
		after := chain(t, client)
		onSchedule(t, after, time.Second)
		for number := range after {
			replaced := number > height-2
			if same := number < len(before[i]) && after[number].Hash == before[i][number].Hash; same == replaced {
				t.Errorf("%s block %d of %d: same %v after a reorg of depth 2", n.L2()[i].Name, number, height, same)
			}
		}
	}
	if err := n.Reorg(height + 1); err == nil {
		t.Error("replaced the genesis")
	}
	n.ResumeL2(0)
	blocks(t, n, "l2-c", 1)
	if err := n.Reorg(0); err == nil {
		t.Error("accepted a reorg of nothing")
	}
}
