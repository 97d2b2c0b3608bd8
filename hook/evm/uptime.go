package evm

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"headwatch"
	"headwatch/config"
	"headwatch/delivery"
)

// feedGas is what a message may need on an OP Stack chain: the dearest, the first after a lease that ended, takes 85,000. It is not
// estimated, because what was estimated for a renewal would be too little for a change on the day when no node can estimate.
const feedGas = 120_000

// Uptime keeps a feed: it says "down" when the circuit opens and "up" when it has closed, and says "up" again in time while it is
// closed. Each word is an errand with a nonce of its own, and the words reach the contract in the order of their nonces; so a word
// is begun only while it is true, and one at a time.
//
// A word is not left out because the feed says so already while another one is on its way: that one would stand at the end.
type Uptime struct {
	*Hook
	feed    Feed
	circuit string
	turn    chan struct{} // held from the look at the circuit until a word has its nonce

	renewing sync.Mutex
	trouble  string // that the last renewal had; empty for none
}

// saying is one status to be told to the feed.
type saying struct {
	key    string // of its errand
	seq    uint64 // of the decision that made it true
	down   bool
	at     time.Time
	notice headwatch.Notice // zero for a renewal
}

// NewUptime makes a hook of kind uptime-feed, as New makes one of kind evm.
func NewUptime(c config.Hook, d Deps) (*Uptime, error) {
	if chain := d.Config.Chain(c.Chain); chain != nil && chain.Kind != config.KindArbitrum {
		c.GasLimit = cmp.Or(c.GasLimit, feedGas)
	}
	h, err := New(c, d)
	if err != nil {
		return nil, err
	}
	u := &Uptime{Hook: h, feed: feedOf(c), turn: make(chan struct{}, 1)}
	for _, x := range d.Config.CircuitsWith(c.Name) {
		u.circuit = x.Name // the only one: the configuration is checked
	}
	return u, nil
}

// Open makes a hook of either kind that sends transactions.
func Open(c config.Hook, d Deps) (delivery.Sender, error) {
	if c.Kind == config.HookUptimeFeed {
		return NewUptime(c, d)
	}
	return New(c, d)
}

// Preview implements delivery.Previewer.
func (u *Uptime) Preview(n headwatch.Notice) string {
	w, ok := told(n)
	if !ok {
		return "dry run: nothing is sent for this step"
	}
	return fmt.Sprintf("dry run: would tell the feed %s on %s via %s, from %s: %s", u.config.To, u.config.Chain, u.config.Via, u.signer.Address(), w)
}

// Send implements delivery.Sender.
func (u *Uptime) Send(ctx context.Context, _ json.RawMessage, n headwatch.Notice) (string, error) {
	if w, ok := told(n); ok {
		return u.say(ctx, w)
	}
	return "nothing is sent for this step", nil
}

// told gives the word that a notice asks for.
func told(n headwatch.Notice) (saying, bool) {
	w := saying{key: fmt.Sprintf("%s-%d", n.Incident, n.Step), seq: n.Transition.Seq, at: n.Transition.At, notice: n}
	switch n.Kind {
	case headwatch.StepTrip, headwatch.StepRelapse:
		w.down = true
		if !n.Since.IsZero() {
			w.at = n.Since
		}
		return w, true
	case headwatch.StepResolve:
		return w, true
	}
	return saying{}, false
}

func (w saying) status() string {
	if w.down {
		return "down"
	}
	return "up"
}

// byHand names the command that prints it.
func (w saying) byHand() string {
	if w.down {
		return "calldata"
	}
	return "resume"
}

func (w saying) String() string { return w.status() + " since " + w.at.UTC().Format(time.RFC3339) }

// say makes one step towards the feed saying the word.
func (u *Uptime) say(ctx context.Context, w saying) (string, error) {
	e := u.errandOf(w)
	if !u.underway(ctx, e) {
		select {
		case u.turn <- struct{}{}:
			defer func() { <-u.turn }()
		case <-ctx.Done():
			return "", ctx.Err()
		}
		switch why, never := u.withhold(w); {
		case never:
			u.forget(w.key)
			return why, nil
		case why != "":
			return "", &delivery.Error{Reason: delivery.ReasonUnderway, Underway: true, RetryAfter: time.Second, Detail: why}
		}
	}
	detail, err := u.run(ctx, e)
	if err == nil {
		u.forget(w.key)
	}
	if bad, ok := errors.AsType[*delivery.Error](err); ok && bad.Permanent {
		if s, known := u.signal(); known && w.overtaken(s) {
			return "it was said, and a later word was after it: " + bad.Detail, nil
		}
	}
	return detail, err
}

// errandOf makes a word an errand. Of a "down" people are told as of a pause, of an "up" when it fails, and of one that is not
// true any more, or of a renewal, not at all.
func (u *Uptime) errandOf(w saying) errand {
	e := errand{
		key: w.key, notice: w.notice, what: "feed " + w.status(), memory: u.memory(w.key), byHand: w.byHand(), effect: &wordEffect{
			feedEffect{u.feed, w.down, w.at}, func() time.Time { return u.accounts.newestBut(u.config.Name, w.key) },
		},
		blind: func() bool { return u.accounts.earlier(u.config.Name, w.key) },
	}
	s, known := u.signal()
	switch {
	case w.notice.Incident == "", known && w.overtaken(s):
		e.tells = func(headwatch.ReportKind) bool { return false }
	case !w.down:
		e.tells = headwatch.ReportKind.Urgent
	}
	return e
}

// withhold says why a word that nothing is kept of is not begun now, and whether it never will be. An "up" needs proof: it is
// begun only while the circuit is known to be closed.
func (u *Uptime) withhold(w saying) (why string, never bool) {
	s, known := u.signal()
	switch {
	case !known:
		return "", false
	case w.overtaken(s):
		return fmt.Sprintf("the circuit is %s by now: nothing was sent", s.State), true
	case !w.down && (s.Seq < w.seq || !s.ValidUntil.After(time.Now())):
		return "it is not known yet whether the circuit is closed", false
	}
	return "", false
}

// overtaken reports whether a later decision made a word untrue.
func (w saying) overtaken(s headwatch.Signal) bool {
	closed := s.State == headwatch.Closed
	return s.Seq > w.seq && closed == w.down
}

// signal gives the state of the feed's circuit. It is not known to commands that only look, and before the first assessment.
func (u *Uptime) signal() (headwatch.Signal, bool) {
	if u.deps.Signals == nil {
		return headwatch.Signal{}, false
	}
	for _, s := range u.deps.Signals(u.deps.Config.API.Lease.D()) {
		if s.Circuit == u.circuit {
			return s, true
		}
	}
	return headwatch.Signal{}, false
}

// wordEffect is the effect of one word.
type wordEffect struct {
	feedEffect
	after func() time.Time // no word on its way to the feed is of a later time; nil when there is none
}

// Call implements Effect. The contract ignores what is older than its status, which the words before this one may still change. On the
// day that counts nobody may be there to say what that status began with; then it is told what is so.
func (e *wordEffect) Call(ctx context.Context, r Reader) (Call, error) {
	say := e.feedEffect
	if say.at.IsZero() {
		say.at = time.Now()
	}
	if e.after != nil {
		if before := e.after(); say.at.Before(before) {
			say.at = before
		}
	}
	look, cancel := context.WithTimeout(ctx, patience/2)
	defer cancel()
	if call, err := say.Call(look, r); err == nil {
		return call, nil
	}
	return FeedCall(say.Address, say.down, say.at), nil
}

// Resume implements Effect: it says "up", now.
func (e *wordEffect) Resume(ctx context.Context, r Reader) (Call, error) {
	return (&wordEffect{feedEffect: feedEffect{Feed: e.Feed}}).Call(ctx, r)
}

// newestBut gives when the newest transaction of a hook's other errands that are under way was signed; zero when none is.
func (a *Accounts) newestBut(hook, key string) (at time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, d := range a.drafts {
		if d.Hook == hook && d.Incident != key && d.At.After(at) {
			at = d.At
		}
	}
	return at
}

// earlier reports whether another errand of a hook is under way that the chain does before one; for one that has not been begun,
// every other is.
func (a *Accounts) earlier(hook, key string) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	own := map[string]uint64{} // nonces by leg
	for _, d := range a.drafts {
		if d.Hook == hook && d.Incident == key {
			own[d.Leg] = d.Nonce
		}
	}
	return slices.ContainsFunc(a.drafts, func(d draft) bool {
		nonce, begun := own[d.Leg]
		return d.Hook == hook && d.Incident != key && (!begun || d.Nonce < nonce)
	})
}
