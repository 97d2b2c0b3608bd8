package watcher

import (
	"testing"
	"time"

	"headwatch"
	"headwatch/config"
)

const batcherAddress = "0x5050f69a9786f081509234f1a7f4684b5e5b76c9"

// pair is an L2 over an L1 whose endpoints tell of the batcher's account.
type pair struct {
	*scene
	l1 *Chain
}

func newPair(t *testing.T) *pair {
	s := newSceneOf(t, func(c *config.Chain) {
		c.Batcher, c.BatcherFunds = "0x5050F69a9786F081509234F1a7F4684b5E5b76C9", 5e8
		c.BatcherSilence = config.Duration(30 * time.Minute)
	}, "a", "b", "c")
	l1 := newSceneOf(t, func(c *config.Chain) { c.Name, c.L1, c.StaleAfter = "l1", "", config.Duration(time.Minute) }, "x", "y", "z")
	l1.view.watchAccounts([]string{batcherAddress})
	chain := &Chain{config: l1.view.chain, view: l1.view}
	return &pair{s, chain}
}

func account1(balance, nonce uint64) map[string]headwatch.Account {
	return map[string]headwatch.Account{batcherAddress: {Balance: &balance, Nonce: &nonce}}
}

// tell lets endpoints of the L1 tell of the account.
func (p *pair) tell(balance, nonce uint64, endpoints ...string) {
	for _, e := range endpoints {
		p.l1.view.Observe(headwatch.Observation{Endpoint: e, At: p.now, Accounts: account1(balance, nonce)})
	}
}

// runs lets both chains go on for d, and the L1's endpoints tell of the account as often as they are asked.
func (p *pair) runs(d time.Duration, balance, nonce uint64, endpoints ...string) headwatch.Assessment {
	p.Helper()
	return p.run(d, true, true, func() { p.tell(balance, nonce, endpoints...) })
}

func (p *pair) run(d time.Duration, l1, l2 bool, tell func()) headwatch.Assessment {
	p.Helper()
	var a headwatch.Assessment
	for end, i := p.now.Add(d), 0; p.now.Before(end); i++ {
		p.wait(10 * time.Second)
		n := uint64(p.now.Sub(p.start) / sceneBlock)
		for _, e := range []string{"x", "y", "z"} {
			h := p.block("l1-", n)
			if !l1 {
				h = p.l1.view.tip
			}
			p.l1.view.Observe(headwatch.Observation{Endpoint: e, At: p.now, Heads: map[headwatch.Tag]headwatch.Head{headwatch.Unsafe: h}})
		}
		if i%30 == 0 && tell != nil {
			tell()
		}
		p.l1.judge(p.now)
		if !l2 {
			n = p.view.tip.Number
		}
		p.says(n, "a", "b", "c")
		p.view.SetWitness(p.l1.asWitness())
		a = p.view.Assess(p.now)
	}
	return a
}

func (p *pair) wants(a headwatch.Assessment, silent, low bool) {
	p.Helper()
	if got := a.Find(headwatch.BatcherSilent); (got != nil) != silent {
		p.Errorf("at %v: batcher_silent %+v, want %v", p.now.Sub(p.start), got, silent)
	}
	if got := a.Find(headwatch.BatcherLowFunds); (got != nil) != low {
		p.Errorf("at %v: batcher_low_funds %+v, want %v", p.now.Sub(p.start), got, low)
	}
}

func TestABatcherThatSendsNothingIsSilent(t *testing.T) {
	p := newPair(t)
	p.wants(p.runs(20*time.Minute, 1e9, 7, "x", "y", "z"), false, false)
	rose := p.now.Add(10 * time.Second)
	p.wants(p.runs(30*time.Minute, 1e9, 8, "x", "y", "z"), false, false)
	a := p.runs(5*time.Minute, 1e9, 8, "x", "y", "z")
	p.wants(a, true, false)
	f := a.Find(headwatch.BatcherSilent)
	if !f.Since.Equal(rose) || f.Value != p.now.Sub(rose) || f.Limit != 30*time.Minute || f.Detail != "it has sent 8 transactions, and none since" {
		t.Errorf("finding %+v", f)
	}
	p.wants(p.runs(10*time.Second, 1e9, 9, "x", "y", "z"), false, false)
}

func TestAQuorumTellsOfTheBatcher(t *testing.T) {
	for name, c := range map[string]struct {
		tell        func(p *pair)
		silent, low bool
	}{
		"all":                      {func(p *pair) { p.tell(1, 7, "x", "y", "z") }, true, true},
		"two of three":             {func(p *pair) { p.tell(1, 7, "x", "z") }, true, true},
		"one alone":                {func(p *pair) { p.tell(1, 7, "y") }, false, false},
		"one against two":          {func(p *pair) { p.tell(1, 7, "x"); p.tell(1e9, uint64(p.now.Unix()), "y", "z") }, false, false},
		"one is far ahead":         {func(p *pair) { p.tell(1e18, uint64(p.now.Unix()), "x"); p.tell(1, 7, "y", "z") }, true, true},
		"enough, to the gwei":      {func(p *pair) { p.tell(5e8, uint64(p.now.Unix()), "x", "y") }, false, false},
		"a gwei less":              {func(p *pair) { p.tell(5e8-1, uint64(p.now.Unix()), "x", "y") }, false, true},
		"nothing at all":           {func(p *pair) { p.tell(0, uint64(p.now.Unix()), "x", "y") }, false, true},
		"nobody is asked":          {nil, false, false},
		"the balance alone":        {func(p *pair) { p.half(headwatch.Account{Balance: new(uint64)}) }, false, false},
		"the nonce alone":          {func(p *pair) { p.half(headwatch.Account{Nonce: new(uint64)}) }, false, false},
		"one the balance, one not": {func(p *pair) { p.tell(1, 7, "x"); p.half(headwatch.Account{Nonce: new(uint64)}) }, false, false},
	} {
		t.Run(name, func(t *testing.T) {
			p := newPair(t)
			var tell func()
			if c.tell != nil {
				tell = func() { c.tell(p) }
			}
			p.wants(p.run(40*time.Minute, true, true, tell), c.silent, c.low)
		})
	}
}

// half lets two endpoints tell half of what there is to know.
func (p *pair) half(a headwatch.Account) {
	for _, e := range []string{"y", "z"} {
		p.l1.view.Observe(headwatch.Observation{Endpoint: e, At: p.now, Accounts: map[string]headwatch.Account{batcherAddress: a}})
	}
}

func TestAnL1ThatDoesNotTellMakesNoBatcherSilent(t *testing.T) {
	p := newPair(t)
	p.runs(20*time.Minute, 1, 7, "x", "y", "z")
	p.wants(p.run(accountFor, true, true, nil), false, false)
	p.wants(p.run(time.Hour, true, true, nil), false, false)
}

// While the L2 stood still there was nothing to post; while the L1 did, nowhere to post it.
func TestABatcherIsNotSilentWhileAChainStands(t *testing.T) {
	for name, moves := range map[string]struct{ l1, l2 bool }{"the L2": {true, false}, "the L1": {false, true}} {
		t.Run(name, func(t *testing.T) {
			p := newPair(t)
			tell := func() { p.tell(1e9, 7, "x", "y", "z") }
			p.run(20*time.Minute, true, true, tell)
			p.wants(p.run(time.Hour, moves.l1, moves.l2, tell), false, false)
			p.wants(p.run(29*time.Minute, true, true, tell), false, false)
			p.wants(p.run(10*time.Minute, true, true, tell), true, false)
		})
	}
}

func TestLowFundsAreToldInEther(t *testing.T) {
	p := newPair(t)
	p.runs(10*time.Minute, 5e8, 7, "x", "y", "z")
	low := p.now.Add(10 * time.Second)
	a := p.runs(10*time.Minute, 310_000_000, 8, "x", "y", "z")
	if f := a.Find(headwatch.BatcherLowFunds); f == nil || f.Detail != "0.31 ETH left, less than 0.5 ETH" || !f.Since.Equal(low) {
		t.Errorf("finding %+v, want one since %v", f, low)
	}
	p.wants(p.runs(10*time.Second, 6e8, 9, "x", "y", "z"), false, false)
}

// What is agreed of an account is too old at an instant that Next names.
func TestWhatIsKnownOfTheBatcherEndsAtNext(t *testing.T) {
	p := newPair(t)
	p.runs(40*time.Minute, 1, 7, "x", "y", "z")
	told := p.view.batcher.account.at
	for range 1000 {
		a := p.view.Assess(p.now)
		known := a.Find(headwatch.BatcherLowFunds) != nil
		if want := p.now.Sub(told) < accountFor; known != want {
			t.Fatalf("%v after it was told: known %v, want %v", p.now.Sub(told), known, want)
		}
		if !known {
			return
		}
		p.now = a.Next
	}
	t.Error("it is known for ever")
}
