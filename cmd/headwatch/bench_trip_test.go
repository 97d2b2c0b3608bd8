package main

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

// BenchmarkTrip measures how late the hooks of a real stall are: from the instant at which a circuit's time is up to the
// arrival of its webhook. Its time is up trip_after after the last head of its chain was pushed; the clock is read right
// before the first of the chain's three endpoints pushes it. Watchdog, chains and receiver are three processes.
//
// The journal waits for the disk several times on that way. With the journal in memory the rest is seen.
func BenchmarkTrip(b *testing.B) {
	binary := build(b, "headwatch")
	for _, bench := range []struct {
		name     string
		inMemory bool
		outage
	}{
		{"one_chain", false, outage{chains: 1, circuits: 50, spread: time.Second}},
		{"100_chains", false, outage{chains: 100, circuits: 1, spread: 20 * time.Second}},
		{"100_chains_at_once", false, outage{chains: 100, circuits: 1}},
		{"100_chains_journal_in_memory", true, outage{chains: 100, circuits: 1, spread: 20 * time.Second}},
		{"100_chains_at_once_journal_in_memory", true, outage{chains: 100, circuits: 1}},
	} {
		b.Run(bench.name, func(b *testing.B) {
			if bench.inMemory {
				bench.journal = filepath.Join(inMemory(b), "journal")
			}
			var l lateness
			for b.Loop() {
				l = bench.run(b, binary)
			}
			b.ReportMetric(percentile(l.arrived, .5), "p50-ms")
			b.ReportMetric(percentile(l.arrived, .99), "p99-ms")
			b.ReportMetric(percentile(l.arrived, 1), "max-ms")
			b.ReportMetric(percentile(l.decided, .99), "decided-p99-ms")
			b.ReportMetric(l.appends, "append-ms")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// lateness is that of every circuit that had to trip.
type lateness struct {
	arrived []time.Duration // of the webhook's arrival
	decided []time.Duration // of the assessment that tripped
	appends float64         // mean time of a decision's append to the journal, in ms
}

// outage stops all L2 chains of a network.
type outage struct {
	chains   int
	circuits int           // on each chain; each is due 200 ms after the one before
	spread   time.Duration // the chains stop at different instants of this while; 0: all at the same instant
	journal  string
}

func (o outage) run(b *testing.B, binary string) lateness {
	b.Helper()
	calls := make(chan hookCall, 2*o.chains*o.circuits)
	receiver := httptest.NewServer(hookReceiver(calls))
	defer receiver.Close()
	c := o.config()
	c.Receiver, c.Journal = receiver.URL, o.journal
	s, end := startStage(b, c.Chains)
	defer end()
	c.Stage = s
	p, stop := startProgram(b, binary, c)
	defer stop()
	awaitHeard(b, p, "push", providers*len(c.Chains))
	time.Sleep(3 * time.Second) // a standstill counts only on a chain that has been watched

	if len(calls) > 0 {
		b.Fatal("a circuit tripped before the outage")
	}
	if err := s.orders.Encode("outage"); err != nil {
		b.Fatal(err)
	}
	last := make(map[uint64]time.Time)
	for range o.chains {
		var head lastHead
		if err := s.answers.Decode(&head); err != nil {
			b.Fatal(err)
		}
		last[head.ID] = head.At
	}
	due := make(map[string]time.Time)
	for _, circuit := range c.Circuits {
		due[circuit.Name] = last[circuit.Chain].Add(circuit.Trip)
	}
	l := awaitTrips(b, due, calls)
	l.appends = 1e3 * sum(p.series(b, "journal_append_seconds_sum", "")) / sum(p.series(b, "journal_append_seconds_count", ""))
	return l
}

func (o outage) config() benchConfig {
	c := benchConfig{Chains: playedChains(o.chains), Push: true, Interval: "1s"}
	stops := rand.New(rand.NewPCG(7, 7))
	for i := range c.Chains[1:] {
		chain := &c.Chains[i+1]
		if o.spread > 0 {
			chain.Stop = time.Duration(stops.Int64N(int64(o.spread)))
		} else {
			chain.Stop, chain.Phase = 0, 0
		}
		for n := range o.circuits {
			c.Circuits = append(c.Circuits, benchCircuit{
				Name: circuitName(chain.ID, n), Chain: chain.ID, Warn: 3 * time.Second, Page: 4 * time.Second,
				Trip: 5*time.Second + time.Duration(n)*200*time.Millisecond, Recover: time.Minute,
			})
		}
	}
	return c
}

func awaitTrips(b *testing.B, due map[string]time.Time, calls <-chan hookCall) (l lateness) {
	b.Helper()
	patience := time.After(time.Minute)
	for len(due) > 0 {
		select {
		case call := <-calls:
			at, ok := due[call.circuit]
			if !ok || call.arrived.Before(at) {
				b.Fatalf("circuit %s tripped twice or too early", call.circuit)
			}
			delete(due, call.circuit)
			l.arrived, l.decided = append(l.arrived, call.arrived.Sub(at)), append(l.decided, call.decided.Sub(at))
		case <-patience:
			b.Fatalf("%d circuits did not trip", len(due))
		}
	}
	return l
}

type hookCall struct {
	circuit          string
	decided, arrived time.Time
}

func hookReceiver(calls chan<- hookCall) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		call := hookCall{arrived: time.Now()}
		var doc struct {
			Type      string
			Timestamp time.Time
			Data      struct{ Circuit string }
		}
		if err := json.NewDecoder(r.Body).Decode(&doc); err != nil || doc.Type != "circuit.open" {
			http.Error(w, "want a circuit that opened", http.StatusBadRequest)
			return
		}
		call.circuit, call.decided = doc.Data.Circuit, doc.Timestamp
		calls <- call
	})
}

// playedChains are an L1 and n L2 chains that never stop, each with its own phase.
func playedChains(n int) []played {
	phases := rand.New(rand.NewPCG(1, 1))
	chains := []played{{ID: l1, Phase: playedTime / 2, Stop: -1}}
	for i := range n {
		chains = append(chains, played{ID: uint64(1000 + i), Phase: time.Duration(phases.Int64N(int64(playedTime))), Stop: -1})
	}
	return chains
}

func circuitName(chain uint64, n int) string { return fmt.Sprintf("%d-%d", chain, n) }

// percentile is the smallest value that the given share of all does not exceed, in ms.
func percentile(all []time.Duration, share float64) float64 {
	slices.Sort(all)
	i := int(math.Ceil(share*float64(len(all)))) - 1
	return float64(all[i]) / float64(time.Millisecond)
}
