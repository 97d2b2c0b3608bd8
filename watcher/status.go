package watcher

import (
	"time"

	"headwatch"
)

// suspicious reports whether the head, or users' transactions, have stayed away for half of what they may: from here on
// the endpoints are asked every second.
func (v *View) suspicious(now time.Time) bool {
	return v.agreed && now.Sub(v.living()) >= v.limit/2 || v.usersOverdue(now)
}

// statuses describes every endpoint for people and metrics. The answer shares no memory with the View.
func (v *View) statuses(now time.Time, hosts []string) []headwatch.EndpointStatus {
	all := make([]headwatch.EndpointStatus, len(v.endpoints))
	for i := range v.endpoints {
		e := &v.endpoints[i]
		s := headwatch.EndpointStatus{
			Name: e.name, Host: hosts[i], Advanced: e.advanced, Heard: e.heard, Latency: e.latency, Every: e.every, Fault: e.fault,
			Safe: e.safe, Proven: e.proven, Finalized: e.final, Operator: e.operator,
		}
		s.Vote = headwatch.Vote{Endpoint: e.name, Heard: e.heard}
		if e.has {
			head := e.head
			s.Head, s.Vote.Number, s.Vote.Age = &head, &head.Number, now.Sub(head.Time)
		}
		s.Vote.Verdict, s.Vote.Reason = v.ballot(e, now)
		all[i] = s
	}
	return all
}
