package alert

import (
	"fmt"

	"headwatch"
)

// A pager rings nobody for an alert that somebody has acknowledged, whatever comes in for it. So each time that an incident must ring
// anew it goes on in an alert of its own. Which those are follows from the notice alone, so that its end finds all of them after every
// restart.

// Bounds of an incident that rings anew again and again: when there would be more alerts than maxAlerts, the oldest is closed, and
// those before it once more, in case that the channel was not told when it was their turn. The end closes twice as many.
const (
	maxAlerts = 10
	staleToo  = 2
)

// errand is what to do to one alert of an incident.
type errand struct {
	action
	key string
}

// errands gives what a notice does to the alerts of its incident, in order. New things go to the newest. An acknowledgement goes to all
// that are open, because an older one may have begun to ring again by the pager's own clock.
func errands(n headwatch.Notice, from headwatch.Level) []errand {
	a, last := act(n, from), 1
	switch a {
	case nothing:
		return nil
	case acknowledge:
		last = maxAlerts
	case resolve:
		last = 2 * maxAlerts
	}
	var all []errand
	for ring := n.Rings; ring >= 0 && ring > n.Rings-last; ring-- {
		all = append(all, errand{a, alertKey(n.DedupKey, ring)})
	}
	for ring := n.Rings - maxAlerts; a == trigger && ring >= 0 && ring >= n.Rings-maxAlerts-staleToo; ring-- {
		all = append(all, errand{resolve, alertKey(n.DedupKey, ring)})
	}
	return all
}

// alertKey is the key of an alert of an incident, counted from 0.
func alertKey(dedup string, ring int) string {
	if ring == 0 {
		return dedup
	}
	return fmt.Sprintf("%s_%d", dedup, ring)
}
