package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os/exec"
	"regexp"
	"time"

	"headwatch"
	"headwatch/explain"
)

// events reports every decision, all that hooks report, and what was not sent on purpose, from now on.
func (w *watchdog) events(ctx context.Context) error {
	return w.follow(ctx, func(kind string, data []byte) {
		var t headwatch.Transition
		var r headwatch.Report
		var d headwatch.Delivery
		switch {
		case kind == "transition" && json.Unmarshal(data, &t) == nil:
			w.seen(decision(t))
		case kind == "report" && json.Unmarshal(data, &r) == nil:
			w.seen(reported(r))
		case kind == "delivery" && json.Unmarshal(data, &d) == nil && d.Outcome == headwatch.Withheld && d.Kind == headwatch.StepTrip:
			w.seen(sighting{at: d.At, who: "pause hook", kind: "withheld", key: d.Incident, text: "done with this trip: nothing was sent"})
		}
	})
}

// reported shows what a hook says of itself as it is in the journal.
func reported(r headwatch.Report) sighting {
	text := r.Detail
	switch r.Kind {
	case headwatch.ReportFired:
		text = "fires (" + r.Detail + "): on record before anything is sent"
	case headwatch.ReportSent:
		text = "sent, " + r.Detail + "; transaction " + r.Tx
	case headwatch.ReportNeedless:
		text = "sends nothing: " + r.Detail
	}
	return sighting{at: r.At, who: "pause hook", kind: string(r.Kind), key: r.Tx, text: hashes.ReplaceAllStringFunc(text, short)}
}

var hashes = regexp.MustCompile("0x[0-9a-f]{64}")

// short is enough of a hash to find it by.
func short(hash string) string { return hash[:10] + "…" }

// follow hands over the events of the journal, which it reads with headwatch's own command, until ctx ends.
func (w *watchdog) follow(ctx context.Context, handle func(kind string, data []byte), flags ...string) error {
	cmd := exec.CommandContext(ctx, w.program, append([]string{"events", "--follow", "--json", "--api", w.api}, flags...)...)
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("follow the events: %w", err)
	}
	lines := bufio.NewScanner(out)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var e struct {
			Kind string          `json:"kind"`
			Data json.RawMessage `json:"data"`
		}
		if json.Unmarshal(lines.Bytes(), &e) == nil {
			handle(e.Kind, e.Data)
		}
	}
	_ = cmd.Wait() // ends with ctx or with headwatch, which is watched elsewhere
	return nil
}

func decision(t headwatch.Transition) sighting {
	s := sighting{at: t.At, who: "headwatch", kind: t.Level.String(), key: t.Incident}
	late := t.At.Sub(t.Cause.Advanced).Round(time.Millisecond)
	switch {
	case t.From != t.To:
		s.kind = t.To.String()
		s.text = fmt.Sprintf("circuit %s: %s -> %s", t.Circuit, explain.Words(t.From), explain.Words(t.To))
	case t.Level == headwatch.LevelNone:
		s.text = fmt.Sprintf("circuit %s: incident over", t.Circuit)
	default:
		s.text = fmt.Sprintf("circuit %s: %s", t.Circuit, t.Level)
	}
	if t.Cause.Phase == headwatch.Stalled {
		s.text += fmt.Sprintf(", %s after the head last advanced", late)
	}
	return s
}
