package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"go.uber.org/zap"

	"headwatch"
	"headwatch/journal"
	"headwatch/web"
)

// recorder puts decisions on record. The append is the decision: nothing is delivered that the journal does not hold,
// with one exception. A journal that cannot take a decision must not swallow a page, so the people of the circuit are
// told directly, and the decision is appended as soon as the journal takes it. Hooks wait for that: a pause fails closed.
type recorder struct {
	journal decisions
	direct  func(headwatch.Transition)
	metrics *web.Metrics
	log     *zap.Logger

	mu      sync.Mutex
	backlog []headwatch.Transition // told but not on record, oldest first
	newest  map[string]uint64      // by circuit: Seq on record
	changed chan struct{}          // closed when newest changes
}

type decisions interface {
	Decide(ctx context.Context, t headwatch.Transition) error
}

const (
	decideTimeout = 2 * time.Second
	backlogRetry  = time.Second
)

func newRecorder(j decisions, direct func(headwatch.Transition), m *web.Metrics, log *zap.Logger) *recorder {
	return &recorder{journal: j, direct: direct, metrics: m, log: log, newest: make(map[string]uint64), changed: make(chan struct{})}
}

// decide is the end of the line. It returns an error only when another process decides for the same circuits: then this
// one must stop.
func (r *recorder) decide(ctx context.Context, t headwatch.Transition) error {
	r.log.Info("decided", zap.String("circuit", t.Circuit), zap.Uint64("seq", t.Seq), zap.Stringer("from", t.From),
		zap.Stringer("to", t.To), zap.Stringer("level", t.Level), zap.Stringer("phase", t.Cause.Phase),
		zap.String("incident", t.Incident), zap.String("actor", t.Actor), zap.Time("at", t.At))
	r.mu.Lock()
	queued := len(r.backlog) > 0
	r.mu.Unlock()
	begin, err := time.Now(), errors.New("earlier decisions wait")
	if !queued {
		err = r.append(ctx, t)
	}
	r.metrics.Decided(t, time.Since(begin), err)
	switch {
	case err == nil:
		return nil
	case errors.Is(err, journal.ErrFenced):
		return fmt.Errorf("decide for circuit %s: %w", t.Circuit, err)
	}
	r.log.Error("the journal did not take a decision; it is told directly", zap.String("circuit", t.Circuit),
		zap.Uint64("seq", t.Seq), zap.Error(err))
	r.mu.Lock()
	r.backlog = append(r.backlog, t)
	r.mu.Unlock()
	r.direct(t)
	return nil
}

// append outlives a shutdown: what was decided is recorded.
func (r *recorder) append(ctx context.Context, t headwatch.Transition) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), decideTimeout)
	defer cancel()
	if err := r.journal.Decide(ctx, t); err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.newest[t.Circuit] = t.Seq
	close(r.changed)
	r.changed = make(chan struct{})
	return nil
}

// Run appends what the journal did not take, in order, until ctx ends.
func (r *recorder) Run(ctx context.Context) error {
	tick := time.NewTicker(backlogRetry)
	defer tick.Stop()
	for {
		stopping := false
		select {
		case <-ctx.Done():
			stopping = true // one last try: what is not on record now is decided anew after the start
		case <-tick.C:
		}
		for {
			r.mu.Lock()
			var next *headwatch.Transition
			if len(r.backlog) > 0 {
				next = &r.backlog[0]
			}
			r.mu.Unlock()
			if next == nil {
				break
			}
			begin := time.Now()
			err := r.append(ctx, *next)
			r.metrics.Appended(time.Since(begin), err)
			if errors.Is(err, journal.ErrFenced) {
				return fmt.Errorf("decide for circuit %s: %w", next.Circuit, err)
			}
			if err != nil {
				break
			}
			r.log.Info("a decision that was told directly is on record now", zap.String("circuit", next.Circuit), zap.Uint64("seq", next.Seq))
			r.mu.Lock()
			r.backlog = r.backlog[1:]
			r.mu.Unlock()
		}
		if stopping {
			return nil
		}
	}
}

// waiting is the number of decisions that are told but not on record.
func (r *recorder) waiting() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.backlog)
}

// await waits until a circuit's decision is on record.
func (r *recorder) await(ctx context.Context, circuit string, seq uint64) error {
	for {
		r.mu.Lock()
		done, changed := r.newest[circuit] >= seq, r.changed
		r.mu.Unlock()
		if done {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return fmt.Errorf("circuit %s: the decision was taken but is not on record yet: %w", circuit, ctx.Err())
		}
	}
}
