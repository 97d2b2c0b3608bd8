package watcher

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/ethereum/go-ethereum/rpc"

	"headwatch"
	"headwatch/config"
)

// helper names the environment variable that makes the test binary a node, so that its work is not counted.
const helper = "HEADWATCH_TEST_NODE"

// block15KB is a block with 200 transaction hashes.
func block15KB() string {
	hashes := make([]string, 200)
	for i := range hashes {
		hashes[i] = fmt.Sprintf(`"0x%064x"`, i*7919)
	}
	return strings.Replace(wholeHeader(), "{", `{"transactions":[`+strings.Join(hashes, ",")+`],`, 1)
}

// wholeHeader is a header with all that a real one has.
func wholeHeader() string {
	h := func(n int) string { return fmt.Sprintf(`"0x%064x"`, n) }
	return `{"baseFeePerGas":"0x40921f0","blobGasUsed":"0x0","difficulty":"0x0","excessBlobGas":"0x0","extraData":"0x","gasLimit":"0x1c9c380",` +
		`"gasUsed":"0x5948","hash":` + h(1000) + `,"logsBloom":"0x` + strings.Repeat("0", 512) + `","miner":"0x4200000000000000000000000000000000000011",` +
		`"mixHash":` + h(2) + `,"nonce":"0x0000000000000000","number":"0x3e8","parentBeaconBlockRoot":` + h(3) + `,"parentHash":` + h(999) +
		`,"receiptsRoot":` + h(4) + `,"sha3Uncles":` + h(5) + `,"stateRoot":` + h(6) + `,"timestamp":"0x` + fmt.Sprintf("%x", time.Now().Unix()) +
		`","transactionsRoot":` + h(7) + `,"withdrawalsRoot":` + h(8) + `}`
}

// serve prints the address of a node and serves until it is killed.
func serve(kind string) {
	handler := http.Handler(node{methodChainID: `"0x384"`, methodBlock: block15KB()})
	if kind == "push" {
		server := rpc.NewServer()
		if err := server.RegisterName("eth", beating{}); err != nil {
			panic(err)
		}
		handler = server.WebsocketHandler([]string{"*"})
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	fmt.Println(l.Addr())
	panic(http.Serve(l, handler))
}

// beating is a node that pushes the same header to all subscribers at once, 20 times a second.
type beating struct{}

// ChainId serves eth_chainId.
func (beating) ChainId() string { return "0x384" }

// NewHeads serves eth_subscribe.
func (beating) NewHeads(ctx context.Context) (*rpc.Subscription, error) {
	notifier, _ := rpc.NotifierFromContext(ctx)
	sub := notifier.CreateSubscription()
	header := json.RawMessage(wholeHeader())
	go func() {
		const beat = 50 * time.Millisecond
		for notifier.Notify(sub.ID, header) == nil {
			time.Sleep(time.Until(time.Now().Truncate(beat).Add(beat)))
		}
	}()
	return sub, nil
}

func nodeProcess(b *testing.B, kind string) (addr string) {
	node := exec.CommandContext(b.Context(), os.Args[0])
	node.Env = append(os.Environ(), helper+"="+kind)
	out, err := node.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := node.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = node.Wait() })
	addr, err = bufio.NewReader(out).ReadString('\n')
	if err != nil {
		b.Fatal(err)
	}
	return strings.TrimSpace(addr)
}

// reportCPU measures the whole process, with the HTTP client and the garbage collector.
func reportCPU(b *testing.B, run func()) {
	used := func() time.Duration {
		var r syscall.Rusage
		if err := syscall.Getrusage(syscall.RUSAGE_SELF, &r); err != nil {
			b.Fatal(err)
		}
		return time.Duration(r.Utime.Nano() + r.Stime.Nano())
	}
	before := used()
	run()
	b.ReportMetric(float64(used()-before)/float64(b.N)/1e6, "cpu-ms/op")
	b.ReportAllocs()
}

func BenchmarkPolledObservation(b *testing.B) {
	e := config.Endpoint{Name: "e", URL: config.NewSecret("http://" + nodeProcess(b, "poll")), Timeout: config.Duration(time.Second)}
	p := newHTTPProber(l1Chain, e, evm(l1Chain), nil)
	p.probe(b.Context(), false) // dials
	reportCPU(b, func() {
		for b.Loop() {
			if o := p.probe(b.Context(), false); o.Err != nil {
				b.Fatal(o.Err)
			}
		}
	})
}

// BenchmarkPushedObservation has 50 endpoints that hear of a block at the same time.
func BenchmarkPushedObservation(b *testing.B) {
	f := &wsFollower{chain: l1Chain, url: config.NewSecret("ws://" + nodeProcess(b, "push"))}
	heard := make(chan headwatch.Observation)
	var endpoints sync.WaitGroup
	for range 50 {
		endpoints.Go(func() {
			_ = f.follow(b.Context(), func(o headwatch.Observation) {
				select {
				case heard <- o:
				case <-b.Context().Done():
				}
			})
		})
	}
	b.Cleanup(endpoints.Wait)
	for range 500 { // until all have subscribed
		<-heard
	}
	reportCPU(b, func() {
		for b.Loop() {
			if o := <-heard; o.Err != nil {
				b.Fatal(o.Err)
			}
		}
	})
}

func BenchmarkCondense(b *testing.B) {
	text := []byte(block15KB())
	var buffer bytes.Buffer
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		buffer.Reset()
		buffer.Write(text)
		condense(buffer.Bytes())
	}
}

func BenchmarkDecodeBlock(b *testing.B) {
	text := json.RawMessage(condense([]byte(block15KB())))
	b.ReportAllocs()
	for b.Loop() {
		o := headwatch.Observation{At: time.Now()}
		if err := decodeAnswer(l1Chain, methodBlock, latest, text, &o); err != nil {
			b.Fatal(err)
		}
	}
}
