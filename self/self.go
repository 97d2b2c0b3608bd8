// Package self assesses headwatch itself, as package watcher assesses a chain: whether its messages arrive, its loops run, its
// journal takes decisions, its signs of life are heard and its peers live.
//
// Assess knows no clock and asks nobody: all it judges is in the Facts. It must judge nothing about chains, and tell nobody: its
// findings pass through a circuit like every other.
package self

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"headwatch"
	"headwatch/config"
)

const (
	// StuckAfter is how long a chain may go without an assessment, which comes at least once a second.
	StuckAfter = 10 * time.Second
	// missed is how many intervals a heartbeat may fail.
	missed = 3
	// refusalHolds is how long a refused notice is told of where nothing was delivered since: nobody can mend it, but somebody must
	// know that it is lost.
	refusalHolds = 10 * time.Minute
	// slept is a pause between two assessments that only a machine which stood still explains: nothing is late by it.
	slept = 5 * time.Second
	// maxBeside bounds how many further findings one of them names.
	maxBeside = 8
)

// Facts are what headwatch knows of itself at one instant.
type Facts struct {
	At         time.Time
	Channels   []Channel
	Chains     []Chain
	Journal    string // why it does not take decisions; empty when it does
	Peers      []headwatch.PeerStatus
	Heartbeats []headwatch.HeartbeatStatus
	Restart    *Restart // nil unless this run began after an unclean stop that is still to be told
}

// Channel is a hook or an alert channel.
type Channel struct {
	Name    string
	Oldest  time.Time           // when its oldest undelivered notice was decided; zero when none waits
	Failure string              // of the newest attempt, for a person; empty when it succeeded
	Refused *headwatch.Delivery // what it refused for good first since it last took something; At is of the newest such refusal
}

// Chain is the loop of a chain.
type Chain struct {
	Name     string
	Assessed time.Time // zero before the first
}

// Restart is a start after an unclean stop.
type Restart struct {
	Since  time.Time // the last sign of life; of several such stops in a row the first
	Detail string    // how long nobody watched, and what is known of it
}

// Judge is what must be remembered between two assessments. It belongs to one goroutine.
type Judge struct {
	watchdog config.Watchdog
	started  time.Time
	awake    time.Time // since when assessments have come without a break
	last     time.Time // of the newest assessment
	broken   time.Time // since when the journal does not take decisions
	before   []headwatch.Finding
}

// New makes the judge of a process that started at an instant. Before is the cause of the newest decision of the circuit, while
// its incident is open: what held then and may still hold goes on without a break. It may be nil.
func New(w config.Watchdog, started time.Time, before *headwatch.Assessment) *Judge {
	j := &Judge{watchdog: w, started: started, awake: started, last: started}
	if before != nil {
		j.before = slices.Clone(before.Findings)
	}
	return j
}

// Assess gives the verdict: Live, with whatever was found. The caller owns it.
func (j *Judge) Assess(f Facts) headwatch.Assessment {
	if f.At.Sub(j.last) > slept {
		j.awake = f.At
	}
	j.last = f.At
	a := headwatch.Assessment{Chain: headwatch.Watchdog, At: f.At, Phase: headwatch.Live}
	a.Findings = slices.Concat(j.channels(f), j.journal(f), j.loops(f), j.peers(f), j.heartbeats(f), j.restarted(f))
	for i := range a.Findings {
		a.Findings[i].Value = f.At.Sub(a.Findings[i].Since)
	}
	nameEachOther(a.Findings)
	return a
}

// channels finds those that do not deliver. A notice that waited while headwatch was down has its time here first.
func (j *Judge) channels(f Facts) (found []headwatch.Finding) {
	patience := j.watchdog.WarnAfter.D()
	for _, c := range f.Channels {
		failing := headwatch.Finding{Condition: headwatch.ChannelFailing, Endpoint: c.Name, Limit: patience}
		here := later(c.Oldest, j.awake)
		switch {
		case !c.Oldest.IsZero() && (f.At.Sub(here) >= patience || j.held(failing, f.At) != nil):
			failing.Since = c.Oldest
			failing.Detail = "its oldest undelivered notice was decided at " + stamp(c.Oldest)
			if c.Failure != "" {
				failing.Detail += ", the last attempt failed: " + c.Failure
			}
		case Refusing(c.Refused, j.watchdog, f.At):
			failing.Since = c.Refused.Decided
			failing.Detail = fmt.Sprintf("it refused the %s of %s for good: that is lost there", words(string(c.Refused.Kind)), c.Refused.Incident)
		default:
			continue
		}
		found = append(found, failing)
	}
	return found
}

// Refusing reports whether what a channel refused, and nothing that it took since, is still what is to be said of it. Refused may be
// nil.
func Refusing(refused *headwatch.Delivery, w config.Watchdog, at time.Time) bool {
	return refused != nil && at.Sub(refused.At) < max(refusalHolds, 2*w.PageAfter.D())
}

// held gives what was found before the start and may still hold; nil when there is no such thing, or when it has had the time
// to show itself anew.
func (j *Judge) held(f headwatch.Finding, at time.Time) *headwatch.Finding {
	if at.Sub(j.started) > f.Limit {
		return nil
	}
	i := slices.IndexFunc(j.before, func(b headwatch.Finding) bool { return b.Condition == f.Condition && b.Endpoint == f.Endpoint })
	if i < 0 {
		return nil
	}
	return &j.before[i]
}

func (j *Judge) journal(f Facts) []headwatch.Finding {
	if f.Journal == "" {
		j.broken = time.Time{}
		return nil
	}
	if j.broken.IsZero() {
		j.broken = f.At
	}
	return []headwatch.Finding{{Condition: headwatch.JournalFailing, Since: j.broken, Detail: f.Journal}}
}

// loops finds the chains that are not assessed. Where the whole machine stood still no loop is late by that.
func (j *Judge) loops(f Facts) (found []headwatch.Finding) {
	for _, c := range f.Chains {
		if since := later(c.Assessed, j.awake); f.At.Sub(since) > StuckAfter {
			found = append(found, headwatch.Finding{
				Condition: headwatch.LoopStuck, Endpoint: c.Name, Since: since, Limit: StuckAfter, Detail: c.Name + " is not watched",
			})
		}
	}
	return found
}

func (j *Judge) peers(f Facts) (found []headwatch.Finding) {
	for _, p := range f.Peers {
		silent := headwatch.Finding{Condition: headwatch.PeerSilent, Endpoint: p.Name, Since: p.Seen, Limit: p.Limit, Detail: cmp.Or(p.Error, "it does not answer")}
		before := j.held(silent, f.At)
		if p.Seen.IsZero() {
			silent.Since = j.started
			if before != nil {
				silent.Since = before.Since
			}
		}
		if f.At.Sub(later(p.Seen, j.awake)) > p.Limit || p.Seen.IsZero() && before != nil {
			found = append(found, silent)
		}
	}
	return found
}

func (j *Judge) heartbeats(f Facts) (found []headwatch.Finding) {
	for _, h := range f.Heartbeats {
		if limit := missed * h.Every; !h.Failing.IsZero() && f.At.Sub(later(h.Failing, j.awake)) > limit {
			found = append(found, headwatch.Finding{
				Condition: headwatch.HeartbeatFailing, Endpoint: h.Name, Since: h.Failing, Limit: limit, Detail: h.Error,
			})
		}
	}
	return found
}

// restarted holds until it has been told: at once where that is due, else as soon as it warns.
func (j *Judge) restarted(f Facts) []headwatch.Finding {
	if f.Restart == nil {
		return nil
	}
	return []headwatch.Finding{{Condition: headwatch.Restarted, Since: f.Restart.Since, Detail: f.Restart.Detail}}
}

// nameEachOther has every finding name the others, because an incident is told with one of them.
func nameEachOther(all []headwatch.Finding) {
	if len(all) < 2 {
		return
	}
	names := make([]string, len(all))
	for i, f := range all {
		names[i] = strings.TrimSpace(words(string(f.Condition)) + " " + f.Endpoint)
	}
	for i := range all {
		others := slices.Delete(slices.Clone(names), i, i+1)
		if more := len(others) - maxBeside; more > 0 {
			others = append(others[:maxBeside], fmt.Sprintf("%d more", more))
		}
		all[i].Detail = strings.TrimPrefix(all[i].Detail+"; also: "+strings.Join(others, ", "), "; ")
	}
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func words(name string) string { return strings.ReplaceAll(name, "_", " ") }

func stamp(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05 UTC") }
