package watcher

import (
	"fmt"
	"time"

	"headwatch"
	"headwatch/config"
)

// maxWindow bounds what an endpoint may call the sequencing window, in L1 blocks.
const maxWindow = 1 << 20

// closing is how much of the sequencing window is used: a batch may come so many L1 blocks after the L1 origin of its first
// block, and no later. The L1's own head is the measure. https://specs.optimism.io/glossary.html#sequencing-window
type closing struct {
	rollup bool    // an op-node names the origin of the safe head; else it is estimated
	said   uint64  // the window, as rollup endpoints are configured: the longest; 0 when none said
	origin uint64  // L1 origin of the safe head: the newest that was credible; 0 when unknown
	over   stretch // more than half of the window is used
}

// hearSafeOrigin takes the L1 origin of an endpoint's safe head: the newest one that is said counts. Where no endpoint
// names one, it is about as old as the safe head itself.
func (v *View) hearSafeOrigin(i int, o *headwatch.Observation) {
	if o.Window <= maxWindow && v.chain.Endpoints[i].Serves == config.ServesRollup {
		v.closing.said = max(v.closing.said, o.Window)
	}
	l1 := &v.witness
	if v.chain.Kind != config.KindOPStack || !v.agreed || l1.Number == 0 {
		return
	}
	safe, has := o.Heads[headwatch.Safe]
	switch {
	case o.SafeOrigin != nil && o.SafeOrigin.Number <= l1.Number:
		v.note(i, wordSafeOrigin, o.SafeOrigin.Number, time.Time{}, o)
	case !v.closing.rollup && has && safe.Number <= v.tip.Number:
		ago := uint64(max(l1.Time.Sub(safe.Time), 0) / l1.slot())
		v.note(i, wordSafeOrigin, l1.Number-min(ago, l1.Number), time.Time{}, o)
	}
	said := v.endpoints[i].words[wordSafeOrigin]
	if said.number > v.closing.origin && v.speaks(i, wordSafeOrigin, o.At) &&
		v.seconded(wordSafeOrigin, o.At, func(w word) bool { return w.number >= said.number }) {
		v.closing.origin = said.number
	}
	v.judgeClosing(o.At)
}

// judgeClosing begins or ends the stretch when the L1's head or the origin is another.
func (v *View) judgeClosing(at time.Time) {
	if used, window := v.windowUsed(); window > 0 {
		half := window / 2
		v.closing.over.judge(used > half, at.Add(-time.Duration(used-min(half, used))*v.witness.slot()))
	}
}

// windowUsed is in L1 blocks; without a window nothing is known.
func (v *View) windowUsed() (used, window uint64) {
	if v.closing.origin == 0 || v.witness.Number == 0 {
		return 0, 0
	}
	window = v.closing.said
	if window == 0 {
		window = v.chain.SequencingWindow
	}
	return v.witness.Number - min(v.closing.origin, v.witness.Number), window
}

func (v *View) assessClosing(now time.Time) {
	if v.closing.over.since.IsZero() || v.closing.over.restored || !v.spoken(wordSafeOrigin, now) {
		return
	}
	used, window := v.windowUsed()
	slot, left := v.witness.slot(), window-min(used, window)
	v.find(headwatch.Finding{
		Condition: headwatch.SequencingWindowClosing, Since: v.closing.over.since,
		Value: time.Duration(used) * slot, Limit: time.Duration(window) * slot,
		Detail: fmt.Sprintf("%s of %s L1 blocks left, about %s", Grouped(left), Grouped(window), headwatch.Brief((time.Duration(left) * slot).Round(time.Minute))),
	})
}
