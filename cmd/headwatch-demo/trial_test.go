package main

import (
	"context"
	"fmt"
	"strconv"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"headwatch"
	"headwatch/devnet"
)

// steep is a ladder that is soon climbed, and yet longer than a busy machine holds a block back.
var steep = ladder{warn: 3 * time.Second, page: 4 * time.Second, trip: 6 * time.Second, recover: 3 * time.Second}

// limit is for each thing that is waited for. None takes a quarter of it on an idle machine.
const limit = time.Minute

// trial is real chains and the victims that watch them.
type trial struct {
	dir     string
	program string
	chains  *devnet.Net
	victims []*victim
	outages []outage
}

// outage is one stop of the L2.
type outage struct {
	head     headwatch.Head // the last one
	from, by time.Time      // between these the chain stopped
}

// newTrial starts chains and victims and waits until all of them are ready. The context ends when one of them fails.
func newTrial(t *testing.T, victims int) (*trial, context.Context) {
	t.Helper()
	dir := t.TempDir() // before all that ends with the test, so that it is removed after that
	chains, err := devnet.New(devnet.Config{})
	if err != nil {
		t.Fatal(err)
	}
	group, ctx := errgroup.WithContext(t.Context())
	t.Cleanup(func() {
		if err := group.Wait(); err != nil {
			t.Error(err)
		}
	})
	group.Go(func() error { return chains.Run(ctx) })
	tr := &trial{dir: dir, program: build(t, dir), chains: chains}
	for i, listen := range quietPorts(t, victims) {
		v := tr.newVictim(t, strconv.Itoa(i), listen)
		group.Go(func() error { return v.run(ctx) })
		tr.victims = append(tr.victims, v)
	}
	tr.ready(ctx, t)
	return tr, ctx
}

// stop begins an outage.
func (tr *trial) stop(t *testing.T) {
	t.Helper()
	o := outage{from: time.Now()}
	tr.chains.StopL2()
	o.by = time.Now()
	heads, err := tr.chains.Heads("l2-a")
	if err != nil {
		t.Fatal(err)
	}
	o.head = heads[headwatch.Unsafe]
	tr.outages = append(tr.outages, o)
}

// await waits for something of every victim. The condition is asked under the victim's lock.
func (tr *trial) await(ctx context.Context, t *testing.T, what string, condition func(*victim) bool) {
	t.Helper()
	tr.all(ctx, t, func(ctx context.Context, v *victim) error {
		if err := v.await(ctx, func() bool { return condition(v) }); err != nil {
			return fmt.Errorf("waited for %s: %w", what, err)
		}
		return nil
	})
}

func (tr *trial) ready(ctx context.Context, t *testing.T) {
	t.Helper()
	tr.all(ctx, t, func(ctx context.Context, v *victim) error { return v.dog.up(ctx) })
}

// all does something with every victim at the same time. Where that fails the test is over.
func (tr *trial) all(ctx context.Context, t *testing.T, do func(context.Context, *victim) error) {
	t.Helper()
	limited, cancel := context.WithTimeoutCause(ctx, limit, fmt.Errorf("not within %s", limit))
	defer cancel()
	var group errgroup.Group
	for _, v := range tr.victims {
		group.Go(func() error {
			if err := do(limited, v); err != nil {
				return fmt.Errorf("victim %s: %w\n%s", v.name, err, v.lastWords(ctx))
			}
			return nil
		})
	}
	err := group.Wait()
	switch {
	case ctx.Err() != nil:
		t.FailNow() // whatever ended the trial is told when all have ended
	case err != nil:
		t.Fatal(err)
	}
}

// judge holds all that every victim did against its journal and the chains, and shows each victim.
func (tr *trial) judge(ctx context.Context, t *testing.T, show func(*victim, history)) {
	for _, v := range tr.victims {
		t.Run("victim "+v.name, func(t *testing.T) {
			h, err := v.history(ctx, len(tr.outages))
			if err != nil {
				t.Error(err)
			} else {
				v.change(func() {
					judge(t, v, h, tr.outages)
					show(v, h)
				})
			}
			if t.Failed() {
				t.Log(v.lastWords(ctx))
			}
		})
	}
}
