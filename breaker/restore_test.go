package breaker

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	"headwatch"
	"headwatch/config"
)

// restore makes a circuit of what the journal gives back of a transition: the decoded bytes of it.
func restore(t tester, cfg config.Circuit, last headwatch.Transition) *Circuit {
	t.Helper()
	b, err := json.Marshal(last)
	if err != nil {
		t.Fatalf("marshal: %v", err)
	}
	var decoded headwatch.Transition
	if err := json.Unmarshal(b, &decoded); err != nil {
		t.Fatalf("unmarshal: %v", err)
	}
	c, err := New(cfg, &decoded)
	if err != nil {
		t.Fatalf("restore: %v", err)
	}
	return c
}

func same(t tester, want, got any) {
	t.Helper()
	w, err := json.Marshal(want)
	if err != nil {
		t.Fatalf("marshal: %v", err)
	}
	if g, _ := json.Marshal(got); string(w) != string(g) {
		t.Errorf("\nwant %s\n got %s", w, g)
	}
}

func texts(errs []error) []string {
	all := make([]string, 0, len(errs))
	for _, err := range errs {
		all = append(all, fmt.Sprint(err))
	}
	return all
}

// standings is every state, level, latch and hold that a transition can leave behind.
func standings() []headwatch.Transition {
	var all []headwatch.Transition
	for _, state := range []headwatch.State{headwatch.Closed, headwatch.HalfOpen, headwatch.Open} {
		for level := headwatch.LevelNone; level <= headwatch.LevelTrip; level++ {
			if (state == headwatch.Closed) != (level < headwatch.LevelTrip) {
				continue
			}
			for _, latched := range []bool{false, true} {
				for _, held := range []bool{false, true} {
					d := headwatch.Transition{
						Circuit: "base-lending", Seq: 41, From: state, To: state, At: began, Level: level, Actor: "ada",
						Since: began.Add(-time.Hour), Latched: latched && state == headwatch.Open,
					}
					if level != headwatch.LevelNone {
						d.Incident = "base-lending-20260626T140000Z"
					}
					if held {
						d.HeldUntil = began.Add(time.Hour)
					}
					all = append(all, d)
				}
			}
		}
	}
	return all
}

func TestARestoredCircuitIsWhatItWas(t *testing.T) {
	for _, last := range standings() {
		name := fmt.Sprintf("%s %s latched=%t held=%t", last.To, last.Level, last.Latched, !last.HeldUntil.IsZero())
		t.Run(name, func(t *testing.T) {
			c := restore(t, policy(), last)
			a := headwatch.Assessment{Chain: "base", At: began.Add(time.Minute), Phase: headwatch.Unknown}
			if decided := c.Feed(a); decided != nil {
				t.Errorf("unknown decided %+v", decided)
			}
			same(t, headwatch.Signal{
				Circuit: "base-lending", Chain: "base", State: last.To, Since: last.Since, Seq: last.Seq, Level: last.Level,
				ValidUntil: a.At.Add(time.Second), Incident: last.Incident, HeldUntil: last.HeldUntil, Latched: last.Latched,
			}, c.Signal(time.Second))
		})
	}
}

// The standing is not only what the signal says but what gobreaker does: the next thing to happen differs in each state.
func TestARestoredCircuitDoesWhatItsStateDoes(t *testing.T) {
	for _, last := range standings() {
		name := fmt.Sprintf("%s %s latched=%t held=%t", last.To, last.Level, last.Latched, !last.HeldUntil.IsZero())
		t.Run(name, func(t *testing.T) {
			healthy := restore(t, policy(), last)
			var well []headwatch.State
			for _, at := range []time.Duration{time.Second, time.Second + recoverAfter} {
				for _, d := range healthy.Feed(headwatch.Assessment{Chain: "base", At: began.Add(at), Phase: headwatch.Live}) {
					well = append(well, d.To)
				}
			}
			stalled := restore(t, policy(), last)
			var ill []headwatch.State
			for _, d := range stalled.Feed(headwatch.Assessment{
				Chain: "base", At: began.Add(tripAfter), Phase: headwatch.Stalled,
				Findings: []headwatch.Finding{{Condition: headwatch.UnsafeHeadStalled, Since: began}},
			}) {
				if d.From != d.To {
					ill = append(ill, d.To)
				}
			}
			wantWell, wantIll := outcomes(last)
			if !slices.Equal(well, wantWell) {
				t.Errorf("health: got %v, want %v", well, wantWell)
			}
			if !slices.Equal(ill, wantIll) {
				t.Errorf("a stall: got %v, want %v", ill, wantIll)
			}
		})
	}
}

func outcomes(last headwatch.Transition) (well, ill []headwatch.State) {
	held := !last.HeldUntil.IsZero()
	switch last.To {
	case headwatch.Closed:
		if last.Level != headwatch.LevelNone {
			well = []headwatch.State{headwatch.Closed}
		}
		ill = []headwatch.State{headwatch.Open}
	case headwatch.HalfOpen:
		well, ill = []headwatch.State{headwatch.Closed}, []headwatch.State{headwatch.Open}
	case headwatch.Open:
		if !last.Latched {
			well = []headwatch.State{headwatch.HalfOpen, headwatch.Closed}
		}
	}
	if held {
		ill = nil
		if last.To != headwatch.Closed {
			well = nil
		}
	}
	return well, ill
}

func TestNewRefusesWhatIsNotItsOwn(t *testing.T) {
	for _, test := range []struct {
		name string
		last headwatch.Transition
		want string
	}{
		{
			"another circuit",
			headwatch.Transition{Circuit: "op-lending", To: headwatch.Open},
			`restore circuit base-lending: its last transition is of circuit "op-lending"`,
		},
		{
			"no state",
			headwatch.Transition{Circuit: "base-lending"},
			"restore circuit base-lending: there is no circuit in state unknown",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			if c, err := New(policy(), &test.last); err == nil || err.Error() != test.want {
				t.Errorf("got %v, %v, want %s", c, err, test.want)
			}
		})
	}
}
