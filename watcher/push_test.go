package watcher

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ethereum/go-ethereum/rpc"
	"go.uber.org/zap"

	"headwatch"
	"headwatch/config"
)

// pushNode is a node with a WebSocket, on go-ethereum's own server.
type pushNode struct {
	subscribers chan chan<- json.RawMessage // each takes what is to be pushed to one subscriber
	eager       bool                        // it pushes one by itself as soon as there is a subscriber
	chainID     atomic.Uint64
	verified    atomic.Int32
	mu          sync.Mutex
	conns       []net.Conn
	url         string
}

// ChainId serves eth_chainId.
func (n *pushNode) ChainId() string {
	n.verified.Add(1)
	return fmt.Sprintf("0x%x", n.chainID.Load())
}

// GetBlockByNumber serves eth_getBlockByNumber.
func (n *pushNode) GetBlockByNumber(string, bool) json.RawMessage {
	return json.RawMessage(blockNow(100))
}

// NewHeads serves eth_subscribe.
func (n *pushNode) NewHeads(ctx context.Context) (*rpc.Subscription, error) {
	notifier, _ := rpc.NotifierFromContext(ctx)
	sub := notifier.CreateSubscription()
	headers := make(chan json.RawMessage)
	n.subscribers <- headers
	go func() {
		if n.eager {
			_ = notifier.Notify(sub.ID, header(1))
		}
		for {
			select {
			case <-sub.Err():
				return
			case h := <-headers:
				_ = notifier.Notify(sub.ID, h)
			}
		}
	}()
	return sub, nil
}

func newPushNode(t testing.TB) *pushNode {
	n := &pushNode{subscribers: make(chan chan<- json.RawMessage, 10)}
	n.chainID.Store(900)
	server := rpc.NewServer()
	if err := server.RegisterName("eth", n); err != nil {
		t.Fatal(err)
	}
	ws := server.WebsocketHandler([]string{"*"})
	h := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Upgrade") != "" {
			ws.ServeHTTP(w, r)
		} else {
			server.ServeHTTP(w, r)
		}
	}))
	h.Config.ConnState = func(c net.Conn, s http.ConnState) {
		if s == http.StateHijacked {
			n.mu.Lock()
			defer n.mu.Unlock()
			n.conns = append(n.conns, c)
		}
	}
	h.Start()
	t.Cleanup(func() { server.Stop(); h.Close() })
	n.url = h.URL
	return n
}

// drop breaks all WebSockets as a network does.
func (n *pushNode) drop() {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, c := range n.conns {
		_ = c.(*net.TCPConn).SetLinger(0)
		_ = c.Close()
	}
}

func (n *pushNode) follower() *wsFollower { return followerOf(n.url) }

func followerOf(server string) *wsFollower {
	u := planted(strings.Replace(server, "http", "ws", 1))
	return &wsFollower{chain: l1Chain, url: config.NewSecret(u), secrets: secretsOf(u)}
}

// subscription runs one subscription to its end.
type subscription struct {
	heard chan headwatch.Observation
	ended chan error
	end   context.CancelFunc
}

func subscribe(t *testing.T, f follower) *subscription {
	ctx, cancel := context.WithCancel(t.Context())
	s := &subscription{make(chan headwatch.Observation, 10), make(chan error, 1), cancel}
	go func() { s.ended <- f.follow(ctx, func(o headwatch.Observation) { s.heard <- o }) }()
	return s
}

func header(number uint64) json.RawMessage {
	return json.RawMessage(fmt.Sprintf(`{"number":"0x%x","hash":"0x%064x","parentHash":"0x%064x","timestamp":"0x%x","logsBloom":"0x00"}`, number, number, number-1, time.Now().Unix()))
}

func TestHeadsArePushedUntilTheConnectionDropsAndTheChainIsVerifiedAgain(t *testing.T) {
	n := newPushNode(t)
	for attempt := range int32(2) {
		s := subscribe(t, n.follower())
		headers := <-n.subscribers
		for number := range uint64(3) {
			headers <- header(number + 1)
			o := <-s.heard
			head := o.Heads[headwatch.Unsafe]
			if o.Err != nil || head.Number != number+1 || head.Parent == "" || head.UserTxs != nil || o.ChainID != 900 || o.At.IsZero() {
				t.Fatalf("heard %+v", o)
			}
		}
		n.drop()
		if err := <-s.ended; !is[*headwatch.Fault](err) {
			t.Errorf("ended with %v", err)
		}
		if v := n.verified.Load(); v != attempt+1 {
			t.Errorf("chain verified %d times on %d connections", v, attempt+1)
		}
	}
}

func TestAnotherChainPushesNothing(t *testing.T) {
	n := newPushNode(t)
	n.chainID.Store(1)
	n.eager = true
	s := subscribe(t, n.follower())
	wantFault(t, <-s.ended, headwatch.FaultWrongChain)
	o := <-s.heard
	wantFault(t, o.Err, headwatch.FaultWrongChain)
	if o.ChainID != 1 || o.Heads != nil || len(s.heard) != 0 {
		t.Errorf("heard %+v and %d more", o, len(s.heard))
	}
}

func TestAHostileHeaderEndsTheSubscriptionByName(t *testing.T) {
	for name, c := range map[string]struct {
		header string
		fault  headwatch.FaultKind
	}{
		"head of 2^63": {`{"number":"0x8000000000000000","hash":` + hashA + `,"timestamp":"0x1"}`, headwatch.FaultBadHead},
		"far future":   {`{"number":"0x8","hash":` + hashA + `,"timestamp":7258118400}`, headwatch.FaultFutureHead},
		"null":         {`null`, headwatch.FaultBadHead},
		"no number":    {`{"number":"` + keyPath + `"}`, headwatch.FaultBadHead},
		"a text":       {`"` + keyPath + `"`, headwatch.FaultNotJSON},
	} {
		t.Run(name, func(t *testing.T) {
			n := newPushNode(t)
			s := subscribe(t, n.follower())
			(<-n.subscribers) <- json.RawMessage(c.header)
			o := <-s.heard
			wantFault(t, o.Err, c.fault)
			assertNoSecret(t, "fault", o.Err.Error())
			if o.Heads != nil {
				t.Errorf("heard %+v", o)
			}
			wantFault(t, <-s.ended, c.fault)
		})
	}
}

func TestAMessageBeyondTheLimitEndsTheSubscription(t *testing.T) {
	n := newPushNode(t)
	s := subscribe(t, n.follower())
	(<-n.subscribers) <- json.RawMessage(`"` + strings.Repeat("0", maxBody) + `"`)
	if err := <-s.ended; err == nil || len(s.heard) != 0 {
		t.Errorf("ended with %v, heard %d", err, len(s.heard))
	}
}

func TestASubscriptionThatCannotBeMadeIsOnlyReturned(t *testing.T) {
	for name, answer := range map[string]http.HandlerFunc{
		"refused with our key": func(w http.ResponseWriter, r *http.Request) { http.Error(w, r.URL.String(), http.StatusUnauthorized) },
		"redirect":             http.RedirectHandler("/"+keyPath, http.StatusFound).ServeHTTP,
		"garbage":              hijacked(func(c net.Conn) { fmt.Fprintf(c, "%s\r\n", keyPath) }),
		"a status with our key": hijacked(func(c net.Conn) {
			fmt.Fprintf(c, "HTTP/1.1 403 %s\r\nContent-Length: 0\r\n\r\n", keyQuery)
		}),
	} {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(answer)
			defer server.Close()
			s := subscribe(t, followerOf(server.URL))
			err := <-s.ended
			if err == nil || len(s.heard) != 0 {
				t.Fatalf("ended with %v, heard %d", err, len(s.heard))
			}
			assertNoSecret(t, "error", err.Error())
		})
	}
}

func TestASubscriptionEndsWithItsContext(t *testing.T) {
	n := newPushNode(t)
	s := subscribe(t, n.follower())
	(<-n.subscribers) <- header(1)
	<-s.heard
	s.end()
	<-s.ended
}

func TestAnEndpointIsPushedToAndPolled(t *testing.T) {
	n := newPushNode(t)
	e, err := newEndpoint(l1Chain, config.Endpoint{
		Name: "e", URL: config.NewSecret(planted(n.url)), WS: n.follower().url,
		Interval: config.Duration(time.Minute), Timeout: config.Duration(5 * time.Second),
	}, zap.NewNop())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	out, done := make(chan headwatch.Observation), make(chan error)
	go func() { done <- e.run(ctx, out) }()
	go func() { (<-n.subscribers) <- header(101) }()
	seen := make(map[bool]headwatch.Observation)
	for len(seen) < 2 {
		o := <-out
		seen[o.Pushed] = o
	}
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
	if p, q := seen[true].Heads[headwatch.Unsafe].Number, seen[false].Heads[headwatch.Unsafe].Number; p != 101 || q != 100 {
		t.Errorf("pushed %d, polled %d", p, q)
	}
}
