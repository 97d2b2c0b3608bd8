package watcher

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"headwatch"
	"headwatch/config"
)

// world is a chain that makes blocks on its own clock, with endpoints that are asked or push each at their own pace, and a
// watchdog that may be restarted. Timestamps are whole seconds, whatever the block time.
type world struct {
	*scene
	r         *rapid.T
	chain     config.Chain
	slot      time.Duration
	blocks    []headwatch.Head // what the chain is; the last one is its head
	came      []time.Time      // when each was made
	lost      headwatch.Head   // the other block of a race for the newest height
	made      time.Time        // when the last block was made
	stands    bool
	deaf      bool // our own network is gone
	endpoints []source
}

// source is one endpoint.
type source struct {
	config.Endpoint
	pushes bool
	behind int       // blocks
	down   time.Time // it fails until then
	next   time.Time // when it is asked next
	sent   uint64    // newest block that it pushed
}

const worldTick = 250 * time.Millisecond

func newWorld(t *testing.T, r *rapid.T) *world {
	w := &world{r: r}
	var names []string
	for i := range rapid.IntRange(2, 4).Draw(r, "endpoints") {
		names = append(names, string(rune('a'+i)))
	}
	w.slot = rapid.SampledFrom([]time.Duration{250 * time.Millisecond, 450 * time.Millisecond, time.Second, 1750 * time.Millisecond, sceneBlock}).Draw(r, "block time")
	interval := max(w.slot, time.Second)
	w.scene = newSceneOf(t, func(c *config.Chain) {
		c.Kind = rapid.SampledFrom([]string{config.KindOPStack, config.KindEVM, config.KindZKsync, config.KindArbitrum}).Draw(r, "kind")
		c.BlockTime, c.Busy = config.Duration(w.slot), c.Kind != config.KindEVM && rapid.Bool().Draw(r, "busy")
		c.SafeLag, c.FinalizedLag, c.ReorgDepth = config.Duration(2*time.Minute), config.Duration(3*time.Minute), 2
		for i := range c.Endpoints {
			e := &c.Endpoints[i]
			e.Interval, e.Timeout = config.Duration(interval), config.Duration(interval*4/5)
			if i > 1 && rapid.IntRange(0, 3).Draw(r, "operator") == 0 {
				e.Operator = "a"
			}
		}
		if rapid.Bool().Draw(r, "probe") && c.Kind == config.KindArbitrum {
			c.Endpoints = append(c.Endpoints, config.Endpoint{
				Name: "probe", Serves: config.ServesSequencer, Interval: config.Duration(10 * time.Second), Timeout: config.Duration(5 * time.Second),
			})
		}
		if rapid.Bool().Draw(r, "api") {
			withAPI("api")(c)
		}
		w.chain = *c
	}, names...)
	voters := make(map[string]bool)
	for _, e := range w.chain.Endpoints {
		if e.Serves == "" {
			voters[operatorOf(&e)] = true
		}
	}
	w.chain.Quorum = len(voters)/2 + 1
	w.view.chain.Quorum = w.chain.Quorum
	w.now = w.start.Add(time.Hour)
	for i := range 50 {
		w.made = w.now.Add(time.Duration(i-49) * w.slot)
		w.seal(w.made)
	}
	for _, e := range w.chain.Endpoints {
		s := source{Endpoint: e, next: w.now.Add(time.Duration(rapid.Int64Range(0, 1000).Draw(r, "phase")) * time.Millisecond)}
		if e.Serves == "" {
			s.pushes = rapid.IntRange(0, 2).Draw(r, "pushes") == 0
			s.behind = max(0, rapid.IntRange(-4, 3).Draw(r, "behind"))
		}
		w.endpoints = append(w.endpoints, s)
	}
	return w
}

// seal makes the next block, which bears a time.
func (w *world) seal(t time.Time) {
	n := uint64(len(w.blocks)) + 1000
	users := int(n*2654435761>>7) & 1 // half of the blocks have some
	h := headwatch.Head{Number: n, Hash: fmt.Sprintf("0x%d", n), Parent: fmt.Sprintf("0x%d", n-1), Time: t.Truncate(time.Second), UserTxs: &users}
	w.blocks, w.came = append(w.blocks, h), append(w.came, earlier(w.now, later(t, w.made)))
	w.lost = h
	w.lost.Hash = fmt.Sprintf("0xf%d", n)
}

// grow makes the blocks that are due; an OP Stack chain fills back what it missed.
func (w *world) grow() {
	if w.stands {
		return
	}
	for range 20 {
		if w.now.Sub(w.made) < w.slot {
			return
		}
		w.made = w.made.Add(w.slot)
		if w.chain.Kind != config.KindOPStack && w.now.Sub(w.made) > 2*w.slot {
			w.made = w.now
		}
		w.seal(w.made)
	}
}

// tick lets a moment pass. Whoever loses a race names the other newest block, if it is its turn.
func (w *world) tick(loser string) headwatch.Assessment {
	w.wait(worldTick)
	w.grow()
	for i := range w.endpoints {
		if e := &w.endpoints[i]; !w.deaf && e.pushes && w.now.After(e.down) {
			for n := max(e.sent, w.blocks[len(w.blocks)-1].Number-5) + 1; n <= w.blocks[len(w.blocks)-1].Number; n++ {
				h := w.blocks[n-1000]
				h.UserTxs, e.sent = nil, n
				w.view.Observe(headwatch.Observation{
					Endpoint: e.Name, At: w.now, Pushed: true, Heads: map[headwatch.Tag]headwatch.Head{headwatch.Unsafe: h}, Every: patience(e.Interval.D()),
				})
			}
		}
		if e := &w.endpoints[i]; !w.now.Before(e.next) {
			w.poll(e, e.Name == loser)
		}
	}
	a := w.assess()
	if w.view.suspicious(w.now) || a.Phase != headwatch.Live {
		for i := range w.endpoints {
			w.endpoints[i].next = earlier(w.endpoints[i].next, w.now.Add(suspectEvery))
		}
	}
	return a
}

func (w *world) poll(e *source, lost bool) {
	every := e.Interval.D()
	o := headwatch.Observation{Endpoint: e.Name, At: w.now}
	if e.pushes {
		o.Every, every = patience(every), patience(every)
	}
	if w.view.suspicious(w.now) || w.view.Assess(w.now).Phase != headwatch.Live {
		o.Every, every = suspectEvery, suspectEvery
	}
	e.next = w.now.Add(every + time.Duration(rapid.Int64Range(-100, 100).Draw(w.r, "jitter"))*time.Millisecond)
	switch {
	case w.deaf || w.now.Before(e.down):
		o.Err = &headwatch.Fault{Kind: headwatch.FaultTimeout}
	case e.Serves == config.ServesSequencer && w.stands:
		o.Err = &headwatch.Fault{Kind: headwatch.FaultRefused}
	case e.Serves == config.ServesSequencer:
		o.Alive = true
	case e.Serves == config.ServesAPI:
		o.Reading = &headwatch.Reading{Time: w.now}
	default:
		last := len(w.blocks) - 1
		for last > 0 && w.now.Sub(w.came[last]) < time.Duration(e.behind)*w.slot {
			last--
		}
		h := w.blocks[last]
		if lost && e.behind == 0 {
			h = w.lost
		}
		safe := w.blocks[max(0, last-last%40-1)]
		if w.chain.Kind == config.KindZKsync {
			safe.Hash = ""
		}
		o.Heads = map[headwatch.Tag]headwatch.Head{headwatch.Unsafe: h, headwatch.Safe: safe, headwatch.Finalized: w.blocks[max(0, last-last%40-21)]}
		o.Date = w.now.Truncate(time.Second)
	}
	w.view.Observe(o)
}

// restart begins anew with what the journal has of an assessment.
func (w *world) restart(a headwatch.Assessment) {
	text, err := json.Marshal(a)
	if err != nil {
		w.r.Fatal(err)
	}
	var kept headwatch.Assessment
	if err := json.Unmarshal(text, &kept); err != nil {
		w.r.Fatal(err)
	}
	view, err := NewView(w.chain, w.view.limits)
	if err != nil {
		w.r.Fatal(err)
	}
	view.Restore(kept)
	w.view = view
}

// tripping is what was found that may open a circuit.
func tripping(a headwatch.Assessment) []headwatch.Condition {
	var all []headwatch.Condition
	for _, rule := range Rules {
		if rule.Trips && a.Phase != headwatch.Unknown && a.Find(rule.Condition) != nil {
			all = append(all, rule.Condition)
		}
	}
	return all
}

// Whatever goes wrong here and with single endpoints, nothing trips while the chain goes on; and when all is well again, the
// chain soon is.
func TestNothingTripsInAWorldThatGoesOn(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		w := newWorld(t, r)
		kept := w.assess()
		for range rapid.IntRange(1, 12).Draw(r, "events") {
			ticks, loser := rapid.IntRange(1, 200).Draw(r, "ticks"), ""
			switch rapid.IntRange(0, 5).Draw(r, "event") {
			case 0:
				w.deaf, w.frozen = true, true
			case 1:
				if e := &w.endpoints[rapid.IntRange(0, len(w.endpoints)-1).Draw(r, "who")]; e.Serves != config.ServesAPI {
					e.down = w.now.Add(time.Duration(ticks) * worldTick)
				}
			case 2:
				w.frozen = true
			case 3:
				w.restart(kept)
			case 4:
				loser = rapid.SampledFrom([]string{"a", "b"}).Draw(r, "loser")
			case 5:
				kept = clone(w.assess())
			}
			for range ticks {
				a := w.tick(loser)
				loser = ""
				if found := tripping(a); len(found) > 0 {
					r.Fatalf("at %v: %v in %s: %+v", w.now.Sub(w.start), found, w.chain.Kind, a.Findings)
				}
			}
			unchangedUntilNext(r, w.scene)
			w.deaf, w.frozen = false, false
			for range 40 { // a network that comes and goes within seconds is not told from an API that does
				w.tick("")
			}
		}
		for range int(3 * time.Minute / worldTick) {
			w.tick("")
		}
		if a := w.assess(); a.Phase != headwatch.Live || len(a.Findings) > 0 {
			r.Fatalf("three minutes after all is well: %s at %d of %d, %+v", a.Phase, a.Head.Number, w.blocks[len(w.blocks)-1].Number, a.Findings)
		}
	})
}

// A chain that stands is stalled in time, over restarts and with a single endpoint that fails, from the same beginning; and
// when it goes on again the stall ends.
func TestAStallIsFoundInAnyWorld(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		w := newWorld(t, r)
		if w.view.chain.Idles() && !w.view.chain.Serves(config.ServesSequencer) {
			return
		}
		for range rapid.IntRange(10, 400).Draw(r, "ticks before") {
			w.tick("")
		}
		// Long enough for all to be heard.
		for range 60 {
			w.tick("")
		}
		w.stands = true
		stop, since := w.now, time.Time{}
		at := rapid.IntRange(0, 600).Draw(r, "restart")
		for i := range 400 {
			a := w.tick("")
			if i == at && !(w.view.chain.Idles() && a.Phase != headwatch.Stalled) { // a probe that never answered proves nothing
				w.restart(clone(a))
				continue
			}
			stalled := a.Phase == headwatch.Stalled
			late := sceneLimit + 12*time.Second
			if at < 400 && i >= at {
				late = max(late, time.Duration(at)*worldTick+sceneLimit+12*time.Second)
			}
			if gone := w.now.Sub(stop); !stalled && gone > late {
				r.Fatalf("%v after it stopped: %s %+v", gone, a.Phase, a.Findings)
			}
			if stalled && since.IsZero() {
				since = a.Find(headwatch.UnsafeHeadStalled).Since
			}
			if stalled && a.Find(headwatch.UnsafeHeadStalled).Since.Sub(since).Abs() > 0 && i < at {
				r.Fatalf("it began at %v, and before at %v", a.Find(headwatch.UnsafeHeadStalled).Since, since)
			}
		}
		w.stands = false
		for range int(4 * time.Minute / worldTick) {
			w.tick("")
		}
		if a := w.assess(); a.Phase != headwatch.Live || len(tripping(a)) > 0 {
			r.Fatalf("four minutes after it goes on: %s at %d of %d, %+v", a.Phase, a.Head.Number, w.blocks[len(w.blocks)-1].Number, a.Findings)
		}
	})
}

func clone(a headwatch.Assessment) headwatch.Assessment {
	a.Findings = slices.Clone(a.Findings)
	if a.Head != nil {
		h := *a.Head
		a.Head = &h
	}
	return a
}
