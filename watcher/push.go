package watcher

import (
	"context"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"time"

	"github.com/ethereum/go-ethereum/rpc"
	"go.uber.org/zap"

	"headwatch"
	"headwatch/config"
)

const (
	subscribeTimeout = 10 * time.Second // dial, chain id and subscription; polls go on meanwhile
	minReconnect     = time.Second
	maxReconnect     = time.Minute
)

var (
	errDeaf  = errors.New("polls see heads that are not pushed")
	errEnded = errors.New("the endpoint ended the subscription")
)

// listen keeps a subscription up. While there is none, polling takes over.
func (e *endpoint) listen(ctx context.Context, out chan<- headwatch.Observation) {
	delay, level := minReconnect, zap.InfoLevel
	for {
		began := time.Now()
		err := e.follow(ctx, out)
		if ctx.Err() != nil {
			return
		}
		if e.pushing.Swap(false) {
			e.wake()
			level = zap.InfoLevel
		}
		if time.Since(began) > maxReconnect {
			delay = minReconnect
		}
		wait := delay/2 + rand.N(delay)
		e.log.Log(level, "no push, polling", zap.Error(err), zap.Duration("reconnect_in", wait))
		level = zap.DebugLevel // what fails again is not news
		select {
		case <-ctx.Done():
			return
		case <-time.After(wait):
		}
		delay = min(2*delay, maxReconnect)
	}
}

// follow is one subscription from dial to end.
func (e *endpoint) follow(ctx context.Context, out chan<- headwatch.Observation) (err error) {
	ctx, cut := context.WithCancelCause(ctx)
	defer cut(nil)
	e.unfollow.Store(&cut)
	defer e.unfollow.Store(nil)
	defer func() {
		if r := recover(); r != nil {
			o := e.panicked(r)
			e.send(ctx, out, o)
			err = o.Err
		}
	}()
	return e.follower.follow(ctx, func(o headwatch.Observation) {
		if head, ok := o.Heads[headwatch.Unsafe]; ok {
			e.pushed.Store(head.Number)
			if !e.pushing.Swap(true) {
				e.log.Info("heads are pushed")
			}
		}
		o.Pushed = true
		e.send(ctx, out, o)
	})
}

func (e *endpoint) cut(why error) {
	if cut := e.unfollow.Load(); cut != nil {
		(*cut)(why)
	}
}

// wsFollower subscribes to newHeads over a WebSocket.
type wsFollower struct {
	chain   config.Chain
	url     config.Secret
	secrets secrets
}

// follow delivers bad answers as well; a connection that could not be made or broke is only returned, for polls tell
// whether the endpoint is well.
func (f *wsFollower) follow(ctx context.Context, deliver func(headwatch.Observation)) error {
	setup, cancel := context.WithTimeout(ctx, subscribeTimeout)
	defer cancel()
	client, err := rpc.DialOptions(setup, f.url.Reveal(), rpc.WithWebsocketMessageSizeLimit(maxBody))
	if err != nil {
		return f.secrets.fault(err)
	}
	defer client.Close()
	headers := make(chan block, 16) // decoded before they queue up, so that a flood of them stays small
	sub, err := client.EthSubscribe(setup, headers, "newHeads")
	if err != nil {
		return f.secrets.fault(err)
	}
	// The client reconnects by itself to write. A chain id that comes after the subscription is that of its connection:
	// had there been another since, the subscription would have ended.
	id, err := f.verify(setup, client)
	if err != nil {
		fault := f.secrets.fault(err)
		if fault.Kind == headwatch.FaultWrongChain {
			deliver(headwatch.Observation{At: time.Now(), ChainID: id, Err: fault})
		}
		return fault
	}
	for {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case err := <-sub.Err():
			if err == nil {
				err = errEnded
			}
			fault := f.secrets.fault(err)
			if fault.Kind == headwatch.FaultBadHead || fault.Kind == headwatch.FaultNotJSON {
				deliver(headwatch.Observation{At: time.Now(), ChainID: id, Err: fault})
			}
			return fault
		case header := <-headers:
			o := headwatch.Observation{At: time.Now(), ChainID: id}
			head, err := header.head("newHeads", o.At)
			if err != nil {
				o.Err = err
				deliver(o)
				return err
			}
			setHead(&o, headwatch.Unsafe, head) // a header does not tell how many transactions the block has
			deliver(o)
		}
	}
}

func (f *wsFollower) verify(ctx context.Context, client *rpc.Client) (uint64, error) {
	var answer json.RawMessage
	if err := client.CallContext(ctx, &answer, methodChainID); err != nil {
		return 0, err
	}
	var o headwatch.Observation
	err := readChainID(f.chain, answer, &o)
	return o.ChainID, err
}
