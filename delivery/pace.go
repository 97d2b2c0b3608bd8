package delivery

import (
	"context"
	"time"

	"github.com/cenkalti/backoff/v5"
)

// pace is how attempts at one notice follow each other: at once, then after about 1, 2, 5, 10, 20 and then every 30
// seconds, each a fifth more or less so that channels which failed together do not come back together.
type pace struct {
	attempts  int
	complaint string // the last error that was logged
	intervals backoff.ExponentialBackOff
}

func newPace() pace {
	return pace{intervals: backoff.ExponentialBackOff{
		InitialInterval:     time.Second,
		Multiplier:          2.15,
		MaxInterval:         30 * time.Second,
		RandomizationFactor: 0.2,
	}}
}

// next gives the wait before the next attempt, never shorter than what the receiver asked for.
func (p *pace) next(asked time.Duration) time.Duration {
	return max(p.intervals.NextBackOff(), asked)
}

// Sleep waits for d, and reports whether ctx was still alive at its end.
func Sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return ctx.Err() == nil
	case <-ctx.Done():
		return false
	}
}
