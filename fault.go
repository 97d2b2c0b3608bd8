package headwatch

import (
	"fmt"
	"time"
)

// FaultKind names how an endpoint's answer was bad. It is a metric label and a word in pages: the set is closed.
type FaultKind string

// Faults of endpoints.
const (
	FaultTimeout     FaultKind = "timeout"      // no complete answer in time
	FaultRefused     FaultKind = "refused"      // no connection: refused, reset, no route, no such host
	FaultTLS         FaultKind = "tls"          // certificate or handshake
	FaultHTTPStatus  FaultKind = "http_status"  // an HTTP status other than 200
	FaultRateLimited FaultKind = "rate_limited" // 429, or the provider's JSON-RPC equivalent
	FaultRedirect    FaultKind = "redirect"     // redirects are not followed: the answer would be somebody else's
	FaultNotJSON     FaultKind = "not_json"     // an HTML page, text, or JSON cut short
	FaultTooLarge    FaultKind = "too_large"
	FaultRPCError    FaultKind = "rpc_error"   // a JSON-RPC error object
	FaultWrongID     FaultKind = "wrong_id"    // an answer to a question that was not asked
	FaultNull        FaultKind = "null_result" // no block or value where there must be one
	FaultBadHead     FaultKind = "bad_head"    // a block or a value that cannot be true
	FaultFutureHead  FaultKind = "future_head" // a timestamp so far ahead that no clock explains it
	FaultWrongChain  FaultKind = "wrong_chain" // another chain id than configured
	FaultPanic       FaultKind = "panic"       // a defect of ours, kept inside this endpoint
	FaultOther       FaultKind = "other"
)

// Fault is an endpoint's bad answer. Its text is safe to show: no URL, no key, no control characters, bounded.
type Fault struct {
	Kind       FaultKind
	Detail     string
	RetryAfter time.Duration // what the provider asked for; 0 when it did not
}

func (f *Fault) Error() string {
	if f.Detail == "" {
		return string(f.Kind)
	}
	return fmt.Sprintf("%s: %s", f.Kind, f.Detail)
}
