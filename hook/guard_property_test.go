package hook

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"headwatch"
	"headwatch/config"
	"headwatch/delivery"
)

// Whatever happens to them, and in which order, hooks keep to what they promise: no more firings than the limits allow unless a
// person approved them, none after a veto or after the end, none off the record, one for an incident, and never silence.
func TestHooksKeepToTheirLimitsWhateverHappens(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		var failed any
		synctest.Test(t, func(t *testing.T) {
			defer func() { failed = recover() }() // rapid wants to see it outside of the bubble
			newStory(t, r).run()
		})
		if broken, ok := failed.(promise); ok {
			r.Fatal(string(broken))
		} else if failed != nil {
			panic(failed)
		}
	})
}

// promise is one that was not kept.
type promise string

func (s *story) fatalf(format string, args ...any) { panic(promise(fmt.Sprintf(format, args...))) }

// story is a random sequence of trips, attempts, orders, ends, restarts and trouble with the journal.
type story struct {
	*world
	r        *rapid.T
	hooks    []config.Hook
	scarcity config.Scarcity
	senders  map[string]delivery.Sender
	targets  map[string]*target
	began    time.Time          // of the process
	known    map[string]bool    // circuits whose chain a hook has seen in trouble since then
	trips    []headwatch.Notice // and relapses

	incidents int
	over      map[string]bool
	vetoed    map[string]bool
	counted   map[string]bool // firings in the journal that were seen
}

func newStory(t *testing.T, r *rapid.T) *story {
	s := &story{
		world: newWorld(t), r: r, senders: map[string]delivery.Sender{}, targets: map[string]*target{},
		began: time.Now(), known: map[string]bool{}, over: map[string]bool{}, vetoed: map[string]bool{}, counted: map[string]bool{},
		scarcity: config.Scarcity{MaxPerDay: rapid.IntRange(0, 3).Draw(r, "all"), MaxPerChainDay: rapid.IntRange(0, 2).Draw(r, "chain")},
	}
	for i := range 3 {
		s.hooks = append(s.hooks, config.Hook{
			Name: fmt.Sprintf("h%d", i), Kind: config.HookEVM, Chain: []string{"l2", "l3"}[i%2],
			Mode:    rapid.SampledFrom([]string{config.ModeArmed, config.ModeConfirm}).Draw(r, "mode"),
			VetoFor: config.Duration(2 * time.Minute), MaxPerDay: rapid.IntRange(0, 2).Draw(r, "budget"),
			Cooldown: config.Duration(rapid.IntRange(0, 2).Draw(r, "cooldown")) * config.Duration(20*time.Hour),
		})
		s.senders[s.hooks[i].Name], s.targets[s.hooks[i].Name] = s.hook(s.hooks[i], s.scarcity)
	}
	return s
}

func (s *story) run() {
	for range rapid.IntRange(1, 60).Draw(s.r, "length") {
		switch rapid.IntRange(0, 13).Draw(s.r, "what") {
		case 0, 1:
			id := fmt.Sprintf("c%d-1", s.incidents)
			s.incidents++
			s.trips = append(s.trips, s.decide(id, headwatch.StepTrip), s.decide(id, headwatch.StepTrip), s.decide(id, headwatch.StepTrip))
		case 2:
			s.give(headwatch.ActionVeto)
		case 3:
			s.give(headwatch.ActionApprove)
		case 4:
			if n := s.pick(); n != nil {
				s.decide(n.Incident, headwatch.StepResolve)
				s.over[n.Incident] = true
			}
		case 5:
			time.Sleep(time.Duration(rapid.SampledFrom([]int{0, 30, 7200}).Draw(s.r, "down for")) * time.Second)
			s.restart()
			s.began, s.known = time.Now(), map[string]bool{}
		case 10:
			if n := s.pick(); n != nil && !s.over[n.Incident] {
				s.decide(n.Incident, headwatch.StepRecover)
				if rapid.Bool().Draw(s.r, "relapse") {
					s.trips = append(s.trips, s.decide(n.Incident, headwatch.StepRelapse))
				}
			}
		case 11:
			if n := s.pick(); n != nil && !s.over[n.Incident] {
				s.see(n.Transition.Circuit, rapid.SampledFrom([]headwatch.Phase{headwatch.Unknown, headwatch.Stalled, headwatch.Live}).Draw(s.r, "phase"))
			}
		case 12:
			s.gone = !s.gone
		case 13:
			x := s.targets[rapid.SampledFrom(s.hooks).Draw(s.r, "hook").Name]
			if x.needless == "" {
				x.needless = "somebody was faster"
			} else {
				x.needless = ""
			}
		case 6:
			s.book.broken, s.book.silent = nil, nil
			switch rapid.IntRange(0, 2).Draw(s.r, "trouble") {
			case 0:
				s.book.broken = errors.New("the disk is full")
			case 1:
				s.book.silent = errors.New("no answer in time")
			}
		case 7:
			time.Sleep(time.Duration(rapid.SampledFrom([]int{1, 60, 120, 3600, 40000, 86400}).Draw(s.r, "seconds")) * time.Second)
		default:
			s.attempt()
		}
	}
}

func (s *story) pick() *headwatch.Notice {
	if len(s.trips) == 0 {
		return nil
	}
	return &s.trips[rapid.IntRange(0, len(s.trips)-1).Draw(s.r, "trip")]
}

func (s *story) give(kind headwatch.ActionKind) {
	n, h := s.pick(), rapid.SampledFrom(s.hooks).Draw(s.r, "hook")
	if n != nil && s.order(kind, h.Name, n.Incident) == nil && kind == headwatch.ActionVeto {
		s.vetoed[n.Incident+" "+h.Name] = true
	}
}

// attempt sends a trip to one of the hooks and holds what followed against the promises.
func (s *story) attempt() {
	n, h := s.pick(), rapid.SampledFrom(s.hooks).Draw(s.r, "hook")
	if n == nil {
		return
	}
	sender, x := s.senders[h.Name], s.targets[h.Name]
	x.got = nil
	before := s.book.fired()
	if now := s.circuits[n.Transition.Circuit]; s.open(*n) && now.Phase != headwatch.Unknown {
		s.known[now.Circuit+" "+h.Name] = true
	}
	got := try(s.t, sender, *n)
	if got == "waits" { // what the journal holds gets around
		for _, r := range s.book.all {
			s.ledger.Apply(headwatch.Event{Report: &r})
		}
		got = try(s.t, sender, *n)
	}
	key := n.Incident + " " + h.Name
	fresh := s.book.fired()[len(before):]
	for _, f := range fresh {
		switch {
		case s.counted[key]:
			s.fatalf("%s fired twice", key)
		case s.vetoed[key], s.over[n.Incident]:
			s.fatalf("%s fired, vetoed %v, over %v", key, s.vetoed[key], s.over[n.Incident])
		case f.Actor == "" && !s.stands(*n, h.Name):
			s.fatalf("%s fired, and nothing says that the circuit is open", key)
		case f.Actor == "" && h.Mode == config.ModeConfirm && !s.inTime(n.Incident, h):
			s.fatalf("%s fired before people could veto it", key)
		case f.Actor == "" && !s.allowed(h, f, before):
			s.fatalf("%s fired beyond its limits", key)
		}
		s.counted[key] = true
	}
	switch {
	case x.early, got == "sent" && !s.counted[key]:
		s.fatalf("%s fired off the record", key)
	case got == "sent" && len(x.got) != 1, got != "sent" && len(x.got) != 0:
		s.fatalf("%s: %s, and it was sent %q", key, got, x.got)
	case got == "waits" && s.stands(*n, h.Name):
		s.mustBeTold(n.Incident, h)
	}
}

// stands reports whether the circuit of a trip is open, as a hook knows from this process alone.
func (s *story) stands(n headwatch.Notice, hook string) bool {
	circuit := n.Transition.Circuit
	return s.open(n) && (!s.ledger.newest(circuit).At.Before(s.began) || s.known[circuit+" "+hook])
}

func (s *story) open(n headwatch.Notice) bool {
	now := s.circuits[n.Transition.Circuit]
	return !s.gone && now.State == headwatch.Open && now.Well.IsZero()
}

// inTime reports whether people had half of their time in this process, and all of it where there was one process only.
func (s *story) inTime(incident string, h config.Hook) bool {
	r := s.announced(incident, h.Name)
	return r != nil && !time.Now().Before(r.Until) && (!r.At.Before(s.began) || time.Since(s.began) >= h.VetoFor.D()/2)
}

// announced is the last report that says when a hook fires.
func (s *story) announced(incident, hook string) *headwatch.Report {
	for _, r := range slices.Backward(s.book.all) {
		if r.Incident == incident && r.Hook == hook && !r.Until.IsZero() {
			return &r
		}
	}
	return nil
}

// mustBeTold wants people to know why a hook waits.
func (s *story) mustBeTold(incident string, h config.Hook) {
	if s.announced(incident, h.Name) != nil && !s.inTime(incident, h) || slices.Contains(s.book.said(incident, h.Name), headwatch.ReportWithheld) {
		return
	}
	s.fatalf("%s waits in %s, and nobody was told", h.Name, incident)
}

// fired gives the firings on record.
func (b *book) fired() (all []headwatch.Report) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, r := range b.all {
		if r.Kind == headwatch.ReportFired {
			all = append(all, r)
		}
	}
	return all
}

// allowed holds a firing against the limits by counting those before it, in another way than the ledger does.
func (s *story) allowed(h config.Hook, f headwatch.Report, before []headwatch.Report) bool {
	var own, all, chain int
	for _, o := range before {
		age := f.At.Sub(o.At)
		if o.Hook == h.Name && age < h.Cooldown.D() {
			return false
		}
		if age >= perDay {
			continue
		}
		all++
		if o.Hook == h.Name {
			own++
		}
		if o.Chain == h.Chain {
			chain++
		}
	}
	within := func(count, most int) bool { return most == 0 || count < most }
	return within(own, h.MaxPerDay) && within(all, s.scarcity.MaxPerDay) && within(chain, s.scarcity.MaxPerChainDay)
}
