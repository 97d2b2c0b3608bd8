package alert

import (
	"fmt"
	"time"

	"headwatch"
)

// mood is how bad it is, at a glance.
type mood struct {
	code  string // Slack's name of the sign
	sign  string
	color int // 0xRRGGBB
}

func moodOf(n headwatch.Notice) mood {
	switch level := n.Transition.Level; {
	case over(n):
		return mood{":white_check_mark:", "✅", 0x2EB67D}
	case n.Transition.To == headwatch.HalfOpen:
		return mood{":large_blue_circle:", "🔵", 0x36A2EB}
	case level >= headwatch.LevelTrip:
		return mood{":red_circle:", "🔴", 0xD7263D}
	case level == headwatch.LevelPage:
		return mood{":large_orange_circle:", "🟠", 0xF46036}
	}
	return mood{":large_yellow_circle:", "🟡", 0xECB22E}
}

// over says whether the incident of a notice has ended: a hook may still report afterwards.
func over(n headwatch.Notice) bool {
	return n.Kind == headwatch.StepResolve || n.Transition.Level == headwatch.LevelNone
}

// rings says whether a notice should reach people who are not looking: something got worse, or somebody must act.
func rings(n headwatch.Notice) bool {
	switch n.Kind {
	case headwatch.StepPage, headwatch.StepTrip, headwatch.StepRelapse, headwatch.StepEscalate, headwatch.StepUnack, headwatch.StepRelease:
		return true
	case headwatch.StepJoin:
		return n.Dependant != nil && n.Dependant.Level >= headwatch.LevelPage
	case headwatch.StepHook:
		return n.Report != nil && n.Report.Kind.Urgent()
	}
	return false
}

// standing says in one line how an incident stands, whatever its newest step was about.
func standing(n headwatch.Notice) string {
	if over(n) {
		return fmt.Sprintf("over, peak %s", n.Peak)
	}
	who := "nobody has it in hand"
	if n.AckedBy != "" {
		who = n.AckedBy + " has it in hand"
		if !n.AckedUntil.IsZero() {
			who += " until " + clock(n.AckedUntil)
		}
	}
	if n.Peak == n.Transition.Level {
		return fmt.Sprintf("%s, %s", n.Peak, who)
	}
	return fmt.Sprintf("%s, peak %s, %s", n.Transition.Level, n.Peak, who)
}

// clock is a time of the day, for people who are told now.
func clock(at time.Time) string { return at.UTC().Format("15:04 UTC") }

// second is the same, of what happens at that very second.
func second(at time.Time) string { return at.UTC().Format("15:04:05 UTC") }
