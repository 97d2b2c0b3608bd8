package delivery

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"syscall"
	"time"
)

const (
	maxBody       = 64 << 10 // of an answer; the rest is not read
	maxShown      = 200      // runes of an answer that an error or a detail shows
	maxRetryAfter = 5 * time.Minute
)

// Client makes the HTTP client of one channel: no redirects, bounded headers, TLS 1.2 and up, a proxy only as the
// environment says. Every request gets its own connection: notices are rare, and an idle connection that a firewall has
// forgotten would cost a page one whole time-out.
func Client(timeout time.Duration) *http.Client {
	return &http.Client{
		Timeout:       timeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{
			Proxy:                  http.ProxyFromEnvironment,
			TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12},
			DisableKeepAlives:      true,
			MaxResponseHeaderBytes: maxBody,
		},
	}
}

// Response is an answer with a 2xx status. The body is cleaned, cut and without the secrets of the route; it is what
// arrived when the receiver did not send it whole, because the status alone is its word.
type Response struct {
	Status int
	Host   string
	Body   string

	raw []byte
}

// Raw is the answer as it came, at most 64 KiB of it: to read its fields, never to be shown.
func (r *Response) Raw() []byte { return r.raw }

// Detail is what the journal keeps of the answer.
func (r *Response) Detail() string { return describe(r.Status, r.Host, r.Body) }

// BadAnswer is the error for an answer that is not this receiver's word for success.
func (r *Response) BadAnswer() error {
	return &Error{Reason: ReasonBadAnswer, Status: r.Status, Detail: r.Detail(), raw: r.raw}
}

// Post makes one attempt to hand body to the route: as JSON, unless the header has a Content-Type. Every status but 2xx, and
// every fault of the network, is a *Error; only the end of ctx by cancellation is returned as it is.
func Post(ctx context.Context, client *http.Client, to Route, header http.Header, body []byte) (*Response, error) {
	return Do(ctx, client, http.MethodPost, to, header, body)
}

// Do is Post with another method.
func Do(ctx context.Context, client *http.Client, method string, to Route, header http.Header, body []byte) (*Response, error) {
	host := to.URL.Host()
	shown := func(s string) string { return Clean(Scrub(s, to.secrets()...), maxShown) }

	req, err := http.NewRequestWithContext(ctx, method, to.URL.Reveal(), bytes.NewReader(body))
	if err != nil {
		return nil, &Error{Reason: ReasonOther, Detail: "the url cannot be used"} // the error would show it
	}
	req.Header = header.Clone()
	if req.Header.Get("Content-Type") == "" {
		req.Header.Set("Content-Type", "application/json")
	}
	req.Header.Set("User-Agent", "headwatch")

	resp, err := client.Do(req)
	if err != nil {
		if errors.Is(err, context.Canceled) {
			return nil, context.Canceled
		}
		if u, ok := errors.AsType[*url.Error](err); ok {
			err = u.Err
		}
		return nil, &Error{Reason: NetworkReason(err), Detail: fmt.Sprintf("%s: %s", host, shown(err.Error()))}
	}
	defer resp.Body.Close()
	answer, _ := io.ReadAll(io.LimitReader(resp.Body, maxBody)) //nolint:errcheck // see Response
	if resp.StatusCode/100 == 2 {
		return &Response{resp.StatusCode, host, shown(string(answer)), answer}, nil
	}
	failed := statusError(host, resp, shown(string(answer)))
	failed.raw = answer
	return nil, failed
}

func describe(status int, host, body string) string {
	if body == "" {
		return fmt.Sprintf("%d from %s", status, host)
	}
	return fmt.Sprintf("%d from %s: %s", status, host, body)
}

func statusError(host string, resp *http.Response, body string) *Error {
	e := &Error{
		Status:     resp.StatusCode,
		RetryAfter: retryAfter(resp.Header.Get("Retry-After"), time.Now()),
		Detail:     describe(resp.StatusCode, host, body),
	}
	switch code := resp.StatusCode; {
	case code == http.StatusTooManyRequests:
		e.Reason = ReasonRateLimited
	case code >= 300 && code < 400:
		e.Reason = ReasonRedirect
	case code >= 400 && code < 500:
		e.Reason = ReasonHTTP4xx
	case code >= 500 && code < 600:
		e.Reason = ReasonHTTP5xx
	default:
		e.Reason = ReasonBadAnswer
	}
	// Only what no repair on the other side can change is given up. A wrong key or path (401, 403, 404) is a mistake that
	// somebody may be mending while the page waits.
	switch resp.StatusCode {
	case http.StatusBadRequest, http.StatusGone, http.StatusRequestEntityTooLarge, http.StatusUnprocessableEntity:
		e.Permanent = true
	}
	return e
}

// NetworkReason gives the label for an error of a connection: why there was none, or how it broke.
func NetworkReason(err error) Reason {
	if t, ok := errors.AsType[net.Error](err); ok && t.Timeout() {
		return ReasonTimeout
	}
	if errors.Is(err, http.ErrSchemeMismatch) || strings.Contains(err.Error(), "tls: ") { // half of them have no type
		return ReasonTLS
	}
	if op, ok := errors.AsType[*net.OpError](err); ok && (op.Op == "dial" || op.Op == "proxyconnect") {
		return ReasonRefused
	}
	for _, broken := range []error{io.EOF, io.ErrUnexpectedEOF, syscall.ECONNRESET, syscall.EPIPE} {
		if errors.Is(err, broken) {
			return ReasonReset
		}
	}
	return ReasonBadAnswer
}

// retryAfter reads both forms of the header, seconds and a date. Nonsense and the past are 0.
func retryAfter(v string, now time.Time) time.Duration {
	if s, err := strconv.ParseUint(v, 10, 63); err == nil {
		return time.Duration(min(s, uint64(maxRetryAfter/time.Second))) * time.Second
	} else if errors.Is(err, strconv.ErrRange) {
		return maxRetryAfter
	}
	at, err := http.ParseTime(v)
	if err != nil {
		return 0
	}
	return min(max(at.Sub(now), 0), maxRetryAfter)
}
