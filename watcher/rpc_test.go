package watcher

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"headwatch"
)

func TestEveryHostileAnswerHasItsNamedFault(t *testing.T) {
	echo := func(status int, header ...string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			for i := 0; i < len(header); i += 2 {
				w.Header().Set(header[i], header[i+1])
			}
			w.WriteHeader(status)
			user, pass, _ := r.BasicAuth()
			fmt.Fprintf(w, "<html><h1>%s of %s for %s:%s\r\n\x1b[31m key %s</h1>", strings.ToUpper(r.URL.String()), r.Host, user, pass, r.URL.Query().Get("apikey"))
		}
	}
	recorded, err := os.ReadFile("testdata/method_not_found.json")
	if err != nil {
		t.Fatal(err)
	}
	inDays := time.Now().Add(72 * time.Hour).UTC().Format(http.TimeFormat)
	for name, c := range map[string]struct {
		answer http.Handler
		fault  headwatch.FaultKind
		retry  time.Duration
		single bool // the question goes alone, not in a batch
	}{
		"batch as an error object":    {reply(`{"jsonrpc":"2.0","id":null,"error":{"code":-32600,"message":"batches are not for %s"}}`, keyPath), headwatch.FaultRPCError, 0, false},
		"batch out of quota":          {reply(`{"jsonrpc":"2.0","id":null,"error":{"code":-32005,"message":"slow down"}}`), headwatch.FaultRateLimited, 0, false},
		"batch as one answer":         {reply(`{"jsonrpc":"2.0","id":1,"result":"0x384"}`), headwatch.FaultWrongID, 0, false},
		"batch of nothing":            {reply(`[]`), headwatch.FaultWrongID, 0, false},
		"batch of nulls":              {reply(`[null,null]`), headwatch.FaultWrongID, 0, false},
		"batch of texts":              {reply(`["a","b"]`), headwatch.FaultNotJSON, 0, false},
		"batch cut short":             {reply(`[{"jsonrpc":"2.0","id":1,"result":"0x3`), headwatch.FaultNotJSON, 0, false},
		"wrong ids":                   {reply(`[{"jsonrpc":"2.0","id":71,"result":"0x384"},{"jsonrpc":"2.0","id":72,"result":{}}]`), headwatch.FaultWrongID, 0, false},
		"wrong id":                    {reply(`{"jsonrpc":"2.0","id":71,"result":{}}`), headwatch.FaultWrongID, 0, true},
		"no id":                       {reply(`{"jsonrpc":"2.0","result":{}}`), headwatch.FaultWrongID, 0, true},
		"list for a single question":  {reply(`[{"jsonrpc":"2.0","id":1,"result":{}}]`), headwatch.FaultNotJSON, 0, true},
		"answer without a result":     {reply(`{"jsonrpc":"2.0","id":1}`), headwatch.FaultNull, 0, true},
		"null result":                 {healthy.with(methodBlock, "null"), headwatch.FaultNull, 0, false},
		"null result, single":         {healthy.with(methodBlock, "null"), headwatch.FaultNull, 0, true},
		"method not served, recorded": {reply("%s", recorded), headwatch.FaultRPCError, 0, true},
		"method not served":           {node{methodChainID: `"0x384"`}, headwatch.FaultRPCError, 0, false},
		"quota in words":              {reply(`{"jsonrpc":"2.0","id":1,"error":{"code":-32000,"message":"Rate limit of %s reached"}}`, keyQuery), headwatch.FaultRateLimited, 0, true},
		"quota in one of the answers": {reply(`[{"jsonrpc":"2.0","id":2,"error":{"code":429,"message":""}}]`), headwatch.FaultRateLimited, 0, false},
		"another chain":               {healthy.with(methodChainID, `"0x1"`), headwatch.FaultWrongChain, 0, false},
		"head of 2^63":                {healthy.with(methodBlock, strings.Replace(blockNow(1), `"0x1"`, `"0x8000000000000000"`, 1)), headwatch.FaultBadHead, 0, false},
		"far future":                  {healthy.with(methodBlock, `{"number":1,"hash":`+hashA+`,"timestamp":7258118400}`), headwatch.FaultFutureHead, 0, false},
		"deep nesting":                {reply(`{"jsonrpc":"2.0","id":1,"result":%s`, strings.Repeat(`{"a":[`, 1<<18)), headwatch.FaultNotJSON, 0, true},
		"deep nesting in a batch":     {reply("%s", strings.Repeat("[", 1<<20)), headwatch.FaultNotJSON, 0, false},
		"HTML page":                   {echo(200, "Content-Type", "text/html"), headwatch.FaultNotJSON, 0, false},
		"HTML error page":             {echo(502), headwatch.FaultHTTPStatus, 0, false},
		"forbidden":                   {echo(403), headwatch.FaultHTTPStatus, 0, false},
		"no content":                  {echo(204), headwatch.FaultHTTPStatus, 0, false},
		"429":                         {echo(429), headwatch.FaultRateLimited, 0, false},
		"429 for seconds":             {echo(429, "Retry-After", "7"), headwatch.FaultRateLimited, 7 * time.Second, false},
		"429 for days":                {echo(429, "Retry-After", inDays), headwatch.FaultRateLimited, maxRetry, false},
		"503 for a minute":            {echo(503, "Retry-After", "60"), headwatch.FaultHTTPStatus, time.Minute, false},
		"redirect":                    {http.RedirectHandler("/elsewhere/"+keyPath, http.StatusFound), headwatch.FaultRedirect, 0, false},
		"permanent redirect":          {http.RedirectHandler("http://192.0.2.1/", http.StatusPermanentRedirect), headwatch.FaultRedirect, 0, false},
		"empty body":                  {reply(""), headwatch.FaultNotJSON, 0, false},
		"blank body":                  {reply(" \r\n"), headwatch.FaultNotJSON, 0, false},
		"text":                        {reply("OK"), headwatch.FaultNotJSON, 0, false},
		"truncated JSON":              {reply(`{"jsonrpc":"2.0","id":1,"result":{"number":"0x`), headwatch.FaultNotJSON, 0, true},
		"error that is a text":        {reply(`{"error":"no such key %s"}`, keyPath), headwatch.FaultNotJSON, 0, true},
		"body shorter than announced": {hijacked(func(c net.Conn) { fmt.Fprint(c, "HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n{") }), headwatch.FaultNotJSON, 0, false},
		"5 MiB":                       {reply(`{"a":"%s"}`, strings.Repeat("x", 5<<20)), headwatch.FaultTooLarge, 0, false},
		"gzip bomb":                   {compressed(200, bytes.Repeat([]byte(" "), 8<<20)), headwatch.FaultTooLarge, 0, false},
		"gzip bomb as an error":       {compressed(500, bytes.Repeat([]byte(" "), 8<<20)), headwatch.FaultHTTPStatus, 0, false},
		"gzip that is none":           {echo(200, "Content-Encoding", "gzip"), headwatch.FaultNotJSON, 0, false},
		"unknown encoding":            {echo(200, "Content-Encoding", "br"), headwatch.FaultNotJSON, 0, false},
		"closed without an answer":    {hijacked(func(net.Conn) {}), headwatch.FaultRefused, 0, false},
		"reset":                       {hijacked(func(c net.Conn) { _ = c.(*net.TCPConn).SetLinger(0) }), headwatch.FaultRefused, 0, false},
		"garbage":                     {hijacked(func(c net.Conn) { fmt.Fprintf(c, "\x16\x03%s\r\n\r\n", keyPath) }), headwatch.FaultOther, 0, false},
		"headers without end":         {hijacked(func(c net.Conn) { fmt.Fprintf(c, "HTTP/1.1 200 OK\r\nA: %s", strings.Repeat("x", 1<<20)) }), headwatch.FaultOther, 0, false},
	} {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(c.answer)
			defer server.Close()
			p := proberOf(server.URL, time.Minute) // none of these is about time
			p.verified = c.single
			o := p.probe(t.Context(), false)
			wantFault(t, o.Err, c.fault)
			if o.Err == nil {
				return
			}
			assertNoSecret(t, "fault", o.Err.Error())
			if retry := o.Err.(*headwatch.Fault).RetryAfter; retry != c.retry {
				t.Errorf("retry after %s, want %s", retry, c.retry)
			}
			if o.Heads != nil || o.At.IsZero() || p.verified {
				t.Errorf("after a fault: %+v, verified: %v", o, p.verified)
			}
		})
	}
}

func TestTheTimeOutCoversTheWholeAnswer(t *testing.T) {
	for name, answer := range map[string]func(http.ResponseWriter){
		"no answer": func(http.ResponseWriter) {},
		"slow body": func(w http.ResponseWriter) {
			fmt.Fprint(w, `{"jsonrpc":`)
			_ = http.NewResponseController(w).Flush()
		},
		"slow page of an error": func(w http.ResponseWriter) {
			w.WriteHeader(http.StatusBadGateway)
			_ = http.NewResponseController(w).Flush()
		},
	} {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				_, _ = io.Copy(io.Discard, r.Body) // only then does the server see that the client is gone
				answer(w)
				<-r.Context().Done()
			}))
			defer server.Close()
			o := proberOf(server.URL, 250*time.Millisecond).probe(t.Context(), true)
			want := headwatch.FaultTimeout
			if name == "slow page of an error" {
				want = headwatch.FaultHTTPStatus
			}
			wantFault(t, o.Err, want)
			if o.Latency < 250*time.Millisecond || o.Latency > 5*time.Second {
				t.Errorf("took %s", o.Latency)
			}
		})
	}
}

func TestAnEndpointThatCannotBeReachedIsRefused(t *testing.T) {
	server := httptest.NewServer(healthy)
	server.Close()
	o := proberOf(server.URL, 5*time.Second).probe(t.Context(), true)
	wantFault(t, o.Err, headwatch.FaultRefused)
	assertNoSecret(t, "fault", o.Err.Error())
}

func TestTLSThatDoesNotHoldIsNamed(t *testing.T) {
	secure, plain := httptest.NewUnstartedServer(healthy), httptest.NewServer(healthy)
	secure.Config.ErrorLog = discardLog
	secure.StartTLS()
	defer secure.Close()
	defer plain.Close()
	for name, url := range map[string]string{
		"unknown authority": secure.URL,
		"no TLS at all":     strings.Replace(plain.URL, "http", "https", 1),
	} {
		t.Run(name, func(t *testing.T) {
			o := proberOf(url, 5*time.Second).probe(t.Context(), true)
			wantFault(t, o.Err, headwatch.FaultTLS)
			assertNoSecret(t, "fault", o.Err.Error())
		})
	}
}

func TestAnAnswerOverHTTP2IsHeard(t *testing.T) {
	var stuck atomic.Bool
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case stuck.Load():
			fmt.Fprint(w, `{"jsonrpc":`)
			_ = http.NewResponseController(w).Flush()
			<-r.Context().Done()
		case r.ProtoMajor == 2:
			healthy.ServeHTTP(w, r)
		}
	}))
	server.EnableHTTP2 = true
	server.StartTLS()
	defer server.Close()
	p := proberOf(server.URL, 5*time.Second)
	p.wire.under = server.Client().Transport
	if o := p.probe(t.Context(), true); o.Err != nil || len(o.Heads) != 3 {
		t.Errorf("heard %+v", o)
	}
	stuck.Store(true)
	p.timeout = 250 * time.Millisecond
	wantFault(t, p.probe(t.Context(), true).Err, headwatch.FaultTimeout)
}

func TestRetryAfterIsBounded(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for header, want := range map[string]time.Duration{
		"": 0, "soon": 0, "-5": 0, "0": 0, "7": 7 * time.Second, "300": maxRetry, "301": maxRetry, "9223372036854775807": maxRetry, "99999999999999999999": 0,
		"Fri, 02 Jan 2026 03:04:15 GMT": 10 * time.Second, "Fri, 02 Jan 2026 03:04:00 GMT": 0, "Fri, 02 Jan 2099 03:04:00 GMT": maxRetry,
	} {
		if got := retryAfter(header, now); got != want {
			t.Errorf("%q: got %s, want %s", header, got, want)
		}
	}
}
