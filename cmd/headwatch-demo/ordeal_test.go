package main

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
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

func guardian() common.Address { return crypto.PubkeyToAddress(devnet.GuardianKey().PublicKey) }

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
		if err := o.weather(ctx); err != nil {
			return fmt.Errorf("%w\n%s", err, o.victim.lastWords(ctx))
		}
		o.set(func() { o.calm = true })
		v, err = o.judge(ctx)
		return err
	})
	return v, group.Wait()
}

// weather is the story of a run, from the first block to a while after the end.
func (o *ordeal) weather(ctx context.Context) error {
	if err := o.victim.dog.up(ctx); err != nil {
		return err
	}
	for _, k := range o.storm.kills {
		if k.on == onStart {
			o.victim.change(func() { o.victim.aimed = append(o.victim.aimed, shot{start: true, after: k.after}) })
		}
	}
	if err := o.wait(ctx, 2*time.Second+o.storm.heal/8); err != nil {
		return err
	}
	o.net.StopL2()
	o.set(func() { o.blows = true })
	if o.storm.order != "" {
		if err := o.told(ctx, "WILL FIRE AT"); err != nil {
			return err
		}
		if err := o.wait(ctx, o.storm.after); err != nil {
			return err
		}
		if err := o.order(ctx); err != nil {
			return err
		}
	}
	if err := o.told(ctx, "FIRING lending:", "does not fire, by order"); err != nil {
		return err
	}
	if err := o.rage(ctx); err != nil {
		return err
	}
	if err := o.ended(ctx); err != nil {
		return err
	}
	return o.wait(ctx, 4*time.Second) // for what should not come
}

// rage lets everything happen that has its time after the firing.
func (o *ordeal) rage(ctx context.Context) error {
	o.set(func() { o.fired = true })
	group, ctx := errgroup.WithContext(ctx)
	reorganised := make(chan struct{})
	at := func(d time.Duration, do func() error) {
		group.Go(func() error {
			if err := o.wait(ctx, d); err != nil {
				return err
			}
			return do()
		})
	}
	for _, k := range o.storm.kills {
		if k.on == onTime || k.on == onFired {
			at(k.after, func() error { o.victim.kill(); return nil })
		}
	}
	at(o.storm.heal, func() error { o.set(func() { o.healed = true }); return nil })
	if b := o.storm.spike.blocks; b > 0 {
		at(0, func() error { return o.net.SpikeL1(b, gwei(o.storm.spike.tip)) })
	}
	at(0, func() error {
		defer close(reorganised)
		if o.storm.reorg == 0 {
			return nil
		}
		return o.reorganise(ctx)
	})
	at(o.storm.back, func() error {
		if o.storm.via == "both" { // or the pause on L2 could be gone with its epoch, whose depth the hook is not configured for
			select {
			case <-reorganised:
			case <-ctx.Done():
			}
		}
		o.net.ResumeL2(0)
		return nil
	})
	return group.Wait()
}

// reorganise takes the deposit out of L1, once, before it has its confirmations. It gives up when there is none for a while.
func (o *ordeal) reorganise(ctx context.Context) error {
	for end := time.Now().Add(o.storm.heal + 15*time.Second); time.Now().Before(end); {
		if err := o.wait(ctx, 100*time.Millisecond); err != nil {
			return err
		}
		deposit, depth, err := o.deposit(ctx)
		if err != nil || depth < o.storm.reorg || depth >= o.storm.confirmations {
			continue
		}
		if err := o.net.ReorgL1(depth, true); err != nil {
			return err
		}
		if _, err := o.l1.TransactionReceipt(ctx, deposit); err != nil { // or a block was sealed in between
			o.set(func() { o.reorgs++ })
			return nil
		}
	}
	return nil
}

// deposit finds what is in a block of L1, and at which depth: 0 for nothing.
func (o *ordeal) deposit(ctx context.Context) (tx common.Hash, depth int, err error) {
	head, err := o.l1.BlockNumber(ctx)
	if err != nil {
		return tx, 0, err
	}
	for _, s := range o.transactions() {
		if s.chain != devnet.L1ChainID {
			continue
		}
		if r, err := o.l1.TransactionReceipt(ctx, s.tx.Hash()); err == nil && head >= r.BlockNumber.Uint64() {
			return r.TxHash, int(head - r.BlockNumber.Uint64() + 1), nil
		}
	}
	return tx, 0, nil
}

// order has an operator speak, again and again while nobody hears it.
func (o *ordeal) order(ctx context.Context) error {
	for {
		cmd := exec.CommandContext(ctx, o.victim.dog.program, o.storm.order, "pause", "--reason", "a drill", "--api", o.victim.dog.api)
		cmd.Env = append(os.Environ(), "HEADWATCH_TOKEN="+operatorToken)
		out, err := cmd.CombinedOutput()
		if err == nil || bytes.Contains(out, []byte("does not wait")) {
			return nil
		}
		if err := o.wait(ctx, 200*time.Millisecond); err != nil {
			return fmt.Errorf("%w; last: %s", err, out)
		}
	}
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
