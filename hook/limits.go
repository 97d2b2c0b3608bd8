package hook

import (
	"fmt"
	"time"

	"headwatch"
	"headwatch/config"
)

// perDay is the window of every budget.
const perDay = 24 * time.Hour

// limits are what bounds the firings of one hook.
type limits struct {
	hook     config.Hook
	scarcity config.Scarcity
}

// firing is one that was.
type firing struct {
	account
	chain string
	at    time.Time
}

// denied says which limit forbids the firing r after those that were, oldest first, and when it will not any more.
func (l limits) denied(r headwatch.Report, were []firing) string {
	for _, b := range []struct {
		name string
		most int
		of   func(firing) bool
	}{
		{"max_per_day of the hook", l.hook.MaxPerDay, func(f firing) bool { return f.hook == r.Hook }},
		{"scarcity.max_per_day", l.scarcity.MaxPerDay, func(firing) bool { return true }},
		{"scarcity.max_per_chain_day of " + r.Chain, l.scarcity.MaxPerChainDay, func(f firing) bool { return f.chain == r.Chain }},
	} {
		if b.most == 0 {
			continue
		}
		var counted []firing
		for _, f := range were {
			if b.of(f) && r.At.Sub(f.at) < perDay {
				counted = append(counted, f)
			}
		}
		if len(counted) >= b.most {
			last := counted[len(counted)-1]
			return fmt.Sprintf("%s is %d, used up by %s for %s at %s; free again at %s", b.name, b.most, last.hook, last.incident,
				stamp(last.at), stamp(counted[len(counted)-b.most].at.Add(perDay)))
		}
	}
	for _, f := range were {
		if ends := f.at.Add(l.hook.Cooldown.D()); f.hook == r.Hook && r.At.Before(ends) {
			return fmt.Sprintf("its cooldown of %s since it fired for %s ends at %s", l.hook.Cooldown, f.incident, stamp(ends))
		}
	}
	return ""
}
