package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/zap"

	"headwatch"
	"headwatch/config"
	"headwatch/devnet"
)

// A recording of a living chain, which stops and comes back, is judged as the chain was while it lived.
func TestARecordingIsJudgedAsTheChainWas(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	chains, err := devnet.New(devnet.Config{})
	if err != nil {
		t.Fatal(err)
	}
	var running sync.WaitGroup
	defer running.Wait()
	defer cancel()
	running.Go(func() {
		if err := chains.Run(ctx); err != nil {
			t.Error(err)
		}
	})
	l2 := chains.L2()
	cfg, err := config.Parse("record", []byte(fmt.Sprintf(recordConfig, chains.L1().HTTP, l2[0].HTTP, l2[0].WS, l2[1].HTTP, l2[2].HTTP)), os.LookupEnv)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "live.jsonl.gz")
	live := &witnessed{moves: make(chan change, 100)}
	ended := make(chan error, 1)
	watching, stop := context.WithCancel(ctx)
	go func() { ended <- live.record(watching, cfg, path) }()

	live.await(t, func(c change) bool { return c.Chain == "l2" && c.Phase == headwatch.Live })
	settled := make(chan struct{})
	var once sync.Once
	chains.OnBlock(func(b devnet.Block) {
		if b.Endpoint == l2[0].Name && b.Head.Number >= 6 {
			once.Do(func() { close(settled) })
		}
	})
	<-settled
	chains.StopL2()
	live.await(t, func(c change) bool { return c.To == "open" })
	chains.ResumeL2(0)
	live.await(t, func(c change) bool { return c.From == "half_open" && c.To == "closed" })
	stop()
	if err := <-ended; err != nil {
		t.Fatal(err)
	}

	var replayed collect
	if err := replay(cfg, path, &replayed, io.Discard); err != nil {
		t.Fatal(err)
	}
	for _, chain := range []string{"l1", "l2"} {
		was, is := known(live.lines, chain), known(replayed.lines, chain)
		if len(was) < 2 && chain == "l2" || len(was) != len(is) {
			t.Fatalf("chain %s: live\n%+v\nreplayed\n%+v", chain, was, is)
		}
		for i := range was {
			if words(is[i]) != words(was[i]) { // not the instants: a machine that is busy takes its steps late
				t.Errorf("chain %s: replayed %+v, live %+v", chain, is[i], was[i])
			}
		}
	}
}

// witnessed is a line that is recorded, with all that it said.
type witnessed struct {
	mu    sync.Mutex
	lines []change
	moves chan change
}

func (w *witnessed) print(c change) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.lines = append(w.lines, c)
	w.moves <- c
	return nil
}

func (w *witnessed) record(ctx context.Context, cfg *config.Config, path string) error {
	net, err := wire(cfg, nil, nil, zap.NewNop())
	if err != nil {
		return err
	}
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	rec := newRecording(f, true)
	var running sync.WaitGroup
	for _, chain := range net.chains {
		chain.Tap(rec.put)
		says := changes(&network{circuits: net.circuits}, w.print) // each chain has a goroutine of its own
		running.Go(func() { _ = chain.Run(ctx, says) })
	}
	running.Wait()
	return rec.close()
}

func (w *witnessed) await(t *testing.T, what func(change) bool) {
	t.Helper()
	timeout := time.After(time.Minute)
	for {
		select {
		case c := <-w.moves:
			if what(c) {
				return
			}
		case <-timeout:
			t.Fatalf("did not come about in a minute: %+v", w.lines)
		}
	}
}

// known leaves out what was said of a chain before anything was known of it.
func known(lines []change, chain string) (all []change) {
	for _, c := range lines {
		if c.Chain == chain && (len(all) > 0 || c.Phase == headwatch.Live) {
			all = append(all, c)
		}
	}
	return all
}

func words(c change) string {
	return fmt.Sprint(c.Phase, c.Circuit, c.From, c.To, c.Level)
}

const recordConfig = `
[[chain]]
name = "l1"
kind = "evm"
chain_id = 900
block_time = "2s"
[[chain.endpoint]]
name = "l1"
url = %q

[[chain]]
name = "l2"
kind = "op-stack"
chain_id = 901
block_time = "1s"
l1 = "l1"
[[chain.endpoint]]
name = "a"
url = %q
ws = %q
[[chain.endpoint]]
name = "b"
url = %q
[[chain.endpoint]]
name = "c"
url = %q

[[circuit]]
name = "lending"
chain = "l2"
on = ["unsafe_head_stalled"]
warn_after = "4s"
page_after = "5s"
trip_after = "6s"
recover_after = "6s"
alerts = ["console"]

[[alert]]
name = "console"
kind = "console"
`

// A recorder that is killed leaves a file that is read up to its last second, plain or packed.
func TestARecordingThatWasCutOffIsReplayed(t *testing.T) {
	cfg, err := config.Load("testdata/traces.toml")
	if err != nil {
		t.Fatal(err)
	}
	const whole = `{"t_ms":1795252438229,"endpoint":"l1","method":"eth_chainId","result":"0x384","latency_ms":1}` + "\n"
	for name, end := range map[string]string{"plain.jsonl": `{"t_ms":17952524`, "packed.jsonl.gz": ""} {
		path := filepath.Join(t.TempDir(), name)
		f, err := os.Create(path)
		if err != nil {
			t.Fatal(err)
		}
		rec := newRecording(f, strings.HasSuffix(name, ".gz"))
		_, _ = io.WriteString(rec.out, whole+end)
		if err := rec.flush(); err != nil {
			t.Fatal(err)
		}
		_ = f.Close() // and never rec.close
		var said bytes.Buffer
		if err := replay(cfg, path, &collect{}, &said); err != nil || !strings.Contains(said.String(), "its end is cut off") {
			t.Errorf("%s: %v, said %q", name, err, &said)
		}
	}
}

func TestARecordingOverwritesNothing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "there.jsonl")
	if err := os.WriteFile(path, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	var shown safeBuffer
	if code := run(t.Context(), []string{"headwatch", "record", "--config", "testdata/traces.toml", path}, &shown, &shown); code != exitUsage {
		t.Errorf("ended with %d", code)
	}
	if text, _ := os.ReadFile(path); string(text) != "x" || !strings.Contains(shown.String(), "there already") {
		t.Errorf("the file is now %q; said %s", text, shown.String())
	}
}

func TestARecordingIsWrittenWhileItIsMade(t *testing.T) {
	path := filepath.Join(t.TempDir(), "out.jsonl")
	var shown safeBuffer
	if code := run(t.Context(), []string{"headwatch", "record", "--config", "testdata/traces.toml", "--for", "100ms", path}, &shown, &shown); code != exitOK {
		t.Fatalf("ended with %d: %s", code, shown.String())
	}
	text, err := os.ReadFile(path)
	if err != nil || !strings.Contains(string(text), `"event":"headwatch `) || !strings.Contains(string(text), `"error":{"kind":"refused"`) {
		t.Errorf("recorded %s, %v", text, err)
	}
}
