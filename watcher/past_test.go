package watcher

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/zap"

	"headwatch"
	"headwatch/config"
	"headwatch/devnet"
)

func TestABlockIsAskedForByNumberAndObservedAgain(t *testing.T) {
	server := httptest.NewServer(healthy.with(methodBlock+`"0x40"`, blockNow(64)).with(methodBlock+`"0x41"`, "null"))
	defer server.Close()
	e := newTaped(t, server.URL)
	for wanted, number := range map[uint64]uint64{0: 0, 64: 64, 65: 0} {
		e.records = nil
		e.want(wanted)
		live := e.prober.probe(e.tape.within(t.Context()), true)
		if live.Err != nil || len(live.Heads) != 3 || (live.Past != nil) != (number != 0) || number != 0 && live.Past.Number != number {
			t.Errorf("wanted %d: heard %+v", wanted, live)
		}
		all := replayed(t, e.records)
		if len(all) != 1 || !reflect.DeepEqual(all[0].Past, live.Past) || !reflect.DeepEqual(all[0].Heads, live.Heads) {
			t.Errorf("wanted %d: replayed %+v", wanted, all)
		}
	}
}

func TestANodeThatDoesNotServeTheNumberIsNotAtFault(t *testing.T) {
	server := httptest.NewServer(node{methodChainID: `"0x384"`, methodBlock + `"latest"`: blockNow(100)})
	defer server.Close()
	p := proberOf(server.URL, 5*time.Second)
	p.wanted.Store(64)
	if o := p.probe(t.Context(), false); o.Err != nil || o.Past != nil || len(o.Heads) != 1 {
		t.Errorf("heard %+v", o)
	}
}

func TestWhatIsNotTheBlockAskedForIsAFault(t *testing.T) {
	for _, c := range []struct {
		asked, block string
		want         headwatch.FaultKind
	}{
		{`"0x40"`, blockNow(65), headwatch.FaultBadHead},
		{`"0x40"`, `{"number":"0x40"}`, headwatch.FaultBadHead},
		{`"0x40"`, `[]`, headwatch.FaultNotJSON},
		{`"0x40"`, strings.Replace(blockNow(64), `"timestamp":"0x`, `"timestamp":"0x1`, 1), headwatch.FaultFutureHead},
		{`"earliest"`, blockNow(0), headwatch.FaultOther},
		{`{}`, blockNow(0), headwatch.FaultOther},
	} {
		o := headwatch.Observation{At: time.Now()}
		err := decodeAnswer(l1Chain, methodBlock, []json.RawMessage{json.RawMessage(c.asked), raw(false)}, json.RawMessage(c.block), &o)
		wantFault(t, err, c.want)
		if o.Past != nil {
			t.Errorf("%s %s: %+v", c.asked, c.block, o.Past)
		}
	}
}

// A real chain is reorganised deeper than its pollers see.
func TestTheDepthOfAReorganisationOfRealNodesIsExact(t *testing.T) {
	const depth = 4
	net, err := devnet.New(devnet.Config{})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() {
		if err := net.Run(ctx); err != nil {
			t.Error(err)
		}
	})
	defer running.Wait()
	defer cancel()
	net.StopBatcher()

	c := config.Chain{
		Name: "l2", Kind: config.KindEVM, ChainID: devnet.L2ChainID, BlockTime: config.Duration(time.Second), StaleAfter: config.Duration(time.Minute),
		Quorum: 2, ProofOfLife: 1, MaxSkew: config.Duration(15 * time.Second), ReorgDepth: depth,
	}
	for _, e := range net.L2() {
		c.Endpoints = append(c.Endpoints, config.Endpoint{
			Name: e.Name, URL: config.NewSecret(e.HTTP), Interval: config.Duration(time.Second), Timeout: config.Duration(time.Second),
		})
	}
	chain, err := New(c, Options{Limits: []time.Duration{time.Minute}, Log: zap.NewNop()})
	if err != nil {
		t.Fatal(err)
	}
	var height uint64 // at which the chain was stopped; 0 while it runs
	reorganised := false
	err = chain.Run(ctx, func(a headwatch.Assessment) error {
		switch f := a.Find(headwatch.Reorg); {
		case height == 0 && a.Head != nil && a.Head.Number > depth+2:
			net.StopL2()
			heads, err := net.Heads("l2-a")
			if err != nil {
				return err
			}
			height = heads[headwatch.Unsafe].Number
		case height != 0 && !reorganised:
			for i := range chain.view.endpoints {
				if chain.view.endpoints[i].head.Number != height {
					return nil
				}
			}
			reorganised = true
			return net.Reorg(depth)
		case f != nil && chain.view.wants(a.At) == 0:
			if want := fmt.Sprintf("%d blocks above block %d replaced", depth, height-depth); !strings.HasPrefix(f.Detail, want) {
				t.Errorf("%q, want %q", f.Detail, want)
			}
			cancel()
		}
		return nil
	})
	if err != nil || !reorganised {
		t.Errorf("reorganised %v, %v", reorganised, err)
	}
}
