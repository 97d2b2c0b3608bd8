package devnet

import (
	"context"
	"runtime/metrics"
	"testing"
	"time"
)

// memory is what the process holds of the machine's, in MB.
func memory() float64 {
	samples := []metrics.Sample{{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"}}
	metrics.Read(samples)
	return float64(samples[0].Value.Uint64()-samples[1].Value.Uint64()) / (1 << 20)
}

// BenchmarkNet measures a whole life: start, one minute of both chains sealed at full speed, end.
func BenchmarkNet(b *testing.B) {
	var start, block, end time.Duration
	var held float64
	for b.Loop() {
		before, began := memory(), time.Now()
		n, err := New(Config{})
		if err != nil {
			b.Fatal(err)
		}
		start += time.Since(began)

		n.genesis = n.genesis.Add(-time.Minute)
		began = time.Now()
		for range 60 {
			if err := n.sealL2(); err != nil {
				b.Fatal(err)
			}
			if err := n.follow(); err != nil {
				b.Fatal(err)
			}
		}
		block += time.Since(began) / 60
		held = max(held, memory()-before)

		ctx, cancel := context.WithCancel(b.Context())
		cancel()
		began = time.Now()
		if err := n.Run(ctx); err != nil {
			b.Fatal(err)
		}
		end += time.Since(began)
	}
	ms := func(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) / float64(b.N) }
	b.ReportMetric(ms(start), "start-ms")
	b.ReportMetric(ms(block), "block-ms")
	b.ReportMetric(ms(end), "end-ms")
	b.ReportMetric(held, "MB")
}
