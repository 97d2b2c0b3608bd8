package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"runtime"
	"slices"
	"testing"
	"time"
)

// soakFor names the environment variable that says how long BenchmarkSoak takes; `make soak` sets it to half an hour.
const soakFor = "HEADWATCH_SOAK"

// BenchmarkSoak watches 200 chains whose providers hang, reset, refuse, babble and flood, and which stand still now and
// then, and fails when the program keeps goroutines, files or memory that it does not need.
func BenchmarkSoak(b *testing.B) {
	if runtime.GOOS != "linux" {
		b.Skip("reads /proc")
	}
	length := 30 * time.Second
	if text := os.Getenv(soakFor); text != "" {
		var err error
		if length, err = time.ParseDuration(text); err != nil {
			b.Fatal(err)
		}
	}
	binary := build(b, "headwatch")
	for b.Loop() {
		soak(b, binary, length)
	}
	b.ReportMetric(0, "ns/op")
}

func soak(b *testing.B, binary string, length time.Duration) {
	b.Helper()
	c := benchConfig{Chains: playedChains(200), Push: true, Interval: "2s"}
	for i := range c.Chains[1:] {
		chain := &c.Chains[i+1]
		chain.Trial, chain.Polled = true, i%2 == 0
		c.Circuits = append(c.Circuits, benchCircuit{
			Name: circuitName(chain.ID, 0), Chain: chain.ID,
			Warn: 10 * time.Second, Page: 20 * time.Second, Trip: 30 * time.Second, Recover: 30 * time.Second,
		})
	}
	s, end := startStage(b, c.Chains)
	defer end()
	c.Stage = s
	p, stop := startProgram(b, binary, c)
	defer stop()
	await(b, "half of all is heard", time.Minute, func() bool {
		return len(p.series(b, "endpoint_up", "")) > 0 && sum(p.series(b, "endpoint_up", "")) > float64(providers*len(c.Chains))/2
	})
	const samples = 30
	var all [samples]footprint
	for i := range all {
		time.Sleep(length / samples)
		all[i] = p.footprint(b)
		b.Log(time.Duration(i+1)*length/samples, all[i])
	}
	early, late := median(all[samples/5:samples*2/5]), median(all[samples*4/5:])
	b.ReportMetric(late.heap, "heap-MiB")
	b.ReportMetric(late.heap/early.heap, "heap-growth")
	b.ReportMetric(late.goroutines, "goroutines")
	b.ReportMetric(late.goroutines/early.goroutines, "goroutine-growth")
	b.ReportMetric(late.files, "files")
	b.ReportMetric(late.memory, "RSS-MiB")
	b.ReportMetric(sum(p.series(b, "observation_faults_total", "")), "faults")
	b.ReportMetric(sum(p.series(b, "transitions_total", `to="open"`)), "trips")
	b.ReportMetric(sum(p.series(b, "observations_total", "")), "observations")
	for what, growth := range map[string]float64{
		"heap": late.heap / early.heap, "goroutines": late.goroutines / early.goroutines, "files": late.files / early.files,
	} {
		if growth > 1.25 {
			b.Errorf("%s grew by a factor of %.2f between the second fifth of the time and the last; early %v, late %v", what, growth, early, late)
		}
	}
}

// footprint is what the program occupies at an instant.
type footprint struct{ heap, memory, goroutines, files float64 }

func (f footprint) String() string {
	return fmt.Sprintf("heap %.1f MiB, RSS %.1f MiB, %.0f goroutines, %.0f files", f.heap, f.memory, f.goroutines, f.files)
}

func (p *released) footprint(b *testing.B) footprint {
	b.Helper()
	files, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", p.pid))
	if err != nil {
		b.Fatal(err)
	}
	return footprint{
		heap: sum(p.scrape(b, "go_memstats_heap_inuse_bytes", "")) / (1 << 20), memory: p.memory(b, "VmRSS"),
		goroutines: sum(p.scrape(b, "go_goroutines", "")), files: float64(len(files)),
	}
}

// median takes each figure by itself: the heap swings between two collections.
func median(all []footprint) footprint {
	middle := func(of func(footprint) float64) float64 {
		values := make([]float64, len(all))
		for i, f := range all {
			values[i] = of(f)
		}
		slices.Sort(values)
		return values[len(values)/2]
	}
	return footprint{
		middle(func(f footprint) float64 { return f.heap }), middle(func(f footprint) float64 { return f.memory }),
		middle(func(f footprint) float64 { return f.goroutines }), middle(func(f footprint) float64 { return f.files }),
	}
}

// misbehave does to one request in fifty what the worst providers do, and reports whether it did.
func (c *playedChain) misbehave(w http.ResponseWriter, r *http.Request) bool {
	switch c.draw(400) {
	case 0: // hangs
		<-r.Context().Done()
	case 1: // resets
		panic(http.ErrAbortHandler)
	case 2:
		w.Header().Set("Retry-After", "3")
		w.WriteHeader(http.StatusTooManyRequests)
	case 3:
		w.WriteHeader(http.StatusBadGateway)
		_, _ = io.WriteString(w, "<html>502 Bad Gateway</html>")
	case 4: // cut short
		_, _ = io.WriteString(w, `{"jsonrpc":"2.0","id":1,"result":{"number":"0x`)
	case 5: // floods
		_, _ = w.Write(bytes.Repeat([]byte("["), 5<<20))
	case 6: // redirects
		http.Redirect(w, r, "/", http.StatusFound)
	case 7: // closes after an answer to a question that nobody asked
		w.Header().Set("Connection", "close")
		_, _ = io.WriteString(w, `{"jsonrpc":"2.0","id":987654,"result":"0x1"}`)
	default:
		return false
	}
	return true
}

// mortal is an answer whose connection, once it is a WebSocket, is cut after a while.
type mortal struct {
	http.ResponseWriter
	life time.Duration
}

// Hijack implements http.Hijacker.
func (m mortal) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, rw, err := http.NewResponseController(m.ResponseWriter).Hijack()
	if err == nil {
		time.AfterFunc(m.life, func() { _ = conn.Close() })
	}
	return conn, rw, err
}

// draw is safe for concurrent use.
func (c *playedChain) draw(n int) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.random.IntN(n)
}
