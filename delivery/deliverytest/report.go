package deliverytest

import (
	"time"

	"headwatch"
)

// Report is the notice of what a hook reported in the incident of Notice, a second after the trip.
func Report(kind headwatch.ReportKind, channel string) headwatch.Notice {
	n := Notice(headwatch.StepHook, channel)
	at := n.Transition.At.Add(time.Second)
	r := &headwatch.Report{
		Kind: kind, Hook: "pause-pool", Incident: n.Incident, Circuit: n.Transition.Circuit, Chain: "base", At: at, Detail: details[kind],
	}
	switch kind {
	case headwatch.ReportAnnounced:
		r.Until = at.Add(2 * time.Minute)
	case headwatch.ReportVetoed:
		r.Actor, n.Transition.Actor = "alice", "alice"
	case headwatch.ReportSent, headwatch.ReportUnconfirmed:
		r.Tx = "0x5a1c00000000000000000000000000000000000000000000000000000000beef"
	}
	n.Step, n.Report = 1<<40|77, r
	n.Transition.From, n.Transition.At = n.Transition.To, at
	return n
}

var details = map[headwatch.ReportKind]string{
	headwatch.ReportAnnounced:   "it fires unless somebody vetoes it",
	headwatch.ReportVetoed:      "by alice: the provider confirms a planned upgrade",
	headwatch.ReportWithheld:    "max_per_day of the hook is 1, used up by pause-pool for base-lending-6 at 2026-03-01T04:00:00Z; free again at 2026-03-02T04:00:00Z",
	headwatch.ReportLapsed:      "the incident was over before it could fire",
	headwatch.ReportNeedless:    "paused() is true already",
	headwatch.ReportFired:       "nobody vetoed it",
	headwatch.ReportSent:        "nonce 7 at 3 endpoints",
	headwatch.ReportDeposited:   "in L1 block 23712345",
	headwatch.ReportEffective:   "paused() is true at block 1240",
	headwatch.ReportForeign:     "paused() is true, and our transaction is not mined",
	headwatch.ReportUnconfirmed: "not mined after 5m",
	headwatch.ReportFailed:      "execution reverted: caller is not the guardian",
	headwatch.ReportUndone:      "paused() is false at block 1300",
}
