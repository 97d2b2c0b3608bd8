package hook

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"headwatch/delivery"
)

// How often hooks are tried while nothing else is asked of them, and how long a trial may take.
const (
	tryEvery = 10 * time.Minute
	tryAgain = time.Minute // while one is not ready: so that a repair shows
	tryFor   = 30 * time.Second
	maxWhy   = 600 // runes of what is wrong
)

// errNoEnd is what is said of a trial that does not end when it has to.
var errNoEnd = fmt.Errorf("it could not be tried within %s", tryFor)

// Trial is what came of trying a hook.
type Trial struct {
	At    time.Time // when it ended; zero before the first
	Since time.Time // of the first trial since the hook is, or is not, ready
	Err   error     // nil when it is ready; its text is one clean line
}

// Readiness tries hooks while all is well, so that one which would fail on the worst day is known before it. It acts on
// nothing.
type Readiness struct {
	hooks  map[string]Readier
	report func(hook string, t Trial)

	mu     sync.Mutex
	trials map[string]Trial
}

// NewReadiness prepares the trials of hooks, by their names. report is called after each trial from the goroutine of that
// hook: it must be quick.
func NewReadiness(hooks map[string]Readier, report func(hook string, t Trial)) *Readiness {
	return &Readiness{hooks: hooks, report: report, trials: make(map[string]Trial, len(hooks))}
}

// Last gives what came of the newest trial of a hook. Any goroutine may call it.
func (r *Readiness) Last(hook string) Trial {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.trials[hook]
}

// Run tries all hooks at once, then each every 10 minutes, spread over them, and every minute while it is not ready. It
// ends with nil when ctx does, and may be called once.
func (r *Readiness) Run(ctx context.Context) error {
	var wg sync.WaitGroup
	names := slices.Sorted(maps.Keys(r.hooks))
	for i, name := range names {
		first := tryEvery * time.Duration(i+1) / time.Duration(len(names))
		wg.Go(func() { r.follow(ctx, name, first) })
	}
	wg.Wait()
	return nil
}

// follow tries one hook again and again. first is the pause after the first trial.
func (r *Readiness) follow(ctx context.Context, name string, first time.Duration) {
	pause := first
	for ctx.Err() == nil {
		done := make(chan error, 1)
		err := attempt(ctx, r.hooks[name], done)
		if ctx.Err() != nil {
			return // what it says is that we stop
		}
		if r.keep(name, err) != nil {
			pause = min(pause, tryAgain)
		}
		if errors.Is(err, errNoEnd) {
			select { // one that goes on is not begun anew
			case <-done:
			case <-ctx.Done():
			}
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
		}
		pause = tryEvery
	}
}

func (r *Readiness) keep(name string, err error) error {
	r.mu.Lock()
	last, now := r.trials[name], time.Now()
	t := Trial{At: now, Since: last.Since, Err: err}
	if last.At.IsZero() || (last.Err == nil) != (err == nil) {
		t.Since = now
	}
	r.trials[name] = t
	r.mu.Unlock()
	r.report(name, t)
	return err
}

// attempt tries one hook, for at most 30 seconds, and gives what is wrong on one clean line; nil when it is ready. A panic is
// something wrong, and so is a trial that does not end in time: what that one ends with goes to done, which has room for it.
func attempt(ctx context.Context, h Readier, done chan error) error {
	ctx, cancel := context.WithTimeout(ctx, tryFor)
	defer cancel()
	go func() { done <- contained(ctx, h) }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
	}
	select { // one that obeys says what it found until then
	case err := <-done:
		return err
	case <-time.After(time.Second):
		return errNoEnd
	}
}

func contained(ctx context.Context, h Readier) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("a defect of headwatch: panic while it was tried: %s", delivery.PanicText(p))
		}
	}()
	if err := h.Ready(ctx); err != nil {
		return errors.New(delivery.Clean(err.Error(), maxWhy))
	}
	return nil
}
