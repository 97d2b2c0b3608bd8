package main

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/core/types"
	"github.com/ethereum/go-ethereum/crypto"
	"github.com/ethereum/go-ethereum/ethclient"
	"golang.org/x/sync/errgroup"

	"headwatch/devnet"
)

// ordeal is one run: a net, endpoints before it, and a victim that has to pause the market of L2 in a storm.
type ordeal struct {
	storm  storm
	net    *devnet.Net
	victim *victim
	gates  []*gate
	l1, l2 *ethclient.Client // past the gates
	closes []func()

	mu     sync.Mutex
	blows  bool   // the storm has begun
	fired  bool   // the hook has said that it fires
	healed bool   // what passes has passed
	calm   bool   // nobody is killed any more
	left   []kill // that wait for something to happen
	seen   []sent
	reorgs int
	wrongs []string
}

// sent is a transaction as it came to an endpoint, or left the signer.
type sent struct {
	gate  string
	chain int64
	tx    *types.Transaction
	at    time.Time
	lost  bool // the endpoint dropped or refused it
}

func guardianAddress() common.Address { return crypto.PubkeyToAddress(devnet.GuardianKey().PublicKey) }

// newOrdeal sets up a run in a directory; nothing runs yet, and close must be called.
func newOrdeal(ctx context.Context, s storm, program, dir, listen string) (o *ordeal, err error) {
	o = &ordeal{storm: s, left: slices.DeleteFunc(slices.Clone(s.kills), func(k kill) bool { return k.after > 0 })}
	if o.net, err = devnet.New(devnet.Config{Users: 4}); err != nil {
		return o, err
	}
	endpoints := []devnet.Endpoint{o.net.L1(), o.net.L1(), o.net.L1()}
	for i, e := range append(endpoints, o.net.L2()...) {
		chain, name := int64(devnet.L1ChainID), "l1-"+"abc"[i%3:i%3+1]
		if i >= 3 {
			chain, name = devnet.L2ChainID, e.Name
		}
		g, err := o.newGate(name, chain, e.HTTP)
		if err != nil {
			return o, err
		}
		o.closes = append(o.closes, g.Close)
		o.gates = append(o.gates, g)
	}
	if o.l1, err = ethclient.DialContext(ctx, o.net.L1().HTTP); err != nil {
		return o, err
	}
	if o.l2, err = ethclient.DialContext(ctx, o.net.L2()[0].HTTP); err != nil {
		return o, err
	}
	o.closes = append(o.closes, o.l1.Close, o.l2.Close)
	v := &victim{name: fmt.Sprint(s.seed), lives: make(chan life, 1), changed: make(chan struct{})}
	street := &street{seen: func(sighting) {}}
	outside, signer := httptest.NewServer(v.receiver(street.handler())), httptest.NewServer(http.HandlerFunc(o.sign))
	o.closes = append(o.closes, outside.Close, signer.Close)
	config := filepath.Join(dir, "config.toml")
	if err := os.WriteFile(config, []byte(o.config(listen, outside.URL, signer.URL)), 0o600); err != nil {
		return o, err
	}
	v.dog = &watchdog{program: program, config: config, log: "its last words", api: "http://" + listen}
	o.victim = v
	return o, nil
}

func (o *ordeal) close() {
	for _, c := range o.closes {
		c()
	}
}

// play runs everything to its end and judges it.
func (o *ordeal) play(ctx context.Context) (v outcome, err error) {
	group, ctx := errgroup.WithContext(ctx)
	ctx, stop := context.WithTimeoutCause(ctx, 3*limit, fmt.Errorf("not over in %s", 3*limit))
	defer stop()
	group.Go(func() error { return o.net.Run(ctx) })
	group.Go(func() error { return o.victim.run(ctx) })
	group.Go(func() error {
		defer stop()
		if err := o.course(ctx); err != nil {
			return fmt.Errorf("%w\n%s", err, o.victim.lastWords(ctx))
		}
		o.set(func() { o.calm = true })
		v, err = o.judge(ctx)
		return err
	})
	return v, group.Wait()
}

// told waits until the chat was told one of these.
func (o *ordeal) told(ctx context.Context, words ...string) error {
	err := o.victim.await(ctx, func() bool {
		return slices.ContainsFunc(o.victim.requests, func(q request) bool {
			return q.channel == "chat" && slices.ContainsFunc(words, func(w string) bool { return bytes.Contains(q.body, []byte(w)) })
		})
	})
	if err != nil {
		return fmt.Errorf("waited for %s: %w", strings.Join(words, " or "), err)
	}
	return nil
}

func (o *ordeal) wait(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// strike ends the process if one of the kills waits for this, and the request that it made with it.
func (o *ordeal) strike(on string) {
	due := false
	o.set(func() {
		for i := range o.left {
			if k := &o.left[i]; k.on == on && k.nth > 0 && !o.calm {
				k.nth--
				due = due || k.nth == 0
			}
		}
	})
	if due {
		o.victim.kill()
		panic(http.ErrAbortHandler)
	}
}

// over gives the weather over a gate now.
func (o *ordeal) over(gate string) string {
	o.mu.Lock()
	defer o.mu.Unlock()
	w := o.storm.gates[gate]
	if !o.blows || w.kind == down && !o.fired || o.healed && !w.ever || o.calm {
		return ""
	}
	return w.kind
}

func (o *ordeal) saw(s sent) { o.set(func() { o.seen = append(o.seen, s) }) }
func (o *ordeal) wrong(what string, args ...any) {
	o.set(func() { o.wrongs = append(o.wrongs, fmt.Sprintf(what, args...)) })
}

func (o *ordeal) transactions() []sent {
	o.mu.Lock()
	defer o.mu.Unlock()
	return slices.Clone(o.seen)
}

func (o *ordeal) set(do func()) {
	o.mu.Lock()
	defer o.mu.Unlock()
	do()
}
