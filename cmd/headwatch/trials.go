package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"time"

	"go.uber.org/zap"

	"headwatch"
	"headwatch/config"
	"headwatch/delivery"
	"headwatch/hook"
)

// trials are the hooks of a configuration, and what came of trying those that can be tried without acting.
type trials struct {
	cfg       *config.Config
	net       *network
	log       *zap.Logger
	readiness *hook.Readiness
}

// newTrials prepares the trials of the hooks behind senders, by their names.
func newTrials(cfg *config.Config, senders map[string]delivery.Sender, net *network, log *zap.Logger) *trials {
	t := &trials{cfg: cfg, net: net, log: log}
	t.readiness = hook.NewReadiness(triable(cfg, senders), t.report)
	return t
}

// triable gives the hooks that can be tried and are not switched off.
func triable(cfg *config.Config, senders map[string]delivery.Sender) map[string]hook.Readier {
	all := make(map[string]hook.Readier)
	for i := range cfg.Hooks {
		h := &cfg.Hooks[i]
		if r, ok := hook.As[hook.Readier](senders[h.Name]); ok && h.Tried() {
			all[h.Name] = r
		}
	}
	return all
}

// Run tries the hooks until ctx ends.
func (t *trials) Run(ctx context.Context) error { return t.readiness.Run(ctx) }

// report tells the chains whose circuits list a hook, and logs what changed.
func (t *trials) report(name string, r hook.Trial) {
	if r.Since.Equal(r.At) {
		if r.Err != nil {
			t.log.Warn("hook is not ready", zap.String("hook", name), zap.Error(r.Err))
		} else {
			t.log.Info("hook is ready", zap.String("hook", name))
		}
	}
	for _, c := range t.net.chains {
		if slices.Contains(t.cfg.Telling(c.Name()), name) {
			c.Hear(headwatch.Observation{Hook: name, At: r.At, Err: r.Err})
		}
	}
}

// statuses is what is known of every hook, in the order of the configuration.
func (t *trials) statuses() []headwatch.HookStatus {
	all := hookStatuses(t.cfg)
	for i := range all {
		s := &all[i]
		if r := t.readiness.Last(s.Name); !r.At.IsZero() {
			s.Ready, s.Since, s.Checked = new(r.Err == nil), r.Since, r.At
			if r.Err != nil {
				s.Why = r.Err.Error()
			}
		}
	}
	return all
}

// unready says which hooks that may fire would fail, or were not tried yet.
func (t *trials) unready() (why []string) {
	for _, s := range t.statuses() {
		switch {
		case !s.Incident:
		case s.Ready == nil:
			why = append(why, fmt.Sprintf("hook %s: not tried yet", s.Name))
		case !*s.Ready:
			why = append(why, fmt.Sprintf("hook %s: not ready, %s", s.Name, s.Why))
		}
	}
	return why
}

// hookStatuses is what the configuration says of the hooks.
func hookStatuses(cfg *config.Config) []headwatch.HookStatus {
	all := make([]headwatch.HookStatus, len(cfg.Hooks))
	for i := range cfg.Hooks {
		h := &cfg.Hooks[i]
		all[i] = headwatch.HookStatus{Name: h.Name, Kind: h.Kind, Mode: h.Mode, Chain: h.Chain, Circuits: []string{}, Incident: h.MayFire()}
		for _, c := range cfg.CircuitsWith(h.Name) {
			all[i].Circuits = append(all[i].Circuits, c.Name)
		}
	}
	return all
}

// printHooks is the table of hooks.
func printHooks(w io.Writer, hooks []headwatch.HookStatus, now time.Time) {
	fmt.Fprintln(w, "HOOK\tKIND\tMODE\tFIRED BY\tTRIED\tREADY")
	for _, h := range hooks {
		ready, tried := "-", "-"
		if h.Ready != nil {
			if ready = "yes"; !*h.Ready {
				ready = "NO: " + h.Why
			}
			tried = short(now.Sub(h.Checked)) + " ago"
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\n", h.Name, h.Kind, h.Mode, firedBy(&h), tried, ready)
	}
}
