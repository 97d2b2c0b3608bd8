package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"time"

	"github.com/ethereum/go-ethereum/common/hexutil"
	"github.com/ethereum/go-ethereum/core/types"
)

// gate is an endpoint of an operator of its own, before a node of the devnet.
type gate struct {
	*httptest.Server
	name   string
	chain  int64
	ordeal *ordeal
	node   *httputil.ReverseProxy
}

func (o *ordeal) newGate(name string, chain int64, node string) (*gate, error) {
	target, err := url.Parse(node)
	if err != nil {
		return nil, err
	}
	g := &gate{name: name, chain: chain, ordeal: o, node: httputil.NewSingleHostReverseProxy(target)}
	g.node.ErrorHandler = func(http.ResponseWriter, *http.Request, error) { panic(http.ErrAbortHandler) } // who asked is dead
	g.Server = httptest.NewServer(http.HandlerFunc(g.serve))
	return g, nil
}

// call is a request by JSON-RPC; a batch is none.
type call struct {
	ID     json.RawMessage   `json:"id"`
	Method string            `json:"method"`
	Params []json.RawMessage `json:"params"`
}

func (g *gate) serve(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	var c call
	_ = json.Unmarshal(body, &c)
	is := g.ordeal.over(g.name)
	switch is {
	case down:
		panic(http.ErrAbortHandler)
	case slow:
		time.Sleep(1200 * time.Millisecond)
	}
	var tx *types.Transaction
	if c.Method == "eth_sendRawTransaction" {
		if tx, err = readRaw(c.Params); err != nil {
			g.ordeal.wrong("%s was sent what is no transaction: %v", g.name, err)
			panic(http.ErrAbortHandler)
		}
		g.ordeal.saw(sent{gate: g.name, chain: g.chain, tx: tx, at: time.Now(), lost: is == forgets || is == refuses})
		g.ordeal.strike(onKept)
	}
	if text := g.instead(is, c, tx); text != "" {
		fmt.Fprintf(w, `{"jsonrpc":"2.0","id":%s,%s}`, c.ID, text)
		return
	}
	answer := httptest.NewRecorder()
	r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	r.Header.Del("Accept-Encoding")
	g.node.ServeHTTP(answer, r)
	switch {
	case tx != nil:
		g.ordeal.strike(onSent)
	case c.Method == "eth_getTransactionReceipt" && strings.Contains(answer.Body.String(), `"blockHash"`):
		g.ordeal.strike(onReceipt)
	}
	maps.Copy(w.Header(), answer.Header())
	w.WriteHeader(answer.Code)
	_, _ = w.Write(answer.Body.Bytes())
}

// instead is what the weather makes of an answer; "" leaves it to the node.
func (g *gate) instead(weather string, c call, tx *types.Transaction) string {
	switch {
	case tx != nil && weather == forgets:
		return fmt.Sprintf(`"result":"%s"`, tx.Hash())
	case tx != nil && weather == refuses:
		return `"error":{"code":-32000,"message":"txpool is full"}`
	case weather == lies && c.Method == "eth_getTransactionCount":
		return `"result":"0x7"`
	case weather == lies && c.Method == "eth_getTransactionReceipt":
		return `"result":null`
	case weather == lies && c.Method == "eth_call" && bytes.Contains(c.Params[0], []byte("5c975abb")): // paused()
		return `"result":"0x` + strings.Repeat("0", 63) + `1"`
	}
	return ""
}

func readRaw(params []json.RawMessage) (*types.Transaction, error) {
	var raw hexutil.Bytes
	if len(params) != 1 {
		return nil, fmt.Errorf("%d parameters", len(params))
	}
	if err := json.Unmarshal(params[0], &raw); err != nil {
		return nil, err
	}
	tx := new(types.Transaction)
	return tx, tx.UnmarshalBinary(raw)
}
