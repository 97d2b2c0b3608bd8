package journal

import (
	"errors"
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"headwatch"
)

// Two processes that both believe to be the one that decides, and learn of each other only when they ask: whatever they do,
// the log holds one chain of decisions for a circuit, and each of them was acknowledged to whoever made it.
func TestTwoProcessesMakeOneChainOfDecisions(t *testing.T) {
	c := external(t)
	processes := []*Journal{open(t, c), open(t, c)}
	round, end := 0, uint64(0)
	rapid.Check(t, func(r *rapid.T) {
		round++
		circuit := fmt.Sprintf("c%d", round)
		believed := make([]uint64, len(processes)) // the newest decision that each knows of
		var chain []string                         // who made each decision
		for range rapid.IntRange(1, 20).Draw(r, "steps") {
			who := rapid.IntRange(0, 1).Draw(r, "who")
			j := processes[who]
			if rapid.IntRange(0, 3).Draw(r, "asks") == 0 {
				j.setHead(circuit, nil) // as after a restart
				h, err := j.head(t.Context(), circuit, subject(transitionKind, circuit, "*"), 0)
				if err != nil {
					r.Fatal(err)
				}
				believed[who] = h.number
			}
			d := headwatch.Transition{Circuit: circuit, Seq: believed[who] + 1, Actor: fmt.Sprint(who)}
			switch err := j.Decide(t.Context(), d); {
			case errors.Is(err, ErrFenced):
				if d.Seq == uint64(len(chain))+1 {
					r.Fatalf("%d was fenced although it follows", d.Seq)
				}
			case err != nil:
				r.Fatal(err)
			case d.Seq <= uint64(len(chain)) && chain[d.Seq-1] == d.Actor: // its own, once more
				believed[who] = d.Seq
			case d.Seq == uint64(len(chain))+1:
				chain = append(chain, d.Actor)
				believed[who] = d.Seq
			default:
				r.Fatalf("%d of %s was taken after %q", d.Seq, d.Actor, chain)
			}
		}
		n := 0
		for e, err := range processes[0].Read(t.Context(), end, false) {
			if err != nil {
				r.Fatal(err)
			}
			end = e.Seq
			if x := e.Transition; x != nil && x.Circuit == circuit {
				if n >= len(chain) || x.Seq != uint64(n)+1 || x.Actor != chain[n] {
					r.Fatalf("the log has %d of %s, decided was %q", x.Seq, x.Actor, chain)
				}
				n++
			}
		}
		if n != len(chain) {
			r.Fatalf("the log has %d of %q", n, chain)
		}
	})
}
