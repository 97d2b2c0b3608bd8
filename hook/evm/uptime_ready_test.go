package evm

import (
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/ethereum/go-ethereum/params"

	"headwatch"
	"headwatch/config"
)

func TestAFeedThatIsNotAsItShouldBeIsNotReady(t *testing.T) {
	now := time.Unix(1_795_253_666, 0)
	for _, c := range []struct {
		name   string
		mode   string
		state  headwatch.State
		ago    time.Duration // since it is so
		down   bool
		heard  time.Duration // since the feed's newest message
		ok     bool
		common string // of what was found
	}{
		{"up, and renewed", config.ModeArmed, headwatch.Closed, time.Hour, false, 8 * time.Hour, true, "says up until 2026-11-22T01:34:26Z, in 16h"},
		{"up, and not renewed", config.ModeArmed, headwatch.Closed, time.Hour, false, 21 * time.Hour, false, "the lease ends in 3h and could not be renewed: no funds"},
		{"up, and not ours to renew", config.ModeDryRun, headwatch.Closed, time.Hour, false, 21 * time.Hour, true, "in 3h"},
		{"down while it is closed", config.ModeArmed, headwatch.Closed, time.Hour, true, time.Hour, false, "says down, and the circuit is closed: no funds"},
		{"down for a moment yet", config.ModeArmed, headwatch.Closed, time.Minute, true, time.Hour, true, "says down"},
		{"down while it is open", config.ModeArmed, headwatch.Open, time.Hour, true, time.Hour, true, "says down"},
		{"up while it is open", config.ModeArmed, headwatch.Open, time.Hour, false, time.Hour, false, "says up, and the circuit is open"},
	} {
		u := &Uptime{feed: Feed{Lease: 24 * time.Hour}, circuit: "lending", trouble: "no funds", Hook: &Hook{
			config:   config.Hook{Mode: c.mode, ConfirmWithin: config.Duration(5 * time.Minute)},
			accounts: &Accounts{},
			deps: Deps{Config: &config.Config{}, Signals: func(time.Duration) []headwatch.Signal {
				return []headwatch.Signal{{Circuit: "lending", State: c.state, Since: now.Add(-c.ago), ValidUntil: now.Add(time.Minute)}}
			}},
		}}
		s := u.tryLease(FeedState{Down: c.down, UpdatedAt: now.Add(-c.heard)}, now)
		if s.OK != c.ok || !strings.Contains(s.Found, c.common) {
			t.Errorf("%s: %+v", c.name, s)
		}
	}
}

func TestAFeedNeedsAMonthOfRenewals(t *testing.T) {
	u := &Uptime{feed: Feed{Lease: 24 * time.Hour}}
	d := &Sketch{Chain: "l1", Gas: 100_000, Price: big.NewInt(10 * params.GWei), Posting: new(big.Int)} // 0.001 ETH each, 90 a month
	for funds, want := range map[int64]bool{89: false, 90: true} {
		d.Funds = big.NewInt(funds * 1_000_000 * params.GWei)
		if s := u.tryMonth(d); s.OK != want || !strings.Contains(s.Found, "0.09 ETH") {
			t.Errorf("%d renewals: %+v", funds, s)
		}
	}
}
