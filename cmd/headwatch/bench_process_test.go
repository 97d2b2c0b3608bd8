package main

import (
	"bufio"
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// released is headwatch as it is released, in a process of its own and seen from outside.
type released struct {
	pid int
	api string
}

// build builds a program of this module as it is released.
func build(b *testing.B, name string, flags ...string) (path string) {
	b.Helper()
	path = filepath.Join(b.TempDir(), name)
	cmd := exec.Command("go", append(append([]string{"build", "-trimpath"}, flags...), "-o", path, "headwatch/cmd/"+name)...)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		b.Fatalf("build %s: %v\n%s", name, err, out)
	}
	return path
}

// startProgram runs a configuration; the program is told to stop, and must, by the returned function.
func startProgram(b *testing.B, binary string, c benchConfig) (p *released, stop func()) {
	b.Helper()
	dir := b.TempDir()
	path := filepath.Join(dir, "config.toml")
	c.API = freeAddress(b)
	if err := os.WriteFile(path, c.text(b), 0o600); err != nil {
		b.Fatal(err)
	}
	log, err := os.Create(filepath.Join(dir, "log"))
	if err != nil {
		b.Fatal(err)
	}
	ctx, cancel := context.WithCancel(b.Context())
	cmd := exec.CommandContext(ctx, binary, "run", "--config", path)
	cmd.Stdout, cmd.Stderr = log, log
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = 15 * time.Second
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	stop = func() {
		cancel()
		_ = cmd.Wait() // tells of the cancellation; the exit code is what counts
		if code := cmd.ProcessState.ExitCode(); code != 0 || b.Failed() {
			text, _ := os.ReadFile(log.Name())
			b.Errorf("headwatch ended with %d; the end of its log:\n%s", code, text[max(0, len(text)-4000):])
		}
		_ = log.Close()
	}
	return &released{pid: cmd.Process.Pid, api: "http://" + c.API}, stop
}

// cpu is the time that the process has had on any core, in user and system mode. The kernel counts in hundredths of seconds.
func (p *released) cpu(b *testing.B) time.Duration {
	b.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.pid))
	if err != nil {
		b.Fatal(err)
	}
	fields := strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+1:])) // from the third field on
	var ticks time.Duration
	for _, f := range fields[11:13] {
		n, err := strconv.Atoi(f)
		if err != nil {
			b.Fatal(err)
		}
		ticks += time.Duration(n)
	}
	return ticks * 10 * time.Millisecond
}

// memory reads VmRSS or VmHWM, in MiB.
func (p *released) memory(b *testing.B, key string) float64 {
	b.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.pid))
	if err != nil {
		b.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(line, key+":"); ok {
			kib, err := strconv.ParseFloat(strings.Fields(rest)[0], 64)
			if err != nil {
				b.Fatal(err)
			}
			return kib / 1024
		}
	}
	b.Fatalf("no %s", key)
	return 0
}

// series gives the values of a metric of ours whose labels contain a text; nil while the API does not answer.
func (p *released) series(b *testing.B, metric, label string) []float64 {
	b.Helper()
	return p.scrape(b, "headwatch_"+metric, label)
}

// scrape gives the values of any metric.
func (p *released) scrape(b *testing.B, metric, label string) []float64 {
	b.Helper()
	resp, err := http.Get(p.api + "/metrics")
	if err != nil {
		return nil
	}
	defer resp.Body.Close()
	var values []float64
	lines := bufio.NewScanner(resp.Body)
	for lines.Scan() {
		labels, value, _ := strings.Cut(lines.Text(), " ")
		name, labels, _ := strings.Cut(labels, "{")
		if name != metric || !strings.Contains(labels, label) {
			continue
		}
		v, err := strconv.ParseFloat(value, 64)
		if err != nil {
			b.Fatal(err)
		}
		values = append(values, v)
	}
	if err := lines.Err(); err != nil {
		b.Fatal(err)
	}
	return values
}

// await waits until a condition holds.
func await(b *testing.B, what string, limit time.Duration, holds func() bool) {
	b.Helper()
	for end := time.Now().Add(limit); !holds(); time.Sleep(200 * time.Millisecond) {
		if time.Now().After(end) {
			b.Fatalf("after %s still waiting until %s", limit, what)
		}
	}
}

func sum(values []float64) (total float64) {
	for _, v := range values {
		total += v
	}
	return total
}
