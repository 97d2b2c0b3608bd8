package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"headwatch"
)

// history is what a victim says of itself in the end: the journal, and the incidents that the API shows.
type history struct {
	transitions []headwatch.Transition
	deliveries  []headwatch.Delivery
	incidents   []headwatch.Incident // oldest first
}

// channelsTold is how many channels hear of a resolve: chat, on-call and market-makers.
const channelsTold = 3

// history reads the journal until it holds the ends of all notices of this many incidents of chains.
func (v *victim) history(ctx context.Context, incidents int) (h history, err error) {
	reading, done := context.WithTimeout(ctx, limit)
	defer done()
	resolves := 0
	followed := v.dog.follow(reading, func(kind string, data []byte) {
		switch kind {
		case "transition":
			var t headwatch.Transition
			err = errors.Join(err, json.Unmarshal(data, &t))
			if t.Circuit != headwatch.Watchdog {
				h.transitions = append(h.transitions, t)
			}
		case "delivery":
			var d headwatch.Delivery
			err = errors.Join(err, json.Unmarshal(data, &d))
			if ofItself(d.Incident) {
				break
			}
			h.deliveries = append(h.deliveries, d)
			if d.Kind == headwatch.StepResolve {
				resolves++
			}
		}
		if resolves == incidents*channelsTold {
			done()
		}
	}, "--after", "0")
	if resolves < incidents*channelsTold {
		err = errors.Join(err, fmt.Errorf("the journal holds %d ends of resolves of %d incidents on %d channels", resolves, incidents, channelsTold))
	}
	var shown struct {
		Incidents []headwatch.Incident `json:"incidents"`
	}
	_, asked := v.dog.get(ctx, "/v1/incidents", &shown)
	slices.Reverse(shown.Incidents)
	h.incidents = slices.DeleteFunc(shown.Incidents, func(i headwatch.Incident) bool { return i.Circuit == headwatch.Watchdog })
	return h, errors.Join(err, followed, asked)
}

// ofItself reports whether an incident is of headwatch's own troubles: it was killed.
func ofItself(incident string) bool { return strings.HasPrefix(incident, headwatch.Watchdog+"-") }

// steps gives the transitions of each incident, in the order of the journal.
func (h history) steps() (all [][]headwatch.Transition) {
	for i, t := range h.transitions {
		if i == 0 || t.Incident != h.transitions[i-1].Incident {
			all = append(all, nil)
		}
		all[len(all)-1] = append(all[len(all)-1], t)
	}
	return all
}

// end is the end of a notice on a channel.
type end struct {
	step    uint64
	channel string
}

// due counts what must have been told, by the rules of the configuration.
func (h history) due() map[end]int {
	due := make(map[end]int)
	for _, steps := range h.steps() {
		peak := headwatch.LevelNone
		for _, s := range steps {
			peak = max(peak, s.Level)
			due[end{s.Seq, "chat"}]++
			if peak >= headwatch.LevelPage {
				due[end{s.Seq, "on-call"}]++
			}
			if s.From != s.To {
				due[end{s.Seq, "market-makers"}]++
			}
		}
	}
	return due
}

// told counts what was told.
func (h history) told() map[end]int {
	told := make(map[end]int)
	for _, d := range h.deliveries {
		if d.Outcome == headwatch.Delivered {
			told[end{d.Step, d.Channel}]++
		}
	}
	return told
}

// cut counts the kills between a decision and the end of one of its deliveries.
func (h history) cut(kills []time.Time) (n int) {
	for _, at := range kills {
		if slices.ContainsFunc(h.deliveries, func(d headwatch.Delivery) bool { return d.Decided.Before(at) && at.Before(d.At) }) {
			n++
		}
	}
	return n
}
