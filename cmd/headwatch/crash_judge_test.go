package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"go.uber.org/zap"

	"headwatch"
	"headwatch/config"
	"headwatch/delivery"
	"headwatch/journal"
	"headwatch/postmortem"
)

// crashVerdict is what became of a night.
type crashVerdict struct {
	faults    []string
	incidents int
	notices   int // that receivers had to get
	repeats   int // that they got again
	restarts  int // incidents of headwatch itself
	relapses  int
}

func (v *crashVerdict) fault(what string, args ...any) {
	v.faults = append(v.faults, fmt.Sprintf(what, args...))
}

// report asks for the review of an incident, by the command.
func (n *crashNight) report(id string) (*postmortem.Draft, error) {
	var out, errs safeBuffer
	if code := run(n.t.Context(), []string{"headwatch", "report", id, "--format", "json", "--api", "http://" + n.api}, &out, &errs); code != 0 {
		return nil, fmt.Errorf("report %s ended with %d: %s", id, code, &errs)
	}
	var d postmortem.Draft
	return &d, json.Unmarshal([]byte(out.String()), &d)
}

// events reads the journal of a program that has stopped.
func (n *crashNight) events(ctx context.Context) (all []headwatch.Event, err error) {
	j, err := journal.Look(ctx, config.Journal{Dir: filepath.Join(filepath.Dir(n.process.config), "data")}, zap.NewNop())
	if err != nil {
		return nil, err
	}
	defer j.Close()
	for e, err := range j.Read(ctx, 0, false) {
		if err != nil {
			return nil, err
		}
		all = append(all, e)
	}
	return all, nil
}

// crashLane is what one channel was to be told of one incident.
type crashLane struct{ channel, incident string }

// judge holds what the receivers got against the journal, and the journal against what must be.
func (n *crashNight) judge(v *crashVerdict, events []headwatch.Event, reports map[string]*postmortem.Draft) {
	due := map[crashLane][]string{}
	for _, e := range events {
		if e.Notice == nil {
			continue
		}
		if word := crashWord(*e.Notice); word != "" {
			v.notices++
			lane := crashLane{e.Notice.Channel, e.Notice.Incident}
			due[lane] = append(due[lane], word)
		}
	}
	got := map[crashLane][]crashRequest{}
	for _, q := range n.requests {
		if q.taken {
			lane := crashLane{q.channel, q.incident}
			got[lane] = append(got[lane], q)
		}
	}
	for lane := range got {
		if due[lane] == nil {
			v.fault("%s was told of %s, which the journal does not say", lane.channel, lane.incident)
		}
	}
	for lane, want := range due {
		v.lane(lane, want, got[lane])
	}
	decided := newCrashRecord(v)
	for _, e := range events {
		decided.apply(e)
	}
	decided.end(reports)
}

// crashWord is what a notice must come to at its receiver; "" when it does not concern it.
func crashWord(n headwatch.Notice) string {
	switch n.Channel {
	case "desk":
		return delivery.ID(n)
	case "pause":
		switch n.Kind {
		case headwatch.StepTrip, headwatch.StepRelapse, headwatch.StepRecover, headwatch.StepResolve:
			return delivery.ID(n)
		}
		return ""
	case "chat":
		return map[headwatch.StepKind]string{
			headwatch.StepWarn: "WARN", headwatch.StepPage: "PAGE", headwatch.StepTrip: "TRIP", headwatch.StepRecover: "RECOVERING",
			headwatch.StepRelapse: "RELAPSE", headwatch.StepResolve: "RESOLVED", headwatch.StepAck: "ACKNOWLEDGED",
			headwatch.StepEscalate: "STILL OPEN", headwatch.StepUnack: "NO LONGER IN HAND", headwatch.StepRelease: "STILL OPEN",
		}[n.Kind]
	}
	switch n.Kind {
	case headwatch.StepWarn, headwatch.StepPage, headwatch.StepTrip:
		if n.Transition.Level >= headwatch.LevelPage {
			return "trigger"
		}
	case headwatch.StepEscalate, headwatch.StepUnack, headwatch.StepRelease, headwatch.StepJoin:
		return "trigger"
	case headwatch.StepAck:
		return "acknowledge"
	case headwatch.StepResolve:
		return "resolve"
	}
	return ""
}

// inRow reports whether two words may be one: an operator who got no answer acknowledges again in the same words, and a pager is told of an
// end for each of its alerts.
func inRow(a, b string) bool {
	return a == b && slices.Contains([]string{"acknowledge", "ACKNOWLEDGED", "resolve"}, a)
}

// lane judges what one receiver got of one incident: all of it, in order, some of it more than once in a row and then the same, and every
// alert that a pager opened is closed in the end.
func (v *crashVerdict) lane(l crashLane, want []string, got []crashRequest) {
	pager := l.channel == "pager" || l.channel == "backup"
	var said []string
	ids, open := map[string][]byte{}, map[string]bool{}
	for i, q := range got {
		again := i > 0 && q.same(got[i-1])
		if again {
			v.repeats++
		}
		if before, known := ids[q.said]; known && !pager && l.channel != "chat" && !bytes.Equal(before, q.body) {
			v.fault("%s: %s came with two bodies: %s and %s", l.channel, q.said, before, q.body)
		}
		ids[q.said] = q.body
		if pager {
			open[q.key] = q.said != "resolve" && (open[q.key] || q.said == "trigger")
		}
		if !again {
			said = append(said, q.said)
		}
	}
	said, want = slices.CompactFunc(said, inRow), slices.CompactFunc(slices.Clone(want), inRow)
	if !slices.Equal(said, want) {
		v.fault("%s was to be told of %s: %s, and was told: %s", l.channel, l.incident, strings.Join(want, ", "), strings.Join(said, ", "))
	}
	for key, is := range open {
		if is {
			v.fault("%s: the alert %s was never closed", l.channel, key)
		}
	}
}
