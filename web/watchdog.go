package web

import (
	"net/http"

	"headwatch"
)

// watchdog says what headwatch knows of itself: what is wrong with it, who outside hears of it, who watches it.
func (s *Server) watchdog(w http.ResponseWriter, _ *http.Request) {
	answer(w, http.StatusOK, s.deps.Watchdog())
}

// watchdogGauges are the metrics of headwatch itself.
func watchdogGauges() []gauge {
	return []gauge{
		{
			desc("watchdog_findings", "How many findings there are of a condition of headwatch itself.", "condition"),
			func(v *view, put put) {
				for _, c := range headwatch.WatchdogConditions() {
					n := 0
					for _, f := range v.watchdog.Assessment.Findings {
						if f.Condition == c {
							n++
						}
					}
					put(float64(n), string(c))
				}
			},
		},
		{
			desc("heartbeat_success_timestamp_seconds", "When the heartbeat's receiver last took a sign of life.", "heartbeat"),
			eachHeartbeat(func(put put, h *headwatch.HeartbeatStatus) { put.at(h.Last, h.Name) }),
		},
		{
			desc("heartbeat_well", "Whether headwatch is well enough to send the heartbeat.", "heartbeat"),
			eachHeartbeat(func(put put, h *headwatch.HeartbeatStatus) { put.flag(len(h.Unwell) == 0, h.Name) }),
		},
		{
			desc("peer_seen_timestamp_seconds", "When all leases of the other headwatch were last seen to move on.", "peer"),
			func(v *view, put put) {
				for _, p := range v.watchdog.Peers {
					put.at(p.Seen, p.Name)
				}
			},
		},
	}
}

// heartbeatCounters count signs of life of every sort.
func heartbeatCounters() []gauge {
	return []gauge{
		{
			desc("heartbeats_total", "Signs of life that were to be sent, of any sort.", "heartbeat"),
			eachHeartbeat(func(put put, h *headwatch.HeartbeatStatus) { put(float64(h.Sent+h.Failed), h.Name) }),
		},
		{
			desc("heartbeat_failures_total", "Signs of life that were given up after three attempts.", "heartbeat"),
			eachHeartbeat(func(put put, h *headwatch.HeartbeatStatus) { put(float64(h.Failed), h.Name) }),
		},
	}
}

func eachHeartbeat(read func(put, *headwatch.HeartbeatStatus)) func(*view, put) {
	return func(v *view, put put) {
		for i := range v.watchdog.Heartbeats {
			read(put, &v.watchdog.Heartbeats[i])
		}
	}
}
