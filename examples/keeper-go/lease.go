package main

import (
	"encoding/json"
	"fmt"
	"time"
)

const (
	leaseSchema = "headwatch.signal/v1"
	longest     = 5 * time.Minute // that a lease of headwatch can be valid for
)

// message is what was heard: a lease, a transition, or a refusal in the words of whoever met it.
type message struct {
	kind string // "lease", "transition" or "refusal"
	data string
}

// lease is as much of headwatch's document as the rule needs.
type lease struct {
	Schema     string    `json:"schema"`
	Circuit    string    `json:"circuit"`
	State      string    `json:"state"`
	Seq        uint64    `json:"seq"`
	ValidUntil time.Time `json:"valid_until"`
}

// gate is the rule: quote only on a fresh closed lease. Everything else, and nothing at all, means stop.
//
// A lease is fresh when it is valid for longer than every lease heard before, and has not run out. So one that is repeated, late or
// out of a cache is never taken for a new one.
type gate struct {
	circuit string
	skew    time.Duration

	refusal string    // why not; "" when the newest lease says closed
	newest  time.Time // the latest valid_until
	seq     uint64    // the latest decision that a lease or a transition told of
	until   time.Time // when the newest lease runs out, by the monotonic clock: setting the wall clock back prolongs nothing
}

func newGate(circuit string, skew time.Duration) *gate {
	return &gate{circuit: circuit, skew: skew, refusal: "no lease was heard yet"}
}

// open says whether quoting is allowed at this instant, and why not. Ask it before every quote.
func (g *gate) open(now time.Time) (bool, string) {
	switch {
	case g.refusal != "":
		return false, g.refusal
	// By the monotonic clock, and by the wall clock too: the former stands still while the machine sleeps.
	case !now.Before(g.until), !now.Round(0).Before(g.newest.Add(-g.skew)):
		return false, "the lease ran out: headwatch is gone, or we cannot hear it"
	}
	return true, ""
}

func (g *gate) hear(m message, now time.Time) {
	if m.kind == "refusal" {
		g.refusal = m.data
		return
	}
	if m.kind == "transition" {
		g.hearTransition(m.data)
		return
	}
	var l lease
	if err := json.Unmarshal([]byte(m.data), &l); err != nil || l.Schema != leaseSchema || l.Circuit == "" {
		g.refusal = "a lease that cannot be read"
		return
	}
	if l.Circuit != g.circuit {
		return
	}
	left := l.ValidUntil.Add(-g.skew).Sub(now) // a lease ends early by as much as the clocks may differ
	switch {
	case left > longest:
		g.refusal = "the clocks of this machine and of headwatch differ"
	case l.State != "closed":
		g.refusal = fmt.Sprintf("the circuit is %.20q", l.State)
		if l.ValidUntil.After(g.newest) {
			g.newest = l.ValidUntil
		}
		g.seq = l.Seq
	case left <= 0 || !l.ValidUntil.After(g.newest):
		// Stale. It neither opens the gate nor shuts it: a lease that still holds goes on to its own end.
	case l.Seq < g.seq && g.refusal != "":
		// From before the decision that stopped us.
	default:
		g.refusal, g.newest, g.seq, g.until = "", l.ValidUntil, max(g.seq, l.Seq), now.Add(left)
	}
}

// hearTransition stops at once where the next lease would stop us some seconds later. It never starts: a transition that is
// read again after a reconnect may be old.
func (g *gate) hearTransition(data string) {
	var t struct {
		Circuit string `json:"circuit"`
		To      string `json:"to"`
		Seq     uint64 `json:"seq"`
	}
	if err := json.Unmarshal([]byte(data), &t); err != nil {
		g.refusal = "a transition that cannot be read"
		return
	}
	if t.Circuit == g.circuit && t.Seq > g.seq {
		g.seq = t.Seq
		if t.To != "closed" {
			g.refusal = fmt.Sprintf("the circuit is %.20q", t.To)
		}
	}
}
