package main

import (
	"context"
	"maps"
	"slices"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"headwatch"
	"headwatch/breaker"
	"headwatch/heartbeat"
	"headwatch/peer"
	"headwatch/self"
)

// selfBeat is the time between two looks at ourselves.
const selfBeat = time.Second

// selfWatch is the line of headwatch itself: its own state instead of a chain's, and from there on what every chain has, a circuit,
// the journal, incidents and deliveries.
type selfWatch struct {
	desk    *desk
	circuit *breaker.Circuit
	judge   *self.Judge
	hearts  []*heartbeat.Heart
	peers   []*peer.Peer
	life    *life
	service *service
	seen    atomic.Pointer[headwatch.Assessment]
}

// newSelfWatch makes it, with the circuit as the journal last has it, and adds that circuit to the network. Run starts it.
func newSelfWatch(d *desk, last map[string]headwatch.Transition) (*selfWatch, error) {
	var newest *headwatch.Transition
	var before *headwatch.Assessment
	if t, ok := last[headwatch.Watchdog]; ok {
		newest = &t
		if _, tell := t.Standing(); tell.Level != headwatch.LevelNone {
			before = &t.Cause
		}
	}
	circuit, err := breaker.New(*d.cfg.Circuit(headwatch.Watchdog), newest)
	if err != nil {
		return nil, err
	}
	d.net.circuits[headwatch.Watchdog] = []*breaker.Circuit{circuit}
	now := time.Now()
	s := &selfWatch{
		desk: d, circuit: circuit, judge: self.New(d.cfg.Watchdog, now, before),
		life: newLife(d.journal, d.cfg.Watchdog, now), service: newService(),
	}
	for _, h := range d.cfg.Heartbeats {
		s.hearts = append(s.hearts, heartbeat.New(h, d.condition))
	}
	for _, p := range d.cfg.Peers {
		s.peers = append(s.peers, peer.New(p))
	}
	s.seen.Store(&headwatch.Assessment{Chain: headwatch.Watchdog})
	return s, nil
}

// Run looks at headwatch every second, sends its signs of life and watches its peers until ctx ends. It returns an error only when
// another process decides for the same circuits.
func (s *selfWatch) Run(ctx context.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	for _, h := range s.hearts {
		group.Go(func() error { return h.Run(ctx) })
	}
	for _, p := range s.peers {
		group.Go(func() error { return p.Run(ctx) })
	}
	group.Go(func() error { return s.loop(ctx, judge(ctx, []*breaker.Circuit{s.circuit}, s.desk.recorder.decide)) })
	return group.Wait()
}

func (s *selfWatch) loop(ctx context.Context, assess func(headwatch.Assessment) error) error {
	tick := time.NewTicker(selfBeat)
	defer tick.Stop()
	for {
		f := s.facts(time.Now())
		a := s.judge.Assess(f)
		s.seen.Store(&a)
		if err := assess(a); err != nil {
			return err
		}
		s.life.sign(f.At, s.desk.heads())
		s.service.tell(f.At, watching(f.Chains), a.Find(headwatch.LoopStuck) == nil, s.desk.sentence)
		select {
		case <-ctx.Done():
			s.service.stopping()
			return nil
		case <-tick.C:
		}
	}
}

// facts is what headwatch knows of itself now.
func (s *selfWatch) facts(now time.Time) self.Facts {
	d := s.desk
	f := self.Facts{At: now, Journal: d.unrecorded(), Restart: s.life.restart(now, d.heads(), len(d.net.chains), d.channels)}
	oldest := d.channels.oldest()
	for _, name := range slices.Sorted(maps.Keys(d.channels.loops)) {
		f.Channels = append(f.Channels, self.Channel{
			Name: name, Oldest: oldest[name], Failure: d.channels.loops[name].Failure(), Refused: d.channels.health.of(name),
		})
	}
	for _, c := range d.net.statuses() {
		f.Chains = append(f.Chains, self.Chain{Name: c.Assessment.Chain, Assessed: c.Assessment.At})
	}
	for _, p := range s.peers {
		f.Peers = append(f.Peers, p.Status())
	}
	for _, h := range s.hearts {
		f.Heartbeats = append(f.Heartbeats, h.Status())
	}
	return f
}

// watching reports whether the loop of every chain has begun.
func watching(chains []self.Chain) bool {
	return !slices.ContainsFunc(chains, func(c self.Chain) bool { return c.Assessed.IsZero() })
}

// status is what headwatch knows of itself, for the API.
func (s *selfWatch) status() headwatch.WatchdogStatus {
	w := headwatch.WatchdogStatus{Assessment: *s.seen.Load(), Heartbeats: []headwatch.HeartbeatStatus{}, Peers: []headwatch.PeerStatus{}}
	for _, h := range s.hearts {
		w.Heartbeats = append(w.Heartbeats, h.Status())
	}
	for _, p := range s.peers {
		w.Peers = append(w.Peers, p.Status())
	}
	return w
}

// stopped is called when everything has ended: a stop that was ordered leaves a mark that says so.
func (s *selfWatch) stopped(err error) {
	if err == nil {
		s.life.rest(time.Now())
	}
}
