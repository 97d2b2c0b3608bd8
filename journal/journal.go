// Package journal is the one durable log of what was decided and what came of it. The append is the decision: what is not
// in the journal was not decided, and everything that follows a decision is delivery.
//
// The engine is NATS JetStream, in this process or elsewhere. All events are in one stream in which a subject is written
// once: the engine itself refuses a second message on it, however late it comes, so a decision, a notice or the end of a
// delivery that is repeated after a crash changes nothing.
//
// The journal keeps its own positions. A notice is open until the log holds its delivery; how far a reader has come is an
// event, too. The durable consumers of the engine are not used for that: it writes their acknowledgements up to 100 ms
// late, and after a crash it gives out newer messages before the ones that were under way.
//
// It must not judge, tell anybody, or repair: what it cannot read it reports, and leaves as it is. Reads from a cluster may
// be stale, so only the success of a conditional append decides.
package journal

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"go.uber.org/zap"

	"headwatch/config"
)

// ErrFenced marks a decision that does not follow the newest one in the journal: another process has decided meanwhile, and
// this one must not act. Start again from Last.
var ErrFenced = errors.New("another decision came first")

var errClosed = errors.New("the journal is closed")

const (
	appendTimeout = 2 * time.Second // of an append or a look-up whose context has no deadline
	closeTimeout  = 5 * time.Second
)

// Journal is an open journal. All methods may be called from several goroutines. Whoever opened it closes it, after
// everything that uses it has ended.
type Journal struct {
	cfg   config.Journal
	log   *zap.Logger
	claim *claim // nil when the engine is elsewhere
	kick  chan struct{}
	tasks sync.WaitGroup
	stop  context.CancelFunc

	mu      sync.Mutex
	engine  *engine       // nil while it is down
	changed chan struct{} // closed when engine comes back, and when the journal is closed
	down    error         // why the engine cannot be used
	failed  error         // of the newest append
	stats   Stats
	heads   map[string]head // by circuit
	served  map[string]bool // channels that this process has asked notices for
}

// Stats is the size of the log, some seconds old.
type Stats struct {
	Bytes, Messages uint64
	First, Last     uint64 // sequence numbers
}

// Open opens the journal, and makes it when there is none. With an embedded engine the directory belongs to this process
// until Close; a second process is refused, and so is a directory that is not a journal or that has lost events. Nothing is
// changed in a directory that is refused. ctx bounds the opening alone.
func Open(ctx context.Context, c config.Journal, log *zap.Logger) (*Journal, error) {
	return launch(ctx, c, log, (*Journal).keep, (*Journal).retain)
}

// Look opens a journal to read what is in it: it drops nothing that is old, and makes no directory into a journal. One that
// another process has open is refused, as by Open.
func Look(ctx context.Context, c config.Journal, log *zap.Logger) (*Journal, error) {
	if c.URL.IsZero() {
		switch format, err := examine(c.Dir); {
		case err != nil:
			return nil, err
		case format != formatMade:
			return nil, fmt.Errorf("open the journal in %s: there is none", c.Dir)
		}
	}
	return launch(ctx, c, log, (*Journal).keep)
}

func launch(ctx context.Context, c config.Journal, log *zap.Logger, tasks ...func(*Journal, context.Context)) (*Journal, error) {
	j := &Journal{
		cfg:     c,
		log:     log,
		kick:    make(chan struct{}, 1),
		changed: make(chan struct{}),
		heads:   map[string]head{},
		served:  map[string]bool{},
	}
	if c.URL.IsZero() {
		var err error
		if j.claim, err = claimDir(c.Dir); err != nil {
			return nil, err
		}
	}
	e, err := j.start(ctx)
	if err == nil && j.claim != nil {
		err = j.claim.seal()
	}
	if err == nil {
		err = j.measure(ctx, e)
	}
	if err != nil {
		e.close()
		return nil, errors.Join(err, j.claim.release())
	}
	j.engine = e
	ctx, j.stop = context.WithCancel(context.WithoutCancel(ctx))
	for _, task := range tasks {
		j.tasks.Go(func() { task(j, ctx) })
	}
	return j, nil
}

// Close waits until the engine has let go of its files, 5 s at most. After that the journal answers every call with an
// error. Call it once.
func (j *Journal) Close() error {
	done := make(chan error, 1)
	go func() {
		j.stop()
		j.tasks.Wait()
		j.replace(nil, errClosed).close()
		done <- j.claim.release()
	}()
	select {
	case err := <-done:
		return err
	case <-time.After(closeTimeout):
		return fmt.Errorf("close the journal: the engine is still busy after %s", closeTimeout)
	}
}

// Err is nil when the newest append succeeded and the engine answers. An append that failed has to be repeated: Err
// stays until one succeeds.
func (j *Journal) Err() error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.down != nil {
		return j.down
	}
	return j.failed
}

// Stats gives the size of the log.
func (j *Journal) Stats() Stats {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.stats
}

// bounded gives ctx a deadline when it has none.
func bounded(ctx context.Context) (context.Context, context.CancelFunc) {
	if _, ok := ctx.Deadline(); ok {
		return ctx, func() {}
	}
	return context.WithTimeout(ctx, appendTimeout)
}
