package watcher

import "headwatch"

// trail remembers the hashes of the newest agreed heads by number, to link what comes next and to know a minority fork.
type trail struct {
	slots [256]struct {
		number uint64
		hash   string
	}
}

func (t *trail) add(h headwatch.Head) {
	t.put(h.Number, h.Hash)
	if h.Parent != "" && h.Number > 0 {
		t.put(h.Number-1, h.Parent)
	}
}

func (t *trail) put(number uint64, hash string) {
	s := &t.slots[number%uint64(len(t.slots))]
	s.number, s.hash = number, hash
}

// fill puts in a block of the past, unless a newer one is in its place.
func (t *trail) fill(number uint64, hash string) {
	if s := &t.slots[number%uint64(len(t.slots))]; s.hash == "" || s.number <= number {
		t.put(number, hash)
	}
}

// keep takes over what another trail has up to a number.
func (t *trail) keep(from *trail, number uint64) {
	for i := range from.slots {
		if s := &from.slots[i]; s.hash != "" && s.number <= number {
			t.fill(s.number, s.hash)
		}
	}
}

func (t *trail) hash(number uint64) (string, bool) {
	s := &t.slots[number%uint64(len(t.slots))]
	return s.hash, s.hash != "" && s.number == number
}

// sayings are the newest heads that one endpoint named, as its own or as a parent. Each endpoint has its own: what one
// invents cannot push out what another said.
type sayings struct {
	slots     [32]headwatch.Head
	from, top uint64 // what lies between is of the chain that the endpoint is on, as far as it did not say otherwise
}

func (s *sayings) add(h headwatch.Head) {
	h.UserTxs, h.GasUsed = nil, nil
	s.bound(h)
	*s.slot(h.Number) = h
	if h.Parent == "" || h.Number == 0 {
		return
	}
	if p := s.slot(h.Number - 1); p.Number != h.Number-1 || p.Hash != h.Parent {
		*p = headwatch.Head{Number: h.Number - 1, Hash: h.Parent}
	}
}

// bound tells what was said of the endpoint's present chain from what was said of one that it left.
func (s *sayings) bound(h headwatch.Head) {
	lowest := h.Number
	if h.Parent != "" && h.Number > 0 {
		lowest--
	}
	old := s.at(h.Number)
	if parent := s.at(lowest); lowest < s.from || h.Number < s.top && old == nil || old != nil && old.Hash != h.Hash ||
		lowest < h.Number && parent != nil && parent.Hash != h.Parent {
		s.from = lowest
	}
	s.top = h.Number
}

// own reports whether what was said of a number is of the endpoint's present chain.
func (s *sayings) own(number uint64) bool { return s.from <= number && number <= s.top }

func (s *sayings) slot(number uint64) *headwatch.Head {
	return &s.slots[number%uint64(len(s.slots))]
}

func (s *sayings) at(number uint64) *headwatch.Head {
	if h := s.slot(number); h.Number == number && h.Hash != "" {
		return h
	}
	return nil
}

func (s *sayings) is(number uint64, hash string) bool {
	h := s.slot(number)
	return h.Number == number && h.Hash == hash && hash != ""
}
