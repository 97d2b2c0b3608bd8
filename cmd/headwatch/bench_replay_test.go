package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"io"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"go.uber.org/zap"

	"headwatch"
	"headwatch/config"
	"headwatch/watcher"
)

// BenchmarkReplay judges the recordings again and again with Views, Assess and circuits, as `headwatch replay` does: once
// with observations that are in memory, once from the recordings' JSON.
func BenchmarkReplay(b *testing.B) {
	cfg, err := config.Load("testdata/traces.toml")
	if err != nil {
		b.Fatal(err)
	}
	paths, err := filepath.Glob("testdata/traces/*.gz")
	if err != nil || len(paths) == 0 {
		b.Fatalf("no recordings: %v", err)
	}
	texts := make([][]byte, len(paths))
	decoded := make([][]headwatch.Observation, len(paths))
	for i, path := range paths {
		texts[i] = unzip(b, path)
		decoded[i] = decode(b, newNetwork(b, cfg), texts[i])
	}
	for _, bench := range []struct {
		name         string
		observations func(b *testing.B, net *network, i int) []headwatch.Observation
	}{
		{"decoded", func(_ *testing.B, _ *network, i int) []headwatch.Observation { return decoded[i] }},
		{"json", func(b *testing.B, net *network, i int) []headwatch.Observation { return decode(b, net, texts[i]) }},
	} {
		b.Run(bench.name, func(b *testing.B) {
			n := 0
			b.ReportAllocs()
			for b.Loop() {
				for i := range texts {
					net := newNetwork(b, cfg)
					observations := bench.observations(b, net, i)
					judgeAll(b, net, observations)
					n += len(observations)
				}
			}
			b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "observations/s")
		})
	}
}

func unzip(b *testing.B, path string) []byte {
	b.Helper()
	f, err := os.Open(path)
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	zipped, err := gzip.NewReader(f)
	if err != nil {
		b.Fatal(err)
	}
	text, err := io.ReadAll(zipped)
	if err != nil {
		b.Fatal(err)
	}
	return text
}

func newNetwork(b *testing.B, cfg *config.Config) *network {
	b.Helper()
	net, err := wire(cfg, nil, nil, zap.NewNop())
	if err != nil {
		b.Fatal(err)
	}
	return net
}

func decode(b *testing.B, net *network, text []byte) []headwatch.Observation {
	b.Helper()
	observations, _, err := watcher.LoadTrace("a recording", bytes.NewReader(text), net.chains)
	if err != nil {
		b.Fatal(err)
	}
	return observations
}

func judgeAll(b *testing.B, net *network, observations []headwatch.Observation) {
	b.Helper()
	decide := func(context.Context, headwatch.Transition) error { return nil }
	err := watcher.Replay(net.chains, slices.Values(observations), func(a headwatch.Assessment) error {
		return judge(b.Context(), net.circuits[a.Chain], decide)(a)
	})
	if err != nil {
		b.Fatal(err)
	}
}
