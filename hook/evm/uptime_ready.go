package evm

import (
	"context"
	"fmt"
	"math/big"
	"time"

	"headwatch"
	"headwatch/config"
)

// month is for how long an account should be able to pay for renewals at today's fee.
const month = 30 * 24 * time.Hour

// Ready implements hook.Readier. That the lease could not be renewed is told here: no incident is open for it.
func (u *Uptime) Ready(ctx context.Context) error { return unready(u.Steps(ctx)) }

// Steps implements hook.Prober.
func (u *Uptime) Steps(ctx context.Context) []Step {
	steps := u.Hook.Steps(ctx)
	if state, err := u.state(ctx); err == nil { // else that is said already
		steps = append(steps, u.tryLease(state, time.Now()))
	}
	if d, err := u.Sketch(ctx); err == nil {
		for _, s := range d.Sends {
			steps = append(steps, u.tryMonth(s))
		}
	}
	return steps
}

// tryLease looks whether the feed says what it should, and how long it is believed.
func (u *Uptime) tryLease(state FeedState, now time.Time) Step {
	const what, do = "lease", "see the log of the running headwatch, and that it is armed; the feed says down when the lease ends"
	u.renewing.Lock()
	trouble := u.trouble
	u.renewing.Unlock()
	if trouble != "" {
		trouble = ": " + trouble
	}
	armed := u.config.Mode == config.ModeArmed
	s, known := u.signal()
	known = known && armed && s.ValidUntil.After(now) && now.Sub(s.Since) > 2*u.config.ConfirmWithin.D()
	until := state.UpdatedAt.Add(u.feed.Lease)
	left := until.Sub(now).Round(time.Minute)
	switch {
	case known && s.State == headwatch.Closed && state.Down:
		return bad(what, fmt.Errorf("the feed says down, and the circuit is closed%s", trouble), do)
	case known && s.State == headwatch.Open && !state.Down && !u.accounts.earlier(u.config.Name, ""):
		return bad(what, fmt.Errorf("the feed says up, and the circuit is open%s", trouble), do)
	case state.Down:
		return good(what, "the feed says down, which does not end by itself")
	case armed && left < u.feed.Lease/2:
		return bad(what, fmt.Errorf("the lease ends in %s and could not be renewed%s", headwatch.Brief(left), trouble), do)
	}
	return good(what, fmt.Sprintf("the feed says up until %s, in %s", until.UTC().Format(time.RFC3339), headwatch.Brief(left)))
}

// tryMonth says for how long the account can pay for what keeps the lease.
func (u *Uptime) tryMonth(d *Sketch) Step {
	what := "renewals on " + d.Chain
	of := func(span time.Duration) *big.Int { return times(d.Cost(), int64(span/(u.feed.Lease/3))) }
	if needed := of(month); d.Funds.Cmp(needed) < 0 {
		return bad(what, fmt.Errorf("account %s has %s on %s, and a month of renewals costs %s at today's fee", d.From, ether(d.Funds, false), d.Chain, ether(needed, true)),
			"send it more, or take a longer lease")
	}
	return good(what, fmt.Sprintf("a month of them costs %s at today's fee", ether(of(month), true)))
}
