package devnet

import (
	"context"
	"flag"
	"slices"
	"testing"
	"time"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/common/hexutil"
	"github.com/ethereum/go-ethereum/rpc"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	_ = flag.Set("test.parallel", "4") // the tests wait for block times, not for the processor
	goleak.VerifyTestMain(m,
		// One pool a process, started by the import of geth's core.
		goleak.IgnoreTopFunction("github.com/ethereum/go-ethereum/core.(*txSenderCacher).cache"),
		// The node table of p2p: it takes up to a second to notice that its database is closed.
		goleak.IgnoreTopFunction("github.com/syndtr/goleveldb/leveldb.(*DB).mpoolDrain"),
	)
}

// fast is a net at the least block times there are, with short lags.
var fast = Config{L1BlockTime: time.Second, L2BlockTime: time.Second, SafeLag: 1, FinalizedLag: 2}

// run starts a net that ends with the test.
func run(t *testing.T, cfg Config) *Net {
	t.Helper()
	n, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- n.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("run: %v", err)
		}
	})
	return n
}

// await waits for a head.
func await(t *testing.T, n *Net, cond func(Block) bool) Block {
	t.Helper()
	found := make(chan Block, 1)
	n.OnBlock(func(b Block) {
		if cond(b) {
			select {
			case found <- b:
			default:
			}
		}
	})
	select {
	case b := <-found:
		return b
	case <-time.After(30 * time.Second):
		t.Fatal("no such head in 30 s")
		return Block{}
	}
}

// blocks waits for this many new heads of an endpoint.
func blocks(t *testing.T, n *Net, endpoint string, count int) {
	t.Helper()
	await(t, n, func(b Block) bool {
		if b.Endpoint == endpoint {
			count--
		}
		return count <= 0
	})
}

func dial(t *testing.T, url string) *rpc.Client {
	t.Helper()
	client, err := rpc.DialContext(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	return client
}

// block is what the tests read of a block, from the outside.
type block struct {
	Number       hexutil.Uint64
	Hash         common.Hash
	ParentHash   common.Hash
	Timestamp    hexutil.Uint64
	BaseFee      *hexutil.Big `json:"baseFeePerGas"`
	Transactions []struct {
		Hash  common.Hash
		From  common.Address
		To    *common.Address
		Input hexutil.Bytes
	}
}

func get(t *testing.T, client *rpc.Client, tag string) block {
	t.Helper()
	var b *block
	if err := client.CallContext(t.Context(), &b, "eth_getBlockByNumber", tag, true); err != nil {
		t.Fatalf("block %s: %v", tag, err)
	}
	if b == nil {
		t.Fatalf("block %s: null", tag)
	}
	return *b
}

// chain reads all blocks up to the head, newest last.
func chain(t *testing.T, client *rpc.Client) []block {
	t.Helper()
	head := get(t, client, "latest")
	all := []block{head}
	for all[0].Number > 0 {
		var parent block
		if err := client.CallContext(t.Context(), &parent, "eth_getBlockByHash", all[0].ParentHash, true); err != nil {
			t.Fatal(err)
		}
		all = slices.Insert(all, 0, parent)
	}
	return all
}

// onSchedule fails unless every timestamp is the parent's plus the block time.
func onSchedule(t *testing.T, all []block, blockTime time.Duration) {
	t.Helper()
	for i := 1; i < len(all); i++ {
		if got := all[i].Timestamp - all[i-1].Timestamp; uint64(got) != seconds(blockTime) {
			t.Errorf("block %d is %d s after its parent", all[i].Number, got)
		}
	}
}
