package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ethereum/go-ethereum/rpc"
)

// playNet names the environment variable that makes the test binary a network of chains, so that the work of its nodes is
// not counted as headwatch's.
const playNet = "HEADWATCH_BENCH_NET"

// TestMain runs the tests. In a process that a benchmark has started it is the network, in one that a test has started the program.
func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
	}
	if os.Getenv(playNet) == "" {
		os.Exit(m.Run())
	}
	if err := play(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

const (
	providers  = 3 // ports; each serves every chain
	playedTime = time.Second
	firstBlock = 1_000_000
)

// played is a chain of the network.
type played struct {
	ID     uint64
	Phase  time.Duration // of its blocks: from their timestamp to when they can be seen
	Stop   time.Duration // its last block comes at most this long after the outage begins; negative: it never stops
	Trial  bool          // its providers misbehave, and it stands still now and then
	Polled bool          // without push, where others have it
}

// lastHead says when the last head of a chain that has stopped could first be seen.
type lastHead struct {
	ID uint64
	At time.Time
}

// play reads the chains from in, writes the addresses of the providers to out, and starts all. The next JSON value on in
// begins the outage; then the last head of each chain is written to out. The end of in ends the network.
func play(in io.Reader, out io.Writer) error {
	orders, answers := json.NewDecoder(in), json.NewEncoder(out)
	var chains []played
	if err := orders.Decode(&chains); err != nil {
		return err
	}
	var mux http.ServeMux
	var addresses []string
	for range providers {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return err
		}
		addresses = append(addresses, l.Addr().String())
		go func() { _ = http.Serve(l, &mux) }()
	}
	var (
		outage  atomic.Int64 // Unix nanoseconds; 0 while there is none
		writing sync.Mutex
		genesis = time.Now().Truncate(time.Second)
	)
	for _, p := range chains {
		c := &playedChain{played: p, genesis: genesis, number: firstBlock}
		c.random = rand.New(rand.NewPCG(p.ID, 1))
		if err := c.serve(&mux); err != nil {
			return err
		}
		go func() {
			last := lastHead{c.ID, c.run(&outage)}
			writing.Lock()
			defer writing.Unlock()
			_ = answers.Encode(last)
		}()
	}
	err := answers.Encode(addresses)
	for err == nil {
		var order any
		if err = orders.Decode(&order); err == nil {
			outage.Store(time.Now().UnixNano())
		}
	}
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}

// playedChain is shaped like an OP Stack chain: the timestamp of a block is exactly that of its parent and the block time.
type playedChain struct {
	played
	genesis time.Time

	mu     sync.Mutex
	random *rand.Rand
	number uint64
	subs   []func(header json.RawMessage)
}

// serve answers under the chain's id, over HTTP and WebSocket.
func (c *playedChain) serve(mux *http.ServeMux) error {
	server := rpc.NewServer()
	if err := server.RegisterName("eth", playedEth{c}); err != nil {
		return err
	}
	push := server.WebsocketHandler([]string{"*"})
	mux.HandleFunc("/"+strconv.FormatUint(c.ID, 10), func(w http.ResponseWriter, r *http.Request) {
		if c.Trial && c.misbehave(w, r) {
			return
		}
		if r.Header.Get("Upgrade") != "" {
			if c.Trial {
				w = mortal{w, time.Duration(30+c.draw(600)) * time.Second}
			}
			push.ServeHTTP(w, r)
		} else {
			server.ServeHTTP(w, r)
		}
	})
	return nil
}

// run makes blocks until the chain stops. It gives the instant right before its last one could be seen.
func (c *playedChain) run(outage *atomic.Int64) (last time.Time) {
	for n := uint64(firstBlock); ; n++ {
		due := c.time(n).Add(c.Phase)
		time.Sleep(time.Until(due))
		if at := outage.Load(); at != 0 && c.Stop >= 0 && due.After(time.Unix(0, at).Add(c.Stop)) {
			return last
		}
		if c.Trial && c.draw(600) == 0 { // once in ten minutes of blocks
			time.Sleep(45 * time.Second) // and fills back what it missed
		}
		header := json.RawMessage("{" + c.header(n) + "}")
		last = time.Now()
		c.mu.Lock()
		c.number = n
		subs := c.subs
		c.mu.Unlock()
		for _, push := range subs {
			push(header)
		}
	}
}

func (c *playedChain) time(n uint64) time.Time {
	return c.genesis.Add(time.Duration(n-firstBlock) * playedTime)
}
