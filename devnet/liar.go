package devnet

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"math/big"
	"sync/atomic"
	"time"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/common/hexutil"
	"github.com/ethereum/go-ethereum/crypto"
	"github.com/ethereum/go-ethereum/eth"
	"github.com/ethereum/go-ethereum/eth/filters"
	"github.com/ethereum/go-ethereum/rpc"
)

// blockReader is what the liar needs of geth's own service, whose type cannot be named from here.
type blockReader interface {
	GetBlockByNumber(ctx context.Context, number rpc.BlockNumber, full bool) (map[string]any, error)
}

// liar stands in for the two RPC methods that tell of heads. While it does not lie it hands them through. Its exported
// methods are RPC methods.
type liar struct {
	honest    blockReader
	push      *filters.FilterAPI
	genesis   time.Time
	blockTime time.Duration
	secret    [8]byte // makes the invented hashes its own
	lying     atomic.Bool
}

func newLiar(backend *eth.Ethereum, genesis time.Time, blockTime time.Duration) (*liar, error) {
	l := &liar{genesis: genesis, blockTime: blockTime}
	_, _ = rand.Read(l.secret[:]) // never fails
	for _, api := range backend.APIs() {
		if honest, ok := api.Service.(blockReader); ok {
			l.honest = honest
			l.push = filters.NewFilterAPI(filters.NewFilterSystem(backend.APIBackend, filters.Config{}))
			return l, nil
		}
	}
	return nil, errors.New("geth has no eth_getBlockByNumber")
}

// apis puts the liar after geth's services: of two methods with one name the later counts.
func (l *liar) apis() []rpc.API {
	return []rpc.API{{Namespace: "eth", Service: l.push}, {Namespace: "eth", Service: l}}
}

// GetBlockByNumber is eth_getBlockByNumber. Only the tags are worth a lie: a number is asked for in order to check.
func (l *liar) GetBlockByNumber(ctx context.Context, number rpc.BlockNumber, full bool) (map[string]any, error) {
	block, err := l.honest.GetBlockByNumber(ctx, number, full)
	if err != nil || block == nil || !l.lying.Load() {
		return block, err
	}
	head := l.due()
	switch number {
	case rpc.LatestBlockNumber:
		l.forge(block, head)
	case rpc.SafeBlockNumber:
		l.forge(block, head-min(head, 8))
	case rpc.FinalizedBlockNumber:
		l.forge(block, head-min(head, 16))
	}
	return block, nil
}

// NewHeads is eth_subscribe("newHeads"). A subscription is honest or a lie from its beginning.
func (l *liar) NewHeads(ctx context.Context) (*rpc.Subscription, error) {
	if !l.lying.Load() {
		return l.push.NewHeads(ctx)
	}
	notifier, ok := rpc.NotifierFromContext(ctx)
	if !ok {
		return nil, rpc.ErrNotificationsUnsupported
	}
	sub := notifier.CreateSubscription()
	ctx = context.WithoutCancel(ctx) // the call ends here, the subscription does not
	go func() {
		for number := l.due() + 1; ; number++ {
			select {
			case <-sub.Err():
				return
			case <-time.After(time.Until(l.genesis.Add(time.Duration(number) * l.blockTime))):
			}
			block, err := l.honest.GetBlockByNumber(ctx, rpc.LatestBlockNumber, false)
			if err != nil || block == nil {
				return
			}
			l.forge(block, number)
			_ = notifier.Notify(sub.ID, block) // a client that is gone ends the subscription
		}
	}()
	return sub, nil
}

// due is the number of the block that ought to be the head by now.
func (l *liar) due() uint64 { return uint64(time.Since(l.genesis) / l.blockTime) }

// forge turns a block into one that does not exist.
func (l *liar) forge(block map[string]any, number uint64) {
	block["number"] = (*hexutil.Big)(new(big.Int).SetUint64(number))
	block["timestamp"] = hexutil.Uint64(uint64(l.genesis.Unix()) + number*seconds(l.blockTime))
	block["hash"] = l.hash(number)
	block["parentHash"] = l.hash(number - 1)
}

// hash is random, and stays what it was when the same number is asked for again.
func (l *liar) hash(number uint64) common.Hash {
	return crypto.Keccak256Hash(l.secret[:], binary.BigEndian.AppendUint64(nil, number))
}
