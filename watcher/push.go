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
	maxUnpolled      = 10 * time.Second // where nothing is polled meanwhile
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
		wait, most := delay/2+rand.N(delay), maxReconnect
		if e.prober == nil { // nothing else tells that it fails
			e.tell(ctx, out, headwatch.Observation{At: time.Now(), Err: e.secrets.fault(err)})
			most = maxUnpolled
		} else {
			e.log.Log(level, "no push, polling", zap.Error(err), zap.Duration("reconnect_in", wait))
			level = zap.DebugLevel // what fails again is not news
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(wait):
		}
		delay = min(2*delay, most)
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
			e.pushedAt.Store(int64(time.Since(e.started)))
			if !e.pushing.Swap(true) {
				e.log.Info("heads are pushed")
			}
		}
		o.Pushed = true
		e.tell(ctx, out, o)
	})
}

// tell sends what came by subscription. Where nothing is polled it also logs what changed.
func (e *endpoint) tell(ctx context.Context, out chan<- headwatch.Observation, o headwatch.Observation) {
	if e.prober == nil {
		o.Every = e.interval // pings see to it
		e.note(o)
	}
	e.send(ctx, out, o)
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
	meter, tape := meterOf(ctx), tapeOf(ctx)
	headers := make(chan notification, 16) // decoded before they queue up, so that a flood of them stays small
	meter.message(time.Now(), subscribeMessage)
	sub, err := client.EthSubscribe(setup, headers, "newHeads")
	if err != nil {
		return f.secrets.fault(err)
	}
	// The client reconnects by itself to write. A chain id that comes after the subscription is that of its connection:
	// had there been another since, the subscription would have ended.
	meter.message(time.Now(), chainIDMessage)
	id, err := f.verify(setup, client)
	if err != nil {
		fault := f.secrets.fault(err)
		if fault.Kind == headwatch.FaultWrongChain {
			o := headwatch.Observation{At: time.Now(), ChainID: id, Err: fault}
			tape.push(o, nil)
			deliver(o)
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
				o := headwatch.Observation{At: time.Now(), ChainID: id, Err: fault}
				tape.push(o, nil)
				deliver(o)
			}
			return fault
		case header := <-headers:
			o := headwatch.Observation{At: time.Now(), ChainID: id}
			meter.notified(o.At, header.size)
			o.Err = header.push(&o)
			tape.push(o, &header.block)
			deliver(o)
			if o.Err != nil {
				return o.Err
			}
		}
	}
}

// What is sent on a WebSocket, as the rpc client writes it.
var (
	subscribeMessage = []byte(`{"jsonrpc":"2.0","id":1,"method":"` + methodSubscribe + `","params":["newHeads"]}`)
	chainIDMessage   = []byte(`{"jsonrpc":"2.0","id":2,"method":"` + methodChainID + `","params":[]}`)
)

// notification is a header as it was pushed.
type notification struct {
	block
	size int // of the header as it came
}

// UnmarshalJSON implements json.Unmarshaler.
func (n *notification) UnmarshalJSON(b []byte) error {
	n.size = len(b)
	return json.Unmarshal(b, &n.block)
}

// readPush takes a header that was pushed: it does not tell how many transactions the block has.
func readPush(result json.RawMessage, into *headwatch.Observation) error {
	var b block
	if err := unmarshal(result, &b); err != nil {
		return err
	}
	return b.push(into)
}

func (b *block) push(into *headwatch.Observation) error {
	head, err := b.head("newHeads", into.At)
	if err != nil {
		return err
	}
	setHead(into, headwatch.Unsafe, head)
	return nil
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
