package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/zap"

	"headwatch"
	"headwatch/incident"
)

// diary is a journal of escalations: it takes each number once, and hands on what it took as whoever keeps the books does.
type diary struct {
	mu     sync.Mutex
	book   *incident.Book
	events []headwatch.Event
	down   bool // takes nothing
	deaf   bool // takes it, and the process dies before it is told
	told   []string
	log    []headwatch.Notice
}

func (d *diary) Escalate(_ context.Context, e headwatch.Escalation) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.down {
		return errors.New("disk full")
	}
	for _, x := range d.events {
		if x.Escalation != nil && x.Escalation.Incident == e.Incident && x.Escalation.N == e.N {
			return nil
		}
	}
	d.put(headwatch.Event{Escalation: &e})
	return nil
}

func (d *diary) put(e headwatch.Event) {
	e.Seq = uint64(len(d.events) + 1)
	d.events = append(d.events, e)
	if !d.deaf {
		d.tell(e)
	}
}

func (d *diary) tell(e headwatch.Event) {
	for _, n := range d.book.Apply(e) {
		d.log = append(d.log, n)
		d.told = append(d.told, fmt.Sprintf("%s %s %s", n.Transition.At.Sub(time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)), n.Kind, n.Channel))
	}
}

// direct tells what the journal did not take.
func (d *diary) direct(notices []headwatch.Notice) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, n := range notices {
		d.told = append(d.told, fmt.Sprintf("%s %s %s directly", time.Since(time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)), n.Kind, n.Channel))
	}
}

func watched() *incident.Book {
	return incident.NewBook(func(string) incident.Plan {
		return incident.Plan{
			Alerts: []incident.Channel{{Name: "chat", From: headwatch.LevelWarn}},
			Policy: &incident.Policy{Steps: []incident.PolicyStep{{Tell: []string{"pager"}, From: headwatch.LevelPage, Every: 10 * time.Minute}}},
		}
	})
}

// keep runs keepTime until stop.
func (d *diary) keep(t *testing.T) (stop func()) {
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- keepTime(ctx, d.book, d, d.direct, zap.NewNop()) }()
	return func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}
}

func (d *diary) page() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.put(headwatch.Event{Transition: &headwatch.Transition{
		Circuit: "lending", Seq: 1, From: headwatch.Closed, To: headwatch.Closed, At: time.Now(), Level: headwatch.LevelPage,
		Actor: headwatch.Watchdog, Incident: "lending-1",
	}})
}

func (d *diary) saw(t *testing.T, want ...string) {
	t.Helper()
	synctest.Wait()
	d.mu.Lock()
	defer d.mu.Unlock()
	if !slices.Equal(d.told, want) {
		t.Errorf("told %q, want %q", d.told, want)
	}
}

func TestWhatTheClockBringsAboutIsOnRecordWhenItIsDue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &diary{book: watched()}
		stop := d.keep(t)
		defer stop()
		time.Sleep(90 * time.Second)
		d.page()
		d.saw(t, "1m30s page chat", "1m30s escalate pager")
		time.Sleep(10*time.Minute - time.Nanosecond)
		d.saw(t, "1m30s page chat", "1m30s escalate pager")
		time.Sleep(time.Nanosecond)
		d.saw(t, "1m30s page chat", "1m30s escalate pager", "11m30s escalate pager")
	})
}

func TestTroubleWithTheJournalDelaysTheClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &diary{book: watched()}
		stop := d.keep(t)
		defer stop()
		d.page()
		synctest.Wait()
		d.mu.Lock()
		d.down = true
		d.mu.Unlock()
		time.Sleep(65*time.Minute + clockRetry/2)
		d.mu.Lock()
		d.down = false
		d.mu.Unlock()
		time.Sleep(clockRetry)
		d.saw(t, "0s page chat", "0s escalate pager", "10m10s escalate pager directly", "1h5m1s escalate pager")
	})
}

// The journal takes neither the decision nor what follows from it: whoever is to be called later is called then.
func TestWithoutAJournalTheClockGoesOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &diary{down: true, book: incident.NewBook(func(string) incident.Plan {
			return incident.Plan{Policy: &incident.Policy{Steps: []incident.PolicyStep{
				{Tell: []string{"pager"}, From: headwatch.LevelPage}, {Tell: []string{"boss"}, From: headwatch.LevelPage, After: 15 * time.Minute},
			}}}
		})}
		defer d.keep(t)()
		page := headwatch.Transition{
			Circuit: "lending", Seq: 1, From: headwatch.Closed, To: headwatch.Closed, At: time.Now(), Level: headwatch.LevelPage,
			Actor: headwatch.Watchdog, Incident: "lending-1",
		}
		d.direct(d.book.Direct(page))
		time.Sleep(time.Hour)
		d.saw(t, "0s page pager directly", "15m10s escalate boss directly")
		d.mu.Lock()
		d.down = false
		d.put(headwatch.Event{Transition: &page})
		d.mu.Unlock()
		time.Sleep(time.Minute)
		d.saw(t, "0s page pager directly", "15m10s escalate boss directly", "0s page pager", "1h0m0s escalate boss")
	})
}

// The process dies between the append and the notices, and stays down for an hour.
func TestAfterADowntimeEveryNumberIsToldOnceAndARepeatOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &diary{book: watched()}
		stop := d.keep(t)
		d.page()
		synctest.Wait()
		d.mu.Lock()
		d.deaf = true
		d.mu.Unlock()
		time.Sleep(10 * time.Minute)
		synctest.Wait()
		stop()
		time.Sleep(time.Hour)

		d.mu.Lock()
		d.book, d.deaf = watched(), false
		last := len(d.events) - 1
		for _, e := range d.events[:last] {
			d.book.Restore(e)
		}
		for _, n := range d.log {
			d.book.Restore(headwatch.Event{Notice: &n})
		}
		d.book.Restored()
		d.tell(d.events[last])
		d.mu.Unlock()
		defer d.keep(t)()
		d.saw(t, "0s page chat", "0s escalate pager", "10m0s escalate pager", "1h10m0s escalate pager")
	})
}
