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
			time.Sleep(time.Second)
			deliver(pushed(7))
			return <-broken
		})
		defer r.stop()
		r.watch(r.start, 25*time.Second, "0s+", "2.3s", "12.3s+", "24.3s+")
		all := r.heard()
		if !slices.ContainsFunc(all, func(o headwatch.Observation) bool { return o.Pushed && o.Endpoint == "e" && o.Chain == "chain" }) {
			t.Errorf("nothing pushed in %+v", all)
		}
		// From now on each subscription breaks at once.
		r.watch(func() { close(broken) }, 400*time.Millisecond, "0s")
		before := subscriptions.Load()
		time.Sleep(10 * time.Minute)
		synctest.Wait()
		if n := subscriptions.Load() - before; n < 5 || n > 30 {
			t.Errorf("%d reconnects in 10 minutes, want about one a minute", n)
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
		r.watch(r.start, 30*time.Second, "0s+", "2.3s", "12.3s+", "24.3s+", "24.3s", "26.3s", "28.3s")
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
