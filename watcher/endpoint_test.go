package watcher

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
	"go.uber.org/zap"

	"headwatch/config"
)

// TestMain asserts that no test leaves a goroutine behind. In a process that a benchmark has started it is a node.
func TestMain(m *testing.M) {
	if kind := os.Getenv(helper); kind != "" {
		serve(kind)
		return
	}
	code := m.Run()
	transport.CloseIdleConnections()
	if err := goleak.Find( // what a node of the devnet leaves behind, as its own tests have it
		goleak.IgnoreTopFunction("github.com/ethereum/go-ethereum/core.(*txSenderCacher).cache"),
		goleak.IgnoreTopFunction("github.com/syndtr/goleveldb/leveldb.(*DB).mpoolDrain"),
	); code == 0 && err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

func TestEndpointsThatStartTogetherSpreadOut(t *testing.T) {
	slots := make(map[time.Duration]int)
	for i := range 1000 {
		e := endpointOf("base", fmt.Sprintf("e%d", i), 2*time.Second, nil, zap.NewNop())
		slots[(e.phase%e.interval).Truncate(100*time.Millisecond)]++
	}
	for slot, n := range slots {
		if n > 100 {
			t.Errorf("%d of 1000 endpoints poll within the same 100 ms from %s", n, slot)
		}
	}
	if a, b := endpointOf("c", "e", time.Second, nil, zap.NewNop()), endpointOf("c", "e", time.Second, nil, zap.NewNop()); a.phase != b.phase {
		t.Error("the phase of a name changes")
	}
}

func TestSuspectNeverBlocks(t *testing.T) {
	r := newRig(t)
	for range 10 {
		r.suspect(true)
		r.suspect(false)
	}
}

func TestAnEndpointThatMakesNoSenseIsRefusedWithoutItsURL(t *testing.T) {
	ok := config.Endpoint{Name: "e", URL: config.NewSecret("https://example.org/" + keyPath), Interval: config.Duration(time.Second), Timeout: config.Duration(time.Second)}
	for name, change := range map[string]func(*config.Chain, *config.Endpoint){
		"no url":       func(_ *config.Chain, e *config.Endpoint) { e.URL = config.Secret{} },
		"a file":       func(_ *config.Chain, e *config.Endpoint) { e.URL = config.NewSecret("/run/" + keyPath) },
		"ws as url":    func(_ *config.Chain, e *config.Endpoint) { e.URL = config.NewSecret("ws://example.org/" + keyPath) },
		"broken url":   func(_ *config.Chain, e *config.Endpoint) { e.URL = config.NewSecret("http://[" + keyPath) },
		"http as ws":   func(_ *config.Chain, e *config.Endpoint) { e.WS = config.NewSecret("http://example.org/" + keyPath) },
		"no interval":  func(_ *config.Chain, e *config.Endpoint) { e.Interval = 0 },
		"no timeout":   func(_ *config.Chain, e *config.Endpoint) { e.Timeout = 0 },
		"unknown kind": func(c *config.Chain, _ *config.Endpoint) { c.Kind = "cosmos" },
		"evm rollup":   func(c *config.Chain, e *config.Endpoint) { c.Kind, e.Serves = config.KindEVM, config.ServesRollup },
	} {
		c, e := l2Chain, ok
		change(&c, &e)
		_, err := newEndpoint(c, e, zap.NewNop())
		if err == nil || !strings.Contains(err.Error(), "endpoint e of chain l2") {
			t.Errorf("%s: got error %v", name, err)
		} else {
			assertNoSecret(t, name, err.Error())
		}
	}
	if _, err := newEndpoint(l2Chain, ok, zap.NewNop()); err != nil {
		t.Error(err)
	}
}
