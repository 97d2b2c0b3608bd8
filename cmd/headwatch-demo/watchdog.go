package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"headwatch"
	"headwatch/explain"
)

// watchdog is the real headwatch, as a process of its own, seen from outside only: its API and its own commands.
type watchdog struct {
	program string
	config  string
	log     string
	api     string
	seen    func(sighting)
}

// run runs headwatch until ctx ends. That it ends by itself is an error.
func (w *watchdog) run(ctx context.Context) error {
	log, err := os.Create(w.log)
	if err != nil {
		return err
	}
	defer log.Close()
	if err := w.command(ctx, log).Run(); ctx.Err() == nil {
		return fmt.Errorf("headwatch ended by itself (%w); its last words are in %s", orEnded(err), w.log)
	}
	return nil
}

// command is a headwatch that is asked to stop when ctx ends.
func (w *watchdog) command(ctx context.Context, log io.Writer) *exec.Cmd {
	cmd := exec.CommandContext(ctx, w.program, "run", "--config", w.config)
	cmd.Stdout, cmd.Stderr = log, log
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 10 * time.Second
	return cmd
}

func orEnded(err error) error {
	if err == nil {
		return errors.New("exit status 0")
	}
	return err
}

// phases asks for the chain's phase five times a second and reports every change, and once each endpoint that lost its
// vote.
func (w *watchdog) phases(ctx context.Context, chain string) error {
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	var phase string
	votes := make(map[string]string)
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		c, err := w.chain(ctx, chain)
		if err != nil {
			continue // not up yet, or no longer
		}
		if p := c.Assessment.Phase.String(); p != phase {
			phase = p
			w.seen(sighting{at: time.Now(), who: "headwatch", kind: "phase " + p, text: "chain " + chain + " is " + explain.Words(p)})
		}
		for _, e := range c.Endpoints {
			if v := e.Vote; v.Verdict == headwatch.NoVote && votes[e.Name] != v.Reason && e.Head != nil && e.Head.Number > quiet {
				w.seen(sighting{at: time.Now(), who: "headwatch", kind: "outvoted", key: e.Name, text: e.Name + " has no vote: " + v.Reason})
				votes[e.Name] = v.Reason
			}
		}
	}
}

func (w *watchdog) chain(ctx context.Context, name string) (headwatch.ChainStatus, error) {
	var all struct {
		Chains []headwatch.ChainStatus `json:"chains"`
	}
	if _, err := w.get(ctx, "/v1/chains", &all); err != nil {
		return headwatch.ChainStatus{}, err
	}
	for _, c := range all.Chains {
		if c.Assessment.Chain == name {
			return c, nil
		}
	}
	return headwatch.ChainStatus{}, fmt.Errorf("chain %s is not watched", name)
}

// readiness asks five times a second whether a hook would work, until headwatch knows, and reports it.
func (w *watchdog) readiness(ctx context.Context, name string) error {
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	for {
		var all struct {
			Hooks []headwatch.HookStatus `json:"hooks"`
		}
		_, err := w.get(ctx, "/v1/hooks", &all)
		for _, h := range all.Hooks {
			switch {
			case err != nil || h.Name != name || h.Ready == nil:
			case *h.Ready:
				w.seen(sighting{at: h.Checked, who: "pause hook", kind: "ready", text: "tried without sending anything: it would work"})
				return nil
			default:
				w.seen(sighting{at: h.Checked, who: "pause hook", kind: "not ready", text: "it would not work: " + h.Why})
				return nil
			}
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// order has an operator give an order to a circuit, as a person would.
func (w *watchdog) order(ctx context.Context, order, circuit, reason, token string) error {
	cmd := exec.CommandContext(ctx, w.program, order, circuit, "--reason", reason, "--token-file", token, "--api", w.api)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("headwatch %s %s: %w: %s", order, circuit, err, out)
	}
	return nil
}

// status is what a load balancer sees of a circuit.
func (w *watchdog) status(ctx context.Context, circuit string) int {
	var s headwatch.Signal
	code, err := w.get(ctx, "/v1/circuits/"+circuit, &s)
	if err != nil {
		return 0
	}
	return code
}

func (w *watchdog) get(ctx context.Context, path string, into any) (int, error) {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, w.api+path, nil)
	if err != nil {
		return 0, err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	return resp.StatusCode, json.NewDecoder(resp.Body).Decode(into)
}

// up waits until headwatch serves its API and says that it is ready.
func (w *watchdog) up(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		var ready struct{}
		if code, err := w.get(ctx, "/readyz", &ready); err == nil && code == http.StatusOK {
			return nil
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return fmt.Errorf("headwatch did not become ready in 30 s; see %s", filepath.Clean(w.log))
		}
	}
}
