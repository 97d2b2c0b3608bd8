package main

import (
	"io"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"headwatch"
	"headwatch/config"
)

// collect keeps the lines of a replay.
type collect struct{ lines []change }

func (c *collect) print(line change) error { c.lines = append(c.lines, line); return nil }
func (c *collect) end(int, int) error      { return nil }

func (c *collect) transitions() []change {
	var all []change
	for _, l := range c.lines {
		if l.Circuit != "" && l.From != l.To {
			all = append(all, l)
		}
	}
	return all
}

// phase gives when a phase of the L2 began for the n-th time, from 0.
func (c *collect) phase(p headwatch.Phase, n int) (ms int64, ok bool) {
	for _, l := range c.lines {
		if l.Chain == "l2" && l.Circuit == "" && l.Phase == p {
			if n == 0 {
				return l.MS, true
			}
			n--
		}
	}
	return 0, false
}

func replayTrace(t *testing.T, name string) *collect {
	t.Helper()
	cfg, err := config.Load("testdata/traces.toml")
	if err != nil {
		t.Fatal(err)
	}
	var c collect
	if err := replay(cfg, filepath.Join("testdata/traces", name+".jsonl.gz"), &c, io.Discard); err != nil {
		t.Fatal(err)
	}
	return &c
}

// The devnet's users leave before the sequencer stops, and come back after it has filled back its missed blocks.
func TestARecordingOfFourPhasesShowsThemAll(t *testing.T) {
	c := replayTrace(t, "four_phases")
	var got []headwatch.Phase
	for _, l := range c.lines {
		if l.Chain == "l2" && l.Circuit == "" {
			got = append(got, l.Phase)
		}
	}
	want := []headwatch.Phase{
		headwatch.Live, headwatch.Empty, headwatch.Stalled, headwatch.CatchingUp, headwatch.Empty, headwatch.Live,
	}
	if !slices.Equal(got, want) {
		t.Errorf("phases %v, want %v", got, want)
	}
}

// lastAdvances are, from the recordings themselves, when the L2's newest head rose last before each stall.
var lastAdvances = map[string][]int64{
	"seq_stop_60s":                 {1795252438235},
	"four_phases":                  {1795253939192},
	"l2_rpc_hang_then_opnode_hang": {1795252785122, 1795252845152},
}

func TestRecordedStallsTripOnceAndCloseAfterLife(t *testing.T) {
	for _, name := range []string{"seq_stop_60s", "four_phases"} {
		t.Run(name, func(t *testing.T) {
			c := replayTrace(t, name)
			got := c.transitions()
			if len(got) != 3 || got[0].To != "open" || got[1].To != "half_open" || got[2].To != "closed" {
				t.Fatalf("transitions %+v, want open, half_open, closed", got)
			}
			due := lastAdvances[name][0] + 20_000
			if late := got[0].MS - due; late < -1000 || late > 1000 {
				t.Errorf("tripped %d ms after the last advance + 20 s", late)
			}
			back, ok := c.phase(headwatch.CatchingUp, 0)
			if !ok || back < got[0].MS || back > got[1].MS {
				t.Errorf("back-fill at %d was not seen as catching up before half-open", back)
			}
			if lived := time.Duration(got[2].MS-got[1].MS) * time.Millisecond; lived < 15*time.Second {
				t.Errorf("closed after %s of life", lived)
			}
		})
	}
}

func TestRecordingsOfALivingChainNeverTrip(t *testing.T) {
	for _, name := range []string{"batcher_stop_85s", "l1_freeze_60s", "verifier_stuck"} {
		t.Run(name, func(t *testing.T) {
			if got := replayTrace(t, name).transitions(); len(got) != 0 {
				t.Errorf("transitions %+v, want none", got)
			}
		})
	}
}

func TestWithoutL1TheChainIsLiveAndTheWatchdogBlind(t *testing.T) {
	c := replayTrace(t, "l1_freeze_60s")
	told := make(map[headwatch.Level]bool)
	for _, l := range c.lines {
		if l.Chain == "l2" && l.Circuit == "" && l.Phase != headwatch.Live && l.Phase != headwatch.Unknown {
			t.Errorf("at %d the L2 was said to be %s", l.MS, l.Phase)
		}
		if l.Circuit != "" {
			told[l.Level] = true
		}
	}
	if !told[headwatch.LevelPage] || told[headwatch.LevelTrip] {
		t.Errorf("levels %v, want a page and no trip", told)
	}
}

// Each half stops the chain for 30 s, seen from two sides; see docs/detection.md.
func TestBothHalvesOfTheHangStopTheChain(t *testing.T) {
	c := replayTrace(t, "l2_rpc_hang_then_opnode_hang")
	var trips []int64
	for _, l := range c.transitions() {
		if l.To == "open" {
			trips = append(trips, l.MS)
		}
	}
	if len(trips) != 2 {
		t.Fatalf("trips at %v, want two", trips)
	}
	for i, latest := range []int64{20_500, 23_500} { // the verifier votes only after it had time to catch up
		if after := trips[i] - lastAdvances["l2_rpc_hang_then_opnode_hang"][i]; after < 20_000 || after > latest {
			t.Errorf("trip %d came %d ms after the last advance, want 20,000 to %d", i, after, latest)
		}
	}
}
