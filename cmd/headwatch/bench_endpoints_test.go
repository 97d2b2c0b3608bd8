package main

import (
	"runtime"
	"testing"
	"time"
)

// BenchmarkEndpoints watches 335 chains with three endpoints each and a block a second, and measures the process from
// outside: its time on the cores for each observation that it counts, and its memory.
func BenchmarkEndpoints(b *testing.B) {
	if runtime.GOOS != "linux" {
		b.Skip("reads /proc")
	}
	binary := build(b, "headwatch")
	for _, bench := range []struct {
		name, source, interval string
	}{
		{"polled", "poll", "1s"},
		{"pushed", "push", "1s"},            // and polled once a minute as the check on it
		{"pushed_unchecked", "push", "10m"}, // and not polled while it is measured
	} {
		b.Run(bench.name, func(b *testing.B) {
			for b.Loop() {
				u := measure(b, binary, bench.source, bench.interval)
				b.ReportMetric(1e3*u.cores/u.rate, "cpu-ms/observation")
				b.ReportMetric(u.rate, "observations/s")
				b.ReportMetric(u.memory, "RSS-MiB")
				b.ReportMetric(u.peak, "peak-RSS-MiB")
			}
			b.ReportMetric(0, "ns/op")
		})
	}
}

// usage is what a process did and used during a while.
type usage struct {
	rate         float64 // observations a second, from the source that is measured
	cores        float64 // how many it kept busy
	memory, peak float64 // MiB
}

func measure(b *testing.B, binary, source, interval string) (u usage) {
	b.Helper()
	c := benchConfig{Chains: playedChains(334), Push: source == "push", Interval: interval}
	for _, chain := range c.Chains[1:] {
		c.Circuits = append(c.Circuits, benchCircuit{
			Name: circuitName(chain.ID, 0), Chain: chain.ID,
			Warn: 30 * time.Second, Page: time.Minute, Trip: 2 * time.Minute, Recover: time.Minute,
		})
	}
	s, end := startStage(b, c.Chains)
	defer end()
	c.Stage = s
	p, stop := startProgram(b, binary, c)
	defer stop()
	awaitHeard(b, p, source, providers*len(c.Chains))
	time.Sleep(5 * time.Second)

	before := countObservations(b, p, source)
	cpu, began := p.cpu(b), time.Now()
	time.Sleep(20 * time.Second)
	u.cores = (p.cpu(b) - cpu).Seconds() / time.Since(began).Seconds()
	u.memory, u.peak = p.memory(b, "VmRSS"), p.memory(b, "VmHWM")
	after := countObservations(b, p, source) // a scrape costs time: outside of what is measured
	all, bad := after.all-before.all, after.faults-before.faults
	if all == 0 || bad > all/100 {
		b.Fatalf("%v observations, %v faults", all, bad)
	}
	u.rate = all / after.at.Sub(before.at).Seconds()
	return u
}

type observations struct {
	at          time.Time
	all, faults float64
}

func countObservations(b *testing.B, p *released, source string) observations {
	b.Helper()
	at := time.Now()
	all, faults := p.series(b, "observations_total", sourceLabel(source)), p.series(b, "observation_faults_total", "")
	return observations{at, sum(all), sum(faults)}
}

// awaitHeard waits until every endpoint was heard from a source three times.
func awaitHeard(b *testing.B, p *released, source string, endpoints int) {
	b.Helper()
	await(b, "all endpoints are heard", time.Minute, func() bool {
		heard := 0
		for _, n := range p.series(b, "observations_total", sourceLabel(source)) {
			if n >= 3 {
				heard++
			}
		}
		return heard == endpoints
	})
}

func sourceLabel(source string) string { return `source="` + source + `"` }
