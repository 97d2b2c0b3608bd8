package watcher

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"headwatch"
	"headwatch/config"
)

// liar is one endpoint that may say anything its wire lets through: any number, hash, parent, and a time at most an hour ahead.
const liar = "liar"

// lie draws what one Byzantine endpoint says. Forged heads that go on from the agreed head, linked or within belief, are
// taken for life while proof_of_life is 1: that is the documented price, so they can be left out.
func (s *scene) lie(r *rapid.T, n uint64, forge bool) {
	tip := rapid.SampledFrom([]uint64{n, s.view.tip.Number}).Draw(r, "about")
	at := func(label string, low, high int64) uint64 {
		return uint64(max(0, int64(tip)+rapid.Int64Range(low, high).Draw(r, label)))
	}
	switch rapid.IntRange(0, 7).Draw(r, "lie") {
	case 0: // nothing
	case 1:
		s.fails(headwatch.FaultTimeout, liar)
	case 2:
		s.fails(headwatch.FaultWrongChain, liar)
	case 3: // an old head of the true chain, as a load balancer's laggard has it
		s.say(liar, s.block("", at("old", -200, 0)))
	case 4: // a fork that left somewhere
		s.say(liar, s.block("f", at("fork", -50, 0)))
	case 5: // a fork that contradicts its own past
		n := at("torn", -50, 0)
		h := s.block("f", n)
		h.Parent = blockHash("g", n-1)
		s.say(liar, h)
	case 6: // it forges what comes next, without a link
		if forge {
			h := s.block("x", at("skip", 1, 80))
			h.Parent = rapid.SampledFrom([]string{"", "0xy"}).Draw(r, "parent")
			h.Time = s.now.Add(time.Duration(rapid.Int64Range(-3600, 3600).Draw(r, "ahead")) * time.Second)
			s.say(liar, h)
		}
	case 7: // it forges the next head, linked
		if forge {
			h := s.view.tip
			h.Number, h.Parent, h.Hash = h.Number+1, h.Hash, blockHash("z", h.Number+1)
			h.Time = s.now.Add(time.Duration(rapid.Int64Range(-3600, 3600).Draw(r, "ahead")) * time.Second)
			s.say(liar, h)
		}
	}
}

// With an honest majority that answers every poll and a chain that advances, no verdict is ever a stall: not with lagging
// or failing others, not with polls that skip blocks, not with one endpoint that says anything.
func TestAChainThatAdvancesIsNeverStalled(t *testing.T) {
	for _, forge := range []bool{false, true} {
		name := "a liar that does not extend the chain"
		if forge {
			name = "a liar that says anything"
		}
		t.Run(name, func(t *testing.T) {
			rapid.Check(t, func(r *rapid.T) {
				s := newScene(t, "a", "b", "c", "laggard", liar)
				s.now = s.start.Add(10 * time.Minute)
				head := func() uint64 { return uint64(s.now.Sub(s.start) / sceneBlock) }
				n, held := head(), uint64(0)
				lag := rapid.Uint64Range(0, 200).Draw(r, "lag")
				pause := time.Duration(0)
				for range rapid.IntRange(20, 150).Draw(r, "polls") {
					step := time.Duration(rapid.Int64Range(200, 3000).Draw(r, "step")) * time.Millisecond
					s.wait(step)
					if pause -= step; pause <= 0 {
						n = head()
						if rapid.IntRange(0, 9).Draw(r, "jitter") == 0 {
							pause = time.Duration(rapid.Int64Range(0, int64(sceneLimit/2)).Draw(r, "pause"))
						}
					}
					for _, e := range rapid.Permutation([]string{"a", "b", "c", "laggard", liar}).Draw(r, "order") {
						switch {
						case e == liar:
							s.lie(r, n, forge)
						case e == "laggard" && rapid.IntRange(0, 4).Draw(r, "faulty") == 0:
							s.fails(headwatch.FaultTimeout, e)
						case e == "laggard":
							held = max(held, n-lag) // an honest node behind: slow, but it does not go back
							s.says(held, e)
						default:
							s.says(n, e)
						}
					}
					if a := s.assess(); a.Phase == headwatch.Stalled {
						t.Fatalf("at %v: stalled at agreed %d, the chain is at %d; findings %+v", s.now.Sub(s.start), a.Head.Number, n, a.Findings)
					}
				}
			})
		})
	}
}

// When the chain stands and an honest quorum says so, it is stalled at the limit, whatever one liar does that does not
// extend the chain, and the beginning never moves. With proof_of_life = 2 the liar may extend it as well.
func TestAStandstillIsStalledInTime(t *testing.T) {
	for proof := 1; proof <= 2; proof++ {
		t.Run(map[int]string{1: "proof_of_life 1", 2: "proof_of_life 2"}[proof], func(t *testing.T) {
			rapid.Check(t, func(r *rapid.T) {
				s := newScene(t, "a", "b", liar)
				s.view.chain.ProofOfLife = proof
				s.now = s.start.Add(10 * time.Minute)
				var n uint64
				for range rapid.IntRange(5, 60).Draw(r, "blocks") {
					s.wait(sceneBlock)
					n = uint64(s.now.Sub(s.start) / sceneBlock)
					for _, e := range rapid.Permutation([]string{"a", "b", liar}).Draw(r, "order") {
						if e == liar {
							s.lie(r, n, proof > 1)
						} else {
							s.says(n, e)
						}
					}
					s.assess()
				}
				stop, since := s.now, time.Time{}
				for s.now.Sub(stop) < 3*sceneLimit {
					s.wait(time.Second)
					for _, e := range rapid.Permutation([]string{"a", "b", liar}).Draw(r, "order") {
						if e == liar {
							s.lie(r, n, proof > 1)
						} else {
							s.says(n, e)
						}
					}
					a := s.assess()
					f := a.Find(headwatch.UnsafeHeadStalled)
					if gone := s.now.Sub(stop); f == nil && gone >= sceneLimit+sceneBlock+time.Second {
						t.Fatalf("%v after the chain stopped: phase %s, agreed %d of %d, findings %+v", gone, a.Phase, a.Head.Number, n, a.Findings)
					}
					if f != nil && since.IsZero() {
						since = f.Since
					}
					if f != nil && !f.Since.Equal(since) {
						t.Fatalf("the stall began at %v, and a moment ago at %v", f.Since.Sub(s.start), since.Sub(s.start))
					}
				}
			})
		})
	}
}

// Whatever forks some endpoints are on, and whoever runs them, a chain that advances is never stalled while more than half of
// the operators are wholly honest; and one that stands is, with proof_of_life = 2, against all endpoints of one operator.
func TestForksAndOperatorsDecideNothingAgainstAnHonestMajority(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		names := []string{"a", "b", "c", "d", "e", "f"}
		owners := []string{"x", "y", "z", "v", "v", "w"} // three honest operators, and one or two others with three endpoints
		lives, proof := rapid.Bool().Draw(r, "lives"), 1
		if !lives {
			owners[5], proof = "v", 2
		}
		s := newSceneOf(t, func(c *config.Chain) {
			ownedBy(owners...)(c)
			c.Quorum, c.ProofOfLife = 3, proof
		}, names...)
		s.live(100, names...)
		left := rapid.Uint64Range(70, 100).Draw(r, "left") // where the fork left
		held := map[string]uint64{}
		for range 150 {
			s.wait(time.Second)
			n := uint64(100)
			if lives {
				n = s.due()
			}
			for _, e := range rapid.Permutation(names).Draw(r, "order") {
				if e < "d" {
					s.says(n, e)
					continue
				}
				switch rapid.IntRange(0, 5).Draw(r, "does") {
				case 0:
					s.fails(headwatch.FaultTimeout, e)
				case 1:
					s.says(max(n, 20)-rapid.Uint64Range(0, 20).Draw(r, "behind"), e)
				default: // goes on along its fork, and may be faster than the chain
					held[e] = max(held[e], left) + rapid.Uint64Range(0, 2).Draw(r, "blocks")
					h := s.block("f", held[e])
					if h.Number == left {
						h.Parent = blockHash("", left-1)
					}
					h.Time = earlier(h.Time, s.now)
					s.say(e, h)
				}
			}
			a := s.assess()
			if lives && a.Phase == headwatch.Stalled {
				r.Fatalf("at %v: stalled at agreed %d, the chain is at %d; findings %+v", s.now.Sub(s.start), a.Head.Number, n, a.Findings)
			}
			if f := a.Find(headwatch.Reorg); f != nil {
				r.Fatalf("at %v: a reorganisation that the honest have not seen: %+v", s.now.Sub(s.start), f)
			}
		}
		if a := s.assess(); !lives && a.Phase != headwatch.Stalled {
			r.Fatalf("the chain stands: phase %s at agreed %s; findings %+v", a.Phase, a.Head.Hash, a.Findings)
		}
	})
}

// advancing lets endpoints name each new block for d, and fails when that is called a stall.
func (s *scene) advancing(d time.Duration, endpoints ...string) {
	s.Helper()
	for end := s.now.Add(d); s.now.Before(end); {
		s.wait(sceneBlock)
		s.says(uint64(s.now.Sub(s.start)/sceneBlock), endpoints...)
		if a := s.assess(); a.Phase == headwatch.Stalled {
			s.Fatalf("at %v: stalled at agreed %d, the chain is at %d; findings %+v", s.now.Sub(s.start), a.Head.Number, s.now.Sub(s.start)/sceneBlock, a.Findings)
		}
	}
}

func TestAForgedRunAheadIsNotAStallOfTheTrueChain(t *testing.T) {
	s := newScene(t, "a", "b", liar)
	s.live(100, "a", "b", liar)
	for n := uint64(104); n <= 400; n += 4 { // a burst of pushes, each within belief
		h := s.block("x", n)
		h.Parent, h.Time = "", s.now
		s.say(liar, h)
	}
	s.advancing(5*time.Minute, "a", "b")
}

func TestALieAtBootIsNotAStallOfTheTrueChain(t *testing.T) {
	s := newScene(t, "a", "b", liar)
	s.now = s.start.Add(10 * time.Minute)
	h := s.block("x", 1<<40)
	h.Time = s.now.Add(time.Hour)
	s.say(liar, h)
	s.advancing(5*time.Minute, "a", "b")
}

func TestOneWrongAnswerOfTheOnlyEndpointIsNotAStall(t *testing.T) {
	s := newScene(t, "a")
	s.live(100, "a")
	h := s.block("x", 1<<40)
	h.Time = s.now.Add(59 * time.Minute)
	s.say("a", h)
	s.advancing(5*time.Minute, "a")
}

func TestALaggardThatRisesIsNoWitnessOfAStall(t *testing.T) {
	s := newScene(t, "a", "b", "c")
	s.live(1000, "a", "b")
	s.says(700, "c") // 10 min behind, and follows
	for range 100 {
		s.wait(sceneBlock)
		n := uint64(s.now.Sub(s.start) / sceneBlock)
		s.says(n, "a")
		s.says(n-300, "b", "c") // b's load balancer went to a node like c
		if a := s.assess(); a.Phase == headwatch.Stalled {
			t.Fatalf("at %v: stalled at agreed %d, a is at %d; findings %+v", s.now.Sub(s.start), a.Head.Number, n, a.Findings)
		}
	}
}

func TestALinkedHeadFromThePastMakesNoSlowChain(t *testing.T) {
	s := newScene(t, "a", "b", liar)
	s.live(100, "a", "b", liar)
	s.wait(time.Second)
	h := s.block("x", 101)
	h.Parent, h.Time = blockHash("", 100), time.Unix(0, 0)
	s.say(liar, h)
	if f := s.assess(); f.Find(headwatch.UnsafeHeadSlow) != nil {
		t.Errorf("one block that is older than its parent: %+v", f.Findings)
	}
}

// holdsStill lets endpoints repeat one head for three limits and fails when that is not a stall in the end.
func (s *scene) holdsStill(h headwatch.Head, endpoints ...string) {
	s.Helper()
	for end := s.now.Add(3 * sceneLimit); s.now.Before(end); {
		s.wait(time.Second)
		for _, e := range endpoints {
			s.say(e, h)
		}
		s.assess()
	}
	if a := s.assess(); a.Phase != headwatch.Stalled {
		s.Errorf("phase %s, want stalled; findings %+v", a.Phase, a.Findings)
	}
}

func TestAStallAfterAFailoverThatReplacedTheTipIsSeen(t *testing.T) {
	s := newScene(t, "a", "b", "c")
	s.live(99, "a", "b", "c")
	s.wait(sceneBlock)
	s.says(100, "a") // the last block of the sequencer that went; nobody else got it
	h := s.block("r", 100)
	h.Parent = blockHash("", 99)
	s.holdsStill(h, "b", "c")
}

func TestAStallAfterAReorganisationBackwardsIsSeen(t *testing.T) {
	s := newScene(t, "a", "b", "c")
	s.live(100, "a", "b", "c")
	s.holdsStill(s.block("r", 80), "a", "b", "c")
}

func TestALieInTheJournalIsNotAStallOfTheTrueChain(t *testing.T) {
	s := newScene(t, "a", "b", "c")
	s.now = s.start.Add(10 * time.Minute)
	h := s.block("x", 1<<40)
	h.Time = s.now.Add(time.Hour)
	s.view.Restore(headwatch.Assessment{At: s.now, Head: &h, Advanced: s.now})
	s.advancing(5*time.Minute, "a", "b", "c")
}
