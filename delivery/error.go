package delivery

import (
	"context"
	"errors"
	"fmt"
	"time"

	"headwatch"
)

// Reason says in one word why an attempt failed. It is a metric label: the set is closed.
type Reason string

// Reasons of failed attempts.
const (
	ReasonTimeout     Reason = "timeout"      // no complete answer in time
	ReasonRefused     Reason = "refused"      // no connection: refused, no route, no such host
	ReasonReset       Reason = "reset"        // the connection broke before there was an answer
	ReasonTLS         Reason = "tls"          // certificate or handshake
	ReasonRedirect    Reason = "redirect"     // redirects are not followed
	ReasonRateLimited Reason = "rate_limited" // 429
	ReasonHTTP4xx     Reason = "http_4xx"
	ReasonHTTP5xx     Reason = "http_5xx"
	ReasonBadAnswer   Reason = "bad_answer"  // not HTTP, or not what this receiver says when it takes a notice
	ReasonExit        Reason = "exit_status" // a command did not end with 0
	ReasonJournal     Reason = "journal"     // it did not give what it keeps, or did not take what must be on record first
	ReasonPanic       Reason = "panic"       // a defect of ours, kept inside this attempt
	ReasonChain       Reason = "chain"       // nodes of a chain did not do or did not confirm what was asked of them
	ReasonUnderway    Reason = "underway"    // nothing failed: what was begun has not come to its end yet
	ReasonWithheld    Reason = "withheld"    // it was decided not to send
	ReasonOther       Reason = "other"
)

// Error is a failed attempt. Its text is safe to show: no URL, no key, no control characters, bounded.
type Error struct {
	Reason     Reason
	Status     int               // of HTTP; 0 when there was none
	RetryAfter time.Duration     // what the receiver asked for, at most 5 minutes; 0 when it did not
	Permanent  bool              // the receiver will never take this notice
	Outcome    headwatch.Outcome // of a permanent one; Refused when empty
	Detail     string

	// Underway says that nothing failed and nothing needs to be told: what the attempt began takes its time, and the next
	// attempt, after RetryAfter or else a second, looks at it again. It does not back off, and does not count as stuck.
	Underway bool

	raw []byte
}

// Raw is the answer as it came, at most 64 KiB of it; nil when there was none: to read its fields, never to be shown.
func (e *Error) Raw() []byte { return e.raw }

func (e *Error) Error() string {
	if e.Detail == "" {
		return string(e.Reason)
	}
	return fmt.Sprintf("%s: %s", e.Reason, e.Detail)
}

// reasonOf gives the label for any error of a Sender; empty for none.
func reasonOf(err error) Reason {
	if err == nil {
		return ""
	}
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Reason
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return ReasonTimeout
	}
	return ReasonOther
}
