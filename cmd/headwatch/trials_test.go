package main

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/zap"

	"headwatch"
	"headwatch/config"
	"headwatch/delivery"
	"headwatch/hook"
)

// sender is a hook that can be tried.
type sender struct {
	delivery.Sender
	err error
}

func (s sender) Ready(context.Context) error { return s.err }

// deaf is one that cannot.
type deaf struct{ delivery.Sender }

const hooked = `[[chain]]
preset = "ethereum"
  [[chain.endpoint]]
  name = "l1"
  url = "http://127.0.0.1:1"
[[chain]]
preset = "base"
  [[chain.endpoint]]
  name = "l2"
  url = "http://127.0.0.1:1"
[[circuit]]
name = "lending"
chain = "base"
hooks = ["bot", "armed", "dry"]
alerts = ["ops"]
[[circuit]]
name = "quiet"
chain = "base"
alerts = ["ops"]
[[alert]]
name = "ops"
kind = "console"
[[hook]]
name = "bot"
kind = "command"
command = ["true"]
mode = "armed"
`

// hookedConfig has hooks of the modes that matter here. Those of kind evm are added after the check: nothing of them is used.
func hookedConfig(t *testing.T) *config.Config {
	t.Helper()
	text := strings.Replace(hooked, `"bot", "armed", "dry"`, `"bot"`, 1)
	cfg, err := config.Parse("t", []byte(text), func(string) (string, bool) { return "", false })
	if err != nil {
		t.Fatal(err)
	}
	cfg.Hooks = append(cfg.Hooks, config.Hook{Name: "armed", Kind: config.HookEVM, Mode: config.ModeArmed, Chain: "base"},
		config.Hook{Name: "dry", Kind: config.HookEVM, Mode: config.ModeDryRun, Chain: "base"})
	cfg.Circuits[0].Hooks = []string{"bot", "armed", "dry"}
	cfg.Circuits[0].Tell = append(cfg.Circuits[0].Tell, headwatch.HookNotReady)
	cfg.Circuits[1].Tell = append(cfg.Circuits[1].Tell, headwatch.HookNotReady)
	return cfg
}

func TestAHookThatWouldFailIsAnIncidentOfTheCircuitsThatListIt(t *testing.T) {
	cfg := hookedConfig(t)
	net, err := wire(cfg, nil, nil, zap.NewNop())
	if err != nil {
		t.Fatal(err)
	}
	senders := map[string]delivery.Sender{"bot": deaf{}, "armed": sender{err: errors.New("its account on base is empty")}, "dry": sender{err: errors.New("dry trouble")}}
	tr := newTrials(cfg, senders, net, zap.NewNop())
	if got := tr.unready(); !slices.Equal(got, []string{"hook armed: not tried yet"}) {
		t.Errorf("before the first trial: %q", got)
	}
	now := time.Now()
	for name, r := range triable(cfg, senders) {
		tr.report(name, hook.Trial{At: now.Add(-time.Hour), Since: now.Add(-time.Hour), Err: r.Ready(t.Context())})
	}
	// The chain's loop is not run: what it would have heard is fed to the circuits as it assesses it.
	errSeen := errors.New("seen")
	var decided []string
	err = net.chain("base").Run(t.Context(), func(a headwatch.Assessment) error {
		if a.Find(headwatch.HookNotReady) == nil {
			return nil
		}
		for _, f := range a.Findings {
			if f.Condition == headwatch.HookNotReady && f.Hook != "armed" {
				t.Errorf("found of %s, which is not meant to fire", f.Hook)
			}
		}
		for _, c := range net.circuits["base"] {
			for _, d := range c.Feed(a) {
				decided = append(decided, d.Circuit+" "+d.Level.String())
			}
		}
		return errSeen
	})
	if !errors.Is(err, errSeen) || !slices.Equal(decided, []string{"lending warn", "lending page"}) {
		t.Errorf("decided %q, %v", decided, err)
	}
}

func TestTheStatusOfHooksSaysWhatIsKnown(t *testing.T) {
	cfg := hookedConfig(t)
	net, err := wire(cfg, nil, nil, zap.NewNop())
	if err != nil {
		t.Fatal(err)
	}
	senders := map[string]delivery.Sender{"bot": deaf{}, "armed": sender{err: errors.New("the role is gone")}, "dry": sender{}}
	tr := newTrials(cfg, senders, net, zap.NewNop())
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		go func() {
			if err := tr.Run(ctx); err != nil {
				t.Error(err)
			}
		}()
		synctest.Wait()
		cancel()
	})
	all := tr.statuses()
	if bot := all[0]; bot.Ready != nil || !slices.Equal(bot.Circuits, []string{"lending"}) {
		t.Errorf("bot: %+v", bot)
	}
	if armed := all[1]; armed.Ready == nil || *armed.Ready || armed.Why != "the role is gone" || armed.Checked.IsZero() || !armed.Incident {
		t.Errorf("armed: %+v", armed)
	}
	if dry := all[2]; dry.Ready == nil || !*dry.Ready || dry.Incident {
		t.Errorf("dry: %+v", dry)
	}
	if got := tr.unready(); !slices.Equal(got, []string{"hook armed: not ready, the role is gone"}) {
		t.Errorf("unready: %q", got)
	}
	var table strings.Builder
	printHooks(&table, all, time.Now())
	if got := table.String(); !strings.Contains(got, "NO: the role is gone") || !strings.Contains(got, "bot\tcommand\tarmed\tlending\t-\t-\n") {
		t.Errorf("table:\n%s", got)
	}
}

func TestARestartRemembersSinceWhenAHookIsNotReady(t *testing.T) {
	cfg := hookedConfig(t)
	began := time.Now().Add(-2 * time.Hour).UTC()
	decided := func(circuit string, at time.Time, findings ...headwatch.Finding) headwatch.Transition {
		return headwatch.Transition{
			Circuit: circuit, Seq: 1, From: headwatch.Closed, To: headwatch.Closed, At: at, Level: headwatch.LevelWarn,
			Cause: headwatch.Assessment{Chain: "base", At: at, Findings: findings},
		}
	}
	last := map[string]headwatch.Transition{ // the newest cause is of the circuit that does not list the hook
		"lending": decided("lending", began, headwatch.Finding{Condition: headwatch.HookNotReady, Hook: "armed", Since: began}),
		"quiet":   decided("quiet", began.Add(time.Hour), headwatch.Finding{Condition: headwatch.Blind, Since: began.Add(time.Hour)}),
	}
	net, err := wire(cfg, last, nil, zap.NewNop())
	if err != nil {
		t.Fatal(err)
	}
	errSeen := errors.New("seen")
	err = net.chain("base").Run(t.Context(), func(a headwatch.Assessment) error {
		if f := a.Find(headwatch.HookNotReady); f == nil || f.Hook != "armed" || !f.Since.Equal(began) {
			t.Errorf("after the restart: %+v", a.Findings)
		}
		return errSeen
	})
	if !errors.Is(err, errSeen) {
		t.Error(err)
	}
	if f := last["quiet"].Cause.Findings; len(f) != 1 {
		t.Errorf("what the journal gave was changed: %+v", f)
	}
}
