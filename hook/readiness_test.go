package hook

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

type readier func(context.Context) error

func (f readier) Ready(ctx context.Context) error { return f(ctx) }

// diary notes at which second of a run each hook was found ready or not.
type diary struct {
	mu    sync.Mutex
	start time.Time
	lines map[string][]string
}

func (d *diary) note(hook string, t Trial) {
	d.mu.Lock()
	defer d.mu.Unlock()
	text := t.At.Sub(d.start).String()
	if t.Err != nil {
		text += " " + t.Err.Error()
	}
	d.lines[hook] = append(d.lines[hook], text)
}

func (d *diary) of(hook string) string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return strings.Join(d.lines[hook], ", ")
}

// tried runs the trials of hooks for a while.
func tried(t *testing.T, hooks map[string]Readier, d time.Duration) (*Readiness, *diary) {
	t.Helper()
	notes := &diary{start: time.Now(), lines: map[string][]string{}}
	r := NewReadiness(hooks, notes.note)
	ctx, cancel := context.WithTimeout(t.Context(), d)
	defer cancel()
	if err := r.Run(ctx); err != nil {
		t.Error(err)
	}
	return r, notes
}

var well = readier(func(context.Context) error { return nil })

func TestHooksAreTriedAtOnceAndThenSpreadOverTenMinutes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, notes := tried(t, map[string]Readier{"a": well, "b": well}, 21*time.Minute)
		if got, want := notes.of("a"), "0s, 5m0s, 15m0s"; got != want {
			t.Errorf("a was tried at %s, want %s", got, want)
		}
		if got, want := notes.of("b"), "0s, 10m0s, 20m0s"; got != want {
			t.Errorf("b was tried at %s, want %s", got, want)
		}
	})
}

func TestAHookThatIsNotReadyIsTriedEveryMinuteUntilItIs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		sick := readier(func(context.Context) error {
			if at := time.Since(start); at >= 10*time.Minute && at < 12*time.Minute+30*time.Second {
				return errors.New("its account\nis empty")
			}
			return nil
		})
		r, notes := tried(t, map[string]Readier{"a": sick}, 30*time.Minute)
		want := "0s, 10m0s its account is empty, 11m0s its account is empty, 12m0s its account is empty, 13m0s, 23m0s"
		if got := notes.of("a"); got != want {
			t.Errorf("tried at\n%s, want\n%s", got, want)
		}
		if last := r.Last("a"); last.Err != nil || !last.Since.Equal(start.Add(13*time.Minute)) {
			t.Errorf("it is ready since 13m: %+v", last)
		}
		if last := r.Last("b"); !last.At.IsZero() {
			t.Errorf("of a hook that there is not: %+v", last)
		}
	})
}

func TestATrialIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		deaf := func(context.Context) error {
			<-release
			return nil
		}
		obeys := func(ctx context.Context) error {
			<-ctx.Done()
			return errors.New("no answer in time")
		}
		first := true
		time.AfterFunc(5*time.Minute, func() { close(release) })
		_, notes := tried(t, map[string]Readier{
			"deaf": readier(deaf),
			"obeys": readier(func(ctx context.Context) error {
				if first {
					first = false
					return obeys(ctx)
				}
				return nil
			}),
		}, 8*time.Minute)
		if got, want := notes.of("obeys"), "30s no answer in time, 1m30s"; got != want {
			t.Errorf("one that obeys its deadline: %s, want %s", got, want)
		}
		if got, want := notes.of("deaf"), "31s it could not be tried within 30s, 6m0s"; got != want {
			t.Errorf("one that does not: %s, want %s", got, want)
		}
	})
}

// What it panicked with is not shown: it may hold a secret.
func TestAPanicIsAHookThatIsNotReady(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, notes := tried(t, map[string]Readier{
			"broken": readier(func(context.Context) error { panic("https://node.example/key") }), "well": well,
		}, time.Second)
		if got, want := notes.of("broken"), "0s a defect of headwatch: panic while it was tried: string"; got != want {
			t.Errorf("got %q", got)
		}
		if got := notes.of("well"); got != "0s" {
			t.Errorf("the other one: %q", got)
		}
	})
}

func TestWhatIsWrongIsOneBoundedLine(t *testing.T) {
	long := readier(func(context.Context) error { return errors.New(strings.Repeat("x\x00\n", 5000)) })
	err := attempt(t.Context(), long, make(chan error, 1))
	if err == nil || len([]rune(err.Error())) > maxWhy || strings.ContainsAny(err.Error(), "\x00\n") {
		t.Errorf("got %q", err)
	}
}

func TestTheEndIsNotAHookThatIsNotReady(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		waits := readier(func(ctx context.Context) error {
			<-ctx.Done()
			return ctx.Err()
		})
		_, notes := tried(t, map[string]Readier{"a": waits}, time.Second)
		if len(notes.lines) > 0 {
			t.Errorf("at the end: %v", notes.lines)
		}
	})
}
