// Package watcher observes every endpoint of a chain, folds what it saw into one View, and assesses the View.
//
// It is the only package that decides whether a chain is well. It tells nobody: what follows from an Assessment is the
// business of package breaker and of those behind the journal. The clock is read where an answer arrives and in the loop
// below, nowhere else: View and Assess take time as an argument.
//
// Its files, in the order in which an answer passes them:
//
//   - The loop: chain.go runs a chain's endpoints, its View and its assessments.
//   - Asking: endpoint.go and poll.go decide when, by tempo.go, budget.go and units.go; probe.go asks over HTTP and push.go
//     subscribes, sequencer.go, feed.go (over socket.go) and reading.go ask what is no node; kinds.go, evm.go, opstack.go, zksync.go and
//     rollups.go say what is asked of which; rpc.go, meter.go, count.go and certificate.go are the wire below.
//   - Decoding: decode.go, and in the file of each question the function that reads its answer; fault.go names what went
//     wrong, without a URL.
//   - What is known: view.go takes an Observation in. agree.go moves the agreed head, by what proof.go says a head proves;
//     trail.go keeps what was agreed and said, ancestry.go walks it back. operator.go says who counts, fork.go and lagging.go who is
//     elsewhere, late.go whether the chain keeps up, clock.go and jump.go what the local clock is worth, witness.go what the L1
//     proves, words.go what is said besides the head.
//   - The verdict: assess.go, by vote.go; next.go says when it would change. One file judges each further condition: silence.go,
//     users.go, backlog.go, origin.go, closing.go, reorg.go with ancestor.go and promise.go, api.go, account.go with batcher.go, hook.go; hint.go names the cause.
//     conditions.go is the table of them, status.go shows all of it.
//   - Recordings: tape.go records, trace.go is the format, cutdown.go shortens, replay.go judges.
//
// An endpoint's goroutine and a View share nothing but Observations.
package watcher

import (
	"context"
	"slices"
	"sync/atomic"
	"time"

	"go.uber.org/zap"
	"golang.org/x/sync/errgroup"

	"headwatch"
	"headwatch/config"
)

// beat is the longest time between two assessments: leases are renewed and recoveries counted at least this often.
const beat = time.Second

// Chain watches one chain. Its View belongs to the goroutine of Run; everything that others may read is published
// through atomic snapshots.
type Chain struct {
	config    config.Chain
	view      *View
	l1        *Chain
	endpoints []*endpoint
	hosts     []string
	suspected bool
	observed  func(headwatch.Observation)
	hooks     []string
	told      mailbox
	tapped    func([]Record) // nil unless what is told is recorded
	wake      chan struct{}
	status    atomic.Pointer[headwatch.ChainStatus]
	witness   atomic.Pointer[Witness]
}

// Options are what a Chain needs besides its configuration.
type Options struct {
	Limits   []time.Duration             // thresholds of the circuits on this chain
	Accounts []string                    // of a layer 1: addresses of accounts to ask for, in lower case, each once
	Hooks    []string                    // whose readiness this chain is told of, each once
	L1       *Chain                      // nil for a layer 1
	Before   *headwatch.Assessment       // the newest decision's cause in the journal; nil when there is none
	Observed func(headwatch.Observation) // called for each observation of an endpoint, from the goroutine of Run; may be nil
	Log      *zap.Logger
}

// New makes a Chain that has heard nothing yet. It opens no connection.
func New(c config.Chain, o Options) (*Chain, error) {
	view, err := NewView(c, o.Limits)
	if err != nil {
		return nil, err
	}
	view.watchHooks(o.Hooks)
	if o.Before != nil {
		view.Restore(*o.Before)
	}
	view.watchAccounts(o.Accounts)
	chain := &Chain{config: c, view: view, l1: o.L1, observed: o.Observed, hooks: o.Hooks, wake: make(chan struct{}, 1)}
	for _, e := range c.Endpoints {
		endpoint, err := newEndpoint(c, e, o.Log)
		if err != nil {
			return nil, err
		}
		if p, ok := endpoint.prober.(*httpProber); ok && p.kind.head.method == methodBlock {
			p.accounts = askAccounts(o.Accounts)
		}
		chain.endpoints = append(chain.endpoints, endpoint)
		chain.hosts = append(chain.hosts, hostOf(e))
	}
	chain.Publish(headwatch.Assessment{Chain: c.Name})
	return chain, nil
}

func hostOf(e config.Endpoint) string {
	if h := e.URL.Host(); h != "" {
		return h
	}
	return e.WS.Host()
}

// Name is the chain's name in the configuration.
func (c *Chain) Name() string { return c.config.Name }

// Status is the chain as of its last assessment. Any goroutine may call it; nobody may change what it points to.
func (c *Chain) Status() *headwatch.ChainStatus { return c.status.Load() }

// Wake makes Run assess at once. Any goroutine may call it; it never blocks.
func (c *Chain) Wake() {
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

// Run follows the chain's endpoints and calls assess with every new Assessment, from one goroutine: after each
// observation, at each instant at which the verdict changes by itself, on Wake, and at least once a second. The
// Assessment's memory is reused after assess returns. Run ends with nil when ctx does, or with the first error of assess.
func (c *Chain) Run(ctx context.Context, assess func(headwatch.Assessment) error) error {
	group, ctx := errgroup.WithContext(ctx)
	heard := make(chan headwatch.Observation, 4*len(c.endpoints))
	for _, e := range c.endpoints {
		group.Go(func() error { return e.run(ctx, heard) })
	}
	group.Go(func() error { return c.loop(ctx, heard, assess) })
	return group.Wait()
}

func (c *Chain) loop(ctx context.Context, heard <-chan headwatch.Observation, assess func(headwatch.Assessment) error) error {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case o := <-heard:
			c.hear(o)
		case <-timer.C:
		case <-c.wake:
		}
		for _, o := range c.told.take() {
			c.hear(o)
		}
		next, err := c.step(time.Now(), assess)
		if err != nil {
			return err
		}
		timer.Reset(time.Until(next))
	}
}

func (c *Chain) hear(o headwatch.Observation) {
	c.view.Observe(o)
	if c.observed != nil && o.Hook == "" {
		c.observed(o)
	}
}

// step assesses at one instant and gives the instant of the next step if nothing is heard before.
func (c *Chain) step(now time.Time, assess func(headwatch.Assessment) error) (time.Time, error) {
	a, next := c.judge(now)
	c.suspect(c.view.suspicious(now) || a.Phase != headwatch.Live)
	wanted := c.view.wants(now)
	for _, e := range c.endpoints {
		e.want(wanted)
	}
	c.Publish(a)
	return next, assess(a)
}

// judge is the part of a step that a replay takes too: the chain as seen with its L1, and when to look again.
func (c *Chain) judge(now time.Time) (a headwatch.Assessment, next time.Time) {
	if c.l1 != nil {
		c.view.SetWitness(c.l1.asWitness())
	}
	a, next = c.view.Assess(now), now.Add(beat)
	if !a.Next.IsZero() && a.Next.Before(next) {
		next = a.Next
	}
	if c.config.L1 == "" {
		c.testify()
	}
	return a, next
}

// Wants is the number of the block that the endpoints are to be asked for beside their heads; 0 for none. Only who feeds a
// Replay may call it, between two observations.
func (c *Chain) Wants(now time.Time) uint64 { return c.view.wants(now) }

// suspect makes the endpoints poll at once and every second, so that the votes are fresh when the threshold comes.
func (c *Chain) suspect(on bool) {
	if on == c.suspected {
		return
	}
	c.suspected = on
	for _, e := range c.endpoints {
		e.suspect(on)
	}
}

// Publish makes Status give an assessment. Run does it with each; beside it only who feeds a Replay may call it, from assess.
func (c *Chain) Publish(a headwatch.Assessment) {
	a.Findings = slices.Clone(a.Findings)
	for i := range a.Findings {
		a.Findings[i].Votes = slices.Clone(a.Findings[i].Votes)
	}
	if a.Head != nil {
		head := *a.Head
		a.Head = &head
	}
	endpoints := c.view.statuses(a.At, c.hosts)
	for i, e := range c.endpoints {
		endpoints[i].Usage = e.meter.read(a.At)
	}
	c.status.Store(&headwatch.ChainStatus{Assessment: a, L1: c.config.L1, Endpoints: endpoints})
}
