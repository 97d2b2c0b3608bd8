package backtest

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/pelletier/go-toml/v2"

	"headwatch/config"
)

// nobody is the channel of circuits whose decisions are only scored.
const nobody = "nobody"

// Variant is one setting of every circuit or chain that differs from the preset's; the zero Variant differs in nothing.
// Settings that would be out of order with it give way.
type Variant struct {
	Key   string // warn_after, page_after, trip_after, recover_after or stale_after
	Value time.Duration
}

func (v Variant) String() string {
	if v.Key == "" {
		return ""
	}
	return v.Key + "=" + config.Duration(v.Value).String()
}

// apply gives a circuit's thresholds and its chain's stale_after as the variant has them.
func (v Variant) apply(c config.Circuit, stale config.Duration) (config.Circuit, config.Duration) {
	d := config.Duration(v.Value)
	switch v.Key {
	case "warn_after":
		c.WarnAfter, c.PageAfter, c.TripAfter = d, max(c.PageAfter, d), max(c.TripAfter, d)
		stale = d // which follows the first threshold where the configuration does not set it
	case "page_after":
		c.WarnAfter, c.PageAfter, c.TripAfter = min(c.WarnAfter, d), d, max(c.TripAfter, d)
	case "trip_after":
		c.WarnAfter, c.PageAfter, c.TripAfter = min(c.WarnAfter, d), min(c.PageAfter, d), d
	case "recover_after":
		c.RecoverAfter = d
	case "stale_after":
		stale = d
		c.WarnAfter, c.PageAfter, c.TripAfter = max(c.WarnAfter, d), max(c.PageAfter, d), max(c.TripAfter, d)
	}
	return c, min(stale, c.WarnAfter)
}

// pass is a configuration under which one playing of a scenario serves several variants: their circuits stand side by side
// on a chain that all of them see the same way.
type pass struct {
	cfg      *config.Config
	variants []int
	err      error // why these variants cannot be played: the check refuses the value for this chain
}

// plain is the configuration without any variant.
func (s *Scenario) plain() (*config.Config, error) {
	var circuits []map[string]any
	for _, g := range s.Circuits {
		circuits = append(circuits, g.table(s.chainName(), circuitName(g.Name, 0)))
	}
	return s.configure(s.Chain, circuits)
}

func (s *Scenario) passes(variants []Variant) ([]pass, error) {
	plain, err := s.plain()
	if err != nil {
		return nil, err
	}
	if len(variants) == 1 && variants[0].Key == "" {
		return []pass{{cfg: plain, variants: []int{0}}}, nil
	}
	tables := make(map[config.Duration][]map[string]any)
	served := make(map[config.Duration][]int)
	for v, variant := range variants {
		seen := plain.Chain(s.chainName()).StaleAfter
		var circuits []map[string]any
		for _, g := range s.Circuits {
			c, stale := variant.apply(*plain.Circuit(circuitName(g.Name, 0)), seen)
			seen = stale
			table := g.table(s.chainName(), circuitName(g.Name, v))
			table["warn_after"], table["page_after"] = c.WarnAfter.String(), c.PageAfter.String()
			table["trip_after"], table["recover_after"] = c.TripAfter.String(), c.RecoverAfter.String()
			circuits = append(circuits, table)
		}
		tables[seen] = append(tables[seen], circuits...)
		served[seen] = append(served[seen], v)
	}
	var all []pass
	for _, seen := range slices.Sorted(maps.Keys(served)) {
		chain := maps.Clone(s.Chain)
		chain["stale_after"] = seen.String()
		cfg, err := s.configure(chain, tables[seen])
		all = append(all, pass{cfg, served[seen], err})
	}
	return all, nil
}

func circuitName(name string, variant int) string { return fmt.Sprintf("%s-%d", name, variant) }

// chainName is the name of the chain that the scenario is about.
func (s *Scenario) chainName() string {
	if name, ok := s.Chain["name"].(string); ok {
		return name
	}
	name, _ := s.Chain["preset"].(string)
	return name
}

// table is the circuit as it stands in a configuration file.
func (g *Guard) table(chain, name string) map[string]any {
	t := map[string]any{"name": name, "chain": chain, "alerts": []string{nobody}}
	if g.Chain != "" {
		t["chain"] = g.Chain
	}
	if g.On != nil {
		t["on"] = g.On
	}
	if g.Tell != nil {
		t["tell"] = g.Tell
	}
	if g.WarnAfter > 0 {
		t["warn_after"], t["page_after"] = g.WarnAfter.String(), g.PageAfter.String()
		t["trip_after"], t["recover_after"] = g.TripAfter.String(), g.RecoverAfter.String()
	}
	return t
}

// configure is the configuration that a scenario is judged with, completed and checked as a user's is.
func (s *Scenario) configure(chain map[string]any, circuits []map[string]any) (*config.Config, error) {
	chains := []map[string]any{chain}
	preset, _ := chain["preset"].(string)
	l1, found := chain["l1"].(string)
	if !found {
		l1 = config.L1Of(preset)
	}
	if l1 != "" {
		chains = append(chains, map[string]any{"preset": l1})
	}
	text, err := toml.Marshal(map[string]any{
		"chain": chains, "circuit": circuits, "alert": []map[string]any{{"name": nobody, "kind": config.AlertConsole}},
	})
	if err != nil {
		return nil, fmt.Errorf("write the configuration of %s: %w", s.Name, err)
	}
	return config.Parse(s.Name, text, func(string) (string, bool) { return "", false })
}
