package main

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"sync"
	"testing"

	"golang.org/x/sync/errgroup"
)

var (
	runs      = flag.Int("runs", 3, "runs of the chaos test; their seeds follow each other")
	tableFile = flag.String("table", "", "file for the results of the chaos test")
)

// atOnce is how many runs go on at the same time: each is a net of five nodes and a process.
const atOnce = 8

// A pause comes to its end in every storm that it promises to survive: the process is killed at the worst moments, endpoints take
// transactions and forget them, fees rise, and L1 loses the deposit. The market is paused once, by one nonce a chain, and who has
// to know is told.
func TestOneEffectivePauseInEveryStorm(t *testing.T) {
	first := *seed
	if first == 0 {
		first = 1 + rand.Uint64N(1_000_000)
	}
	program, ports := build(t, t.TempDir()), quietPorts(t, *runs)
	var mu sync.Mutex
	lines := make([]string, *runs)
	var group errgroup.Group
	group.SetLimit(atOnce)
	for i := range *runs {
		s := newStorm(first + uint64(i))
		group.Go(func() error {
			t.Run(fmt.Sprint(s.seed), func(t *testing.T) {
				line := endure(t, s, program, ports[i])
				mu.Lock()
				defer mu.Unlock()
				lines[i] = line
			})
			return nil
		})
	}
	_ = group.Wait()
	text := tableHead + strings.Join(lines, "")
	t.Log("\n" + text)
	if *tableFile != "" {
		if err := os.WriteFile(*tableFile, []byte(text), 0o644); err != nil {
			t.Error(err)
		}
	}
}

// tableHead: paged is that it was not confirmed in time, sent and lost count the transactions at all endpoints, offers the different
// ones, and seconds are from the firing to the end.
const tableHead = "  seed  via         end        paged  kills  reorgs  offers  sent  lost  seconds  storm\n"

// endure makes one run and gives its line of the table.
func endure(t *testing.T, s storm, program, listen string) string {
	dir := t.TempDir()
	o, err := newOrdeal(t.Context(), s, program, dir, listen)
	defer o.close()
	if err != nil {
		t.Fatal(err)
	}
	v, err := o.play(t.Context())
	if err != nil {
		v.fault("%v", err)
	}
	for _, f := range v.faults {
		t.Error(f)
	}
	if t.Failed() {
		t.Logf("to do it again: make chaos RUNS=1 SEED=%d\n%s via %s: %s\n%s", s.seed, s.mode, s.via, s, o.diary())
		v.end = "WRONG"
	}
	paged := map[bool]string{true: "yes", false: "-"}[v.paged]
	return fmt.Sprintf("%6d  %-10s  %-9s  %-5s  %5d  %6d  %6d  %4d  %4d  %7.1f  %s\n",
		s.seed, s.via, v.end, paged, v.kills, v.reorgs, v.offers, v.sent, v.lost, v.took.Seconds(), s)
}

// diary is what to look at when something went wrong.
func (o *ordeal) diary() string {
	var b strings.Builder
	for _, s := range o.transactions() {
		fmt.Fprintf(&b, "%s  %s got %s: nonce %d, at most %s, tip %s\n", s.at.Format("15:04:05.000"), s.gate, s.tx.Hash(), s.tx.Nonce(), s.tx.GasFeeCap(), s.tx.GasTipCap())
	}
	if o.victim != nil {
		o.victim.change(func() {
			for _, k := range o.victim.kills {
				fmt.Fprintf(&b, "%s  killed\n", k.Format("15:04:05.000"))
			}
			b.Write(o.victim.log.Bytes())
		})
	}
	return b.String()
}
