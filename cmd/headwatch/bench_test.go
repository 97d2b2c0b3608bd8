package main

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

// The benchmarks of this folder measure the program as it is released. docs/performance.md says what they found.

// BenchmarkSize builds the programs as they are released, and without their symbols.
func BenchmarkSize(b *testing.B) {
	for _, bench := range []struct {
		name, program string
		flags         []string
	}{
		{"headwatch", "headwatch", nil},
		{"headwatch_stripped", "headwatch", []string{"-ldflags", "-s -w"}},
		{"headwatch_demo", "headwatch-demo", nil},
		{"headwatch_demo_stripped", "headwatch-demo", []string{"-ldflags", "-s -w"}},
	} {
		b.Run(bench.name, func(b *testing.B) {
			var size int64
			for b.Loop() {
				info, err := os.Stat(build(b, bench.program, bench.flags...))
				if err != nil {
					b.Fatal(err)
				}
				size = info.Size()
			}
			b.ReportMetric(float64(size)/(1<<20), "MiB")
			b.ReportMetric(0, "ns/op") // the linker's time is not the point
		})
	}
}

// BenchmarkSync writes 1 KB and waits until the disk has it, as the journal does for each of its events.
func BenchmarkSync(b *testing.B) {
	f, err := os.Create(filepath.Join(b.TempDir(), "file"))
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	var took []time.Duration
	for b.Loop() {
		began := time.Now()
		if _, err := f.Write(make([]byte, 1024)); err != nil {
			b.Fatal(err)
		}
		if err := f.Sync(); err != nil {
			b.Fatal(err)
		}
		took = append(took, time.Since(began))
	}
	b.ReportMetric(percentile(took, .5), "p50-ms")
	b.ReportMetric(percentile(took, .99), "p99-ms")
	b.ReportMetric(percentile(took, 1), "max-ms")
}

// inMemory is a directory whose files are on no disk.
func inMemory(b *testing.B) string {
	b.Helper()
	dir, err := os.MkdirTemp("/dev/shm", "headwatch-bench-")
	if err != nil {
		b.Skip("no file system in memory: ", err)
	}
	b.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}
