package watcher

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest/observer"

	"headwatch"
)

type probeFunc func(ctx context.Context, slow bool) headwatch.Observation

func (f probeFunc) probe(ctx context.Context, slow bool) headwatch.Observation { return f(ctx, slow) }

// rig runs an endpoint with a 2 s interval and a phase of 300 ms in a bubble, and records when it is polled.
type rig struct {
	*testing.T
	*endpoint
	mu     sync.Mutex
	answer func(context.Context) headwatch.Observation
	from   time.Time
	polls  []string // of the current watch: offset, with "+" when the slow questions ride along
	out    chan headwatch.Observation
	done   chan error
	cancel context.CancelFunc
	logs   *observer.ObservedLogs
}

func good(context.Context) headwatch.Observation {
	return headwatch.Observation{At: time.Now(), Heads: map[headwatch.Tag]headwatch.Head{headwatch.Unsafe: {Number: 7}}}
}

func bad(context.Context) headwatch.Observation {
	return headwatch.Observation{At: time.Now(), Err: &headwatch.Fault{Kind: headwatch.FaultRefused}}
}

func newRig(t *testing.T) *rig {
	core, logs := observer.New(zapcore.DebugLevel)
	r := &rig{T: t, answer: good, from: time.Now(), out: make(chan headwatch.Observation, 1000), done: make(chan error, 1), logs: logs}
	r.endpoint = endpointOf("chain", "e", 2*time.Second, probeFunc(r.record), zap.New(core))
	r.phase = 300 * time.Millisecond
	return r
}

func (r *rig) record(ctx context.Context, slow bool) headwatch.Observation {
	r.mu.Lock()
	at, answer := time.Since(r.from).String(), r.answer
	if slow {
		at += "+"
	}
	r.polls = append(r.polls, at)
	r.mu.Unlock()
	return answer(ctx)
}

func (r *rig) answers(how func(context.Context) headwatch.Observation) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.answer = how
}

func nothing() {}

func (r *rig) suspicion() { r.suspect(true) }

func (r *rig) start() {
	ctx, cancel := context.WithCancel(r.Context())
	r.cancel = cancel
	go func() { r.done <- r.run(ctx, r.out) }()
}

// watch does something, lets time pass and asserts when the endpoint was polled, counted from the beginning.
func (r *rig) watch(do func(), d time.Duration, want ...string) {
	r.Helper()
	r.mu.Lock()
	r.from, r.polls = time.Now(), nil
	r.mu.Unlock()
	do()
	time.Sleep(d)
	synctest.Wait()
	r.mu.Lock()
	defer r.mu.Unlock()
	if !slices.Equal(r.polls, want) {
		r.Errorf("polled at %s, want %s", r.polls, want)
	}
}

func (r *rig) stop() {
	r.Helper()
	r.cancel()
	if err := <-r.done; err != nil {
		r.Errorf("run ended with %v", err)
	}
}

// heard empties what has been sent.
func (r *rig) heard() (all []headwatch.Observation) {
	for {
		select {
		case o := <-r.out:
			all = append(all, o)
		default:
			return all
		}
	}
}

func TestAnEndpointIsPolledAtOnceAndThenInItsOwnSlots(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		defer r.stop()
		r.watch(r.start, 14*time.Second, "0s+", "2.3s", "4.3s", "6.3s", "8.3s", "10.3s", "12.3s+")
		for _, o := range r.heard() {
			if o.Chain != "chain" || o.Endpoint != "e" || o.Err != nil {
				t.Errorf("heard %+v", o)
			}
		}
	})
}

func TestASlowAnswerSkipsSlotsAndDoesNotPileUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		r.answer = func(ctx context.Context) headwatch.Observation { time.Sleep(5 * time.Second); return good(ctx) }
		defer r.stop()
		r.watch(r.start, 15*time.Second, "0s+", "6.3s", "12.3s+")
		time.Sleep(5 * time.Second)
	})
}

func TestSuspicionPollsAtOnceAndEverySecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		defer r.stop()
		r.watch(r.start, 3*time.Second, "0s+", "2.3s")
		r.watch(func() { r.suspect(true); r.suspect(true) }, 3500*time.Millisecond, "0s", "1s", "2s", "3s")
		r.suspect(false)
		r.watch(nothing, 4*time.Second, "500ms", "1.8s", "3.8s")
	})
}

func TestADeadEndpointIsLeftAloneAndTriedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		r.answers(bad)
		defer r.stop()
		r.watch(r.start, 9*time.Second, "0s+", "2.3s", "4.3s", "6.3s", "8.3s")
		r.watch(nothing, 16*time.Second, "15.3s+") // 16 s after the fifth failure
		r.watch(nothing, 15*time.Second)
		r.answers(good)
		r.watch(nothing, 5*time.Second, "300ms+", "2.3s", "4.3s")
	})
}

func TestAWrongChainIsAFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		r.answer = func(context.Context) headwatch.Observation {
			return headwatch.Observation{At: time.Now(), ChainID: 1, Err: &headwatch.Fault{Kind: headwatch.FaultWrongChain}}
		}
		defer r.stop()
		r.watch(r.start, 15*time.Second, "0s+", "2.3s", "4.3s", "6.3s", "8.3s")
	})
}

func TestSuspicionOverridesTheBreaker(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		r.answers(bad)
		defer r.stop()
		r.watch(r.start, 12*time.Second, "0s+", "2.3s", "4.3s", "6.3s", "8.3s")
		r.watch(r.suspicion, 2500*time.Millisecond, "0s+", "1s", "2s")
		r.answers(good)
		r.watch(nothing, 1*time.Second, "500ms")
		r.suspect(false) // a success under suspicion closed the breaker: no need to wait for its time
		r.watch(nothing, 4*time.Second, "500ms", "2.8s")
	})
}

func TestRetryAfterIsHonouredUnlessThereIsSuspicion(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		r.answer = func(context.Context) headwatch.Observation {
			return headwatch.Observation{At: time.Now(), Err: &headwatch.Fault{Kind: headwatch.FaultRateLimited, RetryAfter: 9 * time.Second}}
		}
		defer r.stop()
		r.watch(r.start, 12*time.Second, "0s+", "10.3s")
		r.watch(r.suspicion, 1500*time.Millisecond, "0s+", "1s")
	})
}

func TestPanicsStayInsideTheEndpoint(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		r.secrets = secretsOf("https://example.org/" + keyPath)
		r.answer = func(context.Context) headwatch.Observation { panic("index out of " + keyPath) }
		defer r.stop()
		r.watch(r.start, 3*time.Second, "0s+", "2.3s")
		for _, o := range r.heard() {
			wantFault(t, o.Err, headwatch.FaultPanic)
			assertNoSecret(t, "fault", o.Err.Error())
			if o.At.IsZero() || o.Endpoint != "e" {
				t.Errorf("heard %+v", o)
			}
		}
		for _, l := range r.logs.All() {
			assertNoSecret(t, "log", fmt.Sprint(l.Message, l.ContextMap()))
		}
	})
}

func TestRunEndsWhateverItWaitsFor(t *testing.T) {
	t.Run("a probe", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			r := newRig(t)
			r.answer = func(ctx context.Context) headwatch.Observation { <-ctx.Done(); return bad(ctx) }
			r.watch(r.start, time.Second, "0s+")
			r.stop()
			if all := r.heard(); len(all) != 0 {
				t.Errorf("our own end was taken for a fault: %+v", all)
			}
		})
	})
	t.Run("a reader", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			r := newRig(t)
			r.out = make(chan headwatch.Observation)
			r.watch(r.start, 5*time.Second, "0s+")
			r.stop()
		})
	})
}

func TestOnlyChangesAreLogged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		defer r.stop()
		r.watch(r.start, 5*time.Second, "0s+", "2.3s", "4.3s")
		r.answers(bad)
		r.watch(nothing, 6*time.Second, "1.3s", "3.3s", "5.3s")
		r.answers(good)
		r.watch(nothing, 4*time.Second, "1.3s+", "3.3s")
		var got []string
		for _, l := range r.logs.All() {
			got = append(got, l.Message)
		}
		if want := []string{"endpoint answers badly", "endpoint answers again"}; !slices.Equal(got, want) {
			t.Errorf("logged %q, want %q", got, want)
		}
	})
}
