package watcher

import (
	"compress/flate"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/ethereum/go-ethereum/rpc"

	"headwatch"
	"headwatch/config"
)

const (
	maxExcerpt = 120     // bytes of somebody else's text in a fault
	maxQuoted  = 4 << 10 // bytes of it that are looked at
	maxRetry   = 5 * time.Minute
)

func faultf(kind headwatch.FaultKind, format string, args ...any) *headwatch.Fault {
	return &headwatch.Fault{Kind: kind, Detail: fmt.Sprintf(format, args...)}
}

// secrets are the parts of an endpoint's URLs that may be a key, longest first. Providers echo them in their errors, and
// so do net/url and the rpc client: no text from outside becomes a fault before it went through excerpt.
type secrets []string

func secretsOf(urls ...string) secrets {
	var s secrets
	for _, text := range urls {
		for _, part := range config.NewSecret(text).URLParts() {
			if part != "" {
				s = append(s, strings.ToLower(part))
			}
		}
	}
	slices.SortFunc(s, func(a, b string) int { return len(b) - len(a) })
	return slices.Compact(s)
}

// excerpt makes somebody else's text fit to be shown: printable ASCII, single spaces, no secret, bounded.
func (s secrets) excerpt(text string) string {
	cut := len(text) > maxQuoted
	text = strings.Map(printable, text[:min(len(text), maxQuoted)])
	text = strings.Join(strings.Fields(text), " ")
	text = s.redact(text)
	if cut && len(s) > 0 { // the cut may have left the beginning of a secret at the end
		text = text[:max(0, len(text)-len(s[0]))]
	}
	return text[:min(len(text), maxExcerpt)]
}

func printable(r rune) rune {
	if r < ' ' || r > '~' {
		return ' '
	}
	return r
}

// redact takes the secrets out of ASCII text, whatever their case.
func (s secrets) redact(text string) string {
	lower := strings.ToLower(text)
	var b strings.Builder
	for i := 0; i < len(text); {
		if n := s.begins(lower[i:]); n > 0 {
			b.WriteString("[redacted]")
			i += n
		} else {
			b.WriteByte(text[i])
			i++
		}
	}
	return b.String()
}

// begins is the length of the longest secret that text begins with.
func (s secrets) begins(text string) int {
	for _, secret := range s {
		if strings.HasPrefix(text, secret) {
			return len(secret)
		}
	}
	return 0
}

// fault names whatever went wrong on the way to an endpoint and back. A *headwatch.Fault among the causes is passed on.
func (s secrets) fault(err error) *headwatch.Fault {
	if f, ok := errors.AsType[*headwatch.Fault](err); ok {
		return f
	}
	if e, ok := errors.AsType[rpc.Error](err); ok {
		return s.rpcFault(e.ErrorCode(), e.Error())
	}
	if e, ok := errors.AsType[*url.Error](err); ok {
		err = e.Err // its text begins with the URL
	}
	switch kind := kindOf(err); kind {
	case headwatch.FaultTimeout:
		return faultf(kind, "no complete answer in time")
	case headwatch.FaultWrongID, headwatch.FaultNull:
		return faultf(kind, "a question was left without an answer")
	case headwatch.FaultNotJSON:
		return faultf(kind, "no JSON-RPC message, or one that was cut short")
	case headwatch.FaultBadHead:
		return faultf(kind, "a number or a hash is malformed")
	default:
		return faultf(kind, "%s", s.excerpt(err.Error()))
	}
}

// rpcFault names a JSON-RPC error. Providers tell a used-up quota in these codes, or in words alone.
func (s secrets) rpcFault(code int, message string) *headwatch.Fault {
	f := &headwatch.Fault{Kind: headwatch.FaultRPCError, Detail: fmt.Sprintf("code %d: %s", code, s.excerpt(message))}
	words := strings.ToLower(message[:min(len(message), maxQuoted)])
	if slices.Contains([]int{-32005, -32029, http.StatusTooManyRequests}, code) ||
		strings.Contains(words, "rate limit") || strings.Contains(words, "too many requests") {
		f.Kind = headwatch.FaultRateLimited
	}
	return f
}

// kindOf names the errors of sockets, of TLS, of encoding/json and of the rpc client.
func kindOf(err error) headwatch.FaultKind {
	if e, ok := errors.AsType[net.Error](err); ok && e.Timeout() { // of sockets, of DNS, and of contexts
		return headwatch.FaultTimeout
	}
	switch {
	case errors.Is(err, rpc.ErrMissingBatchResponse):
		return headwatch.FaultWrongID
	case errors.Is(err, rpc.ErrNoResult):
		return headwatch.FaultNull
	case errors.Is(err, http.ErrSchemeMismatch), strings.Contains(err.Error(), "tls: "): // its errors have no type in common
		return headwatch.FaultTLS
	case errors.Is(err, errMalformed):
		return headwatch.FaultBadHead
	case is[*json.SyntaxError](err), is[*json.UnmarshalTypeError](err), errors.Is(err, io.ErrUnexpectedEOF),
		is[flate.CorruptInputError](err), errors.Is(err, gzip.ErrHeader), errors.Is(err, gzip.ErrChecksum):
		return headwatch.FaultNotJSON
	case is[*net.OpError](err), is[*net.DNSError](err), is[syscall.Errno](err), errors.Is(err, io.EOF):
		return headwatch.FaultRefused
	}
	return headwatch.FaultOther
}

func is[E error](err error) bool {
	_, ok := errors.AsType[E](err)
	return ok
}
