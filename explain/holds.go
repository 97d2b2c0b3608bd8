package explain

import (
	"cmp"
	"slices"
	"time"

	"headwatch"
	"headwatch/config"
)

// Holding is one condition that holds, and what it means to the circuit.
type Holding struct {
	Condition headwatch.Condition `json:"condition"`
	Endpoint  string              `json:"endpoint,omitempty"`
	Hook      string              `json:"hook,omitempty"`
	Since     time.Time           `json:"since"`
	Value     time.Duration       `json:"value_ns"`
	Limit     time.Duration       `json:"limit_ns"`
	Detail    string              `json:"detail,omitempty"`
	Does      Effect              `json:"does"`
}

// Effect is what a condition does to a circuit.
type Effect string

// Effects, the gravest first.
const (
	Trips   Effect = "trips"   // warns, pages and trips
	Tells   Effect = "tells"   // warns and pages
	Nothing Effect = "nothing" // only shown: the circuit is configured to neither
)

func effect(c headwatch.Condition, circuit *config.Circuit) Effect {
	switch {
	case slices.Contains(circuit.On, c):
		return Trips
	case slices.Contains(circuit.Tell, c):
		return Tells
	}
	return Nothing
}

// holds lists what was found: by what it does to the circuit, then what the whole chain has before what one endpoint or hook has,
// then what has held longest.
func holds(a *headwatch.Assessment, circuit *config.Circuit) []Holding {
	all := make([]Holding, len(a.Findings))
	for i, f := range a.Findings {
		all[i] = Holding{f.Condition, f.Endpoint, f.Hook, f.Since, f.Value, f.Limit, f.Detail, effect(f.Condition, circuit)}
	}
	gravity := []Effect{Trips, Tells, Nothing}
	slices.SortStableFunc(all, func(x, y Holding) int {
		return cmp.Or(
			cmp.Compare(slices.Index(gravity, x.Does), slices.Index(gravity, y.Does)),
			cmp.Compare(x.Endpoint+x.Hook, y.Endpoint+y.Hook), // the whole chain has none
			x.Since.Compare(y.Since),
		)
	})
	return all
}
