package postmortem

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"headwatch"
	"headwatch/incident"
)

// fold collects what belongs to one incident.
type fold struct {
	id        string
	book      *incident.Book // of this incident alone: what a decision means, how far it came, how often it fell back
	asOf      time.Time
	decisions []headwatch.Transition
	notices   map[told]headwatch.Notice // bare; those without an end yet
	newest    *headwatch.Notice         // since when, and what it began with
	ended     map[told]bool
	channels  map[string]*Channel
	silences  map[string]headwatch.Silence // that had not ended when the newest one began
	lifted    map[string]headwatch.Action
	joined    map[string]headwatch.Dependant
	beneath   map[string]bool
	steps     map[uint64]bool // of notices whose line the timeline has
	made      Draft           // as far as it is known before the end
}

// told names a notice.
type told struct {
	step    uint64
	channel string
}

func newFold(id string) *fold {
	all := headwatch.Conditions() // what the circuit is about is not in the journal
	return &fold{
		id: id, book: incident.NewBook(func(string) incident.Plan { return incident.Plan{On: all, Tell: all} }),
		notices: map[told]headwatch.Notice{}, ended: map[told]bool{}, channels: map[string]*Channel{},
		silences: map[string]headwatch.Silence{}, lifted: map[string]headwatch.Action{},
		joined: map[string]headwatch.Dependant{}, beneath: map[string]bool{}, steps: map[uint64]bool{},
		made: Draft{
			Schema: Schema, Incident: id, Beneath: []string{}, Dependants: []headwatch.Dependant{}, Timeline: []Entry{}, InHand: []Hand{},
			Escalation: []Escalation{}, Notes: []Order{}, Silences: []Silence{}, Orders: []Order{}, Hooks: []headwatch.Report{},
			Channels: []Channel{}, Pending: []Pending{},
		},
	}
}

// apply takes what concerns the incident out of an event.
func (f *fold) apply(e headwatch.Event) {
	if e.At.After(f.asOf) {
		f.asOf = e.At.UTC()
	}
	switch {
	case e.Transition != nil && e.Transition.Incident == f.id:
		f.book.Restore(e)
		f.worsened(*e.Transition)
		f.decisions = append(f.decisions, *e.Transition)
		f.hushed(e.Transition.At.UTC())
	case e.Action != nil:
		if e.Action.Silence != nil {
			f.book.Restore(e)
		}
		f.acted(*e.Action)
	case e.Notice != nil:
		f.told(*e.Notice)
	case e.Delivery != nil && e.Delivery.Incident == f.id:
		f.delivered(*e.Delivery)
	case e.Report != nil && e.Report.Incident == f.id:
		f.reported(*e.Report)
	case e.Escalation != nil && e.Escalation.Incident == f.id:
		f.book.Restore(e)
		f.escalated(*e.Escalation)
	}
}

// acted takes an order on the incident, and remembers silences for as long as they may matter.
func (f *fold) acted(a headwatch.Action) {
	switch {
	case a.Kind == headwatch.ActionSilence && a.Silence != nil:
		maps.DeleteFunc(f.silences, func(id string, s headwatch.Silence) bool { return s.Ends.Before(a.At) && !f.mattered(id) })
		s := *a.Silence
		s.Starts, s.Ends = s.Starts.UTC(), s.Ends.UTC()
		f.silences[s.ID] = s
	case a.Kind == headwatch.ActionUnsilence && a.Silence != nil:
		if _, known := f.silences[a.Silence.ID]; known {
			f.lifted[a.Silence.ID] = a
		}
	case a.Incident != f.id:
	default:
		o := Order{At: a.At.UTC(), Kind: string(a.Kind), By: a.Actor, Via: a.Via, Hook: a.Hook, For: a.For, Reason: a.Reason}
		f.ordered(o)
		switch a.Kind {
		case headwatch.ActionAck:
			f.letGo(o.At, "taken over by "+o.By)
			f.made.InHand = append(f.made.InHand, Hand{By: o.By, Via: o.Via, Reason: o.Reason, At: o.At})
		case headwatch.ActionNote:
			f.made.Notes = append(f.made.Notes, o)
		}
		f.line(Entry{At: o.At, Kind: o.Kind, By: o.By, Text: o.text()})
	}
}

func (f *fold) mattered(silence string) bool {
	return slices.ContainsFunc(f.made.Silences, func(s Silence) bool { return s.ID == silence })
}

// holding reports whether it is known that a silence holds the incident.
func (f *fold) holding(silence string) bool {
	return slices.ContainsFunc(f.made.Silences, func(s Silence) bool { return s.ID == silence && s.Released.IsZero() })
}

// hushed keeps which silence holds the incident after a decision. That is no event of its own: the silence was there before.
func (f *fold) hushed(at time.Time) {
	for _, i := range f.book.Incidents() {
		id := i.Silenced
		if i.ID != f.id || id == "" || f.holding(id) {
			continue
		}
		f.made.Silences = append(f.made.Silences, Silence{ID: id, Held: at})
		s := f.silences[id]
		f.line(Entry{At: at, Kind: string(headwatch.StepSilence), By: headwatch.Watchdog, Text: escalating(&headwatch.Escalation{
			Kind: headwatch.StepSilence, Why: "silence " + id + " of " + s.Author + ": " + s.Reason,
		})})
	}
}

func (f *fold) ordered(o Order) { f.made.Orders = append(f.made.Orders, o) }

func (f *fold) line(e Entry) { f.made.Timeline = append(f.made.Timeline, e) }

// letGo ends the newest acknowledgement.
func (f *fold) letGo(at time.Time, why string) {
	if n := len(f.made.InHand); n > 0 && f.made.InHand[n-1].Ended.IsZero() && !f.made.InHand[n-1].At.After(at) {
		h := &f.made.InHand[n-1]
		h.Ended, h.Why = at, why
	}
}

// worsened ends the acknowledgement that a decision made void: whoever had it in hand took something smaller. That is no event of
// its own.
func (f *fold) worsened(t headwatch.Transition) {
	var before headwatch.Level
	if n := len(f.decisions); n > 0 {
		before = f.decisions[n-1].Level
	}
	switch {
	case t.From == headwatch.HalfOpen && t.To == headwatch.Open:
		f.letGo(t.At.UTC(), "void: it fell back")
	case t.Level > before:
		f.letGo(t.At.UTC(), "void: it came to "+t.Level.String())
	}
}

// told keeps that something is to be told, without the evidence, which is with its decision.
func (f *fold) told(n headwatch.Notice) {
	if n.Incident != f.id {
		if n.Dependant != nil && n.Dependant.Incident == f.id {
			f.beneath[n.Incident] = true
		}
		return
	}
	n.Transition = headwatch.Transition{At: n.Transition.At.UTC(), Actor: n.Transition.Actor}
	f.newest = &n
	if n.Kind == headwatch.StepUnack && n.Escalation != nil {
		f.letGo(n.Transition.At, n.Escalation.Why)
	}
	if n.Kind == headwatch.StepAck {
		for i := range f.made.InHand {
			if h := &f.made.InHand[i]; h.By == n.AckedBy && h.At.Equal(n.Transition.At) && !n.AckedUntil.IsZero() {
				h.Until = n.AckedUntil.UTC()
			}
		}
	}
	if n.Dependant != nil {
		f.joined[n.Dependant.Incident] = *n.Dependant
		if !f.steps[n.Step] {
			f.steps[n.Step] = true
			f.line(Entry{At: n.Transition.At, Kind: string(n.Kind), By: headwatch.Watchdog, Text: joining(n.Kind, n.Dependant)})
		}
	}
	if key := (told{n.Step, n.Channel}); !f.ended[key] {
		f.notices[key] = n
	}
}

func (f *fold) delivered(d headwatch.Delivery) {
	key := told{d.Step, d.Channel}
	f.ended[key] = true
	delete(f.notices, key)
	c := f.channels[d.Channel]
	if c == nil {
		c = &Channel{Name: d.Channel, Deliveries: []Delivery{}}
		f.channels[d.Channel] = c
	}
	done := Delivery{
		Step: d.Step, Kind: d.Kind, Decided: d.Decided.UTC(), At: d.At.UTC(), Dwell: d.At.Sub(d.Decided), Attempts: d.Attempts, Took: d.Took,
		Outcome: d.Outcome, Detail: d.Detail,
	}
	switch d.Outcome {
	case headwatch.Delivered, headwatch.Coalesced:
		c.Slowest = max(c.Slowest, done.Dwell)
	case headwatch.Refused:
		c.Failed++
	}
	c.Deliveries = append(c.Deliveries, done)
}

func (f *fold) reported(r headwatch.Report) {
	r.At, r.Until = r.At.UTC(), r.Until.UTC()
	f.made.Hooks = append(f.made.Hooks, r)
	f.line(Entry{At: r.At, Kind: string(headwatch.StepHook), By: cmp.Or(r.Actor, r.Hook), Text: reporting(&r)})
}

func (f *fold) escalated(e headwatch.Escalation) {
	at := e.At.UTC()
	f.made.Escalation = append(f.made.Escalation, Escalation{
		At: at, Kind: e.Kind, Policy: e.Policy, Step: e.Step, Round: e.Round, Channels: orEmpty(e.Channels), OnCall: orEmpty(e.OnCall), Why: e.Why,
	})
	if e.Cause != "" {
		f.beneath[e.Cause] = true
	}
	switch {
	case e.Kind == headwatch.StepUnack:
		f.letGo(at, e.Why)
	case e.Kind == headwatch.StepSilence && e.Silence != "":
		if f.holding(e.Silence) {
			return
		}
		f.made.Silences = append(f.made.Silences, Silence{ID: e.Silence, Held: at})
	case e.Kind == headwatch.StepRelease && e.Silence != "":
		for i := range f.made.Silences {
			if s := &f.made.Silences[i]; s.ID == e.Silence && s.Released.IsZero() {
				s.Released = at
			}
		}
	}
	f.line(Entry{At: at, Kind: string(e.Kind), By: headwatch.Watchdog, Text: escalating(&e)})
}

func orEmpty(all []string) []string {
	if all == nil {
		return []string{}
	}
	return all
}
