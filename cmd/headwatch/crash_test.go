package main

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"headwatch/postmortem"
)

var (
	crashRuns  = flag.Int("runs", 2, "nights of the crash test; their seeds follow each other")
	crashSeed  = flag.Uint64("seed", 0, "the first of them; 0 for any")
	crashTable = flag.String("table", "", "file for the results of the crash test")
)

// crashAtOnce is how many nights go on at the same time: each is a process that is idle for most of the time.
const crashAtOnce = 8

// A program that is killed at any moment of a night of two outages, with a silence, acknowledgements, escalation, a relapse and
// receivers that are down, tells everybody all of it: in order, each incident under its key, and its end; and its report has it all.
func TestEveryMessageOfANightSurvivesAKill(t *testing.T) {
	first := *crashSeed
	if first == 0 {
		first = 1 + rand.Uint64N(1_000_000)
	}
	var mu sync.Mutex
	lines := make([]string, *crashRuns)
	var group errgroup.Group
	group.SetLimit(crashAtOnce)
	for i := range *crashRuns {
		p := newCrashPlan(first + uint64(i))
		group.Go(func() error {
			t.Run(fmt.Sprint(p.seed), func(t *testing.T) {
				line := endureNight(t, p)
				mu.Lock()
				defer mu.Unlock()
				lines[i] = line
			})
			return nil
		})
	}
	_ = group.Wait()
	text := crashHead + strings.Join(lines, "")
	t.Log("\n" + text)
	if *crashTable != "" {
		if err := os.WriteFile(*crashTable, []byte(text), 0o644); err != nil {
			t.Error(err)
		}
	}
}

// crashHead: own are incidents of headwatch itself among all, told counts the messages that receivers had to get, again those that they
// got once more.
const crashHead = "  seed  end    kills  incidents  own  relapses  told  again  seconds  night\n"

// endureNight makes one run and gives its line of the table.
func endureNight(t *testing.T, p crashPlan) string {
	began := time.Now()
	n := newCrashNight(t, p)
	v := n.endure()
	end := "whole"
	if len(v.faults) > 0 {
		for _, f := range v.faults {
			t.Error(f)
		}
		t.Logf("to do it again: make crash RUNS=1 SEED=%d\n%s\n%s", p.seed, p, n.diary())
		end = "WRONG"
	}
	return fmt.Sprintf("%6d  %-5s  %5d  %9d  %3d  %8d  %4d  %5d  %7.1f  %s\n",
		p.seed, end, len(n.kills), v.incidents, v.restarts, v.relapses, v.notices, v.repeats, time.Since(began).Seconds(), p)
}

// endure plays a night and judges it.
func (n *crashNight) endure() (v crashVerdict) {
	ctx := n.t.Context()
	if err := n.play(ctx); err != nil {
		v.fault("%v", err)
	}
	reports := map[string]*postmortem.Draft{}
	all, err := n.client().incidents(ctx)
	if err != nil {
		v.fault("%v", err)
	}
	for _, i := range all {
		if reports[i.ID], err = n.report(i.ID); err != nil {
			v.fault("%v", err)
		}
	}
	if code := n.process.end(syscall.SIGTERM); code != 0 {
		v.fault("exit code %d", code)
	}
	events, err := n.events(ctx)
	if err != nil {
		v.fault("%v", err)
	}
	n.judge(&v, events, reports)
	n.set(func() { v.faults = append(v.faults, n.wrongs...) })
	if len(n.kills) > 0 && v.restarts == 0 {
		v.fault("killed, and nobody was told")
	}
	return v
}
