package evm

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/ethereum/go-ethereum/common"
)

// lidoBreaker pauses a contract through Lido's CircuitBreaker. The right to pause is for one contract and one account, one
// pause uses it up, and it sleeps when that account did not call heartbeat() for the heartbeat interval, a year on mainnet;
// only the DAO gives it back, by registerPauser(pausable, pauser). The pause ends by itself after pauseDuration, three weeks
// on mainnet; before that the contract's own resume() ends it. (lidofinance/circuit-breaker, src/CircuitBreaker.sol at
// 17136b1; on mainnet 0x6019CB557978296BA3C08a7B73225C0975DFB2F7 by its deployed.mainnet.json.)
var lidoBreaker = preset{
	name:     "lido-circuit-breaker",
	pauses:   "one contract, for three weeks on mainnet",
	who:      "the pauser of that contract, once",
	back:     "RESUME_ROLE of that contract",
	patterns: []pattern{{call: "pause(address)", read: "isPaused()", resume: "resume()", on: "$1"}},
	special: func(m *maker) {
		to, target := m.to, m.fill("$1")
		m.effect.check = func(ctx context.Context, r Reader, sender common.Address) error {
			pauser, err := look(ctx, r, to, "getPauser(address)(address)", target)
			switch {
			case err != nil:
				return err
			case pauser[0] == (common.Address{}).Hex():
				return fmt.Errorf("nobody may pause %s: a pause used the right up, or it was never given; the DAO has to call registerPauser(%s, %s)", target, target, sender)
			case pauser[0] != sender.Hex():
				return fmt.Errorf("%s may pause %s, and not %s", pauser[0], target, sender)
			}
			expiry, err := look(ctx, r, to, "heartbeatExpiry(address)(uint256)", sender.Hex())
			if err != nil {
				return err
			}
			return heartbeat(expiry[0], sender, time.Now())
		}
	},
}

// heartbeatMargin is how long before its end a right is told to end: time to collect the signatures of a multisig.
const heartbeatMargin = 7 * 24 * time.Hour

// heartbeat judges the instant at which the right of a pauser ends.
func heartbeat(expiry string, pauser common.Address, now time.Time) error {
	seconds, err := strconv.ParseInt(expiry, 10, 64)
	if err != nil {
		return nil //nolint:nilerr // Later than any calendar.
	}
	ends := time.Unix(seconds, 0)
	switch left := ends.Sub(now); {
	case left <= 0:
		return fmt.Errorf("the right of %s to pause expired at %s, and heartbeat() does not wake it: the DAO has to call registerPauser again", pauser, ends.UTC().Format(time.RFC3339))
	case left < heartbeatMargin:
		return fmt.Errorf("the right of %s to pause ends at %s: it has to call heartbeat() before", pauser, ends.UTC().Format(time.RFC3339))
	}
	return nil
}
