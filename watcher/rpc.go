package watcher

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"headwatch"
)

const (
	maxBody   = 4 << 20   // of one answer, decompressed
	maxPooled = 256 << 10 // larger buffers are not kept: there are many small answers and few large ones
)

// transport is shared by all endpoints of the process: many of them are one provider, and a provider's connections are
// reused whichever chain they were opened for. It does not ask for compression: hashes shrink to a half at best, for a
// third more CPU. What bounds its connections is that an endpoint has one request under way.
var transport = &http.Transport{
	Proxy:                  http.ProxyFromEnvironment,
	DialContext:            (&net.Dialer{Timeout: 5 * time.Second, KeepAlive: 15 * time.Second}).DialContext,
	TLSHandshakeTimeout:    5 * time.Second,
	ForceAttemptHTTP2:      true,
	MaxIdleConns:           2048,
	MaxIdleConnsPerHost:    256,
	IdleConnTimeout:        90 * time.Second,
	MaxResponseHeaderBytes: 64 << 10,
	DisableCompression:     true,
	// A connection that died without a word is noticed by pings: HTTP/2 would go on using it time-out after time-out.
	HTTP2: &http.HTTP2Config{SendPingTimeout: 5 * time.Second, PingTimeout: 5 * time.Second, WriteByteTimeout: 5 * time.Second},
}

var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// wire is one endpoint's way over the shared transport. It lets through what is a JSON-RPC answer to the request by its
// size and form, or any answer of a possible size on a plain wire, and turns all else into a *headwatch.Fault, which
// net/http and the rpc client pass on.
type wire struct {
	under   http.RoundTripper
	plain   bool // no JSON-RPC goes over it
	secrets secrets
	trace   httptrace.ClientTrace
	fresh   atomic.Bool // a request has opened a new connection; the prober clears it
	server  server      // what the newest answer says of its server; the prober clears it
}

func newWire(s secrets) *wire {
	w := &wire{under: transport, secrets: s}
	w.trace.GotConn = func(c httptrace.GotConnInfo) {
		if !c.Reused {
			w.fresh.Store(true)
		}
	}
	return w
}

// RoundTrip implements http.RoundTripper. The answer's body is complete in memory when it returns.
func (w *wire) RoundTrip(req *http.Request) (*http.Response, error) {
	meter := meterOf(req.Context())
	if err := meter.request(req); err != nil {
		return nil, err
	}
	resp, err := w.under.RoundTrip(req.WithContext(httptrace.WithClientTrace(req.Context(), &w.trace)))
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	w.server.note(resp)
	resp.Body = metered{resp.Body, meter}
	if resp.StatusCode != http.StatusOK {
		return nil, w.refusal(resp)
	}
	body := &pooled{buffer: buffers.Get().(*bytes.Buffer)}
	if err := w.read(req, resp, body.buffer); err != nil {
		body.Close()
		return nil, err
	}
	body.rest = body.buffer.Bytes()
	if !w.plain {
		body.rest = condense(body.rest)
		if err := w.check(req, body.rest); err != nil {
			body.Close()
			return nil, err
		}
	}
	resp.Body = body
	return resp, nil
}

// refusal names an answer that is not 200.
func (w *wire) refusal(resp *http.Response) *headwatch.Fault {
	text, _ := io.ReadAll(io.LimitReader(resp.Body, maxQuoted+1)) // whatever of it came is worth showing
	f := faultf(headwatch.FaultHTTPStatus, "%d %s", resp.StatusCode, w.secrets.excerpt(string(text)))
	switch {
	case resp.StatusCode == http.StatusTooManyRequests:
		f.Kind = headwatch.FaultRateLimited
	case resp.StatusCode >= 300 && resp.StatusCode < 400:
		f.Kind = headwatch.FaultRedirect
	}
	f.RetryAfter = retryAfter(resp.Header.Get("Retry-After"), time.Now())
	return f
}

// retryAfter reads a number of seconds or an HTTP date, bounded; 0 when there is none.
func retryAfter(header string, now time.Time) time.Duration {
	if seconds, err := strconv.Atoi(header); err == nil {
		return min(max(time.Duration(seconds), 0), maxRetry/time.Second) * time.Second
	}
	if at, err := http.ParseTime(header); err == nil {
		return min(max(at.Sub(now), 0), maxRetry)
	}
	return 0
}

func (w *wire) read(req *http.Request, resp *http.Response, into *bytes.Buffer) error {
	body := io.Reader(resp.Body)
	if resp.Header.Get("Content-Encoding") == "gzip" { // some compress without being asked
		unzipped, err := gzip.NewReader(body)
		if err != nil {
			return err
		}
		body = unzipped
	}
	n, err := into.ReadFrom(io.LimitReader(body, maxBody+1))
	switch {
	case n > maxBody:
		return faultf(headwatch.FaultTooLarge, "more than %d MiB", maxBody>>20)
	case req.Context().Err() != nil:
		return req.Context().Err() // what the reader says of it differs between HTTP/1 and HTTP/2
	case err != nil:
		return err
	}
	return nil
}

// check looks at the form of a whole answer: whether it is JSON-RPC and belongs to the request. The ids of a batch are
// the rpc client's to check; those of a single answer it ignores.
func (w *wire) check(req *http.Request, body []byte) error {
	first := bytes.TrimLeft(body, " \t\r\n")
	switch {
	case len(first) == 0:
		return faultf(headwatch.FaultNotJSON, "an empty answer")
	case first[0] == '[':
		return nil
	case first[0] != '{':
		return faultf(headwatch.FaultNotJSON, "%s", w.secrets.excerpt(string(first)))
	}
	var answer, question envelope
	if err := json.Unmarshal(first, &answer); err != nil {
		return faultf(headwatch.FaultNotJSON, "no JSON-RPC answer: %s", w.secrets.excerpt(string(first)))
	}
	batch, err := question.of(req)
	switch {
	case err != nil:
		return err
	case answer.Error != nil && batch:
		return w.secrets.rpcFault(answer.Error.Code, "a whole batch was refused: "+answer.Error.Message)
	case answer.Error != nil:
		return nil // the rpc client reports it; such an answer may go without an id
	case batch || !bytes.Equal(answer.ID, question.ID):
		return faultf(headwatch.FaultWrongID, "an answer to a question that was not asked")
	}
	return nil
}

// envelope is what is looked at of a JSON-RPC message.
type envelope struct {
	ID    json.RawMessage `json:"id"`
	Error *struct {
		Code    int    `json:"code"`
		Message string `json:"message"`
	} `json:"error"`
}

// of reads the message that a request carries, or reports that it carries a batch.
func (e *envelope) of(req *http.Request) (batch bool, err error) {
	body, err := req.GetBody()
	if err != nil {
		return false, err
	}
	text, err := io.ReadAll(body)
	if err != nil || text[0] == '[' {
		return true, err
	}
	return false, json.Unmarshal(text, e)
}

// pooled is a body in memory that gives its buffer back when it is closed.
type pooled struct {
	buffer *bytes.Buffer
	rest   []byte
}

func (p *pooled) Read(b []byte) (int, error) {
	if len(p.rest) == 0 {
		return 0, io.EOF
	}
	n := copy(b, p.rest)
	p.rest = p.rest[n:]
	return n, nil
}

func (p *pooled) Close() error {
	if p.buffer != nil && p.buffer.Cap() <= maxPooled {
		p.buffer.Reset()
		buffers.Put(p.buffer)
	}
	p.buffer, p.rest = nil, nil
	return nil
}
