package main

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"headwatch/devnet"
)

// demo sets up the chains, the street and headwatch, and plays the story.
func demo(ctx context.Context, program string, tell teller, stay bool) error {
	if _, err := os.Stat(program); err != nil {
		return fmt.Errorf("the program to show: %w (`make demo` builds it)", err)
	}
	dir, err := os.MkdirTemp("", "headwatch-demo-")
	if err != nil {
		return err
	}
	chains, err := devnet.New(devnet.Config{L1BlockTime: 2 * time.Second, L2BlockTime: time.Second})
	if err != nil {
		return fmt.Errorf("start the chains: %w", err)
	}
	stage := newStage(tell)
	street, err := newStreet(stage.sight)
	if err != nil {
		return err
	}
	setting, err := newSetting(dir, chains, street)
	if err != nil {
		return err
	}
	street.secret = setting.secret
	config, err := setting.write()
	if err != nil {
		return err
	}
	dog := &watchdog{
		program: program, config: config, log: filepath.Join(dir, "headwatch.log"), api: "http://" + setting.listen, seen: stage.sight,
	}
	tell.preface(
		"An L1 with a block every 2 s and an L2 with a block every second, on three endpoints: real geth nodes on loopback.",
		fmt.Sprintf("headwatch warns %s, pages %s and trips %s after the L2's head last advanced, and closes after %s of life.",
			warnAfter, pageAfter, tripAfter, recoverAfter),
		"", "configuration  "+config, "headwatch log  "+dog.log, "headwatch API  "+dog.api,
	)

	group, ctx := errgroup.WithContext(ctx)
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	group.Go(func() error { return chains.Run(ctx) })
	group.Go(func() error { return street.run(ctx) })
	group.Go(func() error { return dog.run(ctx) })
	group.Go(func() error { return dog.phases(ctx, "l2") })
	group.Go(func() error {
		defer stop()
		if err := dog.up(ctx); err != nil {
			return err
		}
		group.Go(func() error { return dog.events(ctx) })
		play(ctx, stage, chains, dog)
		err := stage.end()
		if stay && err == nil {
			stage.say("everything keeps running; interrupt to stop. Try: %s status --api %s", program, dog.api)
			<-ctx.Done()
		}
		return err
	})
	return group.Wait()
}

// patience is how long a step may take on a machine that is busy with other things; on an idle one none takes a third of it.
const patience = 30 * time.Second

// play is the story and what must be seen of it.
func play(ctx context.Context, s *stage, chains *devnet.Net, dog *watchdog) {
	last := lastBlock(chains, func(b devnet.Block) {
		s.sight(sighting{at: b.At, who: "chain", kind: "under way", text: fmt.Sprintf("L2 has come to block %d", b.Head.Number)})
	})
	s.expect(ctx, "the chain is under way", patience, from("chain", "under way"))
	s.expect(ctx, "the chain is live", patience, from("headwatch", "phase live"))
	s.check("the circuit is closed: 200", dog.status(ctx, "lending") == http.StatusOK)

	_ = chains.Lie("l2-c", true)
	s.say("provider l2-c begins to lie: it invents a new head every second, whatever the chain does")
	s.expect(ctx, "the liar loses its vote", patience, func(x sighting) bool { return x.kind == "outvoted" && x.key == "l2-c" })
	chains.StopL2()
	stopped := last()
	s.sight(sighting{at: stopped.At, who: "chain", kind: "stopped", text: fmt.Sprintf("L2 stops: block %d was the last", stopped.Head.Number)})

	s.expect(ctx, "warn: the incident opens", patience, from("headwatch", "warn"))
	s.expect(ctx, "warn: the chat is told", patience, from("chat", "message"))
	s.expect(ctx, "page: decided", patience, from("headwatch", "page"))
	page := s.expect(ctx, "page: the pager rings", patience, from("pager", "trigger"))
	s.check("two of three endpoints outvote the liar: stalled", took(s, "phase stalled"))
	tripped := s.expect(ctx, "trip: the circuit opens", patience, from("headwatch", "open"))
	late := tripped.at.Sub(stopped.At) - tripAfter
	s.check("trip: within a second of the last block + 10 s", late.Abs() < time.Second)
	hook := s.expect(ctx, "trip: the webhook arrives, its signature verified", patience, from("hook", "circuit.open"))
	s.expect(ctx, "trip: the page becomes critical", patience, func(x sighting) bool {
		return x.who == "pager" && x.kind == "trigger" && x.key == page.key
	})
	s.check("the circuit is open: 503", dog.status(ctx, "lending") == http.StatusServiceUnavailable)
	if !hook.at.IsZero() {
		s.say("from the last block to the verified webhook: %s", hook.at.Sub(stopped.At).Round(time.Millisecond))
	}

	chains.ResumeL2(5)
	s.sight(sighting{at: time.Now(), who: "chain", kind: "resumed", text: "L2 is back and fills in what it missed, five blocks a second, with old timestamps"})
	s.expect(ctx, "recovery: back-fill is seen as catching up", patience, from("headwatch", "phase catching_up"))
	s.check("recovery: the circuit is not yet closed", dog.status(ctx, "lending") == http.StatusServiceUnavailable)
	half := s.expect(ctx, "recovery: live again, on probation", patience, from("headwatch", "half_open"))
	closed := s.expect(ctx, "close: after 8 s of life", patience, from("headwatch", "closed"))
	s.check("close: not before 8 s of life", closed.at.Sub(half.at) >= recoverAfter)
	s.expect(ctx, "close: the webhook arrives, its signature verified", patience, from("hook", "circuit.closed"))
	resolve := s.expect(ctx, "resolve: the page is resolved", patience, from("pager", "resolve"))
	s.check("resolve: with the dedup key of its trigger", resolve.key != "" && resolve.key == page.key)
	s.check("the circuit is closed: 200", dog.status(ctx, "lending") == http.StatusOK)
}

// took reports whether a kind of sighting has come already.
func took(s *stage, kind string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, x := range s.kept {
		if x.kind == kind {
			return true
		}
	}
	return false
}

// quiet is how many blocks the story waits for before anything goes wrong.
const quiet = 5

// lastBlock keeps the newest true head of the L2 and when an endpoint first showed it. It reports the first block after
// the quiet.
func lastBlock(chains *devnet.Net, underWay func(devnet.Block)) func() devnet.Block {
	var mu sync.Mutex
	var newest devnet.Block
	var since uint64
	chains.OnBlock(func(b devnet.Block) {
		mu.Lock()
		defer mu.Unlock()
		if b.Endpoint == "l1" || b.Head.Number <= newest.Head.Number {
			return
		}
		newest = b
		if since == 0 {
			since = b.Head.Number
		}
		if b.Head.Number == since+quiet {
			underWay(b)
		}
	})
	return func() devnet.Block {
		mu.Lock()
		defer mu.Unlock()
		return newest
	}
}
