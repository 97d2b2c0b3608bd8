package watcher

import (
	"time"

	"headwatch"
	"headwatch/config"
)

// A chain that seals blocks only when there are transactions, and whose users may pause, says nothing by standing still. It
// stands still for a reason only when its sequencer is gone as well: when it no longer refuses the active probe, and its feed
// no longer brings messages.

// living is when the chain last showed life. On a chain that may idle its sequencer's own word is life. On any other it is
// none: a node refuses a transaction also while it seals nothing.
func (v *View) living() time.Time {
	if v.chain.Idles() {
		return later(v.advanced, v.alive)
	}
	return v.advanced
}

// idle reports whether the chain has sealed nothing for the limit although its sequencer lives.
func (v *View) idle(now time.Time) bool {
	return now.Sub(v.advanced) >= v.limit && now.Sub(v.living()) < v.limit
}

// The reasons for which the silence of a chain that may idle is no stall.
const (
	unwatchedSilence = "silence cannot be told from idleness: add an endpoint that serves sequencer, or set busy = true"
	feedSilence      = "the feed is silent, as it is while the chain is idle: add an endpoint that serves sequencer"
	unprovedSilence  = "the head stands still, but the endpoints at the sequencer do not show that it is gone"
)

// unexplained says why it cannot be told whether a silent chain is idle; "" when its sequencer is gone, or when the chain
// never idles. The sequencer is gone when more of the probes fail than leave the question open. A feed only ever shows life:
// what breaks may be the relay, and what is silent may be idle.
func (v *View) unexplained(now time.Time) string {
	if !v.chain.Idles() {
		return ""
	}
	switch gone, open := v.atSequencer(now, now); {
	case gone > open:
		return ""
	case v.chain.Serves(config.ServesSequencer):
		return unprovedSilence
	case v.chain.Serves(config.ServesFeed):
		return feedSilence
	}
	return unwatchedSilence
}

// atSequencer counts the probes that show the sequencer gone, now and at an instant, and those that do not.
func (v *View) atSequencer(now, then time.Time) (gone, open int) {
	for i := range v.endpoints {
		switch e := &v.endpoints[i]; {
		case e.serves != config.ServesSequencer:
		case v.gone(e, now) && !e.open().After(then):
			gone++
		default:
			open++
		}
	}
	return gone, open
}

// goneSince is since when nothing left it open whether the sequencer of a chain that may idle is gone; zero on any other.
func (v *View) goneSince(now time.Time) (since time.Time) {
	if !v.chain.Idles() {
		return since
	}
	since = now
	for i := range v.endpoints {
		then := v.endpoints[i].open()
		if gone, open := v.atSequencer(now, then); gone > open {
			since = earlier(since, then)
		}
	}
	return later(since, v.stood)
}

// gone reports whether an endpoint at the sequencer fails in a way that a sequencer does which is gone, and has for the limit
// since it last answered or refused us. One that never answered
// here may be a slip in the configuration, unless the journal knows that the chain stood before the restart.
func (v *View) gone(e *endpointView, now time.Time) bool {
	return !e.failing.IsZero() && !(e.heard.IsZero() && v.stood.IsZero()) && now.Sub(e.open()) >= v.limit
}

// open is until when an endpoint at the sequencer left it open whether that is gone.
func (e *endpointView) open() time.Time { return later(e.heard, e.refused) }

// refuses reports whether a bad answer at the sequencer is a quota, a certificate or a redirect: it refuses us, and says
// nothing of the sequencer.
func refuses(kind headwatch.FaultKind) bool {
	switch kind {
	case headwatch.FaultTimeout, headwatch.FaultRefused, headwatch.FaultHTTPStatus, headwatch.FaultRPCError, headwatch.FaultNull:
		return false
	}
	return true
}

// aside says what an endpoint contributes that shows no heads, for people; ok is false for one that does show them.
func (v *View) aside(e *endpointView, now time.Time) (verdict headwatch.Verdict, reason string, ok bool) {
	switch e.serves {
	case config.ServesAPI:
		verdict, reason = v.apiVote(e, now)
		if v.chain.Kind != config.KindAPI {
			verdict = headwatch.NoVote // it has none on the head
		}
		return verdict, reason, true
	case config.ServesSequencer, config.ServesFeed:
		switch {
		case e.fault != "":
			reason = "at the sequencer: " + string(e.fault)
		case !e.alive.IsZero():
			reason = "at the sequencer: alive"
		default:
			reason = "at the sequencer: silent"
		}
		return headwatch.NoVote, reason, true
	}
	return headwatch.NoVote, "", false
}
