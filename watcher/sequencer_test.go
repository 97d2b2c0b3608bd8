package watcher

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"headwatch"
	"headwatch/config"
)

func TestARefusalIsLifeAndNothingElseIs(t *testing.T) {
	refusal := func(code int, message string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			var q struct {
				ID json.RawMessage `json:"id"`
			}
			_ = json.NewDecoder(r.Body).Decode(&q)
			fmt.Fprintf(w, `{"jsonrpc":"2.0","id":%s,"error":{"code":%d,"message":%q}}`, q.ID, code, message)
		}
	}
	status := func(code int) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "insufficient funds", code) }
	}
	for name, c := range map[string]struct {
		answer http.HandlerFunc
		fault  headwatch.FaultKind // empty: alive
	}{
		"geth":                  {refusal(-32000, "insufficient funds for gas * price + value: balance 0, tx cost 100000000000000000, overshot 100000000000000000"), ""},
		"nitro":                 {refusal(-32000, "insufficient funds for gas * price + value: address 0xA1 have 0 want 1"), ""},
		"reth":                  {refusal(-32003, "insufficient funds for gas * price + value: have 0 want 1"), ""},
		"nethermind":            {refusal(-32010, "InsufficientFunds, Account balance: 0, cumulative cost: 1"), ""},
		"besu":                  {refusal(-32004, "Upfront cost exceeds account balance"), ""},
		"zksync":                {refusal(3, "insufficient funds for gas + value. balance: 0, fee: 1, value: 0"), ""},
		"too cheap for nitro":   {refusal(-32000, "max fee per gas less than block base fee: address 0xA1, maxFeePerGas: 1"), ""},
		"nitro without leader":  {refusal(-32000, "sequencer temporarily not available"), headwatch.FaultRPCError},
		"quota":                 {refusal(-32005, "insufficient funds: rate limit exceeded"), headwatch.FaultRateLimited},
		"method not served":     {refusal(-32601, "the method eth_sendRawTransaction does not exist"), headwatch.FaultOther},
		"another chain":         {refusal(-32000, "invalid sender"), headwatch.FaultRPCError},
		"no gateway":            {status(502), headwatch.FaultHTTPStatus},
		"no access":             {status(403), headwatch.FaultOther},
		"too many requests":     {status(429), headwatch.FaultRateLimited},
		"accepts it":            {reply(`{"jsonrpc":"2.0","id":1,"result":%s}`, hashA), headwatch.FaultOther},
		"says nothing":          {reply(`{"jsonrpc":"2.0","id":1}`), headwatch.FaultNull},
		"words outside JSON":    {reply("insufficient funds"), headwatch.FaultNotJSON},
		"a text with our key":   {refusal(-32000, "no such key "+keyPath), headwatch.FaultRPCError},
		"an answer of nonsense": {reply(`{"jsonrpc":"2.0","id":1,"result":{"a":1}}`), headwatch.FaultNotJSON},
	} {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(c.answer)
			defer server.Close()
			u := planted(server.URL)
			p, err := newRefusalProber(l2Chain, config.Endpoint{URL: config.NewSecret(u), Timeout: config.Duration(5 * time.Second)}, secretsOf(u))
			if err != nil {
				t.Fatal(err)
			}
			o := p.probe(t.Context(), true)
			if o.Alive != (c.fault == "") || o.At.IsZero() || o.Heads != nil {
				t.Fatalf("got %+v", o)
			}
			if c.fault != "" {
				wantFault(t, o.Err, c.fault)
				assertNoSecret(t, "fault", o.Err.Error())
			}
		})
	}
}

func TestASequencerThatDoesNotAnswerIsATimeout(t *testing.T) {
	held := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		<-held
	}))
	defer server.Close()
	defer close(held)
	p, err := newRefusalProber(l2Chain, config.Endpoint{URL: config.NewSecret(server.URL), Timeout: config.Duration(50 * time.Millisecond)}, nil)
	if err != nil {
		t.Fatal(err)
	}
	wantFault(t, p.probe(t.Context(), true).Err, headwatch.FaultTimeout)
}

func TestEveryEndpointSignsWithAKeyOfItsOwn(t *testing.T) {
	a, err := unpayable(901)
	if err != nil {
		t.Fatal(err)
	}
	b, err := unpayable(901)
	if err != nil || a == b {
		t.Errorf("%s twice, %v", a, err)
	}
}
