package backtest

import (
	"slices"
	"strings"
	"testing"
	"time"
)

func corpusOf(t *testing.T) []Scenario {
	t.Helper()
	all, err := Corpus()
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestTheCorpusCoversEveryClass(t *testing.T) {
	var classes []string
	for _, s := range corpusOf(t) {
		classes = append(classes, s.Class)
	}
	if got := strings.Join(slices.Compact(classes), ""); got != "ABCDEFGHIJKLMN" {
		t.Errorf("classes %s", got)
	}
}

func TestEveryScenarioSaysWhatIsSourcedAndWhatIsNot(t *testing.T) {
	for _, s := range corpusOf(t) {
		if s.Title == "" || s.Sourced == "" || s.Simulated == "" || s.Seed == 0 {
			t.Errorf("%s lacks its title, seed, or what is sourced or simulated", s.Name)
		}
		if (s.Incident != "") != (len(s.Sources) > 0) {
			t.Errorf("%s: incident %q with the sources %q", s.Name, s.Incident, s.Sources)
		}
		for _, e := range s.Expect {
			if e.Began.Before(s.Start) || !e.Began.Before(s.End) || !e.Live.IsZero() && (e.Live.Before(e.Began) || e.Live.After(s.End)) {
				t.Errorf("%s: an outage outside of the scenario", s.Name)
			}
		}
		if s.Restart == nil && len(s.Expect) == 0 {
			t.Errorf("%s expects nothing", s.Name)
		}
	}
}

// The block numbers of incidents are tied to instants by the rule of the chain's own clock.
func TestAnchorsAreWhereTheChainsRulePutsThem(t *testing.T) {
	rules := map[string]struct {
		genesis, block uint64
		every          uint64
	}{
		"base":       {1686789347, 0, 2}, // superchain-registry: l2_time, block of genesis, block_time
		"op-mainnet": {1686068903, 105235063, 2},
	}
	for _, s := range corpusOf(t) {
		rule, known := rules[s.chainName()]
		if !known || s.Anchor.Time.IsZero() {
			continue
		}
		if want := time.Unix(int64(rule.genesis+(s.Anchor.Block-rule.block)*rule.every), 0); !s.Anchor.Time.Equal(want) {
			t.Errorf("%s: block %d is at %s, by the chain's rule at %s", s.Name, s.Anchor.Block, s.Anchor.Time.UTC(), want.UTC())
		}
	}
}

func TestAScenarioWithASlipIsRefused(t *testing.T) {
	const good = `
start = 2026-01-01T00:00:00Z
end = 2026-01-01T01:00:00Z
[[circuit]]
name = "c"
[[phase]]
at = 2026-01-01T00:30:00Z
[[phase]]
at = 2026-01-01T00:40:00Z
[[expect]]
circuit = "c"
`
	if _, err := parse("good", []byte(good)); err != nil {
		t.Fatal(err)
	}
	for slip, change := range map[string][2]string{
		"strict mode":            {"[[phase]]", "[[phases]]"},
		"not in the order":       {"00:40:00Z", "00:20:00Z"},
		"no time between":        {"T01:00:00Z", "T00:00:00Z"},
		"nothing can be expect":  {`circuit = "c"`, `circuit = "d"`},
		`"crash" is not a level`: {`circuit = "c"`, "circuit = \"c\"\nreach = \"crash\""},
	} {
		if _, err := parse("bad", []byte(strings.Replace(good, change[0], change[1], 1))); err == nil || !strings.Contains(err.Error(), slip) {
			t.Errorf("with %q: %v, want %q", change[1], err, slip)
		}
	}
}
