package watcher

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"headwatch"
	"headwatch/config"
)

// A budget that is spent as stretch has it lasts until midnight, and an endpoint is asked at least once a minute whatever
// was spent.
func TestABudgetLastsUntilMidnight(t *testing.T) {
	midnight := time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)
	rapid.Check(t, func(r *rapid.T) {
		interval := time.Duration(rapid.IntRange(1, 90).Draw(r, "interval")) * time.Second
		b := budget{head: rapid.Uint64Range(1, 200).Draw(r, "head"), slow: rapid.Uint64Range(0, 800).Draw(r, "slow")}
		rarestCost := uint64(rate(b.head, b.slow, max(interval, rarest/interval*interval)) * day.Seconds())
		b.units = rapid.Uint64Range(2*rarestCost+1000, 40*rarestCost+2000).Draw(r, "units")
		spent := uint64(0)
		for now := midnight.Add(-day); now.Before(midnight); {
			every := b.stretch(interval, spent, now)
			if every < interval || every > max(rarest, interval) || every%interval != 0 {
				r.Fatalf("asked every %v at an interval of %v", every, interval)
			}
			cost := uint64(rate(b.head, b.slow, every)*every.Seconds() + 0.5)
			spent, now = spent+cost*10, now.Add(10*every) // ten polls at a time
		}
		if interval < rarest && spent > b.units {
			r.Fatalf("spent %d of %d", spent, b.units)
		}
	})
}

func TestWhatABudgetDoesToAnInterval(t *testing.T) {
	noon := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		units, spent uint64
		interval     time.Duration
		want         time.Duration
	}{
		"no budget":                   {0, 1 << 40, 2 * time.Second, 2 * time.Second},
		"plenty":                      {10_000_000, 0, 2 * time.Second, 2 * time.Second},
		"half the day, half is gone":  {1_000_000, 450_000, 2 * time.Second, 4 * time.Second},
		"the reserve is not for this": {1_000_000, 900_000, 2 * time.Second, time.Minute},
		"overspent":                   {1_000_000, 5_000_000, 2 * time.Second, time.Minute},
		"in whole intervals":          {1_000_000, 5_000_000, 7 * time.Second, 56 * time.Second},
		"slower than that by itself":  {1_000_000, 5_000_000, 5 * time.Minute, 5 * time.Minute},
	} {
		b := budget{units: c.units, head: 20, slow: 60}
		if got := b.stretch(c.interval, c.spent, noon); got != c.want {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

// spends makes every poll cost a thousand units.
func (r *rig) spends(budgeted uint64) {
	r.meter.tariff = tariff{other: 1000}
	r.budget = budget{units: budgeted, head: 1000}
	r.answer = func(ctx context.Context) headwatch.Observation {
		r.meter.message(time.Now(), []byte(`{"method":"x"}`))
		return good(ctx)
	}
}

func TestAnEndpointOverItsBudgetIsAskedMoreRarelyButNotUnderSuspicion(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		r.spends(5_000_000) // 43,200 polls would cost 43 million
		defer r.stop()
		r.watch(r.start, 60*time.Second, "0s+", "20.3s+", "40.3s+")
		if n := r.logs.FilterMessage("asked more rarely, to stay within the budget").Len(); n != 1 {
			t.Errorf("%d lines say that the endpoint is slowed, want 1", n)
		}
		for _, o := range r.heard() {
			if o.Every < 15*time.Second && o.At.Sub(r.started) > time.Second {
				t.Errorf("the next answer is said to be due in %v", o.Every)
			}
		}
		r.watch(r.suspicion, 3500*time.Millisecond, "0s+", "1s", "2s", "3s")
		r.suspect(false)
		time.Sleep(20 * time.Hour)
		synctest.Wait()
		if spent := r.meter.read(time.Now()).Today; spent > 5_000_000 {
			t.Errorf("spent %d of 5,000,000", spent)
		}
	})
}

func TestABadAnswerEndsTheSlowness(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		r.spends(100)
		defer r.stop()
		r.watch(r.start, 59*time.Second, "0s+")
		r.answers(bad)
		r.watch(nothing, 6*time.Second, "1.3s+", "3.3s", "5.3s")
	})
}

func TestTheEstimateIsWhatIsAsked(t *testing.T) {
	chain := config.Chain{Name: "l2", Kind: config.KindOPStack, BlockTime: config.Duration(2 * time.Second)}
	polled := config.Endpoint{Name: "e", URL: config.NewSecret("https://base-mainnet.g.alchemy.com/v2/key"), Interval: config.Duration(2 * time.Second), Budget: 7}
	pushing := polled
	pushing.WS = config.NewSecret("wss://base-mainnet.g.alchemy.com/v2/key")
	for name, c := range map[string]struct {
		endpoint config.Endpoint
		want     headwatch.Usage
	}{
		// 43,200 heads; every 12 s safe, finalized, syncing and the attributes transaction.
		"polled": {polled, headwatch.Usage{Requests: 43_200, Calls: 43_200 + 4*7_200, Units: 20*43_200 + 3*20*7_200, Budget: 7}},
		// Every minute five questions, and 43,200 headers of 2 kB.
		"pushing": {pushing, headwatch.Usage{Requests: 1440, Calls: 5*1440 + 43_200, Units: 4*20*1440 + 80*43_200, Budget: 7}},
	} {
		if got := Estimate(chain, c.endpoint); got != c.want {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
	}
}
