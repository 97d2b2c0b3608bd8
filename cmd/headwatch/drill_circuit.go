package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/urfave/cli/v3"
	"go.uber.org/zap"

	"headwatch"
	"headwatch/config"
	"headwatch/duty"
	"headwatch/incident"
)

// rehearsal is a game day of one circuit: its people are told of an outage that is not, by the same reducer, senders and delivery
// as in earnest. No hook is called, and nothing is kept in the journal.
type rehearsal struct {
	Drill      bool                 `json:"drill"` // always true
	Incident   string               `json:"incident"`
	Circuit    string               `json:"circuit"`
	At         time.Time            `json:"at"`
	Hooks      []wouldFire          `json:"hooks"`
	Escalation []climb              `json:"escalation"` // of the circuit; told with --escalation only
	Told       []headwatch.Delivery `json:"told"`
	Lost       []lostNotice         `json:"lost"` // without an end when the drill ended
	Left       []string             `json:"left"` // channels on which something may still be open
}

// wouldFire is what a hook of the circuit would do.
type wouldFire struct {
	Hook  string     `json:"hook"`
	Would string     `json:"would"`
	Check *hookCheck `json:"check,omitempty"` // of one that can be tried without acting
}

type lostNotice struct {
	Channel string             `json:"channel"`
	Kind    headwatch.StepKind `json:"kind"`
	Why     string             `json:"why"`
}

// rehearse drills a circuit, after the person who drills has seen whom it rings.
func rehearse(ctx context.Context, c *cli.Command, cfg *config.Config, circuit *config.Circuit) error {
	for _, name := range []string{"send", "yes-on"} {
		if c.IsSet(name) {
			return usageError{fmt.Errorf("drill %s: --%s is for a hook; the hooks of a circuit are never called by a drill", circuit.Name, name)}
		}
	}
	now := time.Now()
	id := "drill-" + circuit.Name + "-" + now.UTC().Format("20060102T150405Z")
	climbs, err := climbsOf(ctx, cfg, circuit, now)
	if err != nil {
		return err
	}
	climbed := climbs
	if !c.Bool("escalation") {
		climbed = nil
	}
	story := drillStory(cfg, circuit, id, now, climbed, c.StringSlice("channel"))
	rings := channelsOf(story)
	for _, name := range c.StringSlice("channel") {
		if !slices.Contains(rings, name) {
			return usageError{fmt.Errorf("drill %s: --channel %s is not told of this circuit; channels that are: %s", circuit.Name, name, orNobody(told(cfg, *circuit, headwatch.LevelTrip)))}
		}
	}
	if len(rings) == 0 {
		return usageError{fmt.Errorf("drill %s: no alert channel is told of this circuit", circuit.Name)}
	}
	var alerts []config.Alert
	for _, name := range rings {
		alerts = append(alerts, *cfg.Alert(name))
	}
	if !c.Bool("yes") && !confirmed(c, alerts) {
		return usageError{fmt.Errorf("drill %s: nobody was told: confirm with --yes", circuit.Name)}
	}
	r := rehearsal{
		Drill: true, Incident: id, Circuit: circuit.Name, At: now.UTC(), Hooks: []wouldFire{}, Told: []headwatch.Delivery{}, Escalation: climbs,
		Lost: []lostNotice{}, Left: []string{},
	}
	if err := r.tell(ctx, c, cfg, story); err != nil {
		return fmt.Errorf("drill %s: %w", circuit.Name, err)
	}
	for _, name := range circuit.Hooks {
		r.Hooks = append(r.Hooks, sketchHook(ctx, cfg, name))
	}
	if c.Bool("json") {
		if err := json.NewEncoder(c.Root().Writer).Encode(r); err != nil {
			return err
		}
	} else {
		r.print(c.Root().Writer)
	}
	return r.verdict()
}

// verdict is the error of a drill in which a channel failed, or left something open.
func (r *rehearsal) verdict() error {
	var failed []string
	for _, d := range r.Told {
		if d.Outcome != headwatch.Delivered {
			failed = append(failed, d.Channel)
		}
	}
	for _, l := range r.Lost {
		failed = append(failed, l.Channel)
	}
	if len(failed) == 0 {
		return nil
	}
	slices.Sort(failed)
	text := "failed: " + strings.Join(slices.Compact(failed), ", ")
	if len(r.Left) > 0 {
		text += fmt.Sprintf("; %s may still be open on %s: close it there by hand", r.Incident, strings.Join(r.Left, ", "))
	}
	return fmt.Errorf("drill %s: %s", r.Circuit, text)
}

// drillStory is who would be told of an outage that comes to a trip and recovers, by the reducer of incidents, without hooks. With
// channels, only those.
func drillStory(cfg *config.Config, c *config.Circuit, id string, now time.Time, climbs []climb, only []string) []headwatch.Notice {
	book := incident.NewBook(func(name string) incident.Plan {
		p := plan(cfg)(name)
		p.Hooks = nil
		if len(only) > 0 {
			p.Alerts = slices.DeleteFunc(p.Alerts, func(a incident.Channel) bool { return !slices.Contains(only, a.Name) })
		}
		return p
	})
	trip := drillNotice(*c, id, "", now).Transition
	var story []headwatch.Notice
	seq := uint64(0)
	apply := func(e headwatch.Event) {
		seq++
		e.Seq, e.At = seq, now
		for _, n := range book.Apply(e) {
			n.Mark = headwatch.MarkDrill
			story = append(story, n)
		}
	}
	for i, step := range []struct {
		from, to headwatch.State
		level    headwatch.Level
	}{
		{headwatch.Closed, headwatch.Closed, headwatch.LevelWarn},
		{headwatch.Closed, headwatch.Closed, headwatch.LevelPage},
		{headwatch.Closed, headwatch.Open, headwatch.LevelTrip},
		{headwatch.Open, headwatch.HalfOpen, headwatch.LevelTrip},
		{headwatch.HalfOpen, headwatch.Closed, headwatch.LevelNone},
	} {
		t := trip
		t.Seq, t.From, t.To, t.Level = uint64(i+1), step.from, step.to, step.level
		if step.to == headwatch.HalfOpen || step.level == headwatch.LevelNone {
			t.Cause.Phase, t.Cause.Findings = headwatch.Live, nil
		}
		apply(headwatch.Event{Transition: &t})
		if step.to != headwatch.Open {
			continue
		}
		for n, x := range climbs {
			channels := x.Channels
			if len(only) > 0 {
				channels = slices.DeleteFunc(slices.Clone(channels), func(name string) bool { return !slices.Contains(only, name) })
			}
			if len(channels) > 0 {
				apply(headwatch.Event{Escalation: &headwatch.Escalation{
					Incident: id, Circuit: c.Name, N: uint64(n + 1), Kind: headwatch.StepEscalate, At: now, Policy: c.Escalation, Step: n,
					Channels: channels, OnCall: x.OnCall, Why: "in earnest nobody would have acknowledged for " + short(x.After),
				}})
			}
		}
	}
	return story
}

func channelsOf(story []headwatch.Notice) []string {
	var names []string
	for _, n := range story {
		names = append(names, n.Channel)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// climb is one step of the circuit's escalation, as it would be now.
type climb struct {
	From     headwatch.Level `json:"from"`
	After    time.Duration   `json:"after_ns"`
	Channels []string        `json:"channels"`
	OnCall   []string        `json:"on_call"`
}

// climbsOf gives whom a circuit's escalation would reach now. Hours are passed over: a drill at noon is one of the night, too.
func climbsOf(ctx context.Context, cfg *config.Config, c *config.Circuit, now time.Time) ([]climb, error) {
	all := []climb{}
	p := policy(cfg.Escalation(c.Escalation))
	if p == nil {
		return all, nil
	}
	roster, err := duty.New(cfg, zap.NewNop())
	if err != nil {
		return nil, err
	}
	roster.Read(ctx)
	for _, s := range p.Steps {
		channels, people := roster.Reach(s.Tell, now)
		all = append(all, climb{s.From, s.After, append([]string{}, channels...), append([]string{}, people...)})
	}
	return all, nil
}

func whoIsOnCall(people []string) string {
	if len(people) == 0 {
		return ""
	}
	return " (on call: " + strings.Join(people, ", ") + ")"
}

// sketchHook says what a hook of the circuit would do, without doing it.
func sketchHook(ctx context.Context, cfg *config.Config, name string) wouldFire {
	h := cfg.Hook(name)
	w := wouldFire{Hook: name, Would: "kind " + h.Kind + ", " + hookWords(h) + ": not called by a drill"}
	probers, err := probersOf(cfg, name)
	if err != nil {
		return w // its kind cannot be tried without acting
	}
	check := probers[0].check(ctx)
	w.Check = &check
	bound, cancel := context.WithTimeout(ctx, checkFor)
	defer cancel()
	if would, err := probers[0].Sketch(bound); err != nil {
		w.Would = "nothing can be sent: " + err.Error()
	} else {
		w.Would = fmt.Sprintf("would call %s of %s on %s (%s)", would.Text, would.To, would.Chain, hookWords(h))
	}
	return w
}

// print is the drill for people; each line says that it is one.
func (r *rehearsal) print(out io.Writer) {
	var text strings.Builder
	fmt.Fprintf(&text, "%s\nNothing of it is kept in the journal.\n\n", r.Incident)
	table := tabwriter.NewWriter(&text, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "CHANNEL\tTOLD\tOUTCOME\tAFTER\tATTEMPTS\tANSWER")
	for _, d := range r.Told {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%d\t%s\n", d.Channel, d.Kind, d.Outcome, d.At.Sub(d.Decided).Round(time.Millisecond), d.Attempts, cmp.Or(firstLine(d.Detail), "-"))
	}
	for _, l := range r.Lost {
		fmt.Fprintf(table, "%s\t%s\tFAILED\t-\t-\t%s\n", l.Channel, l.Kind, l.Why)
	}
	_ = table.Flush()
	for _, x := range r.Escalation {
		fmt.Fprintf(&text, "\nafter %s at level %s without an acknowledgement: %s%s\n", short(x.After), x.From, orNobody(x.Channels), whoIsOnCall(x.OnCall))
	}
	for _, h := range r.Hooks {
		fmt.Fprintf(&text, "\nhook %s %s\n", h.Hook, h.Would)
		if h.Check != nil {
			h.Check.print(&text)
		}
	}
	for line := range strings.Lines(text.String()) {
		fmt.Fprint(out, strings.TrimRight("DRILL  "+line, " \n")+"\n")
	}
}

func firstLine(s string) string {
	first, _, _ := strings.Cut(s, "\n")
	return first
}

// circuitOrHook says what the name of a drill names.
func circuitOrHook(cfg *config.Config, name string) (*config.Circuit, error) {
	c := cfg.Circuit(name)
	if c != nil && cfg.Hook(name) != nil {
		return nil, usageError{fmt.Errorf("drill %s: there is a circuit and a hook of this name; give one of them another name", name)}
	}
	if c == nil && cfg.Hook(name) == nil {
		var names []string
		for i := range cfg.Circuits {
			names = append(names, cfg.Circuits[i].Name)
		}
		for i := range cfg.Hooks {
			names = append(names, cfg.Hooks[i].Name)
		}
		return nil, usageError{fmt.Errorf("circuit or hook %q does not exist; %s", name, config.DidYouMean(name, names))}
	}
	return c, nil
}

var errUnanswered = errors.New("no answer before the drill ended")
