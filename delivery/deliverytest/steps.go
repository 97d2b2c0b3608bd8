package deliverytest

import (
	"time"

	"headwatch"
)

// clocked makes of the notice of a trip what the clock, an acknowledgement or a consequence brought about later on.
func clocked(n *headwatch.Notice) {
	t, at := &n.Transition, Start.Add(15*time.Minute)
	switch n.Kind {
	case headwatch.StepAck:
		n.AckedBy, n.AckedUntil = t.Actor, t.At.Add(time.Hour)
		return
	case headwatch.StepEscalate:
		n.Escalation = &headwatch.Escalation{
			N: 2, Policy: "lending", Step: 1, Round: 2, OnCall: []string{"bob", "carol"}, Why: "nobody has acknowledged it for 13m",
		}
	case headwatch.StepUnack:
		n.Escalation = &headwatch.Escalation{N: 3, Why: "the acknowledgement of alice expired"}
	case headwatch.StepRelease:
		n.Escalation = &headwatch.Escalation{N: 4, Silence: "upgrade-1", Why: "silence upgrade-1 is over, and it lasts"}
	case headwatch.StepJoin, headwatch.StepLeave:
		n.Dependant = &headwatch.Dependant{
			Incident: "base-quotes-3", Circuit: "base-quotes", Chain: "base", Level: headwatch.LevelPage,
			Trigger: &headwatch.Trigger{Condition: headwatch.SafeHeadStalled},
		}
	default:
		return
	}
	n.Step, t.From, t.At = 1<<40|90, t.To, at
	if e := n.Escalation; e != nil {
		e.Incident, e.Circuit, e.Kind, e.At, e.Channels = n.Incident, t.Circuit, n.Kind, at, []string{n.Channel}
	}
}
