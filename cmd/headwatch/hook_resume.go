package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"time"

	"github.com/urfave/cli/v3"

	"headwatch"
	"headwatch/config"
	"headwatch/hook"
	"headwatch/hook/evm"
	"headwatch/web"
)

// resume puts the order to take a hook's pause back on record. The hook carries it out, also after a crash.
func (d *desk) resume(ctx context.Context, a headwatch.Action, h *config.Hook) (headwatch.Event, error) {
	r, ok := hook.As[hook.Resumer](d.channels.senders[h.Name])
	if !ok || !h.Acts() {
		return headwatch.Event{}, fmt.Errorf("%w: hook %s of kind %s in mode %s has done nothing that could be taken back", web.ErrConflict, h.Name, h.Kind, h.Mode)
	}
	if err := r.Resumable(ctx); errors.Is(err, evm.ErrNoResume) {
		return headwatch.Event{}, fmt.Errorf("%w: %w", web.ErrConflict, err)
	} else if err != nil {
		return headwatch.Event{}, err
	}
	a.Circuit, a.Incident = d.lastOf(h.Name)
	if err := d.journal.Act(ctx, a); err != nil {
		return headwatch.Event{}, err
	}
	e := headwatch.Event{At: a.At, Action: &a}
	d.ledger.Apply(e)
	return e, nil
}

// lastOf gives the newest incident of the circuits that list a hook: its people are told what becomes of it. Without one it gives
// a circuit.
func (d *desk) lastOf(name string) (circuit, incident string) {
	var newest time.Time
	for _, c := range d.cfg.CircuitsWith(name) {
		circuit = c.Name
	}
	for _, i := range d.book.Incidents() {
		c := d.cfg.Circuit(i.Circuit)
		if c != nil && slices.Contains(c.Hooks, name) && i.Opened.After(newest) {
			newest, circuit, incident = i.Opened, i.Circuit, i.ID
		}
	}
	return circuit, incident
}

var resume = order{headwatch.ActionResume, "", false}

// sendResume gives the order to the running headwatch, and tells what becomes of it until that is over.
func sendResume(ctx context.Context, c *cli.Command) error {
	if len(c.String("reason")) == 0 {
		return usageError{errors.New("hook resume --send needs --reason, for the journal")}
	}
	cl, err := newOperator(c)
	if err != nil {
		return err
	}
	var e headwatch.Event
	name := c.Args().First()
	if err := cl.post(ctx, "/v1/hooks/"+url.PathEscape(name)+"/"+string(resume.kind), map[string]string{"reason": c.String("reason")}, &e); err != nil {
		return fmt.Errorf("resume: %w", err)
	}
	if err := printOrdered(c, e); err != nil || e.Action == nil {
		return err
	}
	if e.Action.Incident == "" {
		_, err := fmt.Fprintln(c.Root().Writer, "no incident is kept to follow it in: `headwatch events --follow` shows what becomes of it")
		return err
	}
	told := map[headwatch.ReportKind]bool{}
	for {
		var i headwatch.Incident
		if err := cl.get(ctx, "/v1/incidents/"+url.PathEscape(e.Action.Incident), &i); err != nil {
			return fmt.Errorf("resume: it is on record, and what becomes of it cannot be read: %w", err)
		}
		for _, s := range i.Steps {
			r := s.Report
			if r == nil || r.Hook != name || r.What != evm.ResumeName(*e.Action) || told[r.Kind] {
				continue
			}
			told[r.Kind] = true
			fmt.Fprintf(c.Root().Writer, "%s  %s: %s %s\n", r.At.UTC().Format(time.TimeOnly), r.Kind, r.Detail, r.Tx)
			switch r.Kind {
			case headwatch.ReportEffective, headwatch.ReportNeedless, headwatch.ReportForeign:
				return nil
			case headwatch.ReportFailed, headwatch.ReportLapsed:
				return fmt.Errorf("resume: %s", r.Detail)
			}
		}
		select {
		case <-time.After(time.Second):
		case <-ctx.Done():
			return fmt.Errorf("resume: it is on record and goes on: %w", ctx.Err())
		}
	}
}
