package watcher

import (
	"cmp"
	"context"
	"fmt"
	"hash/fnv"
	"net/url"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/sony/gobreaker/v2"
	"go.uber.org/zap"

	"headwatch"
	"headwatch/config"
)

// prober asks an endpoint once. A bad answer is an observation with Err; it never takes longer than the time-out.
type prober interface {
	probe(ctx context.Context, slow bool) headwatch.Observation
}

// follower delivers the heads that an endpoint pushes until the subscription breaks, and says why it did.
type follower interface {
	follow(ctx context.Context, deliver func(headwatch.Observation)) error
}

// endpoint follows one endpoint of a chain: it decides when to ask, prober and follower do the asking. One of the two may be
// nil. The fields below the blank line belong to the goroutine of poll, or of listen where nothing is polled.
type endpoint struct {
	chain, name string
	interval    time.Duration
	phase       time.Duration // a stable number: endpoints that start together do not poll together
	prober      prober        // nil where nothing is asked
	follower    follower      // nil where nothing is pushed
	secrets     secrets
	log         *zap.Logger
	suspected   atomic.Bool
	pushing     atomic.Bool                             // heads come by subscription
	pushed      atomic.Uint64                           // number of the newest of them
	pushedAt    atomic.Int64                            // when it came, in nanoseconds since started
	period      atomic.Int64                            // nanoseconds between polls while nothing is pushed: interval, or longer for the budget
	unfollow    atomic.Pointer[context.CancelCauseFunc] // ends the subscription; nil while there is none
	pollNow     chan struct{}
	meter       *meter
	budget      budget
	tape        *tape     // nil unless the endpoint is recorded
	started     time.Time // of run

	slowAt    time.Time // when what changes slowly was last asked for
	notBefore time.Time // the endpoint asked to be left alone until then
	fault     headwatch.FaultKind
	breaker   *gobreaker.TwoStepCircuitBreaker[any]
}

// newEndpoint opens no connection. log is named and has the chain's name. Its errors name the endpoint and never hold a URL.
func newEndpoint(chain config.Chain, c config.Endpoint, log *zap.Logger) (*endpoint, error) {
	if c.Interval <= 0 || c.Timeout <= 0 {
		return nil, fmt.Errorf("endpoint %s of chain %s: interval and timeout must be set", c.Name, chain.Name)
	}
	if c.URL.IsZero() && c.WS.IsZero() || !(c.URL.IsZero() || isURL(c.URL, "http", "https")) || !(c.WS.IsZero() || isURL(c.WS, "ws", "wss")) {
		return nil, fmt.Errorf("endpoint %s of chain %s: url must begin with http:// or https://, ws with ws:// or wss://", c.Name, chain.Name)
	}
	s := secretsOf(c.URL.Reveal(), c.WS.Reveal())
	e := endpointOf(chain.Name, c.Name, c.Interval.D(), nil, log)
	e.secrets = s
	e.meter.tariff = tariffOf(hostOf(c))
	e.meter.usage.Budget = c.Budget
	e.budget = newBudget(chain, c, e.meter.tariff)
	if err := e.serve(chain, c); err != nil {
		return nil, fmt.Errorf("endpoint %s of chain %s: %w", c.Name, chain.Name, err)
	}
	return e, nil
}

// serve gives the endpoint what asks it or listens to it, by what it serves.
func (e *endpoint) serve(chain config.Chain, c config.Endpoint) (err error) {
	sock := socket{url: c.WS, period: c.Interval.D(), timeout: c.Timeout.D(), secrets: e.secrets}
	switch serves := cmp.Or(c.Serves, config.ServesEth); {
	case serves == config.ServesSequencer && !c.URL.IsZero():
		e.prober, err = newRefusalProber(chain, c, e.secrets)
	case serves == config.ServesFeed && !c.WS.IsZero():
		sock.header = feedHeader()
		e.follower = &feed{socket: sock}
	case serves == config.ServesAPI && !c.URL.IsZero():
		e.prober = newAPIProber(c, e.secrets)
	case serves == config.ServesAPI:
		sock.request = c.Request
		e.follower = &apiFollower{endpoint: c, socket: sock}
	case kinds[[2]string{chain.Kind, serves}] != nil && !c.URL.IsZero():
		e.prober = newHTTPProber(chain, c, kinds[[2]string{chain.Kind, serves}](chain), e.secrets)
		if !c.WS.IsZero() {
			e.follower = &wsFollower{chain: chain, url: c.WS, secrets: e.secrets}
		}
	default:
		err = fmt.Errorf("a chain of kind %q has no endpoint that serves %q and has these URLs", chain.Kind, serves)
	}
	return err
}

func isURL(s config.Secret, schemes ...string) bool {
	u, err := url.Parse(s.Reveal())
	return err == nil && u.Host != "" && slices.Contains(schemes, u.Scheme)
}

func endpointOf(chain, name string, interval time.Duration, p prober, log *zap.Logger) *endpoint {
	sum := fnv.New32a()
	_, _ = sum.Write([]byte(chain + "/" + name))
	e := &endpoint{
		chain: chain, name: name, interval: interval, phase: time.Duration(sum.Sum32()) * time.Microsecond, prober: p,
		log: log.With(zap.String("endpoint", name)), pollNow: make(chan struct{}, 1), breaker: newBreaker(),
		meter: &meter{tariff: plain},
	}
	e.period.Store(int64(interval))
	return e
}

// run sends what the endpoint says to out until ctx ends. It returns nil, with its goroutines ended and its
// subscription closed. One call at a time.
func (e *endpoint) run(ctx context.Context, out chan<- headwatch.Observation) error {
	ctx = e.tape.within(e.meter.within(ctx))
	e.started = time.Now()
	var wg sync.WaitGroup
	if e.follower != nil {
		wg.Go(func() { e.listen(ctx, out) })
	}
	if e.prober != nil {
		e.poll(ctx, out)
	}
	wg.Wait()
	return nil
}

// suspect makes the endpoint be polled at once and every second, whatever back-off it is in, or ends that. Any goroutine
// may call it; it never blocks.
func (e *endpoint) suspect(on bool) {
	if e.suspected.Swap(on) != on && on {
		e.wake()
	}
}

// want makes the endpoint be polled at once and each poll ask for a block by number as well, where its kind can be asked
// for one; 0 ends that. Any goroutine may call it; it never blocks.
func (e *endpoint) want(number uint64) {
	p, ok := e.prober.(*httpProber)
	if ok && p.kind.head.method == methodBlock && p.wanted.Swap(number) != number && number != 0 {
		e.wake()
	}
}

func (e *endpoint) wake() {
	select {
	case e.pollNow <- struct{}{}:
	default:
	}
}

func (e *endpoint) send(ctx context.Context, out chan<- headwatch.Observation, o headwatch.Observation) {
	o.Chain, o.Endpoint, o.Every = e.chain, e.name, e.every()
	select {
	case out <- o:
	case <-ctx.Done():
	}
}
