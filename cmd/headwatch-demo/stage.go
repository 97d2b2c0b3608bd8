package main

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"
)

// stage is where sightings arrive, from any goroutine. Each is told as it comes and kept until the script expects it: what
// different parts see of one event comes in no certain order.
type stage struct {
	tell  teller
	start time.Time

	mu      sync.Mutex
	kept    []sighting
	changed chan struct{} // closed when a sighting is kept
	seen    []string
	missed  []string
}

func newStage(tell teller) *stage {
	return &stage{tell: tell, start: time.Now(), changed: make(chan struct{})}
}

func (s *stage) sight(x sighting) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tell.tell(x, s.start)
	s.kept = append(s.kept, x)
	close(s.changed)
	s.changed = make(chan struct{})
}

// say tells what the demo itself does.
func (s *stage) say(format string, args ...any) {
	s.sight(sighting{at: time.Now(), who: "demo", kind: "does", text: fmt.Sprintf(format, args...)})
}

// expect waits for a sighting and takes it. What does not come in time is a step that was missed; the story goes on, so
// that all that is wrong is seen at once.
func (s *stage) expect(ctx context.Context, step string, within time.Duration, match func(sighting) bool) sighting {
	late := time.NewTimer(within)
	defer late.Stop()
	for {
		s.mu.Lock()
		for i, x := range s.kept {
			if match(x) {
				s.kept = append(s.kept[:i:i], s.kept[i+1:]...)
				s.seen = append(s.seen, step)
				s.mu.Unlock()
				return x
			}
		}
		changed := s.changed
		s.mu.Unlock()
		select {
		case <-changed:
			continue
		case <-late.C:
		case <-ctx.Done():
		}
		s.check(step, false)
		return sighting{}
	}
}

// check is a step that can be judged at once.
func (s *stage) check(step string, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if ok {
		s.seen = append(s.seen, step)
	} else {
		s.missed = append(s.missed, step)
	}
}

func (s *stage) end() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tell.end(s.seen, s.missed)
	if len(s.missed) > 0 {
		return fmt.Errorf("%d of %d steps were not observed", len(s.missed), len(s.missed)+len(s.seen))
	}
	return nil
}

// has reports whether a kind of sighting has come already, and was not expected yet.
func (s *stage) has(kind string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.ContainsFunc(s.kept, func(x sighting) bool { return x.kind == kind })
}

func from(who, kind string) func(sighting) bool {
	return func(s sighting) bool { return s.who == who && s.kind == kind }
}
