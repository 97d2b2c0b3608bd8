package backtest

import (
	"math/rand/v2"
	"strings"
	"time"

	"headwatch"
	"headwatch/config"
)

// What a Fault does beside failing.
const (
	FaultStuck   = "stuck"   // answers with what it knew when the fault began
	FaultLate    = "late"    // answers with what was known a while ago
	FaultSyncing = "syncing" // is stuck, and says so
)

const (
	slowEvery    = slotL1 // how often what moves with the L1 is asked for
	suspectEvery = time.Second
	giveUpAfter  = 5 // failures in a row; then it is left alone for a while
	giveUpFor    = 15 * time.Second
	batcherFunds = 10e9 // gwei
)

// endpoint is a simulated endpoint, asked as the watcher asks: once an interval, every second while the head is late for half
// of the limit, rarely after failures.
type endpoint struct {
	cfg      *config.Endpoint
	chain    *chain
	l1       *chain            // nil on a layer 1
	batchers map[string]*chain // on an L1: the chains whose batchers have accounts here
	rng      *rand.Rand
	faults   []Fault // to come and under way, by From

	asked, at time.Time // the question under way, and when its answer is complete
	wanted    uint64    // the block that it asks for beside the head; 0 for none
	fault     *Fault    // that the question meets; nil for none
	slowAt    time.Time
	failures  int
	shown     block // named last
	delay     time.Duration
	latency   time.Duration
	heads     map[headwatch.Tag]headwatch.Head
}

func newEndpoint(cfg *config.Endpoint, c, l1 *chain, faults []Fault, start time.Time, rng *rand.Rand) *endpoint {
	e := &endpoint{
		cfg: cfg, chain: c, l1: l1, faults: faults, rng: rng, heads: make(map[headwatch.Tag]headwatch.Head, 4),
		delay:   time.Duration(50+rng.IntN(400)) * time.Millisecond,
		latency: time.Duration(20+rng.IntN(180)) * time.Millisecond,
	}
	e.ask(start.Add(time.Duration(rng.Int64N(int64(cfg.Interval)))))
	return e
}

// ask begins a question.
func (e *endpoint) ask(now time.Time) {
	for len(e.faults) > 0 && !e.faults[0].To.After(now) {
		e.faults = e.faults[1:]
	}
	e.fault = nil
	for i := range e.faults {
		if f := &e.faults[i]; !f.From.After(now) && f.To.After(now) {
			e.fault = f
		}
	}
	took := min(e.latency+time.Duration(float64(e.latency)*e.rng.ExpFloat64()/4), e.cfg.Timeout.D()*9/10)
	if e.fault != nil && e.fault.How == string(headwatch.FaultTimeout) {
		took = e.cfg.Timeout.D()
	}
	e.asked, e.at, e.wanted = now, now.Add(took), e.chain.wanted
}

// next is when the endpoint is asked again.
func (e *endpoint) next(limit time.Duration) time.Time {
	period := e.cfg.Interval.D()
	if e.failures >= giveUpAfter {
		period = max(period, giveUpFor)
	}
	next := e.asked.Add(period)
	if suspicion := later(e.chain.blocks[e.chain.head%kept].sealed.Add(limit/2), e.asked.Add(suspectEvery)); suspicion.Before(next) {
		next = suspicion
	}
	return later(next, e.at)
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// answer is what the endpoint says to the question under way. It is valid until the next.
func (e *endpoint) answer() headwatch.Observation {
	o := headwatch.Observation{
		Chain: e.chain.cfg.Name, Endpoint: e.cfg.Name, At: e.at, Latency: e.at.Sub(e.asked), Date: e.at.Truncate(time.Second),
	}
	knows := e.at.Add(-e.latency / 2)
	stuck := false
	if f := e.fault; f != nil {
		switch f.How {
		case FaultLate:
			knows = knows.Add(-f.By.D())
		case FaultStuck, FaultSyncing:
			knows, stuck = f.From, true
			o.Syncing = f.How == FaultSyncing
		default:
			o.Err = &headwatch.Fault{Kind: headwatch.FaultKind(f.How)}
			o.Date = time.Time{}
			e.failures++
			return o
		}
	}
	e.failures = 0
	switch e.cfg.Serves {
	case config.ServesAPI:
		o.Reading = e.reading(knows)
	case config.ServesFeed, config.ServesSequencer:
		o.Alive = e.chain.phase.Head != HeadFrozen
	default:
		e.show(&o, knows.Add(-e.delay), stuck)
	}
	return o
}

// show puts the heads in that the endpoint knew at an instant.
func (e *endpoint) show(o *headwatch.Observation, knew time.Time, stuck bool) {
	clear(e.heads)
	o.Heads = e.heads
	b := e.shown
	if !stuck || b.number == 0 {
		b = e.chain.visible(knew)
	}
	if b.number < e.shown.number && b.fork <= e.shown.fork {
		b = e.shown // it has not heard of the other fork yet
	}
	e.shown = b
	e.heads[headwatch.Unsafe] = e.chain.named(b)
	if e.wanted != 0 && e.wanted <= b.number && b.fork == e.chain.fork && e.cfg.Serves != config.ServesRollup {
		if past := e.chain.blocks[e.wanted%kept]; past.number == e.wanted {
			named := e.chain.named(past)
			o.Past = &named
		}
	}
	slow := o.At.Sub(e.slowAt) >= slowEvery
	if !slow && e.cfg.Serves != config.ServesRollup {
		return
	}
	e.slowAt = o.At
	o.ChainID = e.chain.cfg.ChainID
	if stuck {
		return
	}
	for _, tag := range []headwatch.Tag{headwatch.Safe, headwatch.Proven, headwatch.Finalized} {
		if b := e.chain.settling.heads[tag]; b.number > 0 {
			e.heads[tag] = e.chain.named(b)
		}
	}
	if e.chain.fills && e.l1 != nil {
		e.origins(o, b, knew)
	}
	for address, c := range e.batchers {
		if o.Accounts == nil {
			o.Accounts = make(map[string]headwatch.Account)
		}
		balance, nonce := uint64(batcherFunds), c.settling.batches
		o.Accounts[strings.ToLower(address)] = headwatch.Account{Balance: &balance, Nonce: &nonce}
	}
}

// origins are the L1 blocks that the newest and the safe head stand on.
func (e *endpoint) origins(o *headwatch.Observation, b block, knew time.Time) {
	origin := e.l1.named(e.l1.visible(earliest(knew, b.sealed).Add(-l1Confs)))
	o.Origin = &origin
	if e.cfg.Serves != config.ServesRollup {
		return
	}
	head := e.l1.named(e.l1.visible(knew))
	safe := e.l1.named(e.l1.visible(e.chain.settling.heads[headwatch.Safe].sealed.Add(-l1Confs)))
	o.HeadL1, o.SafeOrigin, o.Window = &head, &safe, e.chain.cfg.SequencingWindow
}

// reading is the value that an API reports: its own time, or a counter that rises with it.
func (e *endpoint) reading(knows time.Time) *headwatch.Reading {
	if e.cfg.Unit == config.UnitCounter {
		count := uint64(knows.UnixMilli())
		return &headwatch.Reading{Count: &count}
	}
	return &headwatch.Reading{Time: knows}
}
