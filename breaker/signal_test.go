package breaker

import (
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"headwatch"
)

func TestNothingIsSaidBeforeTheFirstFeed(t *testing.T) {
	for _, last := range standings() {
		want := headwatch.Signal{Circuit: "base-lending", Chain: "base", State: headwatch.StateUnknown}
		same(t, want, restore(t, policy(), last).Signal(time.Hour))
	}
}

func TestTheLeaseCountsFromTheAssessment(t *testing.T) {
	c := quiet(t)
	for _, at := range []time.Duration{0, time.Second, time.Hour} {
		c.Feed(live(at))
		same(t, headwatch.Signal{
			Circuit: "base-lending", Chain: "base", State: headwatch.Closed, Since: began, Phase: headwatch.Live,
			ValidUntil: began.Add(at + 30*time.Second),
		}, c.Signal(30*time.Second))
	}
}

func TestReasonsAreWhatHoldsAndMatters(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLab(t, policy())
		for _, test := range []struct{ line, want string }{
			{"0s live", "[]"},
			{"1s live skew@0s", "[]"},
			{"2s live l1@0s", "[l1_head_stalled]"},
			{"3s stalled l1@0s stall@2s slow@2s stall@1s skew@0s", "[unsafe_head_stalled unsafe_head_slow l1_head_stalled]"},
			{"4s unknown blind@3s stall@1s", "[unsafe_head_stalled blind]"},
			{"5s live", "[]"},
		} {
			a, _ := parse(t, test.line)
			l.feed(a)
			if got := fmt.Sprint(l.circuit.Signal(time.Second).Reasons); got != test.want {
				t.Errorf("%s: got %s, want %s", test.line, got, test.want)
			}
		}
	})
}

func TestTheSignalKeepsTheIncidentWhileItLasts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := play(t, policy(), `120s stalled stall@0s -> closed warn #1, closed page #1, closed>open trip #1`)
		same(t, headwatch.Signal{
			Circuit: "base-lending", Chain: "base", State: headwatch.Open, Since: began.Add(tripAfter), Seq: 3,
			Phase: headwatch.Stalled, Level: headwatch.LevelTrip, ValidUntil: began.Add(tripAfter + time.Second),
			Reasons: []headwatch.Condition{headwatch.UnsafeHeadStalled}, Incident: "base-lending-20260626T150200Z",
		}, l.circuit.Signal(time.Second))
	})
}

func TestASignalBelongsToItsCaller(t *testing.T) {
	c := quiet(t)
	c.Feed(headwatch.Assessment{
		At: began, Phase: headwatch.Unknown, Findings: []headwatch.Finding{{Condition: headwatch.Blind, Since: began}},
	})
	c.Signal(time.Second).Reasons[0] = "scribble"
	if got := c.Signal(time.Second).Reasons[0]; got != headwatch.Blind {
		t.Errorf("got %s", got)
	}
}

// A lease that outlives the news it stands on would make a stale "closed" look fresh. The policy here decides something at
// every Feed, so that the sequence tells which Feed a signal is from.
func TestALeaseIsNeverLongerThanItsNews(t *testing.T) {
	cfg := policy()
	cfg.WarnAfter, cfg.RecoverAfter = 0, 0
	c, err := New(cfg, nil)
	if err != nil {
		t.Fatal(err)
	}
	const feeds = 20_000
	var wg sync.WaitGroup
	wg.Go(func() {
		for n := uint64(0); n < feeds; {
			s := c.Signal(0)
			n = s.Seq
			if last := s.ValidUntil.Sub(began)/time.Second + 1; time.Duration(n) < last {
				t.Errorf("the news of feed %d has the lease of feed %d", n, last)
				return
			}
		}
	})
	for i := range feeds {
		a := live(time.Duration(i) * time.Second)
		if i%2 == 0 {
			a.Findings = []headwatch.Finding{{Condition: headwatch.UnsafeHeadSlow, Since: a.At}}
		}
		if decided := c.Feed(a); len(decided) != 1 {
			t.Errorf("feed %d decided %+v", i, decided)
		}
	}
	wg.Wait()
}

func TestAQuietFeedDoesNotAllocate(t *testing.T) {
	c := quiet(t)
	a := live(0)
	a.Findings = []headwatch.Finding{{Condition: headwatch.EndpointLagging, Since: began, Votes: []headwatch.Vote{{}}}}
	if n := testing.AllocsPerRun(100, func() {
		a.At = a.At.Add(time.Second)
		c.Feed(a)
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkQuietFeed(b *testing.B) {
	c, err := New(policy(), nil)
	if err != nil {
		b.Fatal(err)
	}
	a := live(0)
	b.ReportAllocs()
	for b.Loop() {
		a.At = a.At.Add(time.Second)
		c.Feed(a)
	}
}

func BenchmarkStalledFeed(b *testing.B) {
	c, err := New(policy(), nil)
	if err != nil {
		b.Fatal(err)
	}
	a := headwatch.Assessment{
		Chain: "base", At: began.Add(time.Second), Phase: headwatch.Stalled,
		Findings: []headwatch.Finding{{Condition: headwatch.UnsafeHeadStalled, Since: began}},
	}
	b.ReportAllocs()
	for b.Loop() {
		c.Feed(a)
	}
}
