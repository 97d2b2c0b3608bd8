package watcher

import (
	"testing"
	"time"

	"headwatch"
	"headwatch/config"
)

const sceneLag = 10 * time.Minute

func lagLimits(c *config.Chain) {
	c.SafeLag, c.ProvenLag, c.FinalizedLag = config.Duration(sceneLag), config.Duration(2*sceneLag), config.Duration(3*sceneLag)
}

// batches lets endpoints name each block until n, and the safe head that safe gives for it.
func (s *scene) batches(n uint64, tag headwatch.Tag, safe func(n uint64) uint64, endpoints ...string) {
	for i := uint64(s.now.Sub(s.start)/sceneBlock) + 1; i <= n; i++ {
		s.now = s.start.Add(time.Duration(i) * sceneBlock)
		s.tells(i, tag, safe(i), endpoints...)
		s.assess()
	}
}

func always(n uint64) func(uint64) uint64 { return func(uint64) uint64 { return n } }

func TestHeadsBehindTheUnsafeHead(t *testing.T) {
	all := []string{"a", "b", "c"}
	behind := func(n uint64) func(uint64) uint64 { return func(i uint64) uint64 { return i - n } }
	limit := uint64(sceneLag / sceneBlock)
	tests := []struct {
		name  string
		then  func(s *scene) // after block 100, of which 90 is safe
		phase headwatch.Phase
		finds []headwatch.Condition
	}{
		{"follows", func(s *scene) { s.batches(1000, headwatch.Safe, behind(10), all...) }, headwatch.Live, nil},
		{"stands short of the limit", func(s *scene) { s.batches(90+limit, headwatch.Safe, always(90), all...) }, headwatch.Live, nil},
		{"stands for the limit", func(s *scene) { s.batches(110+limit, headwatch.Safe, always(90), all...) }, headwatch.Live, []headwatch.Condition{headwatch.SafeHeadStalled}},
		{"plateaus and jumps", func(s *scene) {
			s.batches(2000, headwatch.Safe, func(i uint64) uint64 { return i - 10 - i%(limit-40) }, all...)
		}, headwatch.Live, nil},
		{"one sees it move", func(s *scene) {
			for i := uint64(101); i <= 200+limit; i++ {
				s.now = s.start.Add(time.Duration(i) * sceneBlock)
				s.tells(i, headwatch.Safe, 90, "a", "b")
				s.tells(i, headwatch.Safe, i-10, "c")
			}
		}, headwatch.Live, nil},
		{"one alone says that it stands, the others have ceased to say", func(s *scene) {
			for i := uint64(101); i <= 200+limit; i++ {
				s.now = s.start.Add(time.Duration(i) * sceneBlock)
				s.says(i, "b", "c")
				s.tells(i, headwatch.Safe, 90, "a")
			}
		}, headwatch.Live, nil},
		{"nobody tells it any more", func(s *scene) { s.live(200+limit, all...) }, headwatch.Live, nil},
		{"a safe head beyond the unsafe one is no life", func(s *scene) {
			for i := uint64(101); i <= 200+limit; i++ {
				s.now = s.start.Add(time.Duration(i) * sceneBlock)
				s.tells(i, headwatch.Safe, 90, "a", "b")
				s.tells(i, headwatch.Safe, i+1000, "c")
			}
		}, headwatch.Live, []headwatch.Condition{headwatch.SafeHeadStalled}},
		{"has reached an unsafe head that is stalled", func(s *scene) {
			s.batches(101, headwatch.Safe, always(101), all...)
			for range 2 * sceneLag / time.Second {
				s.wait(time.Second)
				s.tells(101, headwatch.Safe, 101, all...)
			}
		}, headwatch.Stalled, []headwatch.Condition{headwatch.UnsafeHeadStalled}},
		{"a back-fill after that", func(s *scene) {
			s.batches(101, headwatch.Safe, always(101), all...)
			for range 2 * sceneLag / time.Second {
				s.wait(time.Second)
				s.tells(101, headwatch.Safe, 101, all...)
			}
			s.tells(101+2*limit, headwatch.Safe, 101, all...)
			s.wait(time.Second)
			s.tells(102+2*limit, headwatch.Safe, 101, all...)
		}, headwatch.CatchingUp, nil},
		{"proven", func(s *scene) { s.batches(110+3*limit, headwatch.Proven, always(90), all...) }, headwatch.Live, []headwatch.Condition{headwatch.ProvenHeadStalled}},
		{"finalized", func(s *scene) { s.batches(110+3*limit, headwatch.Finalized, always(90), all...) }, headwatch.Live, []headwatch.Condition{headwatch.FinalizedHeadStalled}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := newSceneOf(t, lagLimits, all...)
			s.batches(100, headwatch.Safe, func(i uint64) uint64 { return i - min(i, 10) }, all...)
			test.then(s)
			s.want(test.phase, test.finds...)
		})
	}
}

func TestASafeStallBeginsWhenTheLimitWasPassedAndStaysSo(t *testing.T) {
	all := []string{"a", "b", "c"}
	s := newSceneOf(t, lagLimits, all...)
	s.batches(100, headwatch.Safe, func(i uint64) uint64 { return i - min(i, 10) }, all...)
	s.batches(500, headwatch.Safe, always(95), all...)
	f := s.finding(headwatch.Live, headwatch.SafeHeadStalled)
	since := f.Since
	if want := s.block("", 96).Time.Add(sceneLag); since.Before(want) || since.Sub(want) > sceneLag/50 || f.Limit != sceneLag {
		t.Errorf("since %v, want %v; limit %v", since.Sub(s.start), want.Sub(s.start), f.Limit)
	}
	for n := uint64(96); n < 120; n++ { // it crawls, and stays too far behind
		s.batches(500+4*n-4*95, headwatch.Safe, always(n), all...)
		f := s.finding(headwatch.Live, headwatch.SafeHeadStalled)
		if !f.Since.Equal(since) {
			t.Fatalf("since %v at safe %d, it was %v", f.Since.Sub(s.start), n, since.Sub(s.start))
		}
	}
	a := s.assess()
	head := *a.Head
	a.Head = &head
	a.Findings = append([]headwatch.Finding(nil), a.Findings...)

	again := newSceneOf(t, lagLimits, all...)
	again.now = s.now.Add(time.Second)
	again.view.Restore(a)
	again.says(s.view.tip.Number, all...)
	again.want(headwatch.Unknown)
	n := uint64(again.now.Sub(again.start) / sceneBlock)
	again.batches(n+2, headwatch.Safe, always(119), all...)
	if f := again.finding(headwatch.Live, headwatch.SafeHeadStalled); !f.Since.Equal(since) {
		t.Errorf("since %v after a restart, it was %v", f.Since.Sub(s.start), since.Sub(s.start))
	}
	again.batches(n+4, headwatch.Safe, func(i uint64) uint64 { return i - 10 }, all...)
	again.want(headwatch.Live)
}

func TestAStartFindsABlockThatHasWaitedByItsOwnTimestamp(t *testing.T) {
	s := newSceneOf(t, lagLimits, "a", "b")
	s.now = s.start.Add(time.Hour)
	s.batches(1830, headwatch.Safe, always(1000), "a", "b")
	f := s.finding(headwatch.Live, headwatch.SafeHeadStalled)
	if want := s.block("", 1001).Time.Add(sceneLag); !f.Since.Equal(want) {
		t.Errorf("since %v, want %v", f.Since.Sub(s.start), want.Sub(s.start))
	}
}

func TestMarksKeepTheNewestAndForgetWhatWasReplaced(t *testing.T) {
	m := marks{every: time.Second}
	at := func(i int) time.Time { return time.Unix(int64(i), 0) }
	for i := range 300 {
		m.add(uint64(10*i), at(i))
	}
	if _, ok := m.above(10 * 171); ok {
		t.Error("a mark that was pushed out is still there")
	}
	for number, want := range map[uint64]int{1720: 172, 1729: 173, 2990: 299, 5000: 300} {
		if got, ok := m.above(number); !ok || !got.Equal(at(want)) {
			t.Errorf("above %d: %v, want %v", number, got, at(want))
		}
	}
	m.cut(2500)
	if got, _ := m.above(5000); !got.Equal(at(250)) {
		t.Errorf("above 5000 after the cut: %v, want %v", got, at(250))
	}
	if _, ok := m.above(10 * 171); ok {
		t.Error("the cut brought back what was pushed out")
	}
}

func TestProofOfLifeOfTwoNeedsTwoSafeHeads(t *testing.T) {
	for proof, finds := range map[int][]headwatch.Condition{1: nil, 2: {headwatch.SafeHeadStalled}} {
		s := newSceneOf(t, func(c *config.Chain) { lagLimits(c); c.ProofOfLife = proof }, "a", "b", "c")
		s.batches(100, headwatch.Safe, func(i uint64) uint64 { return i - min(i, 10) }, "a", "b", "c")
		for n := uint64(101); n <= 500; n++ {
			s.now = s.start.Add(time.Duration(n) * sceneBlock)
			s.tells(n, headwatch.Safe, 90, "a", "b")
			s.tells(n, headwatch.Safe, n, "c") // it says that all is safe
		}
		s.want(headwatch.Live, finds...)
	}
}
