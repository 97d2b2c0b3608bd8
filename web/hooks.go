package web

import (
	"time"

	"headwatch"
)

// hookGauges are the metrics of hooks that wait for a person.
func hookGauges() []gauge {
	return []gauge{
		{
			desc("hook_fires_timestamp_seconds", "When the hook fires unless somebody vetoes it; absent when it is not about to.", "hook"),
			func(v *view, put put) {
				for hook, at := range soonest(v.incidents) {
					put.at(at, hook)
				}
			},
		},
		{
			desc("hook_withheld", "Open incidents in which the hook is held back by a limit and a person must decide; absent when there is none.", "hook"),
			func(v *view, put put) {
				held := map[string]int{}
				eachWait(v.incidents, func(r headwatch.Report) {
					if r.Kind == headwatch.ReportWithheld {
						held[r.Hook]++
					}
				})
				for hook, n := range held {
					put(float64(n), hook)
				}
			},
		},
	}
}

// soonest gives by hook when it fires first.
func soonest(incidents []headwatch.Incident) map[string]time.Time {
	at := map[string]time.Time{}
	eachWait(incidents, func(r headwatch.Report) {
		if r.Until.IsZero() {
			return
		}
		if first, ok := at[r.Hook]; !ok || r.Until.Before(first) {
			at[r.Hook] = r.Until
		}
	})
	return at
}

func eachWait(incidents []headwatch.Incident, do func(headwatch.Report)) {
	for i := range incidents {
		for _, r := range incidents[i].Waits() {
			do(r)
		}
	}
}
