package watcher

import (
	"time"

	"headwatch"
)

// trail remembers the hashes of the newest agreed heads by number, to link what comes next and to know a minority fork.
type trail struct {
	slots [128]struct {
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

func (t *trail) hash(number uint64) (string, bool) {
	s := &t.slots[number%uint64(len(t.slots))]
	return s.hash, s.hash != "" && s.number == number
}

// sayings are the newest heads that one endpoint named, as its own or as a parent. Each endpoint has its own: what one
// invents cannot push out what another said.
type sayings struct {
	slots [32]headwatch.Head
}

func (s *sayings) add(h headwatch.Head) {
	h.UserTxs, h.GasUsed = nil, nil
	*s.slot(h.Number) = h
	if h.Parent == "" || h.Number == 0 {
		return
	}
	if p := s.slot(h.Number - 1); p.Number != h.Number-1 || p.Hash != h.Parent {
		*p = headwatch.Head{Number: h.Number - 1, Hash: h.Parent}
	}
}

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

// pace remembers when the newest agreed heads arrived, to tell a chain that catches up from one that merely moves.
type pace struct {
	ring [16]arrival
	n    int // arrivals so far
}

type arrival struct{ at, time time.Time }

func (p *pace) add(at, headTime time.Time) {
	p.ring[p.n%len(p.ring)] = arrival{at, headTime}
	p.n++
}

// fast reports whether the chain's own time advanced by more than the window and the slack within the window that ends
// now: faster than the wall clock. A chain that sealed nothing for a while and then jumps is fast for one window.
func (p *pace) fast(now time.Time, window, slack time.Duration) bool {
	if p.n < 2 {
		return false
	}
	for i := p.n - 1; i >= p.oldest(); i-- {
		a := p.arrival(i)
		if i > p.oldest() && now.Sub(a.at) < window {
			continue
		}
		// A ring that is shorter than the window is full of arrivals faster than any chain at its own pace.
		return p.arrival(p.n-1).time.Sub(a.time) > min(window, now.Sub(a.at))+slack
	}
	return false
}

// turns names every instant at which fast may answer differently if nothing more arrives.
func (p *pace) turns(window, slack time.Duration, at func(time.Time)) {
	for i := p.oldest(); i < p.n; i++ {
		a := p.arrival(i)
		at(a.at.Add(window))
		at(a.at.Add(p.arrival(p.n-1).time.Sub(a.time) - slack))
	}
}

func (p *pace) oldest() int           { return max(p.n-len(p.ring), 0) }
func (p *pace) arrival(i int) arrival { return p.ring[i%len(p.ring)] }
