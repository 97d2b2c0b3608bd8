package breaker

import (
	"testing"

	"headwatch/config"
)

func TestOperators(t *testing.T) {
	tell(t, policy(), []story{
		{"a trip by hand is latched, whatever the phase", `
			10s   live ada:trip              -> closed>open trip #1 latched by ada
			11s   live bob:trip              -> !it is already open
			9000s live
			9001s stalled stall@9000s ada:reset -> !unsafe_head_stalled still holds; hold it to keep it as it is, or wait
			9002s catching_up ada:reset      -> !base is catching_up, not live; hold it to keep it as it is, or wait
			9003s unknown blind@9000s ada:reset -> !base is unknown, not live; hold it to keep it as it is, or wait
			9004s live ada:reset             -> open>closed none #1 by ada
			9005s live ada:reset             -> !it is already closed
		`},
		{"a trip by hand takes over an incident and half-open", `
			30s  stalled stall@0s            -> closed warn #1
			31s  unknown ada:trip            -> closed>open trip #1 latched by ada
			32s  live ada:reset              -> open>closed none #1 by ada
			200s stalled stall@80s           -> closed warn #2, closed page #2, closed>open trip #2
			210s live                        -> open>half_open trip #2
			211s live ada:trip               -> half_open>open trip #2 latched by ada
			999s live
		`},
		{"a reset ends half-open at once", `
			120s stalled stall@0s            -> closed warn #1, closed page #1, closed>open trip #1
			130s live                        -> open>half_open trip #1
			131s live ada:reset              -> half_open>closed none #1 by ada
		`},
		{"a reset resolves what never tripped, in health only", `
			30s  stalled stall@0s            -> closed warn #1
			31s  stalled stall@0s ada:reset  -> !unsafe_head_stalled still holds; hold it to keep it as it is, or wait
			40s  live ada:reset              -> closed none #1 by ada
			70s  live l1@40s                 -> closed warn #2 told
			71s  live l1@40s ada:reset       -> !l1_head_stalled still holds; hold it to keep it as it is, or wait
		`},
		{"what is only told does not keep a person from closing", `
			10s  live ada:trip               -> closed>open trip #1 latched by ada
			50s  live l1@40s ada:reset       -> open>closed none #1 by ada
		`},
		{"a hold forbids the trip and not the telling; the trip comes when it ends", `
			1s   live ada:hold=10m           -> closed none held by ada
			31s  stalled stall@0s            -> closed warn #1 held
			61s  stalled stall@0s            -> closed page #1 held
			600s stalled stall@0s
			601s stalled stall@0s            -> closed>open trip #1
		`},
		{"a trip that is no longer due when the hold ends does not come", `
			1s   live ada:hold=10m           -> closed none held by ada
			61s  stalled stall@0s            -> closed warn #1 held, closed page #1 held
			590s live
			700s live
			890s live                        -> closed none #1
		`},
		{"a resolve changes no state, so a hold lets it pass", `
			30s  stalled stall@0s            -> closed warn #1
			40s  live ada:hold=1h            -> closed warn #1 held by ada
			340s live                        -> closed none #1 held
		`},
		{"a hold forbids half-open; when it ends after the recovery, both steps come at once", `
			120s stalled stall@0s            -> closed warn #1, closed page #1, closed>open trip #1
			130s stalled stall@0s ada:hold=1h -> open trip #1 held by ada
			140s live
			999s live
			3730s live                       -> open>half_open trip #1, half_open>closed none #1
		`},
		{"a hold forbids the close and the relapse", `
			120s stalled stall@0s            -> closed warn #1, closed page #1, closed>open trip #1
			130s live                        -> open>half_open trip #1
			131s live ada:hold=10m           -> half_open trip #1 held by ada
			500s live
			600s stalled stall@510s
			731s stalled stall@510s          -> half_open>open trip #1
		`},
		{"a hold replaces the one before, a reset ends it", `
			1s  live ada:hold=1h             -> closed none held by ada
			2s  live bob:hold=10s            -> closed none held by bob
			9s  stalled stall@9s
			11s live bob:reset               -> closed none by bob
		`},
		{"people act while it is held", `
			1s live ada:hold=1h              -> closed none held by ada
			2s live bob:trip                 -> closed>open trip #1 latched held by bob
			3s live ada:reset                -> open>closed none #1 by ada
			4s live ada:reset                -> !it is already closed
			5s live ada:hold=1h              -> closed none held by ada
			6s live l1@6s ada:reset          -> closed none by ada
		`},
		{"orders of one turn are obeyed one after the other", `
			1s live ada:trip bob:reset cid:trip -> closed>open trip #1 latched by ada, open>closed none #1 by bob, closed>open trip #2 latched by cid
			1s live ada:reset bob:trip          -> open>closed none #2 by ada, closed>open trip #3 latched by bob
		`},
	})
}

func TestManualRearm(t *testing.T) {
	cfg := policy()
	cfg.Rearm = config.RearmManual
	tell(t, cfg, []story{
		{"manual rearm waits for a named person", `
			120s  stalled stall@0s           -> closed warn #1, closed page #1, closed>open trip #1 latched
			130s  live
			9000s live
			9001s live ada:reset             -> open>closed none #1 by ada
		`},
	})
}
