package main

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"time"
)

// shot is one kill: some time after the chain stopped, after a decision was logged, or after the start of the life that
// follows the next kill; or when a request has arrived, which then is never answered.
type shot struct {
	after    time.Duration
	decision int // in this outage, from 1
	request  int // likewise
	start    bool
}

// What every outage comes to, kills or not.
const (
	decisionsInOutage = 5                // warn, page, trip, half-open, closed
	requestsInOutage  = 11               // five to the chat, three to the pager, three to the hook
	outageTakes       = 16 * time.Second // about, from the stop to the last resolve
)

// shotsInOutage is how often a victim dies in each outage.
const shotsInOutage = 3

// aim chooses the shots of an outage: at any time, at a decision on its way, and while the victim starts again. From the
// log line to the requests it takes some milliseconds, so the second may meet the append, the notices or the deliveries.
func aim(random *rand.Rand) []shot {
	upTo := func(d time.Duration) time.Duration { return time.Duration(random.Int64N(int64(d))) }
	onItsWay := shot{decision: 1 + random.IntN(decisionsInOutage), after: upTo(4 * time.Millisecond)}
	if random.IntN(2) == 0 {
		onItsWay = shot{request: 1 + random.IntN(requestsInOutage)}
	}
	return []shot{{after: upTo(outageTakes)}, onItsWay, {start: true, after: upTo(200 * time.Millisecond)}}
}

// decided is how the log tells of a decision, just before it is appended to the journal.
var decided = []byte(`"msg":"decided"`)

// arm begins an outage.
func (v *victim) arm(shots []shot) {
	v.change(func() {
		v.aimed, v.logged, v.told = slices.Clone(shots), v.log.Len(), len(v.requests)
		v.fire(func(s shot) bool { return s.decision == 0 && s.request == 0 && !s.start })
	})
}

// Write takes what the process logs.
func (v *victim) Write(p []byte) (int, error) {
	v.change(func() {
		v.log.Write(p)
		decisions := bytes.Count(v.log.Bytes()[v.logged:], decided)
		v.fire(func(s shot) bool { return 0 < s.decision && s.decision <= decisions })
	})
	return len(p), nil
}

// fire lets go the shots that are due. The caller holds the lock.
func (v *victim) fire(due func(shot) bool) {
	v.aimed = slices.DeleteFunc(v.aimed, func(s shot) bool {
		if due(s) {
			time.AfterFunc(s.after, v.kill)
		}
		return due(s)
	})
}

// hit reports whether a shot is due with the newest request, and takes it. The caller holds the lock.
func (v *victim) hit() bool {
	requests, before := len(v.requests)-v.told, len(v.aimed)
	v.aimed = slices.DeleteFunc(v.aimed, func(s shot) bool { return 0 < s.request && s.request <= requests })
	return len(v.aimed) < before
}
