// Package delivery brings the notices of the journal to one channel each, a hook or an alert: in order within an
// incident, retried for as long as there is hope, and with an end that the journal keeps. It also holds what channels
// over HTTP share: one client, one way to read an answer, one signed webhook.
//
// It knows no kind of channel and imports neither hook nor alert. It does not decide what is told to whom: a notice is
// that decision. It never shows a URL, a key or the text of a stranger that was not cleaned.
package delivery

import (
	"context"
	"encoding/json"
	"time"

	"headwatch"
)

// Sender is one kind of channel. All methods may be called from several goroutines.
type Sender interface {
	// Send makes one attempt and obeys the deadline of ctx. The detail is what the journal keeps of the answer: cleaned,
	// bounded, without a secret; so is the text of the error. A *Error that is Permanent ends the delivery, every other
	// error is tried again.
	Send(ctx context.Context, route json.RawMessage, n headwatch.Notice) (detail string, err error)

	// Route is where and under which key the channel sends now. The first route of an incident is frozen in the journal
	// and given to every later Send of the incident, so that a resolve reaches what its trigger opened even if the
	// configuration changed in between. It is a secret; nil when there is nothing to freeze, as where the address of what was
	// opened is in no part of it. What only lets in is better not frozen: it may be changed because it became known.
	Route() json.RawMessage
}

// Previewer is a Sender that can say what it would send, without a secret, for a channel in dry run.
type Previewer interface {
	Preview(n headwatch.Notice) string
}

// Coalescer is a Sender that tells of an incident in one message when it was over before its trigger could be told. A
// pager closes here what an attempt without an answer may have opened.
type Coalescer interface {
	Coalesced(ctx context.Context, route json.RawMessage, trigger, resolve headwatch.Notice) (detail string, err error)
}

// Pending is a notice that the journal hands out.
type Pending interface {
	Notice() headwatch.Notice
	// Done records how the delivery ended. After it returned nil the journal does not hand the notice out again. It may be
	// called again with the same delivery after an error.
	Done(ctx context.Context, d headwatch.Delivery) error
}

// Journal is where notices come from.
type Journal interface {
	// Notices hands out every notice of the channel that has no recorded end, old ones first, and within an incident in
	// the order of their steps: a trigger handed out after its resolve would open a page that nobody closes. It does not
	// wait for Done before it hands out the next, and may hand out a notice again that is not done. It blocks until ctx
	// ends, then returns nil; handle returns at once and is not called after Notices has returned.
	Notices(ctx context.Context, channel string, handle func(Pending)) error

	// Freeze keeps the route of an incident on a channel, if none is kept yet, and gives the one that is kept. To give one
	// that is kept it writes nothing, so that a full disk does not hold up a resolve.
	Freeze(ctx context.Context, incident, channel string, route []byte) ([]byte, error)
}

// Observer hears what happens, for metrics. Its methods are called from several goroutines and must not block.
type Observer interface {
	// Attempt is called after each attempt; the reason is empty when it succeeded. What is under way or was withheld is none.
	Attempt(channel string, reason Reason)
	// Finished is called once for each notice whose delivery ended.
	Finished(d headwatch.Delivery)
}

// Channel is one configured hook or alert channel.
type Channel struct {
	Name     string
	Sender   Sender
	Coalesce time.Duration // a trigger unsent for longer than this ends together with its resolve; 0 = never
	DryRun   bool          // nothing is sent; the journal shows what would have been
	Timeout  time.Duration // of one attempt
	Limit    *Limiter      // asked before each attempt; nil for none: a pause waits for nobody
}
