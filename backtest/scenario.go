package backtest

import (
	"bytes"
	"embed"
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/pelletier/go-toml/v2"

	"headwatch"
	"headwatch/config"
)

//go:embed corpus/*.toml
var corpus embed.FS

// Scenario is one outage: what is known of it, what is made up, the script of what the chain and the endpoints did, and what
// headwatch must make of it. Each is one file under corpus/; its name is the file's.
type Scenario struct {
	Name      string         `toml:"-"`
	Class     string         `toml:"class"`    // A to N, see docs/backtest.md
	Incident  string         `toml:"incident"` // its id; empty when the scenario happened to nobody in particular
	Title     string         `toml:"title"`
	Sourced   string         `toml:"sourced"`   // what the sources say
	Simulated string         `toml:"simulated"` // what was added to make it a script
	Sources   []string       `toml:"sources"`
	Public    time.Time      `toml:"public"` // first word on the chain's public status page; zero when not known
	Paged     time.Time      `toml:"paged"`  // when the chain's own operators were paged; zero when not known
	Seed      uint64         `toml:"seed"`
	Start     time.Time      `toml:"start"`
	End       time.Time      `toml:"end"`
	Anchor    Anchor         `toml:"anchor"`
	Chain     map[string]any `toml:"chain"` // as [[chain]] in config.toml; its L1 is a preset
	Circuits  []Guard        `toml:"circuit"`
	Phases    []Phase        `toml:"phase"`
	L1Phases  []Phase        `toml:"l1_phase"`
	Faults    []Fault        `toml:"fault"`
	Restart   []Restart      `toml:"restart"`
	Expect    []Expectation  `toml:"expect"`
}

// Anchor ties a block to the instant of its timestamp, from which a chain with a fixed block time counts.
type Anchor struct {
	Block uint64    `toml:"block"`
	Time  time.Time `toml:"time"`
}

// Guard is a circuit of a scenario; what it leaves out is the preset's.
type Guard struct {
	Name  string                `toml:"name"`
	On    []headwatch.Condition `toml:"on"`
	Tell  []headwatch.Condition `toml:"tell"`
	Chain string                `toml:"chain"` // default: the scenario's

	// On chains that have no preset.
	WarnAfter    config.Duration `toml:"warn_after"`
	PageAfter    config.Duration `toml:"page_after"`
	TripAfter    config.Duration `toml:"trip_after"`
	RecoverAfter config.Duration `toml:"recover_after"`
}

// Words of a Phase.
const (
	HeadNormal = ""
	HeadSlow   = "slow"
	HeadFrozen = "frozen"

	TxsNone = "none" // blocks carry what the system itself puts into them and nothing else

	Still = "still"
)

// Phase is what a chain does from an instant on, until the next one. What it leaves out is normal.
type Phase struct {
	At        time.Time       `toml:"at"`
	Head      string          `toml:"head"`      // slow or frozen; where blocks are filled back, a normal head catches up first
	Every     config.Duration `toml:"every"`     // slow: between blocks
	Rate      float64         `toml:"rate"`      // blocks a second while it catches up; default 10
	Txs       string          `toml:"txs"`       // none
	Safe      string          `toml:"safe"`      // still: no batches
	Finalized string          `toml:"finalized"` // still
	Clock     config.Duration `toml:"clock"`     // by how much the chain's clock is ahead
	Behind    config.Duration `toml:"behind"`    // or behind
	Reorg     uint64          `toml:"reorg"`     // so many of its newest blocks are replaced at once
}

// Fault is what a number of endpoints do for a while.
type Fault struct {
	From      time.Time       `toml:"from"`
	To        time.Time       `toml:"to"`
	Chain     string          `toml:"chain"`     // its name; default: the scenario's; "*" is all
	Endpoints []string        `toml:"endpoints"` // by name; default: all
	How       string          `toml:"how"`       // a kind of fault (timeout, refused, rate_limited ...), stuck, late or syncing
	By        config.Duration `toml:"by"`        // late
}

// Corpus gives the scenarios that are part of the program, in the order of their classes.
func Corpus() ([]Scenario, error) {
	files, err := corpus.ReadDir("corpus")
	if err != nil {
		return nil, err
	}
	all := make([]Scenario, 0, len(files))
	for _, f := range files {
		data, err := corpus.ReadFile(path.Join("corpus", f.Name()))
		if err != nil {
			return nil, err
		}
		s, err := parse(strings.TrimSuffix(f.Name(), ".toml"), data)
		if err != nil {
			return nil, err
		}
		all = append(all, s)
	}
	slices.SortStableFunc(all, func(a, b Scenario) int { return strings.Compare(a.Class, b.Class) })
	return all, nil
}

func parse(name string, data []byte) (Scenario, error) {
	s := Scenario{Name: name}
	d := toml.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(&s); err != nil {
		return s, fmt.Errorf("read scenario %s: %w", name, err)
	}
	for _, list := range [][]Phase{s.Phases, s.L1Phases} {
		if !slices.IsSortedFunc(list, func(a, b Phase) int { return a.At.Compare(b.At) }) {
			return s, fmt.Errorf("read scenario %s: phases are not in the order of time", name)
		}
	}
	if !s.Start.Before(s.End) {
		return s, fmt.Errorf("read scenario %s: it has no time between start and end", name)
	}
	for _, e := range s.Expect {
		if !slices.ContainsFunc(s.Circuits, func(g Guard) bool { return g.Name == e.Circuit }) {
			return s, fmt.Errorf("read scenario %s: nothing can be expected of circuit %q, which it does not have", name, e.Circuit)
		}
	}
	return s, nil
}
