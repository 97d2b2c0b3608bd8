package watcher

import (
	"fmt"
	"time"

	"headwatch"
	"headwatch/config"
)

// maxDrift is how far the sequencer may run ahead of its L1 origin. Beyond it, blocks must hold deposits alone. Constant since
// the Fjord upgrade: https://specs.optimism.io/protocol/fjord/derivation.html#constant-maximum-sequencer-drift
const maxDrift = 1800 * time.Second

// drift is how far the agreed unsafe head is ahead of its L1 origin, by both blocks' own timestamps.
type drift struct {
	origin headwatch.Head // the newest that was credible; only Number and Time are kept
	over   stretch        // it is half of what it may be, or more
}

// hearOrigin takes the L1 origin of an endpoint's head. The newest one that is said counts, for an old one is what every
// laggard has; none is newer than the block that was built on it.
func (v *View) hearOrigin(i int, o *headwatch.Observation) {
	if v.chain.Kind != config.KindOPStack || !v.agreed {
		return
	}
	if h := o.Origin; h != nil && !h.Time.IsZero() && !h.Time.After(v.tip.Time.Add(2*v.chain.BlockTime.D())) {
		v.note(i, wordOrigin, h.Number, h.Time, o)
	}
	said := v.endpoints[i].words[wordOrigin]
	if said.sealed.After(v.drift.origin.Time) && v.speaks(i, wordOrigin, o.At) &&
		v.seconded(wordOrigin, o.At, func(w word) bool { return !w.sealed.Before(said.sealed) }) {
		v.drift.origin = headwatch.Head{Number: said.number, Time: said.sealed}
	}
	if !v.drift.origin.Time.IsZero() {
		ahead := v.driftNow() - maxDrift/2
		v.drift.over.judge(ahead >= 0, o.At.Add(-ahead)) // it grew at the pace of the clock
	}
}

func (v *View) driftNow() time.Duration { return v.tip.Time.Sub(v.drift.origin.Time) }

func (v *View) assessDrift(now time.Time) {
	if v.drift.over.since.IsZero() || v.drift.over.restored || !v.spoken(wordOrigin, now) {
		return
	}
	v.find(headwatch.Finding{
		Condition: headwatch.L1OriginDrift, Since: v.drift.over.since, Value: v.driftNow(), Limit: maxDrift,
		Detail: fmt.Sprintf("blocks are built on L1 block %d", v.drift.origin.Number),
	})
}

// timeOf tells when an L1 block was sealed from others whose number and timestamp are known: exactly when it is one of
// them, else in between or beyond them as L1 blocks follow each other.
func timeOf(number uint64, known ...*block) (t time.Time, ok bool) {
	var below, above *block // the nearest on each side
	for _, b := range known {
		if b.absent() || b.Number == nil || *b.Number > maxNumber || b.Time == nil || *b.Time > maxTime {
			continue
		}
		if n := uint64(*b.Number); n <= number && (below == nil || *b.Number > *below.Number) {
			below = b
		}
		if n := uint64(*b.Number); n >= number && (above == nil || *b.Number < *above.Number) {
			above = b
		}
	}
	var seconds float64
	switch slot := l1Slot.Seconds(); {
	case below == nil && above == nil:
		return t, false
	case above == nil:
		seconds = float64(*below.Time) + slot*float64(number-uint64(*below.Number))
	case below == nil:
		seconds = float64(*above.Time) - slot*float64(uint64(*above.Number)-number)
	case *below.Number == *above.Number:
		seconds = float64(*below.Time)
	default:
		share := float64(number-uint64(*below.Number)) / float64(*above.Number-*below.Number)
		seconds = float64(*below.Time) + share*(float64(*above.Time)-float64(*below.Time))
	}
	if seconds <= 0 || seconds > maxTime {
		return t, false
	}
	return time.Unix(int64(seconds), 0).UTC(), true
}
