package watcher

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/ethereum/go-ethereum/rpc"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest/observer"
	"pgregory.net/rapid"

	"headwatch"
	"headwatch/config"
)

func TestAnExcerptShowsNoSecretAndNoControl(t *testing.T) {
	s := secretsOf("https://bob:hunter%202@rpc.example.org:8545/v2/abc%2Fdef123?apikey=k3y5&x=a+b&v=1", "", "wss://ws.example.org/ws/OtherKey1")
	for text, want := range map[string]string{
		"plain words":                                           "plain words",
		"two\r\n\tlines \x1b[31mred\x00 \u202e":                 "two lines [31mred",
		"Post https://rpc.example.org/v2/abc%2Fdef123: refused": "Post https://rpc.example.org[redacted]: refused",
		"no such key ABC/DEF123, k3y5":                          "no such key [redacted], [redacted]",
		"bob:hunter%202 or hunter 2, bob":                       "[redacted] or [redacted], [redacted]",
		"Authorization: Basic Ym9iOmh1bnRlciAy":                 "Authorization: Basic [redacted]",
		"otherkey1 at ws.example.org":                           "[redacted] at ws.example.org",
		"v2 and rpc, ws and 1 stay":                             "v2 and rpc, ws and 1 stay",
		strings.Repeat("x", 200):                                strings.Repeat("x", maxExcerpt),
		"":                                                      "",
	} {
		if got := s.excerpt(text); got != want {
			t.Errorf("%q\n got %q\nwant %q", text, got, want)
		}
	}
}

// A secret of ten letters or more never shows more than it would by chance, wherever the text is cut.
func TestNoCutLeavesHalfASecret(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		key := "KEY" + rapid.StringMatching(`[a-z0-9]{20,900}`).Draw(t, "key")
		s := secretsOf("https://example.org/v2/" + key)
		n := rapid.IntRange(0, 2*maxQuoted/len(key)+1).Draw(t, "times")
		text := rapid.StringMatching(`[ -J]{0,300}`).Draw(t, "before") + strings.Repeat(key+" ", n)
		got := s.excerpt(text)
		if strings.Contains(got, key[:6]) || len(got) > maxExcerpt {
			t.Fatalf("%d bytes: %s", len(got), got)
		}
	})
}

func TestErrorsAreNamed(t *testing.T) {
	s := secretsOf("https://example.org/" + keyPath)
	for name, c := range map[string]struct {
		err  error
		want headwatch.FaultKind
	}{
		"own fault":       {fmt.Errorf("x: %w", &headwatch.Fault{Kind: headwatch.FaultNull}), headwatch.FaultNull},
		"deadline":        {context.DeadlineExceeded, headwatch.FaultTimeout},
		"socket deadline": {&net.OpError{Op: "read", Err: os.ErrDeadlineExceeded}, headwatch.FaultTimeout},
		"DNS time-out":    {&net.DNSError{IsTimeout: true}, headwatch.FaultTimeout},
		"no such host":    {&net.DNSError{Err: "no such host", Name: "example.org", IsNotFound: true}, headwatch.FaultRefused},
		"refused":         {&net.OpError{Op: "dial", Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}, headwatch.FaultRefused},
		"reset":           {fmt.Errorf("read: %w", syscall.ECONNRESET), headwatch.FaultRefused},
		"closed":          {io.EOF, headwatch.FaultRefused},
		"cut short":       {io.ErrUnexpectedEOF, headwatch.FaultNotJSON},
		"alert":           {&net.OpError{Op: "remote error", Err: errors.New("tls: handshake failure")}, headwatch.FaultTLS},
		"no handshake":    {tls.RecordHeaderError{Msg: "first record does not look like a TLS handshake"}, headwatch.FaultTLS},
		"not TLS":         {http.ErrSchemeMismatch, headwatch.FaultTLS},
		"syntax":          {&json.SyntaxError{}, headwatch.FaultNotJSON},
		"missing answer":  {rpc.ErrMissingBatchResponse, headwatch.FaultWrongID},
		"no result":       {rpc.ErrNoResult, headwatch.FaultNull},
		"client closed":   {rpc.ErrClientQuit, headwatch.FaultOther},
	} {
		t.Run(name, func(t *testing.T) {
			f := s.fault(&url.Error{Op: "Post", URL: "https://example.org/" + keyPath, Err: c.err})
			wantFault(t, f, c.want)
			assertNoSecret(t, "fault", f.Error())
		})
	}
}

// TestNothingThatAnEndpointCausesShowsItsKey lets whole endpoints run against servers that echo all they were sent, and
// looks at everything that comes out.
func TestNothingThatAnEndpointCausesShowsItsKey(t *testing.T) {
	echo := func(w http.ResponseWriter, r *http.Request) string {
		user, pass, _ := r.BasicAuth()
		return fmt.Sprintf("%s %s %s %s %s", user, pass, r.URL, r.URL.RawQuery, r.Header.Get("Authorization"))
	}
	for name, answer := range map[string]http.HandlerFunc{
		"status": func(w http.ResponseWriter, r *http.Request) { http.Error(w, echo(w, r), http.StatusForbidden) },
		"text":   func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, echo(w, r)) },
		"error object": func(w http.ResponseWriter, r *http.Request) {
			fmt.Fprintf(w, `{"id":1,"error":{"code":-32000,"message":%q}}`, echo(w, r))
		},
		"block": func(w http.ResponseWriter, r *http.Request) {
			healthy.with(methodBlock, fmt.Sprintf(`{"number":%q,"hash":%q}`, echo(w, r), keyPath)).ServeHTTP(w, r)
		},
		"chain id": func(w http.ResponseWriter, r *http.Request) {
			healthy.with(methodChainID, fmt.Sprintf("%q", echo(w, r))).ServeHTTP(w, r)
		},
		"redirect": func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, r.URL.String(), http.StatusFound) },
		"garbage":  hijacked(func(c net.Conn) { fmt.Fprintf(c, "%s %s\r\n", keyUser, keyPath) }),
	} {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(answer)
			defer server.Close()
			core, logs := observer.New(zapcore.DebugLevel)
			refused := make(chan struct{}, 100)
			told := zap.Hooks(func(e zapcore.Entry) error {
				if e.Message == "no push, polling" {
					refused <- struct{}{}
				}
				return nil
			})
			e, err := newEndpoint(l1Chain, config.Endpoint{
				Name: "e", URL: config.NewSecret(planted(server.URL)), WS: followerOf(server.URL).url,
				Interval: config.Duration(time.Minute), Timeout: config.Duration(5 * time.Second),
			}, zap.New(core, told))
			if err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithCancel(t.Context())
			out, done := make(chan headwatch.Observation), make(chan error)
			go func() { done <- e.run(ctx, out) }()
			o := <-out
			<-refused
			cancel()
			if err := <-done; err != nil {
				t.Error(err)
			}
			if o.Err == nil {
				t.Fatal("the server was taken for a node")
			}
			assertNoSecret(t, "observation", fmt.Sprintf("%+v %v", o, show(o)))
			for _, l := range logs.All() {
				assertNoSecret(t, "log", fmt.Sprint(l.Message, l.ContextMap()))
			}
		})
	}
}
