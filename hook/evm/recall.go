package evm

import (
	"context"
	"sync"
	"time"

	"github.com/ethereum/go-ethereum/common"
)

// recall remembers what was read of contracts in order to make a call. A call that depends on what it reads can then be made when no
// node of the chain answers, which is when it has to go through L1.
type recall struct {
	from Reader

	mu    sync.Mutex
	known map[question]read
}

// question is what was asked.
type question struct {
	from, to common.Address
	data     string
}

type read struct {
	out []byte
	at  time.Time
}

func newRecall(from Reader) *recall { return &recall{from: from, known: map[question]read{}} }

// make makes the call of an effect. What it was made of was read at that time, or is fresh when the time is zero.
func (r *recall) make(ctx context.Context, e Effect) (call Call, at time.Time, err error) {
	m := &recaller{recall: r}
	call, err = e.Call(ctx, m)
	return call, m.oldest, err
}

// recaller is a recall that is read for one call.
type recaller struct {
	*recall
	oldest time.Time // of what is not fresh
}

// Call implements Reader. What a contract answers, a revert too, is never taken from memory.
func (r *recaller) Call(ctx context.Context, from, to common.Address, data []byte) ([]byte, error) {
	key := question{from, to, string(data)}
	out, err := r.from.Call(ctx, from, to, data)
	if reverted(err) {
		return nil, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if err == nil {
		r.known[key] = read{out, time.Now()}
		return out, nil
	}
	old, ok := r.known[key]
	if !ok {
		return nil, err
	}
	if r.oldest.IsZero() || old.at.Before(r.oldest) {
		r.oldest = old.at
	}
	return old.out, nil
}
