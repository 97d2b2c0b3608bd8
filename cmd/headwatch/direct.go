package main

import (
	"context"
	"sync"

	"headwatch"
	"headwatch/delivery"
)

// source is where the loop of one alert channel finds its notices: the journal, and beside it the decisions that the
// journal did not take. Both pass through one loop, so they keep their order, their frozen route and their retries.
type source struct {
	journal delivery.Journal

	mu     sync.Mutex
	handle func(delivery.Pending)      // nil while the loop does not run
	told   map[step]headwatch.Delivery // ended before the journal had them
}

// step names a notice on its channel.
type step struct {
	incident string
	step     uint64
}

func newSource(j delivery.Journal) *source {
	return &source{journal: j, told: make(map[step]headwatch.Delivery)}
}

// tell hands the loop a notice that the journal does not have.
func (s *source) tell(n headwatch.Notice) {
	s.mu.Lock()
	handle := s.handle
	s.mu.Unlock()
	if handle != nil {
		handle(unrecorded{s, n})
	}
}

// Notices hands out what the journal holds, and what is told while it runs. What was told before the journal had it ends
// there as it ended then: it is not told again.
func (s *source) Notices(ctx context.Context, channel string, handle func(delivery.Pending)) error {
	s.mu.Lock()
	s.handle = handle
	s.mu.Unlock()
	var recording sync.WaitGroup
	err := s.journal.Notices(ctx, channel, func(p delivery.Pending) {
		n := p.Notice()
		s.mu.Lock()
		d, told := s.told[step{n.Incident, n.Step}]
		s.mu.Unlock()
		if !told {
			handle(p)
			return
		}
		recording.Go(func() {
			if p.Done(ctx, d) != nil {
				handle(p) // twice rather than never
			}
			s.mu.Lock()
			delete(s.told, step{n.Incident, n.Step})
			s.mu.Unlock()
		})
	})
	recording.Wait()
	s.mu.Lock()
	s.handle = nil
	s.mu.Unlock()
	return err
}

// Freeze keeps routes in the journal. While it cannot, a trigger goes where the channel points now.
func (s *source) Freeze(ctx context.Context, incident, channel string, route []byte) ([]byte, error) {
	return s.journal.Freeze(ctx, incident, channel, route)
}

// unrecorded is a notice that the journal does not have.
type unrecorded struct {
	source *source
	notice headwatch.Notice
}

func (u unrecorded) Notice() headwatch.Notice { return u.notice }

// Done remembers the end until the journal has the notice.
func (u unrecorded) Done(_ context.Context, d headwatch.Delivery) error {
	u.source.mu.Lock()
	defer u.source.mu.Unlock()
	u.source.told[step{d.Incident, d.Step}] = d
	return nil
}
