package watcher

import (
	"cmp"
	"time"

	"headwatch"
	"headwatch/config"
)

const (
	rarest     = time.Minute // an endpoint that is out of units is still asked this often
	reserve    = 10          // one part in so many of a budget is kept for suspicions
	headerSize = 2000        // bytes of a block header as it is pushed: the assumption of Estimate
)

// budget slows an endpoint down before its units of the day are spent. It never silences it, and a suspicion overrides it:
// the verdict on a chain comes before the bill.
type budget struct {
	units      uint64 // a day, UTC; 0 for no budget
	head, slow uint64 // what asking for the head, and for what changes slowly, costs
}

// stretch gives how often the endpoint may be asked, as a multiple of its interval, so that what is left of the budget
// lasts until midnight. spent is what has gone since the last one.
func (b budget) stretch(interval time.Duration, spent uint64, now time.Time) time.Duration {
	if b.units == 0 || interval >= rarest {
		return interval
	}
	most := rarest / interval * interval
	usable := b.units - b.units/reserve
	if spent >= usable {
		return most
	}
	left := now.UTC().Truncate(day).Add(day).Sub(now)
	allowed := float64(usable-spent) / left.Seconds()
	for every := interval; every < most; every += interval {
		if rate(b.head, b.slow, every) <= allowed {
			return every
		}
	}
	return most
}

func newBudget(chain config.Chain, e config.Endpoint, t tariff) budget {
	head, slow := questionsOf(chain, e)
	return budget{units: e.Budget, head: t.calls(head), slow: t.calls(slow)}
}

// questionsOf gives what an endpoint is asked every time and what it is asked more rarely. One that is not asked in
// JSON-RPC has a single question without a name.
func questionsOf(chain config.Chain, e config.Endpoint) (head, slow []question) {
	describe, ok := kinds[[2]string{chain.Kind, cmp.Or(e.Serves, config.ServesEth)}]
	if !ok {
		return []question{{}}, nil
	}
	k := describe(chain)
	return []question{k.head}, k.slow
}

// Estimate is what an endpoint costs a day while its chain is well and its budget slows nothing: without the chain ids that
// a new connection asks for, repetitions and suspicions.
func Estimate(chain config.Chain, e config.Endpoint) headwatch.Usage {
	t := tariffOf(hostOf(e))
	heads, slow := questionsOf(chain, e)
	every, slowly := e.Interval.D(), max(e.Interval.D(), l1Slot)
	if !e.WS.IsZero() {
		every = max(every, pushSlot)
		slowly = every
	}
	per := func(d time.Duration) uint64 { return uint64(day / max(d, time.Second)) } // a chain without blocks has no block time
	u := headwatch.Usage{
		Requests: per(every),
		Calls:    per(every) + per(slowly)*uint64(len(slow)),
		Units:    per(every)*t.calls(heads) + per(slowly)*t.calls(slow),
		Budget:   e.Budget,
	}
	if !e.WS.IsZero() {
		u.Calls += per(chain.BlockTime.D())
		u.Units += per(chain.BlockTime.D()) * t.notification(headerSize)
	}
	return u
}
