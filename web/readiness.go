package web

import (
	"net/http"

	"headwatch"
)

func (s *Server) hooks(w http.ResponseWriter, _ *http.Request) {
	list(w, "hooks", s.deps.Hooks())
}

// readinessGauges are the metrics of hooks that can be tried.
func readinessGauges() []gauge {
	return []gauge{
		{
			desc("hook_ready", "Whether the hook would work if it had to fire now; absent before the first trial.", "hook"),
			eachTried(func(put put, h *headwatch.HookStatus) { put.flag(*h.Ready, h.Name) }),
		},
		{
			desc("hook_checked_timestamp_seconds", "When the hook was last tried.", "hook"),
			eachTried(func(put put, h *headwatch.HookStatus) { put.at(h.Checked, h.Name) }),
		},
	}
}

func eachTried(read func(put, *headwatch.HookStatus)) func(*view, put) {
	return func(v *view, put put) {
		for i := range v.hooks {
			if v.hooks[i].Ready != nil {
				read(put, &v.hooks[i])
			}
		}
	}
}
