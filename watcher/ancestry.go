package watcher

import (
	"iter"

	"headwatch"
)

// contradicts reports whether a head that skips some is on another chain than the agreed one, by what the endpoints said
// of the blocks between.
func (v *View) contradicts(h headwatch.Head) bool {
	for number, hash := range v.ancestry(h) {
		if agreed, known := v.trail.hash(number); known {
			return agreed != hash
		}
	}
	return false
}

// ancestry gives a head and its ancestors, newest first, as far as the endpoints named them one by one.
func (v *View) ancestry(h headwatch.Head) iter.Seq2[uint64, string] {
	return func(yield func(uint64, string) bool) {
		number, hash, parent := h.Number, h.Hash, h.Parent
		for range len(v.trail.slots) - 1 {
			if !yield(number, hash) || parent == "" || number == 0 {
				return
			}
			number, hash = number-1, parent
			parent = v.parentOf(number, hash)
		}
	}
}

// parentOf finds the parent of a block among what the endpoints said; "" when nobody told.
func (v *View) parentOf(number uint64, hash string) string {
	for i := range v.endpoints {
		if s := &v.endpoints[i].said; s.is(number, hash) && s.at(number).Parent != "" {
			return s.at(number).Parent
		}
	}
	return ""
}

// heldParent finds the parent of a head among what the endpoints said, with its timestamp.
func (v *View) heldParent(h headwatch.Head) (headwatch.Head, bool) {
	for i := range v.endpoints {
		if s := v.endpoints[i].said.at(h.Number - 1); s != nil && s.Hash == h.Parent && !s.Time.IsZero() {
			return *s, true
		}
	}
	return headwatch.Head{}, false
}
