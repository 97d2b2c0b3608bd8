package main

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"time"
)

// crashPlan is all that one night has in store, drawn from its seed and from nothing else.
type crashPlan struct {
	seed    uint64
	kills   []crashKill
	outages map[string]crashOutage // by channel

	second   time.Duration // from the stall of chain two to that of chain one
	think    time.Duration // of the operator, before each order
	lasts    time.Duration // an outage goes on for so long after what it was to bring about
	ackTrip  bool          // the operator takes the trip in hand as well
	ackTwo   bool          // and the incident of chain two, once it rings
	flaps    bool          // chain two stands still once more in its recovery
	together bool          // it comes back together with chain one
	silenced bool          // there is a silence again before its end
}

// crashKill ends the process by SIGKILL: so long after the nth time that something happens; then it is started again after a pause.
type crashKill struct {
	on    string
	nth   int
	after time.Duration
	pause time.Duration
}

// What a kill may wait for, besides a request to a channel, which then is never answered.
const (
	onNight    = "night"    // it begins
	onStart    = "start"    // the process is started, once more
	onOrder    = "order"    // an operator's order is sent
	onDecided  = "decided"  // a decision is on its way into the journal
	onDue      = "due"      // what the clock brings about is in the journal
	onFinished = "finished" // a receiver has taken a notice; that is not on record yet
)

// crashOutage is what a receiver does for a while.
type crashOutage struct {
	how         string
	from, lasts time.Duration // from the beginning of the night
}

// What a receiver may do.
const (
	outRefused = "refuses connections"
	outFails   = "answers 503"
	outHangs   = "does not answer"
	outLost    = "takes it, and its answer is lost"
)

// crashChannels are the receivers. The last one is a hook.
var crashChannels = []string{"chat", "pager", "backup", "desk", "pause"}

func newCrashPlan(seed uint64) crashPlan {
	r := rand.New(rand.NewPCG(seed, 0))
	upTo := func(d time.Duration) time.Duration { return time.Duration(r.Int64N(int64(d))).Round(time.Millisecond) }
	coin := func() bool { return r.IntN(2) == 0 }
	p := crashPlan{
		seed: seed, outages: map[string]crashOutage{},
		second: upTo(2 * time.Second), think: upTo(1500 * time.Millisecond), lasts: upTo(time.Second),
		ackTrip: coin(), ackTwo: coin(), flaps: coin(), together: coin(),
	}
	for range 1 + r.IntN(2) {
		p.outages[crashChannels[r.IntN(len(crashChannels))]] = crashOutage{
			how:  []string{outRefused, outFails, outHangs, outLost}[r.IntN(4)],
			from: upTo(12 * time.Second), lasts: time.Second + upTo(7*time.Second),
		}
	}
	for range 1 + r.IntN(3) {
		k := crashKill{nth: 1 + r.IntN(6)}
		switch r.IntN(10) {
		case 0, 1:
			k.on, k.nth, k.after = onNight, 1, upTo(25*time.Second)
		case 2:
			k.on, k.nth, k.after = onStart, 2, upTo(500*time.Millisecond)
		case 3:
			k.on, k.after = onOrder, upTo(10*time.Millisecond)
		case 4:
			k.on, k.nth, k.after = onDecided, 1+r.IntN(15), upTo(4*time.Millisecond)
		case 5:
			k.on, k.after = onDue, upTo(5*time.Millisecond)
		case 6:
			k.on, k.nth = onFinished, 1+r.IntN(50)
		default:
			k.on = crashChannels[r.IntN(len(crashChannels))]
		}
		if coin() {
			k.pause = upTo(4 * time.Second)
		}
		p.kills = append(p.kills, k)
	}
	p.silenced = coin()
	return p
}

// String tells it in a line.
func (p crashPlan) String() string {
	var all []string
	say := func(format string, args ...any) { all = append(all, fmt.Sprintf(format, args...)) }
	for _, k := range p.kills {
		text := fmt.Sprintf("kill on %s %d", k.on, k.nth)
		if k.on == onNight {
			text = "kill"
		}
		if k.after > 0 {
			text += fmt.Sprintf(" after %s", k.after)
		}
		if k.pause > 0 {
			text += fmt.Sprintf(" for %s", k.pause)
		}
		say("%s", text)
	}
	for _, c := range crashChannels {
		if o, is := p.outages[c]; is {
			say("%s %s from %s for %s", c, o.how, o.from, o.lasts)
		}
	}
	for _, does := range []struct {
		text string
		is   bool
	}{{"trip acknowledged", p.ackTrip}, {"two acknowledged", p.ackTwo}, {"two flaps", p.flaps}, {"back together", p.together}, {"silenced again", p.silenced}} {
		if does.is {
			say("%s", does.text)
		}
	}
	return strings.Join(all, ", ")
}
