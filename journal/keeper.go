package journal

import (
	"context"
	"errors"
	"time"

	"go.uber.org/zap"
)

const (
	checkEvery   = 5 * time.Second
	restartEvery = 2 * time.Second // a full disk is not emptied by trying: each try writes to the log
)

// start opens the engine that the configuration asks for.
func (j *Journal) start(ctx context.Context) (*engine, error) {
	if j.claim == nil {
		e, err := dial(j.cfg.URL, j.alarm)
		if err == nil {
			err = e.open(ctx, false)
		}
		return e, err
	}
	if err := j.claim.check(); err != nil {
		return nil, err
	}
	torn, err := verify(j.claim.dir, j.claim.tail.last())
	if err != nil {
		return nil, err
	}
	if torn > 0 {
		j.log.Warn("the last append before this start was cut short: nobody was told of it, it is dropped", zap.Int("bytes", torn))
	}
	e, err := embed(j.claim.dir, newEngineLog(j.log, j.alarm))
	if err == nil {
		err = e.open(ctx, j.claim.made)
	}
	return e, err
}

// alarm asks for a check of the engine now.
func (j *Journal) alarm() {
	select {
	case j.kick <- struct{}{}:
	default:
	}
}

// keep watches the engine until ctx ends, and starts an embedded one again that takes no more appends. One that is only
// slow to answer is left alone: its disk would not be faster for it.
func (j *Journal) keep(ctx context.Context) {
	tick := time.NewTicker(checkEvery)
	defer tick.Stop()
	var restarted time.Time
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		case <-j.kick:
		}
		e, err := j.use(ctx)
		if err != nil {
			return
		}
		err = j.measure(ctx, e)
		if ctx.Err() != nil {
			return
		}
		if err != nil && e.server != nil && !errors.Is(err, context.DeadlineExceeded) {
			if !sleep(ctx, restartEvery-time.Since(restarted)) {
				return
			}
			restarted = time.Now()
			j.restart(ctx, err)
		} else {
			j.report(err)
		}
	}
}

// restart replaces the embedded engine. The old one is closed before the directory is read again.
func (j *Journal) restart(ctx context.Context, why error) {
	old := j.replace(nil, nil)
	j.report(why)
	old.close()
	for wait := minRetry; ; wait = min(2*wait, maxRetry) {
		e, err := j.start(ctx)
		if err == nil {
			j.report(nil)
			j.replace(e, nil)
			return
		}
		e.close()
		if !sleep(ctx, wait) {
			return
		}
		j.report(err)
	}
}

// measure checks the engine and remembers its size.
func (j *Journal) measure(ctx context.Context, e *engine) error {
	if j.claim != nil {
		if err := j.claim.check(); err != nil {
			return err
		}
	}
	info, err := e.check(ctx)
	if err != nil {
		return err
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	j.stats = Stats{info.State.Bytes, info.State.Msgs, info.State.FirstSeq, info.State.LastSeq}
	return nil
}

// report keeps why the engine cannot be used, nil when it can, and logs a change.
func (j *Journal) report(err error) {
	j.mu.Lock()
	was := j.down
	j.down = err
	j.mu.Unlock()
	switch {
	case err != nil && (was == nil || was.Error() != err.Error()):
		j.log.Error("the journal is down", zap.Error(err))
	case err == nil && was != nil:
		j.log.Info("the journal is back")
	}
}

// replace sets another engine, or none, and gives the old one. Whoever waits in use hears of it.
func (j *Journal) replace(e *engine, why error) *engine {
	j.mu.Lock()
	defer j.mu.Unlock()
	old := j.engine
	j.engine = e
	if why != nil {
		j.down = why
	}
	if e != nil || why != nil {
		close(j.changed)
		j.changed = make(chan struct{})
	}
	return old
}

// use gives the engine, and waits for one that is being started again.
func (j *Journal) use(ctx context.Context) (*engine, error) {
	for {
		j.mu.Lock()
		e, down, changed := j.engine, j.down, j.changed
		j.mu.Unlock()
		if e != nil {
			return e, nil
		}
		if errors.Is(down, errClosed) {
			return nil, final{errClosed}
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return nil, errors.Join(ctx.Err(), down)
		}
	}
}
