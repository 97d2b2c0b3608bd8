package main

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"headwatch"
)

// crashLimit is for each thing that is waited for. None takes a quarter of it on an idle machine.
const crashLimit = time.Minute

// crashNight is one run: two chains, the program that watches them and is killed, its receivers, and an operator.
type crashNight struct {
	t       *testing.T
	plan    crashPlan
	world   *crashWorld
	process *process
	posts   map[string]*crashPost
	api     string
	token   string // file
	strikes chan crashKill

	mu       sync.Mutex
	begin    time.Time
	requests []crashRequest
	left     []crashKill // whose time has not come
	kills    []time.Time
	wrongs   []string
}

func newCrashNight(t *testing.T, p crashPlan) *crashNight {
	n := &crashNight{
		t: t, plan: p, world: newCrashWorld(t), posts: map[string]*crashPost{}, api: lowPort(t),
		token: filepath.Join(t.TempDir(), "token"), strikes: make(chan crashKill, len(p.kills)), left: slices.Clone(p.kills),
	}
	if err := os.WriteFile(n.token, []byte(crashToken+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range crashChannels {
		post := &crashPost{addr: lowPort(t)}
		post.open(t, n.receive(c))
		t.Cleanup(post.close)
		n.posts[c] = post
	}
	n.process = newProcess(t, n.config(n.world.url), "GORACE=atexit_sleep_ms=0") // else each program that stops waits for a second
	n.process.watch = n.logged
	return n
}

// play runs the night to its end: then nothing is open, everything is told, and the program has stopped.
func (n *crashNight) play(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	var running sync.WaitGroup
	defer running.Wait()
	defer cancel()
	keeping, release := context.WithCancel(ctx)
	var kept sync.WaitGroup
	kept.Go(func() { n.keep(keeping) })
	defer kept.Wait()
	defer release()
	if err := n.await("it to be ready", n.ready); err != nil {
		return err
	}
	n.set(func() { n.begin = time.Now() })
	n.happens(onNight)
	for c, o := range n.plan.outages {
		if o.how == outRefused {
			running.Go(func() { n.absent(ctx, c, o) })
		}
	}
	if err := n.course(); err != nil {
		return err
	}
	n.set(func() { // what never came to pass is not waited for
		for _, k := range n.left {
			n.strikes <- k
		}
		n.left = nil
	})
	if err := n.await("all to be over and told", n.over(ctx)); err != nil {
		return err
	}
	return nil
}

// keep starts the program, and again after each kill, until ctx ends.
func (n *crashNight) keep(ctx context.Context) {
	for ctx.Err() == nil {
		n.process.start()
		n.happens(onStart)
		var k crashKill
		select {
		case <-ctx.Done():
			return
		case <-n.process.ended:
			n.wrong("it ended by itself: %s", n.process.cmd.ProcessState)
			return
		case k = <-n.strikes:
		}
		at := time.Now()
		n.process.end(syscall.SIGKILL)
		n.set(func() { n.kills = append(n.kills, at) })
		pause(ctx, k.pause)
	}
}

func pause(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

// absent closes a receiver for a while.
func (n *crashNight) absent(ctx context.Context, channel string, o crashOutage) {
	p := n.posts[channel]
	pause(ctx, o.from)
	p.close()
	pause(ctx, o.lasts)
	p.open(n.t, n.receive(channel))
}

// happens reports whether a kill waits for this, and lets it come.
func (n *crashNight) happens(on string) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	before := len(n.left)
	n.left = slices.DeleteFunc(n.left, func(k crashKill) bool { return k.on == on && k.nth <= 1 && n.strike(k) })
	for i := range n.left {
		if n.left[i].on == on {
			n.left[i].nth--
		}
	}
	return len(n.left) < before
}

func (n *crashNight) strike(k crashKill) bool {
	time.AfterFunc(k.after, func() { n.strikes <- k })
	return true
}

// logged takes what the program logs.
func (n *crashNight) logged(text []byte) {
	for _, on := range []string{onDecided, onDue, onFinished} {
		for range bytes.Count(text, fmt.Appendf(nil, `"msg":%q`, on)) {
			n.happens(on)
		}
	}
}

// told reports whether a channel has taken something of a circuit after an instant, in one of these words.
func (n *crashNight) told(channel, circuit string, after time.Time, said ...string) func() bool {
	return func() bool {
		n.mu.Lock()
		defer n.mu.Unlock()
		return slices.ContainsFunc(n.requests, func(q crashRequest) bool {
			return q.taken && q.channel == channel && strings.HasPrefix(q.incident, circuit+"-") && q.at.After(after) && slices.Contains(said, q.said)
		})
	}
}

func (n *crashNight) await(what string, is func() bool) error {
	deadline := time.Now().Add(crashLimit)
	for !is() {
		if time.Now().After(deadline) {
			return fmt.Errorf("waited %s for %s", crashLimit, what)
		}
		time.Sleep(20 * time.Millisecond)
	}
	return nil
}

// order gives an order as an operator does, and again until there is an answer that it is on record.
func (n *crashNight) order(args ...string) error {
	time.Sleep(n.plan.think)
	var said string
	err := n.await("the order", func() (given bool) {
		n.happens(onOrder)
		said, given = n.give(args...)
		return given
	})
	if err != nil {
		return fmt.Errorf("%w %q: %s", err, args, said)
	}
	return nil
}

// give gives an order once.
func (n *crashNight) give(args ...string) (said string, given bool) {
	var shown safeBuffer
	args = slices.Concat([]string{"headwatch"}, args, []string{"--token-file", n.token, "--api", "http://" + n.api})
	given = run(n.t.Context(), args, &shown, &shown) == 0
	return shown.String(), given
}

func (n *crashNight) ready() bool { return fetch(&safeBuffer{}, "http://"+n.api+"/readyz") == 200 }

func (n *crashNight) client() *client {
	return &client{base: "http://" + n.api, shown: "the program"}
}

// over gives a condition that holds when for two seconds nothing has been open and nothing untold.
func (n *crashNight) over(ctx context.Context) func() bool {
	var since time.Time
	return func() bool {
		struck := false
		n.set(func() { struck = len(n.kills) == len(n.plan.kills) })
		all, err := n.client().incidents(ctx)
		idle := struck && err == nil && n.ready() && !slices.ContainsFunc(all, func(i headwatch.Incident) bool { return i.Resolved.IsZero() })
		for _, i := range all {
			if idle {
				d, err := n.report(i.ID)
				idle = err == nil && len(d.Pending) == 0
			}
		}
		switch {
		case !idle:
			since = time.Time{}
		case since.IsZero():
			since = time.Now()
		}
		return !since.IsZero() && time.Since(since) > 2*time.Second
	}
}

func (n *crashNight) wrong(what string, args ...any) {
	n.set(func() { n.wrongs = append(n.wrongs, fmt.Sprintf(what, args...)) })
}

func (n *crashNight) set(do func()) {
	n.mu.Lock()
	defer n.mu.Unlock()
	do()
}

// diary is what to look at when something went wrong.
func (n *crashNight) diary() string {
	var b strings.Builder
	lines := map[time.Time]string{}
	for _, k := range n.kills {
		lines[k] = "killed"
	}
	for _, q := range n.requests {
		lines[q.at] = fmt.Sprintf("%s got %s of %s, taken %t: %s", q.channel, q.said, q.incident, q.taken, q.body)
	}
	for _, at := range slices.SortedFunc(maps.Keys(lines), time.Time.Compare) {
		fmt.Fprintf(&b, "%s  %s\n", at.UTC().Format("15:04:05.000"), lines[at])
	}
	b.WriteString(n.process.log.String())
	return b.String()
}

// course is what happens in the night, whether or not anybody is there to see it. Each thing is waited for that somebody must be told.
func (n *crashNight) course() error {
	w, p := n.world, n.plan
	var since time.Time
	var failed error
	step := func(what string, do func() error) {
		if failed != nil {
			return
		}
		if err := do(); err != nil {
			failed = fmt.Errorf("%s: %w", what, err)
		}
	}
	heard := func(channel, circuit string, said ...string) {
		step(channel+" must hear of "+circuit, func() error {
			return n.await(strings.Join(said, " or "), n.told(channel, circuit, since, said...))
		})
	}
	order := func(args ...string) { step("an order", func() error { return n.order(args...) }) }

	order("silence", "chain=two", "--for", "1h", "--reason", "an upgrade")
	w.two.still.Store(true)
	time.Sleep(p.second)
	w.one.still.Store(true)
	heard("pager", "one", "trigger")
	order("ack", "one", "--reason", "looking at it")
	heard("chat", "one", "TRIP")
	if p.ackTrip {
		order("ack", "one", "--reason", "still looking at it")
	}
	time.Sleep(p.lasts)
	w.one.still.Store(false)
	heard("chat", "one", "RECOVERING")
	w.one.still.Store(true)
	since = time.Now()
	heard("chat", "one", "RELAPSE", "NO LONGER IN HAND", "TRIP")
	if !p.together {
		w.one.still.Store(false)
	}
	step("the silence", n.unsilence)
	heard("pager", "two", "trigger")
	if p.ackTwo {
		order("ack", "two", "--reason", "the upgrade again")
	} else {
		heard("backup", "two", "trigger")
	}
	order("note", "two", "the vendor says that it is over")
	if p.silenced {
		order("silence", "chain=two", "--for", "1h", "--reason", "whatever comes")
	}
	w.one.still.Store(false)
	w.two.still.Store(false)
	if p.flaps {
		heard("chat", "two", "RECOVERING")
		w.two.still.Store(true)
		time.Sleep(3*time.Second + 2*p.lasts)
		w.two.still.Store(false)
	}
	return failed
}

// unsilence ends every silence that there is.
func (n *crashNight) unsilence() error {
	time.Sleep(n.plan.think)
	return n.await("the end of the silence", func() bool {
		var s status
		if n.client().get(n.t.Context(), "/v1/silences", &s) != nil || len(s.Silences) == 0 {
			return false
		}
		for _, silence := range holding(s.Silences) {
			n.happens(onOrder)
			n.give("unsilence", silence.ID, "--reason", "it is done")
		}
		return len(holding(s.Silences)) == 0
	})
}
