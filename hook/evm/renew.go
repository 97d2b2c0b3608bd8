package evm

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"go.uber.org/zap"

	"headwatch"
	"headwatch/config"
	"headwatch/delivery"
)

const (
	renewLook = 5 * time.Minute // between looks at a feed that is as it should be
	renewStep = 10 * time.Second

	// renewal begins the keys of words that no notice asks for: "lease-<up or down>-<seq>-<period>".
	renewal = "lease-"
)

// Run keeps the lease, until ctx ends: it says "up" again when a third of it is over, and says again what should have been said
// and was not. It does so only while the state of the circuit is known.
func (u *Uptime) Run(ctx context.Context) error {
	if u.config.Mode != config.ModeArmed || u.deps.Signals == nil {
		return nil
	}
	for wait := time.Duration(0); ; {
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return nil
		}
		wait = u.keepLease(ctx)
	}
}

// keepLease makes one step and says when to make the next.
func (u *Uptime) keepLease(ctx context.Context) time.Duration {
	ctx, cancel := context.WithTimeout(ctx, renewStep)
	defer cancel()
	w, ok := u.unfinished(ctx)
	if !ok {
		var wait time.Duration
		if w, wait = u.due(ctx, time.Now()); wait > 0 {
			return wait
		}
	}
	detail, err := u.say(ctx, w)
	e, ok := errors.AsType[*delivery.Error](err)
	switch {
	case err == nil:
		u.complains("")
		u.deps.Log.Info("the feed was told", zap.String("hook", u.config.Name), zap.String("word", w.String()), zap.String("detail", detail))
	case ok && e.Permanent:
		u.complains(err.Error())
		u.deps.Log.Warn("the feed was not told", zap.String("hook", u.config.Name), zap.String("word", w.String()), zap.Error(err))
		return renewLook
	case ok && e.Underway:
		u.complains(u.troubleOf(w.key))
	default:
		u.complains(err.Error())
	}
	return u.pace
}

// unfinished gives a renewal that was begun, perhaps by the process before this one.
func (u *Uptime) unfinished(ctx context.Context) (saying, bool) {
	if err := u.accounts.load(ctx); err != nil {
		return saying{}, false
	}
	u.accounts.mu.Lock()
	defer u.accounts.mu.Unlock()
	for _, d := range u.accounts.drafts {
		if w, ok := renewed(d.Incident); ok && d.Hook == u.config.Name {
			w.at = d.At
			return w, true
		}
	}
	return saying{}, false
}

// renewed reads the key of a renewal.
func renewed(key string) (saying, bool) {
	if !strings.HasPrefix(key, renewal) {
		return saying{}, false
	}
	var status string
	var seq, period uint64
	text := strings.NewReplacer("-", " ").Replace(strings.TrimPrefix(key, renewal))
	if _, err := fmt.Sscan(text, &status, &seq, &period); err != nil {
		return saying{}, false
	}
	return saying{key: key, seq: seq, down: status == "down"}, true
}

// due gives the word that the feed must be told now, or else when to look again.
func (u *Uptime) due(ctx context.Context, now time.Time) (saying, time.Duration) {
	s, known := u.signal()
	if !known || !s.ValidUntil.After(now) {
		return saying{}, u.pace
	}
	state, err := u.state(ctx)
	if err != nil {
		u.complains(err.Error())
		return saying{}, u.pace
	}
	wanted := false
	switch renew, needed := u.feed.Renew(state); {
	case s.State == headwatch.Closed && needed:
		wanted = !now.Before(renew)
	case s.State == headwatch.Closed, s.State == headwatch.Open && !state.Down:
		// The word of the notice has had its time, and is not on its way.
		wanted = !u.accounts.earlier(u.config.Name, "") && now.Sub(s.Since) >= u.config.ConfirmWithin.D()
	}
	if !wanted {
		u.complains("")
		return saying{}, min(renewLook, u.feed.Lease/12)
	}
	w := saying{seq: s.Seq, down: s.State == headwatch.Open, at: now}
	if w.down {
		w.at = s.Since
	}
	// Within a period nothing is said twice, whatever happens to this process; what failed is said again in the next.
	w.key = fmt.Sprintf("%s%s-%d-%d", renewal, w.status(), w.seq, now.Truncate(u.feed.Lease/12).Unix())
	if _, ended, err := u.accounts.begun(ctx, w.key, u.config.Name); ended || err != nil {
		return saying{}, u.pace
	}
	return w, 0
}

func (u *Uptime) state(ctx context.Context) (FeedState, error) {
	return (&feedEffect{Feed: u.feed}).state(ctx, u.target)
}

func (u *Uptime) complains(text string) {
	u.renewing.Lock()
	defer u.renewing.Unlock()
	u.trouble = text
}

// troubleOf gives what keeps a word from getting on.
func (u *Uptime) troubleOf(key string) string {
	m := u.memory(key)
	u.mu.Lock()
	defer u.mu.Unlock()
	return m.trouble
}
