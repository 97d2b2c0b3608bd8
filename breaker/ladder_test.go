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
			150s unknown stall@0s blind@90s -> closed page #2 told
			400s unknown stall@0s blind@90s
			401s stalled stall@0s           -> closed page #1, closed>open trip #1
		`},
		{"what is only told opens an incident, and never trips", `
			30s   unknown blind@0s -> closed warn #1 told
			60s   unknown blind@0s -> closed page #1 told
			9000s unknown blind@0s
			9001s live
			9301s live             -> closed none #1 told
		`},
		{"what is only told swallows nothing of a stall, which has an incident of its own", `
			60s    live l1@0s                  -> closed warn #1 told, closed page #1 told
			7200s  live l1@0s
			7230s  stalled l1@0s stall@7200s   -> closed warn #2
			7260s  stalled l1@0s stall@7200s   -> closed page #2
			7320s  stalled l1@0s stall@7200s   -> closed>open trip #2
			7400s  live l1@0s                  -> open>half_open trip #2
			7700s  live l1@0s                  -> half_open>closed none #2
			9000s  live l1@0s
			9001s  live
			9301s  live                        -> closed none #1 told
		`},
		{"every stall is told while something is told for hours", `
			60s    live l1@0s                  -> closed warn #1 told, closed page #1 told
			160s   stalled l1@0s stall@100s    -> closed warn #2, closed page #2
			170s   live l1@0s
			470s   live l1@0s                  -> closed none #2
			560s   stalled l1@0s stall@500s    -> closed warn #3, closed page #3
		`},
		{"what is only told waits while a stall has called people as urgently", `
			60s  stalled stall@0s l1@0s  -> closed warn #1, closed page #1
			90s  live l1@0s
			389s live l1@0s
			390s live l1@0s              -> closed none #1, closed warn #2 told, closed page #2 told
			391s live
			691s live                    -> closed none #2 told
		`},
		{"what is told ends in its own time, also while a tripped circuit waits for a person", `
			60s  live l1@0s              -> closed warn #1 told, closed page #1 told
			61s  live l1@0s ada:trip     -> closed>open trip #2 latched by ada
			62s  live
			362s live                    -> open none #1 told latched
			363s live ada:reset          -> open>closed none #2 by ada
		`},
		{"a restart keeps both incidents", `
			60s  live l1@0s                 -> closed warn #1 told, closed page #1 told
			restart
			160s stalled l1@0s stall@100s   -> closed warn #2, closed page #2
			restart
			161s stalled l1@0s stall@100s
			170s live
			470s live                       -> closed none #2, closed none #1 told
		`},
		{"a restart keeps the one beside, whichever was decided last", `
			40s  stalled stall@0s            -> closed warn #1
			100s unknown stall@0s blind@40s  -> closed page #2 told
			restart
			120s stalled stall@0s            -> closed page #1, closed>open trip #1
		`},
		{"an order is of what trips, and of what is only told where there is nothing else", `
			60s  live l1@0s                  -> closed warn #1 told, closed page #1 told
			61s  live l1@0s ada:reset        -> !l1_head_stalled still holds; hold it to keep it as it is, or wait
			62s  live l1@0s ada:hold=1m      -> closed page #1 told held by ada
			160s stalled l1@0s stall@120s    -> closed warn #2
			161s live l1@0s ada:reset        -> closed none #2 by ada
			162s live ada:reset              -> closed none #1 told by ada
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
