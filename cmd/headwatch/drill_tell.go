package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/urfave/cli/v3"
	"go.uber.org/zap"

	"headwatch"
	"headwatch/alert"
	"headwatch/config"
	"headwatch/delivery"
	"headwatch/watcher"
)

// tell sends the story, up to the trip at once and the rest after a while, through the delivery loops of its channels. An
// interrupt shortens the while: what was opened is closed.
func (r *rehearsal) tell(ctx context.Context, c *cli.Command, cfg *config.Config, story []headwatch.Notice) error {
	script := &script{changed: make(chan struct{}), failed: map[string]string{}}
	deps := alert.Deps{
		Advice: watcher.Advice, Hooks: hooksOf(cfg), Console: c.Root().Writer, Log: zap.NewNop(), Keep: (&memory{kept: make(map[string][]byte)}).Keep,
		Incidents: func() []headwatch.Incident { return nil }, Act: refuseOrder,
	}
	if c.Bool("json") {
		deps.Console = c.Root().ErrWriter
	}
	run, stop := context.WithCancel(context.WithoutCancel(ctx))
	var loops sync.WaitGroup
	defer loops.Wait()
	defer stop()
	for _, name := range channelsOf(story) {
		a := cfg.Alert(name)
		sender, err := alert.New(*a, deps)
		if err != nil {
			return err
		}
		ch := delivery.Channel{Name: name, Sender: remembering{sender, name, script}, Timeout: a.Timeout.D()}
		loops.Go(func() { _ = delivery.New(ch, script, script, zap.NewNop()).Run(run) }) // ends with run only
	}
	over := slices.IndexFunc(story, func(n headwatch.Notice) bool { return n.Kind == headwatch.StepRecover })
	if over < 0 {
		over = len(story)
	}
	script.hand(time.Now(), story[:over]...)
	select {
	case <-time.After(c.Duration("for")):
	case <-ctx.Done():
	}
	script.hand(time.Now(), story[over:]...)
	script.wait(c.Duration("wait"))
	stop()
	loops.Wait()
	r.Told = append(r.Told, script.done...)
	slices.SortStableFunc(r.Told, func(a, b headwatch.Delivery) int { return a.Decided.Compare(b.Decided) })
	open := map[string]bool{}
	for _, n := range script.open() {
		why := script.failed[n.Channel]
		if why == "" {
			why = errUnanswered.Error()
		}
		r.Lost = append(r.Lost, lostNotice{n.Channel, n.Kind, why})
		open[n.Channel] = true
	}
	for _, d := range r.Told {
		if d.Outcome != headwatch.Delivered && d.Kind == headwatch.StepResolve {
			open[d.Channel] = true
		}
	}
	r.Left = append(r.Left, slices.Sorted(maps.Keys(open))...)
	return nil
}

// script is a journal for one drill: it hands out what it is given and is forgotten. It also hears what fails.
type script struct {
	mu      sync.Mutex
	notices []headwatch.Notice
	done    []headwatch.Delivery
	changed chan struct{} // closed and replaced when something was handed over or has ended
	failed  map[string]string
}

// refuseOrder answers what people order on a channel: a drill has no incident.
func refuseOrder(context.Context, headwatch.Action) error { return errors.New("this is a drill") }

func (s *script) change() {
	close(s.changed)
	s.changed = make(chan struct{})
}

// hand adds notices, decided now.
func (s *script) hand(now time.Time, notices ...headwatch.Notice) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, n := range notices {
		n.Transition.At = now
		s.notices = append(s.notices, n)
	}
	s.change()
}

// Notices implements delivery.Journal.
func (s *script) Notices(ctx context.Context, channel string, handle func(delivery.Pending)) error {
	for handed := 0; ; {
		s.mu.Lock()
		fresh, changed := slices.Clone(s.notices[handed:]), s.changed
		handed = len(s.notices)
		s.mu.Unlock()
		for _, n := range fresh {
			if n.Channel == channel {
				handle(scripted{s, n})
			}
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return nil
		}
	}
}

// Freeze implements delivery.Journal: a drill is over before a configuration changes.
func (s *script) Freeze(_ context.Context, _, _ string, route []byte) ([]byte, error) {
	return route, nil
}

// Attempt implements delivery.Observer.
func (s *script) Attempt(string, delivery.Reason) {}

// Finished implements delivery.Observer.
func (s *script) Finished(headwatch.Delivery) {}

// open gives the notices without an end.
func (s *script) open() []headwatch.Notice {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(s.notices), func(n headwatch.Notice) bool {
		return slices.ContainsFunc(s.done, func(d headwatch.Delivery) bool { return d.Step == n.Step && d.Channel == n.Channel })
	})
}

// wait returns when every notice has its end, or after a while.
func (s *script) wait(patience time.Duration) {
	timer := time.NewTimer(patience)
	defer timer.Stop()
	for {
		s.mu.Lock()
		ended, changed := len(s.done) >= len(s.notices), s.changed
		s.mu.Unlock()
		if ended {
			return
		}
		select {
		case <-changed:
		case <-timer.C:
			return
		}
	}
}

// scripted is one notice of a script.
type scripted struct {
	script *script
	notice headwatch.Notice
}

func (l scripted) Notice() headwatch.Notice { return l.notice }

// Done implements delivery.Pending.
func (l scripted) Done(_ context.Context, d headwatch.Delivery) error {
	l.script.mu.Lock()
	defer l.script.mu.Unlock()
	l.script.done = append(l.script.done, d)
	l.script.change()
	return nil
}

// remembering keeps why the newest attempt of a channel failed, for the person who drills.
type remembering struct {
	delivery.Sender
	channel string
	script  *script
}

// Send implements delivery.Sender.
func (r remembering) Send(ctx context.Context, route json.RawMessage, n headwatch.Notice) (string, error) {
	detail, err := r.Sender.Send(ctx, route, n)
	r.script.mu.Lock()
	defer r.script.mu.Unlock()
	r.script.failed[r.channel] = ""
	if err != nil {
		r.script.failed[r.channel] = fmt.Sprintf("%s of %s", err, n.Kind)
	}
	return detail, err
}
