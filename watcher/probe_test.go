package watcher

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"headwatch"
	"headwatch/config"
)

// proberOf asks a server as an endpoint of l1Chain, under a URL that holds keys.
func proberOf(url string, timeout time.Duration) *httpProber {
	u := planted(url)
	e := config.Endpoint{Name: "e", URL: config.NewSecret(u), Timeout: config.Duration(timeout)}
	return newHTTPProber(l1Chain, e, evm(l1Chain), secretsOf(u))
}

func TestAGoodAnswerIsHeard(t *testing.T) {
	zipped := func(w http.ResponseWriter, r *http.Request) {
		recorder := httptest.NewRecorder()
		healthy.ServeHTTP(recorder, r)
		compressed(200, recorder.Body.Bytes())(w, r)
	}
	for name, answer := range map[string]http.Handler{"plain": healthy, "gzip without being asked": http.HandlerFunc(zipped)} {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(answer)
			defer server.Close()
			o := proberOf(server.URL, 5*time.Second).probe(t.Context(), true)
			head := o.Heads[headwatch.Unsafe]
			if o.Err != nil || head.Number != 100 || *head.UserTxs != 2 || o.ChainID != 900 || o.Latency <= 0 || len(o.Heads) != 3 {
				t.Errorf("heard %+v", o)
			}
		})
	}
}

func TestWhatAnEndpointDoesNotServeIsNotHeldAgainstIt(t *testing.T) {
	server := httptest.NewServer(node{methodChainID: `"0x384"`, methodBlock + `"latest"`: blockNow(100), methodBlock + `"safe"`: "null"})
	defer server.Close()
	o := proberOf(server.URL, 5*time.Second).probe(t.Context(), true)
	if o.Err != nil || len(o.Heads) != 1 {
		t.Errorf("heard %+v", o)
	}
}

// asked counts how often each method is asked for.
type asked struct {
	node
	chain, block, requests atomic.Int32
}

func (a *asked) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	a.requests.Add(1)
	a.chain.Add(int32(bytes.Count(body, []byte(methodChainID))))
	a.block.Add(int32(bytes.Count(body, []byte(methodBlock))))
	r.Body = io.NopCloser(bytes.NewReader(body))
	a.node.ServeHTTP(w, r)
}

func TestTheChainIsVerifiedOnceAConnection(t *testing.T) {
	count := &asked{node: healthy}
	server := httptest.NewServer(count)
	defer server.Close()
	p := proberOf(server.URL, 5*time.Second)
	probe := func(what string, chain, requests int32) {
		t.Helper()
		if o := p.probe(t.Context(), false); o.Err != nil || o.ChainID != 900 {
			t.Fatalf("%s: %+v", what, o)
		}
		if c, r := count.chain.Swap(0), count.requests.Swap(0); c != chain || r != requests {
			t.Errorf("%s: asked for the chain %d times in %d requests, want %d in %d", what, c, r, chain, requests)
		}
	}
	probe("first", 1, 1)
	probe("second", 0, 1)
	server.CloseClientConnections()
	probe("after a reconnect", 1, 2)
	probe("then", 0, 1)
	p.verified = false
	probe("after a bad answer", 1, 1)
}

func TestAQuestionIsRepeatedWhenAnIdleConnectionCloses(t *testing.T) {
	var first atomic.Value
	closing := hijacked(func(net.Conn) {})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !first.CompareAndSwap(nil, r.RemoteAddr) && first.Load() == r.RemoteAddr {
			closing(w, r) // the second request on the first connection
			return
		}
		healthy.ServeHTTP(w, r)
	}))
	defer server.Close()
	p := proberOf(server.URL, 5*time.Second)
	for i := range 2 {
		if o := p.probe(t.Context(), true); o.Err != nil || len(o.Heads) != 3 {
			t.Errorf("probe %d: heard %+v", i, o)
		}
	}
}

func TestAnotherChainBehindTheSameAddressIsNoticed(t *testing.T) {
	var current atomic.Pointer[node]
	current.Store(&healthy)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { current.Load().ServeHTTP(w, r) }))
	defer server.Close()
	p := proberOf(server.URL, 5*time.Second)
	if o := p.probe(t.Context(), true); o.Err != nil {
		t.Fatal(o.Err)
	}
	other := healthy.with(methodChainID, `"0xa"`)
	current.Store(&other)
	server.CloseClientConnections()
	o := p.probe(t.Context(), false)
	wantFault(t, o.Err, headwatch.FaultWrongChain)
	if o.Heads != nil || o.ChainID != 10 {
		t.Errorf("heard %+v", o)
	}
}

func TestARollupNodeThatDoesNotTellItsChainIsHeard(t *testing.T) {
	status := fmt.Sprintf(`{"unsafe_l2":{"hash":%s,"number":9,"timestamp":%d}}`, hashA, time.Now().Unix())
	count := &asked{node: node{methodSyncStatus: status}}
	server := httptest.NewServer(count)
	defer server.Close()
	p := newHTTPProber(l2Chain, config.Endpoint{URL: config.NewSecret(server.URL), Timeout: config.Duration(5 * time.Second)}, opNode(l2Chain), nil)
	for range 3 {
		if o := p.probe(t.Context(), true); o.Err != nil || o.ChainID != 0 || len(o.Heads) != 1 {
			t.Fatalf("heard %+v", o)
		}
	}
	if n := count.requests.Load(); n != 3 {
		t.Errorf("%d requests, want 3", n)
	}
}

func TestTheL1OriginIsAskedForWhereNoRollupNodeTellsIt(t *testing.T) {
	withNode := l2Chain
	withNode.Endpoints = []config.Endpoint{{Serves: config.ServesRollup}}
	for _, c := range []struct {
		chain config.Chain
		want  int
	}{{l2Chain, 4}, {withNode, 3}, {l1Chain, 3}} {
		if n := len(kinds[[2]string{c.chain.Kind, config.ServesEth}](c.chain).slow); n != c.want {
			t.Errorf("%s with %d endpoints: %d slow questions, want %d", c.chain.Kind, len(c.chain.Endpoints), n, c.want)
		}
	}
	server := httptest.NewServer(healthy.with(methodChainID, `"0x385"`).with(methodTx, `{"input":"`+attributes(selectorJovian)+`"}`))
	defer server.Close()
	p := newHTTPProber(l2Chain, config.Endpoint{URL: config.NewSecret(server.URL), Timeout: config.Duration(5 * time.Second)}, opStack(l2Chain), nil)
	if o := p.probe(t.Context(), true); o.Err != nil || o.Origin == nil || o.Origin.Number != 41 {
		t.Errorf("heard %+v", o)
	}
}

func TestAnEndpointThatRefusesBatchesIsAskedOneByOne(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if bytes.HasPrefix(body, []byte("[")) {
			_, _ = io.WriteString(w, `{"jsonrpc":"2.0","id":null,"error":{"code":-32600,"message":"no batches on this plan"}}`)
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		healthy.ServeHTTP(w, r)
	}))
	defer server.Close()
	p := proberOf(server.URL, 5*time.Second)
	o := p.probe(t.Context(), true)
	if f, ok := errors.AsType[*headwatch.Fault](o.Err); !ok || f.Kind != headwatch.FaultRPCError {
		t.Errorf("the refusal was heard as %v", o.Err)
	}
	for range 2 {
		if o := p.probe(t.Context(), true); o.Err != nil || o.Heads[headwatch.Unsafe].Number != 100 || o.ChainID != 900 {
			t.Errorf("heard %+v", o)
		}
	}
}

func TestANodeThatSyncsIsAskedAgainAtTheNextLook(t *testing.T) {
	var synced atomic.Bool
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if synced.Load() {
			healthy.ServeHTTP(w, r)
		} else {
			healthy.with(methodSyncing, `{"currentBlock":"0x1"}`).ServeHTTP(w, r)
		}
	}))
	defer server.Close()
	p := proberOf(server.URL, 5*time.Second)
	p.probe(t.Context(), true)
	synced.Store(true)
	if o := p.probe(t.Context(), false); o.Err != nil || o.Syncing {
		t.Errorf("heard %+v, want that it has caught up", o)
	}
}

func TestSyncingIsRememberedBetweenTheTimesItIsAskedFor(t *testing.T) {
	server := httptest.NewServer(healthy.with(methodSyncing, `{"currentBlock":"0x1"}`))
	defer server.Close()
	p := proberOf(server.URL, 5*time.Second)
	for _, slow := range []bool{true, false} {
		if o := p.probe(t.Context(), slow); o.Err != nil || !o.Syncing {
			t.Errorf("slow %v: heard %+v", slow, o)
		}
	}
}
