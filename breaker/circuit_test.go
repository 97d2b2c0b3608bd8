package breaker

import (
	"fmt"
	"testing"
	"testing/synctest"
)

func TestRecovery(t *testing.T) {
	tell(t, policy(), []story{
		{"an incident that never tripped resolves after unbroken health", `
			30s  stalled stall@0s -> closed warn #1
			40s  live
			300s slow
			310s live
			609s live
			610s live             -> closed none #1
		`},
		{"what is told keeps its own incident from resolving", `
			30s  live l1@0s -> closed warn #1 told
			400s live l1@0s -> closed page #1 told
			401s live
			700s live
			701s live       -> closed none #1 told
		`},
		{"nothing but live and healthy begins or counts for a recovery", `
			120s stalled stall@0s -> closed warn #1, closed page #1, closed>open trip #1
			121s catching_up
			122s unknown
			123s slow
			124s empty
			130s live             -> open>half_open trip #1
			200s unknown
			201s live
			430s live
			431s catching_up
			440s live
			739s live
			740s live             -> half_open>closed none #1
		`},
		{"what is only told neither delays a close nor breaks the recovery, and is told afterwards", `
			120s stalled stall@0s -> closed warn #1, closed page #1, closed>open trip #1
			130s live             -> open>half_open trip #1
			429s live l1@420s
			430s live l1@420s     -> half_open>closed none #1
			449s live l1@420s
			450s live l1@420s     -> closed warn #2 told
		`},
		{"a short stall in half-open only restarts the recovery", `
			120s stalled stall@0s   -> closed warn #1, closed page #1, closed>open trip #1
			130s live               -> open>half_open trip #1
			400s stalled stall@390s
			419s stalled stall@390s
			421s live
			720s live
			721s live               -> half_open>closed none #1
		`},
		{"a relapse opens again within the same incident", `
			120s stalled stall@0s   -> closed warn #1, closed page #1, closed>open trip #1
			130s live               -> open>half_open trip #1
			220s stalled stall@190s -> half_open>open trip #1
			330s stalled stall@190s
			340s live               -> open>half_open trip #1
			640s live               -> half_open>closed none #1
		`},
		{"unknown in half-open does not open again", `
			120s stalled stall@0s            -> closed warn #1, closed page #1, closed>open trip #1
			130s live                        -> open>half_open trip #1
			220s unknown stall@100s blind@190s
			221s live
			521s live                        -> half_open>closed none #1
		`},
		{"a clock that goes back takes nothing back", `
			119s stalled stall@0s            -> closed warn #1, closed page #1
			20s  stalled stall@0s
			120s stalled stall@0s            -> closed>open trip #1
			130s live                        -> open>half_open trip #1
			90s  live
			429s live
			430s live                        -> half_open>closed none #1
		`},
		{"a restart in a stall neither forgets it nor tells it again", `
			60s  stalled stall@0s            -> closed warn #1, closed page #1
			restart
			61s  stalled stall@0s
			restart
			120s stalled stall@0s            -> closed>open trip #1
			restart
			130s stalled stall@0s
			131s live                        -> open>half_open trip #1
		`},
		{"a restart in half-open begins the recovery anew", `
			120s stalled stall@0s            -> closed warn #1, closed page #1, closed>open trip #1
			130s live                        -> open>half_open trip #1
			429s live
			restart
			430s live
			729s live
			730s live                        -> half_open>closed none #1
		`},
		{"a restart keeps a latch and a hold", `
			1s   live ada:trip               -> closed>open trip #1 latched by ada
			2s   live ada:hold=10m           -> open trip #1 latched held by ada
			restart
			700s live
			701s live ada:reset              -> open>closed none #1 by ada
		`},
	})
}

func TestAnIncidentIsNamedForItsCircuitAndBeginning(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := play(t, policy(), `
			30s   stalled stall@0s -> closed warn #1
			330s  live
			630s  live             -> closed none #1
			700s  live ada:trip    -> closed>open trip #2 latched by ada
			700s  live ada:reset   -> open>closed none #2 by ada
			700s  live ada:trip    -> closed>open trip #3 latched by ada
			700s  live ada:reset   -> open>closed none #3 by ada
			restart
			700s  live ada:trip    -> closed>open trip #4 latched by ada
		`)
		want := fmt.Sprint([]string{
			"base-lending-20260626T150030Z", "base-lending-20260626T151140Z", "base-lending-20260626T151140Z-5", "base-lending-20260626T151140Z-7",
		})
		if got := fmt.Sprint(l.ledger.incidents); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	})
}
