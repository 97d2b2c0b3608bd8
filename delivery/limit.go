package delivery

import (
	"context"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// Limiter spaces the attempts at one receiver, of all channels that share its limit. It drops nothing: whoever asks waits for a
// turn, whatever there is to tell, in the order of asking. Safe for concurrent use.
type Limiter struct {
	bucket *rate.Limiter

	mu    sync.Mutex
	until time.Time // the receiver asked for silence until then
}

// NewLimiter allows an attempt every so often, and up to burst of them at once after a pause. Without every it allows all, for as
// long as the receiver does not ask for silence.
func NewLimiter(burst int, every time.Duration) *Limiter {
	if every <= 0 {
		return &Limiter{bucket: rate.NewLimiter(rate.Inf, 0)}
	}
	return &Limiter{bucket: rate.NewLimiter(rate.Every(every), burst)}
}

// wait reports whether there was a turn before ctx ended. A nil Limiter lets all pass.
func (l *Limiter) wait(ctx context.Context) bool {
	if l == nil {
		return ctx.Err() == nil
	}
	for silence := l.silence(); ; silence = l.silence() {
		if silence > 0 && !Sleep(ctx, silence) {
			return false
		}
		if l.bucket.Wait(ctx) != nil {
			return false
		}
		if l.silence() <= 0 {
			return true
		}
	}
}

// hold keeps all others away as well when a receiver that had too much says when to come back.
func (l *Limiter) hold(e *Error) {
	if l == nil || e == nil || e.Reason != ReasonRateLimited || e.RetryAfter <= 0 {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if until := time.Now().Add(e.RetryAfter); until.After(l.until) {
		l.until = until
	}
}

func (l *Limiter) silence() time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	return time.Until(l.until)
}
