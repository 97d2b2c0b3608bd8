package main

import (
	"bytes"
	"context"
	"fmt"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// victim is a real headwatch with a directory, a port and a street of its own. Whenever it is killed it is started again
// on the same directory, as a supervisor would.
type victim struct {
	name  string
	dog   *watchdog
	lives chan life // holds the present one; closed after the last

	mu       sync.Mutex
	log      bytes.Buffer // of all lives
	requests []request
	kills    []time.Time
	aimed    []shot        // of this outage, and not yet fired
	logged   int           // where the log of this outage begins
	told     int           // where its requests begin
	changed  chan struct{} // closed at the next change of any of this
}

type life struct {
	process *os.Process
	over    chan struct{} // closed when it is
}

func (tr *trial) newVictim(t *testing.T, name, listen string) *victim {
	t.Helper()
	v := &victim{name: name, lives: make(chan life, 1), changed: make(chan struct{})}
	s := &street{secret: newSecret(), seen: func(x sighting) {
		if x.kind == "unverified" {
			t.Errorf("victim %s: %s", name, x.text)
		}
	}}
	server := httptest.NewServer(v.receiver(s.handler()))
	t.Cleanup(server.Close)
	s.url = server.URL
	dir := filepath.Join(tr.dir, "victim-"+name)
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	config, err := (&setting{
		dir: dir, listen: listen, net: tr.chains, street: s, secret: s.secret, routing: strings.Repeat("0", 32), ladder: steep,
	}).write()
	if err != nil {
		t.Fatal(err)
	}
	v.dog = &watchdog{program: tr.program, config: config, log: "its last words", api: "http://" + listen}
	return v
}

// run keeps the process alive until ctx ends, and then asks it to stop. Any other end than by a kill is an error.
func (v *victim) run(ctx context.Context) error {
	defer close(v.lives)
	for {
		cmd := v.dog.command(ctx, v)
		cmd.Env = append(os.Environ(), "GORACE=atexit_sleep_ms=0") // else each program that stops waits for a second
		if err := cmd.Start(); err != nil {
			return err
		}
		l := life{cmd.Process, make(chan struct{})}
		v.lives <- l
		v.change(func() { v.fire(func(s shot) bool { return s.start }) })
		_ = cmd.Wait() // the state says more
		close(l.over)
		select {
		case <-v.lives:
		default: // a kill has taken it
		}
		status, ok := cmd.ProcessState.Sys().(syscall.WaitStatus)
		switch {
		case ctx.Err() != nil && cmd.ProcessState.Success():
			return nil
		case ctx.Err() != nil || !ok || status.Signal() != syscall.SIGKILL:
			return fmt.Errorf("victim %s ended: %s\n%s", v.name, cmd.ProcessState, v.tail())
		}
	}
}

// kill ends the process by SIGKILL and returns when it is gone. Between two lives it waits for the next.
func (v *victim) kill() {
	if l, ok := <-v.lives; ok {
		at := time.Now()
		_ = l.process.Kill()
		<-l.over
		v.change(func() { v.kills = append(v.kills, at) })
	}
}

// change changes the record of the victim and wakes whoever waits for something of it.
func (v *victim) change(do func()) {
	v.mu.Lock()
	defer v.mu.Unlock()
	do()
	close(v.changed)
	v.changed = make(chan struct{})
}

// await returns when the condition holds, or why ctx ended before.
func (v *victim) await(ctx context.Context, condition func() bool) error {
	for {
		v.mu.Lock()
		ok, changed := condition(), v.changed
		v.mu.Unlock()
		if ok {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// lastWords is what to look at when something went wrong: the end of the log, and the journal.
func (v *victim) lastWords(ctx context.Context) string {
	events, err := exec.CommandContext(ctx, v.dog.program, "events", "--after", "0", "--api", v.dog.api).CombinedOutput()
	return fmt.Sprintf("its log ends with\n%s\nits journal: %v\n%s", v.tail(), err, events)
}

func (v *victim) tail() string {
	v.mu.Lock()
	defer v.mu.Unlock()
	lines := strings.Split(v.log.String(), "\n")
	return strings.Join(lines[max(0, len(lines)-40):], "\n")
}
