package watcher

import (
	"fmt"
	"os"
	"testing"
	"time"

	"headwatch"
	"headwatch/config"
)

// builds lets endpoints name block n with an L1 origin that is older by behind, as an op-node does.
func (s *scene) builds(n uint64, behind time.Duration, endpoints ...string) {
	h := s.block("", n)
	origin := h.Time.Add(-behind)
	for _, e := range endpoints {
		s.view.Observe(headwatch.Observation{
			Endpoint: e, At: s.now, Heads: map[headwatch.Tag]headwatch.Head{headwatch.Unsafe: h},
			Origin: &headwatch.Head{Number: 1000 + uint64(origin.Sub(s.start)/l1Slot), Hash: "0x1", Time: origin},
		})
	}
}

func TestDriftFromTheL1Origin(t *testing.T) {
	const near = time.Minute
	stuck := func(s *scene, n uint64, e string) { s.builds(n, s.now.Sub(s.start)-100*sceneBlock+near, e) }
	follows := func(s *scene, n uint64, e string) { s.builds(n, near, e) }
	invents := func(s *scene, n uint64, e string) { s.builds(n, -time.Hour, e) }
	silent := func(s *scene, n uint64, e string) { s.says(n, e) }
	drifts := []headwatch.Condition{headwatch.L1OriginDrift}
	tests := []struct {
		name    string
		a, b, c func(*scene, uint64, string) // for half of what is allowed, after block 100
		finds   []headwatch.Condition
	}{
		{"all follow", follows, follows, follows, nil},
		{"all are stuck", stuck, stuck, stuck, drifts},
		{"one sees a newer origin", stuck, stuck, follows, nil},
		{"one names an origin from the future", stuck, stuck, invents, drifts},
		{"one says nothing", stuck, stuck, silent, drifts},
		{"one alone says anything, of three that did", stuck, silent, silent, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := newScene(t, "a", "b", "c")
			for n := uint64(1); n <= 100+uint64(maxDrift/2/sceneBlock); n++ {
				s.wait(sceneBlock)
				if n <= 100 {
					s.builds(n, near, "a", "b", "c")
					continue
				}
				test.a(s, n, "a")
				test.b(s, n, "b")
				test.c(s, n, "c")
			}
			s.want(headwatch.Live, test.finds...)
		})
	}
}

func TestADriftBeginsWhenHalfOfItIsUsedAndStaysSo(t *testing.T) {
	s := newScene(t, "a", "b")
	origin := s.start // the sequencer sees no L1 block after it
	n := uint64(0)
	grow := func(to time.Duration) {
		for ; s.now.Sub(origin) < to; n++ {
			s.wait(sceneBlock)
			s.builds(n+1, s.now.Sub(origin), "a", "b")
		}
	}
	grow(maxDrift/2 - sceneBlock)
	s.want(headwatch.Live)
	grow(maxDrift/2 + time.Minute)
	f := s.finding(headwatch.Live, headwatch.L1OriginDrift)
	if !f.Since.Equal(origin.Add(maxDrift/2)) || f.Limit != maxDrift || f.Value != maxDrift/2+time.Minute {
		t.Errorf("since %v, value %v, limit %v", f.Since.Sub(origin), f.Value, f.Limit)
	}
	before := s.assess()
	head := *before.Head
	before.Head, before.Findings = &head, append([]headwatch.Finding(nil), before.Findings...)
	again := newScene(t, "a", "b")
	again.now = s.now.Add(5 * time.Second)
	again.view.Restore(before)
	n = uint64(again.now.Sub(again.start) / sceneBlock)
	again.says(n, "a", "b")
	again.want(headwatch.Unknown)
	for range 3 {
		again.wait(sceneBlock)
		n++
		again.builds(n, again.now.Sub(origin)-sceneBlock, "a", "b") // a newer origin, and still far
	}
	if g := again.finding(headwatch.Live, headwatch.L1OriginDrift); !g.Since.Equal(f.Since) {
		t.Errorf("since %v after a restart, it was %v", g.Since, f.Since)
	}
	again.builds(n+1, time.Minute, "a")
	again.want(headwatch.Live)
}

func TestTheTimeOfAnL1Block(t *testing.T) {
	at := func(number, seconds uint64) *block {
		return &block{Number: (*quantity)(&number), Time: (*quantity)(&seconds), Hash: hash(fmt.Sprintf("0x%064x", number))}
	}
	head, safe, final := at(200, 10_000), at(168, 9_616), at(104, 8_800)
	for number, want := range map[uint64]int64{200: 10_000, 168: 9_616, 184: 9_808, 136: 9_208, 100: 8_752, 205: 10_060} {
		if got, ok := timeOf(number, head, nil, safe, final); !ok || got.Unix() != want {
			t.Errorf("block %d: %v, want %d", number, got.Unix(), want)
		}
	}
	for name, known := range map[string][]*block{
		"nothing known": nil, "zeroed": {at(0, 0)}, "without a time": {{Number: head.Number, Hash: head.Hash}}, "beyond belief": {at(maxNumber, 5)},
	} {
		if got, ok := timeOf(200, known...); ok && (name != "zeroed" || got.Unix() <= 0) {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// The L1 of the recording stands still for a minute, and the sequencer goes on: op-node's own words, with interpolated times.
func TestTheDriftGrowsWhileARecordedL1StandsStill(t *testing.T) {
	f, err := os.Open("../cmd/headwatch/testdata/traces/l1_freeze_60s.jsonl.gz")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	chain := config.Chain{Name: "l2", Kind: config.KindOPStack, BlockTime: config.Duration(time.Second), StaleAfter: config.Duration(5 * time.Second), Quorum: 1}
	chain.Endpoints = []config.Endpoint{{Name: "op-node", Serves: config.ServesRollup, Interval: config.Duration(time.Second), Timeout: config.Duration(time.Second)}}
	v, err := NewView(chain, nil)
	if err != nil {
		t.Fatal(err)
	}
	var before, most time.Duration
	events := 0 // frozen, resumed
	for record, err := range ReadTrace("l1_freeze_60s", f) {
		if err != nil {
			t.Fatal(err)
		}
		if record.Event != "" {
			events++
		}
		if record.Endpoint != "op-node" {
			continue
		}
		v.Observe(record.Observation(chain))
		if events == 0 {
			before = max(before, v.driftNow())
		}
		most = max(most, v.driftNow())
	}
	if events != 2 || before <= 0 || before > 10*time.Second || most < time.Minute-5*time.Second || most > time.Minute+15*time.Second {
		t.Errorf("the drift was at most %v before the freeze, and grew to %v", before, most)
	}
}
