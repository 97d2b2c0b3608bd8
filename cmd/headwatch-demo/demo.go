package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/ethereum/go-ethereum/ethclient"
	"github.com/ethereum/go-ethereum/rpc"
	"golang.org/x/sync/errgroup"

	"headwatch/devnet"
)

// users is how many trade.
const users = 3

// demo sets up the chains, the street and headwatch, and plays the story.
func demo(ctx context.Context, program string, tell teller, stay bool) error {
	if _, err := os.Stat(program); err != nil {
		return fmt.Errorf("the program to show: %w (`make demo` builds it)", err)
	}
	dir, err := os.MkdirTemp("", "headwatch-demo-")
	if err != nil {
		return err
	}
	chains, err := devnet.New(devnet.Config{L1BlockTime: 2 * time.Second, L2BlockTime: blockTime, Users: users})
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
		fmt.Sprintf("%d users trade at a market on the L2 all the time. headwatch may pause that market, by a deposit on the L1.", users),
		fmt.Sprintf("headwatch warns %s, pages %s and trips %s after the L2's head last advanced, and closes after %s of life.",
			warnAfter, pageAfter, tripAfter, recoverAfter),
		"", "configuration  "+config, "headwatch log  "+dog.log, "headwatch API  "+dog.api,
	)

	l1, err := rpc.DialContext(ctx, chains.L1().HTTP)
	if err != nil {
		return fmt.Errorf("dial the L1: %w", err)
	}
	defer l1.Close()
	tape := newTape(chains)

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
		group.Go(func() error { return dog.readiness(ctx, pauseHook) })
		show := &show{stage: stage, chains: chains, dog: dog, tape: tape, guardian: setting.guardian, l1: ethclient.NewClient(l1)}
		show.play(ctx)
		err := stage.end()
		if stay && err == nil {
			stage.say("everything keeps running; interrupt to stop")
			tell.try(commands(dog, setting.guardian)...)
			<-ctx.Done()
		}
		return err
	})
	return group.Wait()
}

// commands are what a person may try while everything keeps running.
func commands(dog *watchdog, g *guardian) []string {
	program := dog.program
	if here, err := os.Getwd(); err == nil {
		if short, err := filepath.Rel(here, program); err == nil && !strings.HasPrefix(short, "..") {
			program = short
		}
	}
	config, api := " --config "+dog.config, " --api "+dog.api
	return []string{
		program + " hook list" + config,
		program + " hook check " + pauseHook + config,
		program + " hook calldata " + pauseHook + config,
		program + " hook resume " + pauseHook + config,
		program + " drill " + pauseHook + config,
		program + " status" + api,
		program + " events" + api,
		program + " trip lending --reason \"to see it\" --token-file " + g.token + api,
	}
}
