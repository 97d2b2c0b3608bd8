package devnet

import (
	"context"
	"time"
)

// pace says when the next block of a chain is due.
type pace struct {
	stopped bool
	gap     time.Duration // least time from one seal to the next
	sealed  time.Time     // the last one
	changed chan struct{} // wakes the producer after a control
}

func newPace() *pace { return &pace{changed: make(chan struct{}, 1)} }

// due gives the instant at which a block with this timestamp may be sealed: on schedule, and when the chain is behind its
// schedule as fast as gap allows. It is zero while the chain is stopped.
func (p *pace) due(timestamp uint64) time.Time {
	if p.stopped {
		return time.Time{}
	}
	due := time.Unix(int64(timestamp), 0)
	if next := p.sealed.Add(p.gap); next.After(due) {
		due = next
	}
	return due
}

// produce seals the blocks of one chain. Each step seals one if one is due, and says when the next will be, or zero when
// that is up to a control.
func (n *Net) produce(ctx context.Context, p *pace, step func(now time.Time) (next time.Time, err error)) error {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-p.changed:
		case <-timer.C:
		}
		n.mu.Lock()
		next, err := step(time.Now())
		n.mu.Unlock()
		if err != nil {
			return err
		}
		timer.Stop()
		if !next.IsZero() {
			timer.Reset(time.Until(next))
		}
	}
}

// seconds counts the whole seconds in a block time.
func seconds(d time.Duration) uint64 { return uint64(d / time.Second) }
