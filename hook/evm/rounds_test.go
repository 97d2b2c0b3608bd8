package evm

import (
	"context"
	"maps"
	"sync"
	"testing"
	"time"

	"headwatch/config"
)

// turnstile holds all questions until nothing more is asked, and then lets all of them through: that is one round.
type turnstile struct {
	mu      sync.Mutex
	waiting []chan struct{}
	newest  time.Time
	rounds  int
	sent    map[string]int // by endpoint: the round in which the transaction was sent to it
}

func (s *turnstile) hold(endpoint, method string) {
	s.mu.Lock()
	through := make(chan struct{})
	s.waiting, s.newest = append(s.waiting, through), time.Now()
	if _, again := s.sent[endpoint]; method == "eth_sendRawTransaction" && !again {
		s.sent[endpoint] = s.rounds + 1
	}
	s.mu.Unlock()
	<-through
}

func (s *turnstile) run(ctx context.Context) {
	for ctx.Err() == nil {
		time.Sleep(20 * time.Millisecond)
		s.mu.Lock()
		if len(s.waiting) > 0 && time.Since(s.newest) > 500*time.Millisecond {
			for _, w := range s.waiting {
				close(w)
			}
			s.waiting, s.rounds = nil, s.rounds+1
		}
		s.mu.Unlock()
	}
}

// before puts a turnstile before all nodes that a stage has.
func (s *turnstile) before(t *testing.T, st *stage) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { s.run(ctx) })
	t.Cleanup(func() { cancel(); running.Wait() })
	gates := map[string]*gate{"l2": newGate(t, st.L2()[0].HTTP), "l1": newGate(t, st.L1().HTTP)}
	st.config.Chains[0].Endpoints, st.config.Chains[1].Endpoints = nil, nil
	for i, name := range []string{"l2", "l1"} {
		g := gates[name]
		g.answer(func(method string) (string, bool) { s.hold(name, method); return "", false })
		st.config.Chains[i].Endpoints = []config.Endpoint{{Name: name, URL: config.NewSecret(g.URL), Serves: config.ServesEth, Operator: name}}
	}
}

// With nodes that take seconds for an answer only the number of answers that wait for each other counts. A busy machine makes a round
// too many of a pause between two questions, and never one too few: the best of three counts, while no other test runs.
func TestAPauseGetsOutInFewRounds(t *testing.T) {
	for via, want := range map[string]map[string]int{
		config.ViaL2:        {"l2": 3}, // which chain and which head; all that depends on it; the transaction
		config.ViaL1Deposit: {"l1": 4}, // the gas of the deposit as well, which has the gas of the call in it
		config.ViaBoth:      {"l2": 3, "l1": 4},
	} {
		t.Run(via, func(t *testing.T) {
			var sent map[string]int
			for range 3 {
				sent = rounds(t, via)
				late := false
				for leg, round := range want {
					late = late || sent[leg] == 0 || sent[leg] > round
				}
				if !late {
					return
				}
			}
			t.Errorf("sent in rounds %v, not %v", sent, want)
		})
	}
}

// rounds gives by endpoint in which round the transaction was sent to it.
func rounds(t *testing.T, via string) map[string]int {
	t.Helper()
	s, c := overL1(t, via)
	gate := &turnstile{sent: map[string]int{}}
	gate.before(t, s)
	if _, over, err := attempt(t, s.open(t, c, nil), trip("i")); over {
		t.Fatalf("over: %v", err)
	}
	gate.mu.Lock()
	defer gate.mu.Unlock()
	return maps.Clone(gate.sent)
}
