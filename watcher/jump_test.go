package watcher

import (
	"testing"
	"time"
	"unsafe"

	"headwatch"
)

// slept gives the instant that is read after the machine slept: the wall clock is on by d, the monotonic one is not. A
// negative d is a clock that was set back.
func slept(t time.Time, d time.Duration) time.Time {
	t = t.Add(d)
	monotonic := (*struct {
		wall uint64
		ext  int64
	})(unsafe.Pointer(&t))
	monotonic.ext -= int64(d)
	return t
}

// newSleeper is a scene whose clock is a living one: it has a wall clock and a monotonic one.
func newSleeper(t *testing.T) *scene {
	s := newScene(t, "a", "b", "c")
	s.now = time.Now()
	s.start = s.now.Round(0).Add(-2 * time.Hour).Truncate(sceneBlock)
	return s
}

// polls lets the endpoints name the newest block of a chain that is behind the wall clock, each second for d.
func (s *scene) polls(d, behind time.Duration) {
	for end := s.now.Add(d); s.now.Before(end); {
		s.wait(time.Second)
		s.says(uint64(s.now.Round(0).Add(-behind).Sub(s.start)/sceneBlock), "a", "b", "c")
		s.assess()
	}
}

func TestTheClocksOfSleptDiffer(t *testing.T) {
	now := time.Now()
	woken := slept(now, time.Hour)
	if wall, monotonic := woken.Round(0).Sub(now.Round(0)), woken.Sub(now); wall != time.Hour || monotonic != 0 {
		t.Fatalf("the wall clock went on by %v and the monotonic one by %v", wall, monotonic)
	}
}

func TestAJumpOfTheClockIsNeitherAStallNorLateness(t *testing.T) {
	for name, jump := range map[string]time.Duration{"a machine that slept": time.Hour, "a clock that was an hour behind": time.Hour, "a clock that was ahead": -time.Hour} {
		t.Run(name, func(t *testing.T) {
			s := newSleeper(t)
			s.polls(time.Minute, 0)
			s.want(headwatch.Live)
			s.now = slept(s.now, jump)
			a := s.assess() // before anything is heard
			if a.Phase == headwatch.Stalled || a.Find(headwatch.UnsafeHeadSlow) != nil {
				t.Fatalf("at once: %s, %+v", a.Phase, a.Findings)
			}
			if jump < 0 {
				s.start = s.start.Add(jump) // the chain was right, and the clock is now
				s.start = s.start.Truncate(sceneBlock)
			}
			for range 60 {
				s.polls(time.Second, 0)
				if a := s.assess(); a.Phase != headwatch.Live {
					t.Fatalf("%s, %+v", a.Phase, a.Findings)
				}
			}
		})
	}
}

// What was in the socket while the machine slept is heard when it wakes: heads of an hour ago.
func TestOldHeadsAfterSleepAreNoSlowChain(t *testing.T) {
	s := newSleeper(t)
	s.polls(time.Minute, 0)
	n := s.view.tip.Number
	s.now = slept(s.now, time.Hour)
	for i := range 10 {
		s.says(n+1+uint64(i), "a", "b", "c")
		if a := s.assess(); a.Phase == headwatch.Stalled || a.Find(headwatch.UnsafeHeadSlow) != nil {
			t.Fatalf("%s, %+v", a.Phase, a.Findings)
		}
	}
	s.polls(10*time.Second, 0)
	s.want(headwatch.Live)
}

// A chain that is late after the sleep is slow since the machine woke, not since an hour ago.
func TestLatenessCountsFromTheJump(t *testing.T) {
	s := newSleeper(t)
	s.polls(time.Minute, 0)
	s.now = slept(s.now, time.Hour)
	woken := s.now
	s.polls(time.Minute, 2*time.Minute)
	a := s.want(headwatch.Slow, headwatch.UnsafeHeadSlow)
	if f := a.Find(headwatch.UnsafeHeadSlow); f.Since.Before(woken) {
		t.Errorf("slow for %v, awake for %v", a.At.Sub(f.Since), a.At.Sub(woken))
	}
}

// A stall goes on over a sleep, and does not grow by it: a circuit trips after what was watched.
func TestAStallDoesNotGrowInSleep(t *testing.T) {
	s := newSleeper(t)
	s.polls(time.Minute, 0)
	stop, n := s.now, s.view.tip.Number
	s.still(40*time.Second, n, "a", "b", "c")
	s.now = slept(s.now, time.Hour)
	a := s.want(headwatch.Stalled, headwatch.UnsafeHeadStalled)
	if f := a.Find(headwatch.UnsafeHeadStalled); a.At.Sub(f.Since) > 41*time.Second || !f.Since.Equal(s.view.advanced) || f.Since.After(stop) {
		t.Errorf("the stall is %v old, want 40 s", a.At.Sub(f.Since))
	}
	s.still(10*time.Second, n, "a", "b", "c")
	s.want(headwatch.Stalled, headwatch.UnsafeHeadStalled)
}

// A stall that was under way at the start is as old as its head; that age must not grow by a jump either.
func TestAStallBeforeTheStartDoesNotGrowInSleep(t *testing.T) {
	s := newSleeper(t)
	n := uint64(s.now.Round(0).Sub(s.start)/sceneBlock) - 5
	s.still(35*time.Second, n, "a", "b", "c")
	s.want(headwatch.Stalled, headwatch.UnsafeHeadStalled)
	s.now = slept(s.now, time.Hour)
	a := s.want(headwatch.Stalled, headwatch.UnsafeHeadStalled)
	if f := a.Find(headwatch.UnsafeHeadStalled); a.At.Sub(f.Since) > time.Minute {
		t.Errorf("the stall is %v old, want less than a minute", a.At.Sub(f.Since))
	}
}

// A journal that was written while the clock was an hour ahead must not hide the stall for that hour.
func TestAJournalFromTheFutureHidesNoStall(t *testing.T) {
	s := newScene(t, "a", "b", "c")
	s.now = s.start.Add(200 * time.Second)
	head := s.block("", 100)
	s.view.Restore(headwatch.Assessment{Head: &head, Advanced: s.now.Add(time.Hour)})
	s.still(sceneLimit+time.Second, 100, "a", "b", "c")
	s.want(headwatch.Stalled, headwatch.UnsafeHeadStalled)
}
