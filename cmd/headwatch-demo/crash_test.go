package main

import (
	"bytes"
	"flag"
	"math/rand/v2"
	"testing"
)

var seed = flag.Uint64("seed", 0, "aim the kills as in an earlier run; 0 aims them anew")

const (
	killVictims = 17
	killOutages = 3
)

// What the process says to everybody survives its death: killed at any instant, and most often between a decision and the
// end of its delivery, it loses no page and no resolve, tells all of an outage under one key, and never forgets since when
// the chain stands still. 153 kills of the real program, on real chains.
func TestEveryPageAndEveryResolveSurvivesAKill(t *testing.T) {
	if *seed == 0 {
		*seed = rand.Uint64()
	}
	t.Logf("to aim the kills like this again: -seed %d", *seed)
	random := rand.New(rand.NewPCG(*seed, 0))
	tr, ctx := newTrial(t, killVictims)
	for n := 1; n <= killOutages; n++ {
		for _, v := range tr.victims {
			v.arm(aim(random))
		}
		tr.stop(t)
		tr.await(ctx, t, "the circuit to open and the pager to ring", func(v *victim) bool {
			return v.incidents("market-makers", "circuit.open") >= n && v.incidents("on-call", "trigger") >= n
		})
		tr.chains.ResumeL2(0)
		tr.await(ctx, t, "the circuit to close, the page to be resolved and all kills", func(v *victim) bool {
			return v.incidents("market-makers", "circuit.closed") >= n && v.incidents("on-call", "resolve") >= n && len(v.kills) == shotsInOutage*n
		})
		tr.ready(ctx, t)
	}

	var kills, cut, lost, repeats int
	tr.judge(ctx, t, func(v *victim, h history) {
		kills += len(v.kills)
		cut += h.cut(v.kills)
		lost += bytes.Count(v.log.Bytes(), decided) - len(h.transitions)
		repeats += len(v.requests) - killOutages*requestsInOutage
	})
	t.Logf("%d kills, %d of them between a decision on record and the end of its delivery; %d decisions died before they were on record; %d requests were repeated",
		kills, cut, lost, repeats)
	if cut < kills/4 {
		t.Errorf("only %d of %d kills hit a delivery: this run has proved little", cut, kills)
	}
}
