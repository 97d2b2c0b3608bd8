package breaker

import "testing"

func TestLadder(t *testing.T) {
	tell(t, policy(), []story{
		{"an outage climbs the ladder, trips, recovers and closes", `
			0s     live
			10s    stalled stall@8s
			38s    stalled stall@8s     -> closed warn #1
			39s    stalled stall@8s
			68s    stalled stall@8s     -> closed page #1
			128s   stalled stall@8s     -> closed>open trip #1
			3600s  stalled stall@8s
			3601s  catching_up
			3700s  live                 -> open>half_open trip #1
			3999s  live
			4000s  live                 -> half_open>closed none #1
			9999s  live
		`},
		{"a trip comes at its instant and not a nanosecond before", `
			60s           stalled stall@0s -> closed warn #1, closed page #1
			119.999999999s stalled stall@0s
			120s          stalled stall@0s -> closed>open trip #1
		`},
		{"whoever wakes up in a long stall tells every rung", `
			500s stalled stall@0s -> closed warn #1, closed page #1, closed>open trip #1
		`},
		{"the finding that holds longest counts", `
			30s stalled stall@20s slow@0s -> closed warn #1
			80s stalled stall@20s         -> closed page #1
		`},
		{"a finding before the first threshold is nobody's business", `
			29s stalled stall@0s
			31s live
		`},
		{"flapping does not page twice within an incident", `
			60s  stalled stall@0s   -> closed warn #1, closed page #1
			70s  live
			200s stalled stall@140s
			210s live
			509s live
			510s live               -> closed none #1
			600s stalled stall@540s -> closed warn #2, closed page #2
		`},
		{"unknown neither counts nor trips, blind is told", `
			40s  stalled stall@0s           -> closed warn #1
			130s unknown stall@0s blind@90s
			150s unknown stall@0s blind@90s -> closed page #1
			400s unknown stall@0s blind@90s
			401s stalled stall@0s           -> closed>open trip #1
		`},
		{"what is only told opens an incident, and never trips", `
			30s   unknown blind@0s -> closed warn #1
			60s   unknown blind@0s -> closed page #1
			9000s unknown blind@0s
			9001s live
			9301s live             -> closed none #1
		`},
		{"what is neither in on nor in tell does not matter", `
			900s live skew@0s
		`},
		{"a condition of on matters in any phase that is known", `
			120s live slow@0s -> closed warn #1, closed page #1, closed>open trip #1
			121s live slow@0s
		`},
		{"a finding from the future has not begun", `
			0s  stalled stall@90s
			90s stalled stall@90s
		`},
	})
}
