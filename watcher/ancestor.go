package watcher

import (
	"slices"
	"time"

	"headwatch"
)

// searchFor is how long the common ancestor is searched for after the agreed chain was replaced: nine answers of slow
// endpoints, while both chains are still remembered.
const searchFor = time.Minute

// search looks for the newest block that the agreed chain has in common with the one before. The endpoints are asked for
// one block of the new chain after another, each of which halves what is left of the old one.
type search struct {
	old    trail     // of the chain that was replaced
	until  time.Time // when it is given up
	shared uint64    // the newest block known to be on both chains; 0 is the genesis of both
	want   uint64    // the block to ask for; 0 for none
}

// begin searches at or below a block, above which the chains differ as far as is known.
func (s *search) begin(old *trail, common uint64, at time.Time) {
	s.old, s.until = *old, at.Add(searchFor)
	s.aim(common)
}

// aim takes the block in the middle of those that may be the ancestor or above it and of which the old hash is known.
func (s *search) aim(common uint64) {
	var known [len(trail{}.slots)]uint64
	n := 0
	for i := range s.old.slots {
		if slot := &s.old.slots[i]; slot.hash != "" && s.shared < slot.number && slot.number <= common {
			known[n] = slot.number
			n++
		}
	}
	s.want = 0
	if n > 0 {
		slices.Sort(known[:n])
		s.want = known[n/2]
	}
}

// wants is the number of the block that the endpoints are to be asked for beside their heads; 0 for none.
func (v *View) wants(now time.Time) uint64 {
	if now.Before(v.search.until) {
		return v.search.want
	}
	return 0
}

// hearPast takes the block that an endpoint was asked for. It is believed from those who are on the new chain by the head
// in the same answer and have named a block of it; and since another node behind the same load balancer may have answered,
// only once as many operators name the same block and parent as must have lost blocks for the reorganisation to be told.
func (v *View) hearPast(e *endpointView, past headwatch.Head, at time.Time) {
	if want := v.wants(at); want == 0 || past.Number != want || e.standing != proved || e.peak == 0 {
		return
	}
	e.past = past
	var saying operators
	for i := range v.endpoints {
		other := &v.endpoints[i]
		if p := &other.past; other.standing == proved && p.Number == past.Number && p.Hash == past.Hash && p.Parent == past.Parent {
			saying |= other.votes
		}
	}
	if saying.count() >= v.witnesses() {
		v.narrow(past)
	}
}

// narrow holds a block of the new chain and its parent against the old chain.
func (v *View) narrow(b headwatch.Head) {
	s, r := &v.search, &v.replaced
	for _, b := range []headwatch.Head{b, {Number: b.Number - 1, Hash: b.Parent}} {
		old, known := s.old.hash(b.Number)
		if !known || b.Number == 0 || b.Hash == "" {
			continue
		}
		v.trail.fill(b.Number, b.Hash)
		if old == b.Hash {
			s.shared = b.Number
			break
		}
		r.common = b.Number - 1
	}
	v.trail.keep(&s.old, s.shared)
	r.linked = r.common == s.shared
	s.aim(r.common)
	v.tellReplaced()
}
