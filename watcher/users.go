package watcher

import (
	"fmt"
	"time"

	"headwatch"
	"headwatch/config"
)

// attributesGas is all that the deposit which opens every OP Stack block may use, since the Regolith upgrade: a block that
// used more holds transactions of somebody else. https://specs.optimism.io/protocol/deposits.html#l1-attributes-deposited-transaction
const attributesGas = 1_000_000

// users is what is known of users' transactions on a busy chain.
type users struct {
	counters int       // operators that can count them; 0 where they are not watched
	number   uint64    // the newest block of the agreed chain that is known to hold some
	last     time.Time // when it arrived here, or the first block of a stretch that was not watched from its beginning
	counted  uint64    // the newest block of the agreed chain that was counted at all
	dark     time.Time // when the first one after it arrived; zero while there is none
	before   stretch   // of blocks without any, as the journal knows it from before a restart; it goes on once it is judged
}

// full tells whether a block holds transactions of users. A count says so. Without one, much gas says yes; little says
// nothing.
func full(h *headwatch.Head) (yes, known bool) {
	switch {
	case h.UserTxs != nil:
		return *h.UserTxs > 0, true
	case h.GasUsed != nil && *h.GasUsed > attributesGas:
		return true, true
	}
	return false, false
}

// watchUsers prepares the account of users' transactions, on chains that are said never to be without.
func (v *View) watchUsers() {
	if v.chain.Kind == config.KindOPStack && v.chain.Busy {
		v.users.counters = v.operators(func(i int) bool {
			serves := v.chain.Endpoints[i].Serves
			return serves == "" || serves == config.ServesEth
		})
	}
}

// countUsers takes what an endpoint's head tells of users. One block with users ends a stretch without; only blocks above
// the newest of them belong to the next.
func (v *View) countUsers(e *endpointView, at time.Time) {
	h := &e.head
	if v.users.counters == 0 || !e.has || e.standing != proved || e.syncing || h.Number > v.tip.Number || h.Number <= v.users.number {
		return
	}
	// A block below the agreed head arrived that much earlier, whoever counted it just now.
	arrived := v.advanced.Add(-max(v.tip.Time.Sub(h.Time), 0))
	yes, known := full(h)
	if known && h.Number > v.users.counted {
		v.sight(h.Number, arrived, at)
	}
	switch {
	case yes:
		v.users.number, v.users.last, v.users.before = h.Number, later(v.users.last, arrived), stretch{}
	case known && h.Number > e.empty:
		e.empty, e.emptied = h.Number, arrived
		if v.users.before.restored && at.Before(v.adopted.Add(recall)) && v.counted(time.Time{}) >= v.usersQuorum() {
			v.users.before.restored = false
		}
	}
}

// sight notes that a block is counted, above all that were. Where blocks have come for the limit that nobody counted,
// nothing is known of them, and a stretch that was not found yet begins anew.
func (v *View) sight(number uint64, arrived, at time.Time) {
	u := &v.users
	if _, missing := v.usersMissing(at); !missing && !u.dark.IsZero() && arrived.Sub(u.dark) >= v.limit {
		u.number, u.last = number-1, arrived
	}
	u.counted, u.dark = number, time.Time{}
	if number < v.tip.Number {
		u.dark = arrived
	}
}

// counted is how many operators have counted no users in a block of this stretch that arrived at an instant or later.
func (v *View) counted(from time.Time) int {
	return v.operators(func(i int) bool {
		e := &v.endpoints[i]
		return e.empty > v.users.number && !e.emptied.Before(from)
	})
}

func (v *View) usersQuorum() int { return min(v.chain.Quorum, v.users.counters) }

// usersMissing gives since when no block with users has come. That is so once it has lasted for the limit and, in at least
// half of that, blocks came in which the quorum counted none: a head that merely stands still says nothing of users. A
// stretch that the journal knows goes on if none are counted in the first blocks after the restart either.
func (v *View) usersMissing(now time.Time) (since time.Time, missing bool) {
	if v.users.counters == 0 || !v.agreed {
		return since, false
	}
	if before := v.users.before; !before.since.IsZero() && !before.restored {
		return before.since, !now.Before(v.settled())
	}
	last := v.users.last
	return last, now.Sub(last) >= v.limit && v.counted(last.Add(v.limit/2)) >= v.usersQuorum()
}

// assessUsers adds the finding, and gives the phase of a chain whose head is well by itself.
func (v *View) assessUsers(now time.Time, phase headwatch.Phase) headwatch.Phase {
	since, missing := v.usersMissing(now)
	if !missing {
		return phase
	}
	v.find(headwatch.Finding{
		Condition: headwatch.UserTxsMissing, Since: since, Value: now.Sub(since), Limit: v.limit,
		Detail: fmt.Sprintf("%d of %d operators that count them have seen none", v.counted(time.Time{}), v.users.counters),
	})
	if phase == headwatch.Live {
		return headwatch.Empty
	}
	return phase
}

// usersOverdue reports whether blocks must be counted one by one: none with users was seen for half of the limit.
func (v *View) usersOverdue(now time.Time) bool {
	return v.users.counters > 0 && v.agreed && now.Sub(v.users.last) >= v.limit/2
}
