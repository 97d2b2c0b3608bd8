package explain

import (
	"fmt"
	"slices"
	"time"

	"headwatch"
)

// Rung is a step of the ladder that is still to come. In half-open the trip is the one that opens the circuit again.
type Rung struct {
	Level headwatch.Level `json:"level"`
	At    time.Time       `json:"at"` // may be past by a moment: then it is due now
}

// Recovery is what ends an incident.
type Recovery struct {
	Needs  time.Duration         `json:"needs_ns"`            // how long the chain must be well without a break
	Well   time.Time             `json:"well,omitzero"`       // since when it is; zero when it is not, or that is not known
	At     time.Time             `json:"at,omitzero"`         // when the incident ends if it stays so
	InWay  []headwatch.Condition `json:"in_the_way,omitzero"` // what must end before
	Live   bool                  `json:"live"`                // the chain is live, as it must be
	Person bool                  `json:"person"`              // somebody must reset the circuit
}

// policy reads a verdict as the circuit does; see package breaker.
type policy struct {
	facts    *Facts
	on, tell *headwatch.Finding // what climbs the ladder, and what climbs it up to the page
	lead     *headwatch.Finding // what matters most: one of them, else what the whole chain has
}

func read(f *Facts) policy {
	p := policy{facts: f, on: f.Assessment.Find(f.Circuit.On...), tell: f.Assessment.Find(f.Circuit.Tell...)}
	if f.Assessment.Phase == headwatch.Unknown {
		p.on = nil // without a verdict nothing counts, whatever was found
	}
	switch {
	case p.on != nil:
		p.lead = p.on
	case p.tell != nil && p.tell.OfChain():
		p.lead = p.tell
	default:
		p.lead = f.Assessment.Find(slices.DeleteFunc(headwatch.Conditions(), func(c headwatch.Condition) bool {
			found := f.Assessment.Find(c)
			return found == nil || !found.OfChain()
		})...)
		if p.lead == nil {
			p.lead = p.tell
		}
	}
	return p
}

// next gives the rungs that are still to come, and what they suppose.
func (p *policy) next() (supposing string, rungs []Rung) {
	s := &p.facts.Signal
	switch {
	case s.State == headwatch.HalfOpen && p.on != nil:
		return "nothing changes", []Rung{{headwatch.LevelTrip, p.unheld(p.on.Since.Add(p.facts.Circuit.WarnAfter.D()))}}
	case s.State != headwatch.Closed:
		return "", []Rung{}
	case p.on != nil || p.tell != nil:
		return "nothing changes", p.ladder(p.on, p.tell)
	case s.Level != headwatch.LevelNone || p.facts.Assessment.Phase != headwatch.Live:
		return "", []Rung{}
	}
	return p.supposed()
}

// supposed is the ladder of the worst that could begin now: the head that is agreed is the last one.
func (p *policy) supposed() (supposing string, rungs []Rung) {
	a := &p.facts.Assessment
	stalls := []headwatch.Condition{headwatch.UnsafeHeadStalled, headwatch.L1HeadStalled}
	judged := slices.ContainsFunc(p.facts.Circuit.On, func(c headwatch.Condition) bool { return slices.Contains(stalls, c) })
	if !judged || a.Head == nil {
		return "something begins now", p.ladder(&headwatch.Finding{Since: a.At}, nil)
	}
	rungs = p.ladder(&headwatch.Finding{Since: a.Advanced}, nil)
	for i := range rungs { // no standstill is found before the chain's own limit
		if found := a.Advanced.Add(p.facts.Chain.StaleAfter.D()); rungs[i].At.Before(found) {
			rungs[i].At = found
		}
	}
	return fmt.Sprintf("head %d is the last one", a.Head.Number), rungs
}

// ladder gives the rungs above the present ones that two findings reach, each on its own ladder; either may be nil. What is only
// told never trips, and adds nothing where what trips has called people as urgently.
func (p *policy) ladder(on, tell *headwatch.Finding) []Rung {
	c := &p.facts.Circuit
	rungs := []Rung{}
	tripping, telling := p.facts.Signal.Ladders()
	for _, rung := range []struct {
		level headwatch.Level
		after time.Duration
	}{
		{headwatch.LevelWarn, c.WarnAfter.D()}, {headwatch.LevelPage, c.PageAfter.D()}, {headwatch.LevelTrip, c.TripAfter.D()},
	} {
		var tripped time.Time
		if on != nil {
			tripped = on.Since.Add(rung.after)
		}
		if tell != nil && rung.level < headwatch.LevelTrip && rung.level > max(tripping, telling) {
			if at := tell.Since.Add(rung.after); on == nil || at.Before(tripped) {
				rungs = append(rungs, Rung{rung.level, at})
			}
		}
		if on == nil || rung.level <= tripping {
			continue
		}
		if rung.level == headwatch.LevelTrip {
			tripped = p.unheld(tripped)
		}
		rungs = append(rungs, Rung{rung.level, tripped})
	}
	slices.SortStableFunc(rungs, func(a, b Rung) int { return a.At.Compare(b.At) })
	return rungs
}

// unheld is when a change of state that is due at an instant happens: not before a hold ends.
func (p *policy) unheld(at time.Time) time.Time {
	if held := p.facts.Signal.HeldUntil; held.After(at) {
		return held
	}
	return at
}

// recovery says what ends the incident; nil when none is open.
func (p *policy) recovery() *Recovery {
	s, c := &p.facts.Signal, &p.facts.Circuit
	if s.State == headwatch.Closed && s.Level == headwatch.LevelNone {
		return nil
	}
	r := &Recovery{
		Needs: c.RecoverAfter.D(), Well: s.Well, Live: p.facts.Assessment.Phase == headwatch.Live,
		Person: s.State == headwatch.Open && s.Latched,
	}
	if p.on != nil {
		r.InWay = append(r.InWay, p.on.Condition)
	}
	if p.tell != nil && s.Told { // it has nothing to do with the incident of what trips
		r.InWay = append(r.InWay, p.tell.Condition)
	}
	if !r.Well.IsZero() && len(r.InWay) == 0 && !r.Person {
		r.At = r.Well.Add(r.Needs)
		if s.State != headwatch.Closed {
			r.At = p.unheld(r.At)
		}
	}
	return r
}
