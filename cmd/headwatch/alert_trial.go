package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
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

// A test that cannot be closed would stay on somebody's pager: its end is tried this often, so far apart.
const (
	closings     = 3
	closingPause = 2 * time.Second
)

func alertTestCommand() *cli.Command {
	return &cli.Command{
		Name:      "test",
		Usage:     "send a message marked TEST through a channel as configured, and its all-clear, and show the answers; without CHANNEL through all in turn",
		ArgsUsage: "[CHANNEL]",
		Flags: []cli.Flag{
			configFlag(), jsonFlag(),
			&cli.DurationFlag{Name: "open", Usage: "how long the test stays open before it is resolved, at most 10m (`DURATION`)", Value: 10 * time.Second},
			&cli.BoolFlag{Name: "resolve", Usage: "only resolve what an earlier test may have left open"},
			&cli.BoolFlag{Name: "yes", Aliases: []string{"y"}, Usage: "do not ask before all channels are tested: pagers ring people"},
		},
		Action: func(ctx context.Context, c *cli.Command) error {
			if err := arguments(c, 0, 1); err != nil {
				return err
			}
			if open := c.Duration("open"); open < 0 || open > 10*time.Minute {
				return usageError{errors.New("--open: expected 0s to 10m")}
			}
			cfg, err := load(c)
			if err != nil {
				return err
			}
			channels := cfg.Alerts
			if name := c.Args().First(); name != "" {
				a, err := alertNamed(cfg, name)
				if err != nil {
					return err
				}
				channels = []config.Alert{*a}
			} else if !c.Bool("yes") && !confirmed(c, channels) {
				return usageError{errors.New("nothing was sent: name one channel, or confirm all with --yes")}
			}
			return testAlerts(ctx, c, channels)
		},
	}
}

// confirmed asks the person at the terminal. Where nobody is, the answer is no.
func confirmed(c *cli.Command, channels []config.Alert) bool {
	var names []string
	for _, a := range channels {
		names = append(names, a.Name+" ("+a.Kind+")")
	}
	fmt.Fprintf(c.Root().ErrWriter, "This rings the people behind %s. Go on? [y/N] ", strings.Join(names, ", "))
	line, _ := bufio.NewReader(io.LimitReader(c.Root().Reader, 64)).ReadString('\n') //nolint:errcheck // no answer is a no
	answer := strings.ToLower(strings.TrimSpace(line))
	return answer == "y" || answer == "yes"
}

func testAlerts(ctx context.Context, c *cli.Command, channels []config.Alert) error {
	out := c.Root().Writer
	var all []sending
	var failed []string
	for _, a := range channels {
		t := trial{config: a, open: c.Duration("open"), say: func(s sending) {
			all = append(all, s)
			if !c.Bool("json") {
				s.print(out)
			}
		}}
		if !t.run(ctx, out, c.Bool("resolve")) {
			failed = append(failed, a.Name)
		}
		if ctx.Err() != nil {
			break
		}
	}
	if c.Bool("json") {
		if err := json.NewEncoder(out).Encode(map[string]any{"sent": all}); err != nil {
			return err
		}
	}
	if len(failed) > 0 {
		return fmt.Errorf("the test failed: %s", strings.Join(failed, ", "))
	}
	return nil
}

// sending is one message of a test and what became of it.
type sending struct {
	Channel string             `json:"channel"`
	Kind    string             `json:"kind"`
	Step    headwatch.StepKind `json:"step"`
	OK      bool               `json:"ok"`
	Took    time.Duration      `json:"took_ns"`
	Detail  string             `json:"detail"` // the answer, or what went wrong
	Advice  string             `json:"advice,omitempty"`
}

func (s sending) print(out io.Writer) {
	verdict := "taken"
	if !s.OK {
		verdict = "NOT TAKEN"
	}
	fmt.Fprintf(out, "TEST  %s (%s)  %-7s  %s in %s: %s\n", s.Channel, s.Kind, s.Step, verdict, short(s.Took), s.Detail)
	if s.Advice != "" {
		fmt.Fprintf(out, "TEST  %s\n", s.Advice)
	}
}

// trial is the test of one channel: what it opens it closes, also when the person at the terminal has enough.
type trial struct {
	config config.Alert
	open   time.Duration
	say    func(sending)
	sender delivery.Sender
}

// run reports whether all was taken.
func (t *trial) run(ctx context.Context, out io.Writer, closeOnly bool) bool {
	notes := &memory{kept: make(map[string][]byte)}
	sender, err := alert.New(t.config, alert.Deps{Advice: watcher.Advice, Console: out, Keep: notes.Keep, Log: zap.NewNop()})
	if err != nil {
		t.say(sending{Channel: t.config.Name, Kind: t.config.Kind, Step: headwatch.StepPage, Detail: err.Error()})
		return false
	}
	t.sender = sender
	return t.tell(ctx, closeOnly)
}

func (t *trial) tell(ctx context.Context, closeOnly bool) bool {
	ring, end := testNotices(t.config, time.Now())
	taken := true
	if !closeOnly {
		if taken = t.send(ctx, ring, true); taken {
			select {
			case <-time.After(t.open):
			case <-ctx.Done():
			}
		}
	}
	// An attempt that failed may have opened something all the same: its answer was lost.
	ctx = context.WithoutCancel(ctx)
	for n := 1; ; n++ {
		last := n == closings || !taken && !closeOnly
		if t.send(ctx, end, last) {
			return taken
		}
		if last {
			return false
		}
		time.Sleep(closingPause)
	}
}

// send makes one attempt, as the channel's loop would, and says what became of it where say is set or where it succeeded.
func (t *trial) send(ctx context.Context, n headwatch.Notice, say bool) bool {
	ctx, cancel := context.WithTimeout(ctx, t.config.Timeout.D())
	defer cancel()
	begin := time.Now()
	detail, err := t.sender.Send(ctx, t.sender.Route(), n)
	s := sending{Channel: t.config.Name, Kind: t.config.Kind, Step: n.Kind, OK: err == nil, Took: time.Since(begin), Detail: detail}
	if err != nil {
		s.Detail = err.Error()
		if n.Kind == headwatch.StepResolve {
			s.Advice = fmt.Sprintf("It may still be open: headwatch alert test %s --resolve", t.config.Name)
		}
	}
	if say || s.OK {
		t.say(s)
	}
	return s.OK
}

// testNotices are a page that every channel is told of, and its end. All tests of a channel have one dedup key, so that a later one
// closes what an earlier one left; each is an incident of its own, so that a second test is not taken for a repeat of the first.
func testNotices(a config.Alert, at time.Time) (ring, end headwatch.Notice) {
	incident := "test-" + a.Name + "-" + at.UTC().Format("20060102T150405Z")
	since := at.Add(-90 * time.Second)
	kind, level, state := headwatch.StepPage, headwatch.LevelPage, headwatch.Closed
	if a.From == headwatch.LevelTrip {
		kind, level, state = headwatch.StepTrip, headwatch.LevelTrip, headwatch.Open
	}
	ring = headwatch.Notice{
		Incident: incident, Step: 1, Kind: kind, Channel: a.Name, DedupKey: "headwatch-test-" + a.Name, Opened: since.Add(30 * time.Second), Since: since,
		Trigger: &headwatch.Trigger{Condition: headwatch.UnsafeHeadStalled}, Peak: level, Mark: headwatch.MarkTest,
		Transition: headwatch.Transition{
			Circuit: "test", Seq: 1, From: headwatch.Closed, To: state, At: at, Level: level, Actor: headwatch.Watchdog, Incident: incident, Since: since,
			Cause: headwatch.Assessment{Chain: "test", At: at, Phase: headwatch.Stalled, Findings: []headwatch.Finding{{
				Condition: headwatch.UnsafeHeadStalled, Since: since, Value: at.Sub(since), Detail: "a test of the channel " + a.Name,
			}}},
		},
	}
	end = ring
	end.Step, end.Kind = 2, headwatch.StepResolve
	t := &end.Transition
	t.Seq, t.From, t.To, t.At, t.Level = 2, state, headwatch.Closed, at.Add(time.Second), headwatch.LevelNone
	t.Cause = headwatch.Assessment{Chain: "test", At: t.At, Phase: headwatch.Live}
	return ring, end
}

// memory is what channels keep during a test.
type memory struct {
	mu   sync.Mutex
	kept map[string][]byte
}

// Keep is alert.Deps.Keep.
func (m *memory) Keep(_ context.Context, incident, channel, slot string, data []byte) ([]byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	at := fmt.Sprintf("%q %q %q", incident, channel, slot)
	if kept, ok := m.kept[at]; ok {
		return kept, nil
	}
	m.kept[at] = data
	return data, nil
}
