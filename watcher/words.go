package watcher

import (
	"time"

	"headwatch"
)

// recall is how long after the first head every endpoint has had the time to say all that it is asked for once a slot.
const recall = 3 * l1Slot

// Words that an endpoint says besides its unsafe head, after those that are named by a Tag.
const (
	wordOrigin     = int(headwatch.Proven) + 1 + iota // the L1 origin of its unsafe head
	wordSafeOrigin                                    // the L1 origin of its safe head
	wordCount
)

// word is the newest that one endpoint said of one thing. It counts until a few turns of asking have brought no other.
type word struct {
	number uint64
	sealed time.Time // the block's own timestamp; zero when it is not asked for
	until  time.Time // zero when it was never said
}

// note keeps a word, for three of the turns in which it is asked for.
func (v *View) note(i, which int, number uint64, t time.Time, o *headwatch.Observation) {
	c := &v.chain.Endpoints[i]
	turn := max(l1Slot, c.Interval.D(), o.Every)
	if !c.WS.IsZero() || c.Budget > 0 {
		turn = max(turn, pushSlot) // it may be polled more rarely than what it says between two polls tells
	}
	v.endpoints[i].words[which] = word{number, t, o.At.Add(3*turn + c.Timeout.D())}
}

// speaks reports whether an endpoint's word on something counts now: it answers, in sync, on the agreed chain and close
// to its head, and has not ceased to say it.
func (v *View) speaks(i, which int, now time.Time) bool {
	e := &v.endpoints[i]
	return now.Before(e.words[which].until) && e.wrongFrom.IsZero() && e.standing == proved && !e.syncing && e.lagFrom.IsZero() &&
		!v.silent(e, now)
}

// spoken reports whether as many operators speak of something as must to say that it stands still: the quorum, or all
// that ever spoke of it where those are fewer.
func (v *View) spoken(which int, now time.Time) bool {
	need := v.chain.Quorum
	if !now.Before(v.adopted.Add(recall)) {
		need = min(need, v.everSpoke(which))
	}
	return v.operators(func(i int) bool { return v.speaks(i, which, now) }) >= max(need, 1)
}

// seconded reports whether enough operators said something that is at least as new: one, or proof_of_life.
func (v *View) seconded(which int, now time.Time, asNew func(word) bool) bool {
	need := max(v.chain.ProofOfLife, 1)
	if need > 1 {
		need = min(need, v.everSpoke(which))
	}
	return v.operators(func(i int) bool { return v.speaks(i, which, now) && asNew(v.endpoints[i].words[which]) }) >= need
}

// everSpoke counts the operators that ever spoke of something here.
func (v *View) everSpoke(which int) int {
	return v.operators(func(i int) bool { return !v.endpoints[i].words[which].until.IsZero() })
}

// stretch is since when a condition has held. It begins and ends by what is heard, never by an assessment.
type stretch struct {
	since    time.Time // zero while the condition does not hold
	restored bool      // the journal knows it from before a restart, and nothing was heard of it since
}

// judge takes the newest word on whether the condition holds, and since when it does if it begins now.
func (s *stretch) judge(holds bool, began time.Time) {
	switch s.restored = false; {
	case !holds:
		s.since = time.Time{}
	case s.since.IsZero():
		s.since = began
	}
}

// stretchOf gives the stretch of a condition that is kept over a restart, nil for all others.
func (v *View) stretchOf(c headwatch.Condition) *stretch {
	switch c {
	case headwatch.UserTxsMissing:
		return &v.users.before
	case headwatch.L1OriginDrift:
		return &v.drift.over
	case headwatch.SequencingWindowClosing:
		return &v.closing.over
	}
	for i := range v.backlogs {
		if b := &v.backlogs[i]; b.condition == c {
			return &b.over
		}
	}
	return nil
}

// recollects reports whether something that held before a restart may still hold: until it is known, the chain is not
// well, and not ill.
func (v *View) recollects(now time.Time) bool {
	if v.apiOpen && !v.apiSince.IsZero() {
		return true
	}
	if !now.Before(v.adopted.Add(recall)) {
		return false
	}
	restored := !v.users.before.since.IsZero() || v.drift.over.restored || v.closing.over.restored
	for i := range v.backlogs {
		restored = restored || v.backlogs[i].over.restored
	}
	return restored
}
