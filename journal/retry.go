package journal

import (
	"context"
	"errors"
	"time"

	"go.uber.org/zap"
)

const (
	minRetry = 100 * time.Millisecond
	maxRetry = 5 * time.Second
)

// final is an error that another try would not change.
type final struct{ error }

func (f final) Unwrap() error { return f.error }

// retry calls try until it succeeds, ctx ends, or an error is final, with a back-off between. It logs an error when that
// reads differently from the one before.
func (j *Journal) retry(ctx context.Context, what string, try func() error) error {
	said := ""
	for wait := minRetry; ; wait = min(2*wait, maxRetry) {
		began := time.Now()
		err := try()
		if err == nil || ctx.Err() != nil {
			return nil
		}
		if f, ok := errors.AsType[final](err); ok {
			return f.error
		}
		if time.Since(began) > maxRetry {
			wait, said = minRetry, ""
		}
		if text := err.Error(); text != said {
			j.log.Warn(what+": will try again", zap.Error(err))
			said = text
		}
		if !sleep(ctx, wait) {
			return nil
		}
	}
}

// sleep reports false when ctx ended first.
func sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
