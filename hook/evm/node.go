package evm

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/ethereum/go-ethereum/accounts/abi"
	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/common/hexutil"
	"github.com/ethereum/go-ethereum/rpc"

	"headwatch/config"
	"headwatch/delivery"
)

const (
	nodePatience = 4 * time.Second // for one answer of a node
	maxAnswer    = 4 << 20         // bytes of it
	maxSaid      = 160             // runes of what it says that an error shows
)

// node is one endpoint of a chain. Its errors carry the endpoint's name and never its URL. Its methods may be called from
// several goroutines and obey the deadline of ctx.
type node struct {
	name     string
	operator string
	url      config.Secret
	secrets  []string // parts of the URL that the node may repeat in an error
	over     *http.Client

	mu       sync.Mutex
	client   *rpc.Client
	verified bool   // it has said that it is of the chain
	last     uint64 // its newest head; 0 before it was asked
}

func newNode(e config.Endpoint, over *http.Client) *node {
	return &node{name: e.Name, operator: e.Operator, url: e.URL, secrets: e.URL.URLParts(), over: over}
}

// get makes one call.
func (n *node) get(ctx context.Context, into any, method string, args ...any) error {
	ctx, cancel := context.WithTimeout(ctx, nodePatience)
	defer cancel()
	client, err := n.dial(ctx)
	if err == nil {
		err = client.CallContext(ctx, into, method, args...)
	}
	if err != nil {
		return n.explain(ctx, err)
	}
	return nil
}

func (n *node) dial(ctx context.Context) (*rpc.Client, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.client != nil {
		return n.client, nil
	}
	client, err := rpc.DialOptions(ctx, n.url.Reveal(), rpc.WithHTTPClient(n.over)) // of HTTP it connects nothing yet
	n.client = client
	return client, err
}

// Call implements Reader for what this node alone says.
func (n *node) Call(ctx context.Context, from, to common.Address, data []byte) ([]byte, error) {
	var out hexutil.Bytes
	msg := message{From: from, To: to, Data: data}
	if err := n.get(ctx, &out, "eth_call", msg, "latest"); err != nil {
		return nil, err
	}
	return out, nil
}

// message is a call as nodes take it.
type message struct {
	From  common.Address `json:"from"`
	To    common.Address `json:"to"`
	Data  hexutil.Bytes  `json:"data"`
	Value *hexutil.Big   `json:"value,omitempty"`
}

// Reverted is a node's answer that a call would revert.
type Reverted struct {
	Reason string // cleaned; "" when there is none
}

func (r *Reverted) Error() string {
	if r.Reason == "" {
		return "execution reverted"
	}
	return "execution reverted: " + r.Reason
}

// rejection is what a node says against a request, cleaned.
type rejection struct {
	code  int
	words string
}

func (r *rejection) Error() string { return r.words }

// explain makes a safe error of any: a *Reverted or a *rejection when the node has answered.
func (n *node) explain(ctx context.Context, err error) error {
	if answer, ok := errors.AsType[rpc.Error](err); ok {
		words := delivery.Clean(delivery.Scrub(answer.Error(), n.secrets...), maxSaid)
		data, _ := answer.(rpc.DataError)
		if r := n.reverted(answer.ErrorCode(), words, data); r != nil {
			return fmt.Errorf("%s: %w", n.name, r)
		}
		return fmt.Errorf("%s: %w", n.name, &rejection{answer.ErrorCode(), words})
	}
	if status, ok := errors.AsType[rpc.HTTPError](err); ok {
		return fmt.Errorf("%s: HTTP status %d", n.name, status.StatusCode)
	}
	switch {
	case errors.Is(err, context.DeadlineExceeded) || ctx.Err() != nil:
		return fmt.Errorf("%s: no answer in time", n.name)
	case errors.Is(err, errOverlong):
		return fmt.Errorf("%s: %w", n.name, errOverlong)
	}
	if _, ok := errors.AsType[*url.Error](err); ok { // its text has the URL
		return fmt.Errorf("%s: unreachable", n.name)
	}
	return fmt.Errorf("%s: no JSON-RPC answer", n.name)
}

// reverted recognises a revert in the words of geth, erigon, reth and besu (code 3 or "execution reverted") and of nethermind
// ("VM execution error." with the data "Reverted 0x...").
func (n *node) reverted(code int, words string, data rpc.DataError) *Reverted {
	text := ""
	if data != nil {
		text, _ = data.ErrorData().(string)
	}
	hex, nethermind := strings.CutPrefix(text, "Reverted ")
	if code != 3 && !nethermind && !strings.Contains(strings.ToLower(words), "revert") {
		return nil
	}
	if raw, err := hexutil.Decode(hex); err == nil {
		if reason, err := abi.UnpackRevert(raw); err == nil {
			return &Reverted{delivery.Clean(delivery.Scrub(reason, n.secrets...), maxSaid)}
		}
		if len(raw) >= 4 {
			return &Reverted{"error " + hexutil.Encode(raw[:4])}
		}
	}
	_, reason, _ := strings.Cut(words, "reverted: ")
	return &Reverted{reason}
}

// newClient makes the HTTP client of a chain's nodes: no redirects, bounded answers, and connections that are kept, because a
// handshake for each of the half a dozen questions before a broadcast would cost a second.
func newClient() *http.Client {
	return &http.Client{
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: bounded{&http.Transport{
			Proxy:                  http.ProxyFromEnvironment,
			TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12},
			ForceAttemptHTTP2:      true,
			MaxResponseHeaderBytes: 64 << 10,
			MaxIdleConnsPerHost:    8,
			IdleConnTimeout:        20 * time.Second,
			HTTP2:                  &http.HTTP2Config{SendPingTimeout: nodePatience, PingTimeout: nodePatience},
		}},
	}
}

var errOverlong = fmt.Errorf("an answer of more than %d MiB", maxAnswer>>20)

// bounded ends an answer that is too large.
type bounded struct{ under http.RoundTripper }

func (b bounded) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := b.under.RoundTrip(req)
	if err == nil {
		resp.Body = &boundedBody{resp.Body, maxAnswer}
	}
	return resp, err
}

type boundedBody struct {
	io.ReadCloser
	left int
}

func (b *boundedBody) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, errOverlong
	}
	n, err := b.ReadCloser.Read(p[:min(len(p), b.left)])
	b.left -= n
	return n, err
}
