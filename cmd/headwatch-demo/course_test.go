package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"time"

	"github.com/ethereum/go-ethereum/common"
	"golang.org/x/sync/errgroup"

	"headwatch/devnet"
)

// course is the story of a run, from the first block to a while after the end.
func (o *ordeal) course(ctx context.Context) error {
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
	rest := 4 * time.Second // for what should not come
	if o.storm.order == "veto" {
		rest = vetoFor
	}
	return o.wait(ctx, rest)
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
