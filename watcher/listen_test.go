package watcher

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"headwatch"
)

// followFunc is a subscription: it delivers, and lasts until it returns.
type followFunc func(ctx context.Context, deliver func(headwatch.Observation)) error

func (f followFunc) follow(ctx context.Context, deliver func(headwatch.Observation)) error {
	return f(ctx, deliver)
}

func pushed(number uint64) headwatch.Observation {
	return headwatch.Observation{At: time.Now(), Heads: map[headwatch.Tag]headwatch.Head{headwatch.Unsafe: {Number: number}}}
}

func TestPollingIsTheCheckOnPush(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		broken := make(chan error)
		var subscriptions atomic.Int32
		r.follower = followFunc(func(ctx context.Context, deliver func(headwatch.Observation)) error {
			subscriptions.Add(1)
			for n := uint64(7); ; n++ {
				select {
				case err := <-broken:
					return err
				case <-time.After(2 * time.Second):
					deliver(pushed(n))
				}
			}
		})
		defer r.stop()
		r.watch(r.start, 121*time.Second, "0s+", "2.3s", "1m0.3s+", "2m0.3s+")
		all := r.heard()
		if !slices.ContainsFunc(all, func(o headwatch.Observation) bool { return o.Pushed && o.Endpoint == "e" && o.Chain == "chain" }) {
			t.Errorf("nothing pushed in %+v", all)
		}
		// From now on each subscription breaks at once.
		r.watch(func() { close(broken) }, time.Second, "0s")
		before := subscriptions.Load()
		time.Sleep(10 * time.Minute)
		synctest.Wait()
		if n := subscriptions.Load() - before; n < 5 || n > 30 {
			t.Errorf("%d reconnects in 10 minutes, want about one a minute", n)
		}
	})
}

// A subscription that has fallen silent is checked in every L1 slot, and left alone while the chain stands as well.
func TestASilentSubscriptionIsCheckedUntilItIsHeardAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		push := make(chan uint64)
		r.follower = followFunc(func(ctx context.Context, deliver func(headwatch.Observation)) error {
			for {
				select {
				case n := <-push:
					deliver(pushed(n))
				case <-ctx.Done():
					return context.Cause(ctx)
				}
			}
		})
		defer r.stop()
		r.watch(func() { r.start(); synctest.Wait(); push <- 7 }, 28*time.Second, "0s+", "2.3s", "14.3s+", "26.3s+")
		push <- 8
		r.watch(nothing, 11*time.Second)
		push <- 9
		r.watch(nothing, 13*time.Second, "12s+")
		for _, o := range r.heard() {
			if o.Every != l1Slot && o.At.Sub(r.started) > time.Second {
				t.Errorf("at %v the next answer is said to be due in %v", o.At.Sub(r.started), o.Every)
			}
		}
	})
}

func TestASubscriptionThatNeverDeliversReplacesNoPoll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		r.follower = followFunc(func(ctx context.Context, _ func(headwatch.Observation)) error {
			<-ctx.Done()
			return ctx.Err()
		})
		defer r.stop()
		r.watch(r.start, 5*time.Second, "0s+", "2.3s", "4.3s")
	})
}

func TestASubscriptionThatMissesHeadsIsCut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		ended := make(chan error, 2)
		r.follower = followFunc(func(ctx context.Context, deliver func(headwatch.Observation)) error {
			time.Sleep(time.Second)
			if len(ended) == 0 {
				deliver(pushed(5)) // polls say 7
			}
			<-ctx.Done()
			ended <- context.Cause(ctx)
			return context.Cause(ctx)
		})
		defer r.stop()
		// It is deaf from the first second on, and found out when it has been silent for an L1 slot after the last poll.
		r.watch(r.start, 19*time.Second, "0s+", "2.3s", "14.3s+", "14.3s", "16.3s", "18.3s")
		if why := <-ended; !errors.Is(why, errDeaf) {
			t.Errorf("cut for %v", why)
		}
	})
}

func TestAPanicInAFollowerEndsOneSubscription(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		var n atomic.Int32
		r.follower = followFunc(func(ctx context.Context, _ func(headwatch.Observation)) error {
			if n.Add(1) == 1 {
				panic("boom")
			}
			<-ctx.Done()
			return ctx.Err()
		})
		defer r.stop()
		r.watch(r.start, 5*time.Second, "0s+", "2.3s", "4.3s")
		panics := 0
		for _, o := range r.heard() {
			if o.Err != nil {
				wantFault(t, o.Err, headwatch.FaultPanic)
				panics++
			}
		}
		if panics != 1 || n.Load() != 2 {
			t.Errorf("%d panics heard, %d subscriptions", panics, n.Load())
		}
	})
}
