package watcher

import (
	"math/bits"
	"testing"
	"time"

	"pgregory.net/rapid"

	"headwatch"
	"headwatch/config"
)

// branched is a block of a fork that left the main chain above an ancestor.
func (s *scene) branched(fork string, ancestor, n uint64) headwatch.Head {
	if n <= ancestor {
		fork = ""
	}
	h := s.block(fork, n)
	if n == ancestor+1 {
		h.Parent = blockHash("", ancestor)
	}
	return h
}

// answers lets an endpoint name its head and the block that was asked for.
func (s *scene) answers(endpoint string, head, past headwatch.Head) {
	s.view.Observe(headwatch.Observation{
		Endpoint: endpoint, At: s.now, Heads: map[headwatch.Tag]headwatch.Head{headwatch.Unsafe: head}, Past: &past,
	})
}

// moved lets endpoints name the head of a fork that left the main chain above an ancestor, and then what is asked of them,
// for as long as they are asked. It gives what they were asked for.
func (s *scene) moved(fork string, ancestor, head uint64, endpoints ...string) (asked []uint64) {
	return s.movedPast(func(uint64) {}, fork, ancestor, head, endpoints...)
}

// movedPast lets a liar speak between any two of them.
func (s *scene) movedPast(lie func(want uint64), fork string, ancestor, head uint64, endpoints ...string) (asked []uint64) {
	for _, e := range endpoints {
		s.say(e, s.branched(fork, ancestor, head))
	}
	for want := s.view.wants(s.now); want != 0 && len(asked) < 20; want = s.view.wants(s.now) {
		asked = append(asked, want)
		s.wait(100 * time.Millisecond)
		for _, e := range endpoints {
			lie(want)
			s.answers(e, s.branched(fork, ancestor, head), s.branched(fork, ancestor, want))
		}
	}
	return asked
}

func TestTheCommonAncestorIsFoundInAFewQuestions(t *testing.T) {
	all := []string{"a", "b", "c"}
	for _, test := range []struct {
		ancestor, asked uint64
		detail          string
	}{
		{298, 8, "2 blocks above block 298 replaced"},
		{284, 8, "16 blocks above block 284 replaced"},
		{143, 8, "157 blocks above block 143 replaced"},
		{45, 8, "255 blocks above block 45 replaced"},
		{44, 8, "256 blocks or more replaced, the common ancestor is at or below block 44"},
		{2, 8, "256 blocks or more replaced, the common ancestor is at or below block 44"},
	} {
		s := newScene(t, all...)
		s.live(300, all...)
		seen := s.now
		if asked := s.moved("r", test.ancestor, 301, all...); len(asked) == 0 || uint64(len(asked)) > test.asked {
			t.Errorf("ancestor %d: asked for %d", test.ancestor, asked)
		}
		f := s.wantReorg(300-max(test.ancestor, 44), test.detail+", as seen by a, b, c")
		if !f.Since.Equal(seen) {
			t.Errorf("since %v after it was seen", f.Since.Sub(seen))
		}
	}
}

// Whatever numbers endpoints skipped and whatever one of three says, no ancestor is claimed that is none, and where the two
// blocks at the fork were named it is exact.
func TestTheDepthIsExactOrALowerBound(t *testing.T) {
	all := []string{"a", "b", "c"}
	rapid.Check(t, func(r *rapid.T) {
		s := newScene(t, all...)
		s.says(1, all...)
		var named []uint64
		for n := uint64(1); n < 300; {
			n += rapid.SampledFrom([]uint64{1, 1, 2, 3, 4}).Draw(r, "step")
			s.now = s.start.Add(time.Duration(n) * sceneBlock)
			s.says(n, all...)
			named = append(named, n-1, n)
		}
		tip := named[len(named)-1]
		ancestor := rapid.Uint64Range(tip-200, tip-1).Draw(r, "ancestor")
		head := tip + rapid.Uint64Range(0, 1).Draw(r, "more")
		asked := s.movedPast(func(want uint64) {
			from := rapid.Uint64Range(tip-200, tip).Draw(r, "ancestor by the liar")
			s.answers("c", s.branched("r", ancestor, head), s.branched(rapid.SampledFrom([]string{"r", "x"}).Draw(r, "fork"), from, want))
		}, "r", ancestor, head, "a", "b")
		if most := bits.Len(256); len(asked) > most {
			r.Fatalf("asked for %d", asked)
		}
		got, below, above := s.view.replaced, uint64(0), tip
		for _, n := range named {
			if n <= ancestor {
				below = n
			} else {
				above = min(above, n)
			}
		}
		if got.common < ancestor || got.common != above-1 || got.linked != (below == above-1) {
			r.Fatalf("ancestor %d between %d and %d: got %+v", ancestor, below, above, got)
		}
	})
}

func TestADeepReorganisationIsToldOnceItsDepthIsKnown(t *testing.T) {
	all := []string{"a", "b", "c"}
	for _, test := range []struct {
		name     string
		ancestor uint64
		told     bool
	}{{"deep", 143, true}, {"as deep as it must be", 284, true}, {"shallow", 285, false}} {
		s := newSceneOf(t, func(c *config.Chain) { c.ReorgDepth = 16 }, all...)
		s.live(300, all...)
		for _, e := range all {
			s.say(e, s.block("r", 301))
		}
		if f := s.assess(); f.Find(headwatch.Reorg) != nil {
			t.Errorf("%s: told before it is known: %+v", test.name, f.Findings)
		}
		s.moved("r", test.ancestor, 301, all...)
		a := s.assess()
		if f := a.Find(headwatch.Reorg); (f != nil) != test.told {
			t.Errorf("%s: %+v", test.name, f)
		}
	}
}

// Of three operators two must name the same block, in answers that show them on the new chain.
func TestAnAnswerAboutThePastIsBelievedFromAMajorityOnTheNewChain(t *testing.T) {
	type answer struct {
		endpoint   string
		head, past string // forks
	}
	for name, test := range map[string]struct {
		answers  []answer
		believed bool
	}{
		"all of them":                        {[]answer{{"a", "r", "r"}, {"b", "r", "r"}, {"c", "r", "r"}}, true},
		"two":                                {[]answer{{"a", "r", "r"}, {"c", "r", "r"}}, true},
		"one":                                {[]answer{{"a", "r", "r"}}, false},
		"one, twice":                         {[]answer{{"a", "r", "r"}, {"a", "r", "r"}}, false},
		"two that contradict each other":     {[]answer{{"a", "r", "r"}, {"b", "r", ""}}, false},
		"two, and a liar in between":         {[]answer{{"a", "r", "r"}, {"c", "r", "x"}, {"b", "r", "r"}}, true},
		"one whose other node is behind":     {[]answer{{"a", "r", "r"}, {"b", "", "r"}}, false},
		"one that was believed and goes off": {[]answer{{"a", "r", "r"}, {"a", "x", ""}, {"b", "r", "r"}}, false},
	} {
		s := newScene(t, "a", "b", "c")
		s.live(300, "a", "b", "c")
		for _, e := range []string{"a", "b", "c"} {
			s.say(e, s.block("r", 301))
		}
		want := s.view.wants(s.now)
		for _, a := range test.answers {
			s.answers(a.endpoint, s.block(a.head, 301), s.block(a.past, want))
		}
		if got := s.view.wants(s.now) != want; got != test.believed {
			t.Errorf("%s: believed %v", name, got)
		}
	}
}

func TestTheSearchIsGivenUpAndKeepsTheLowerBound(t *testing.T) {
	s := newScene(t, "a", "b")
	s.live(300, "a", "b")
	s.says(300, "a", "b")
	for _, e := range []string{"a", "b"} {
		s.say(e, s.block("r", 301))
	}
	s.wait(searchFor - 1)
	want := s.view.wants(s.now)
	s.wait(1)
	if last := s.view.wants(s.now); want == 0 || last != 0 {
		t.Fatalf("wanted %d, and %d after that", want, last)
	}
	for _, e := range []string{"a", "b"} {
		s.answers(e, s.block("r", 301), s.block("r", want))
	}
	s.wantReorg(1, "1 block or more replaced, the common ancestor is at or below block 299, as seen by a, b")
}

// A chain that flaps is told with the depth of each change: what both have stays remembered.
func TestAChainThatGoesBackAndForthIsMeasuredEachTime(t *testing.T) {
	s := newScene(t, "a", "b")
	s.live(300, "a", "b")
	for i, fork := range []string{"r", "q", "r", "p"} {
		s.moved(fork, 150, 301+uint64(i), "a", "b")
		if got := s.view.replaced; !got.linked || got.common != 150 {
			t.Errorf("change %d: %+v", i, got)
		}
	}
	s.wantReorg(153, "153 blocks above block 150 replaced, as seen by a, b")
}

// A head that skips many blocks of the same chain may look like another chain; the search shows that it is none.
func TestAJumpOnTheSameChainIsNoReorganisation(t *testing.T) {
	s := newScene(t, "a", "b")
	s.live(300, "a", "b")
	s.view.follow(s.block("", 340), s.now)
	s.view.setTip(s.block("", 340), s.now)
	asked := s.moved("", 340, 340, "a", "b")
	if got := s.view.replaced; len(asked) == 0 || !got.linked || got.common != 300 {
		t.Errorf("asked for %d, %+v", asked, got)
	}
	if a := s.assess(); a.Find(headwatch.Reorg) != nil {
		t.Errorf("told: %+v", a.Findings)
	}
}
