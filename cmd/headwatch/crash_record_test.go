package main

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"headwatch"
	"headwatch/postmortem"
)

// crashRecord goes through the journal of a night and says what should not be there, or is not there.
type crashRecord struct {
	v         *crashVerdict
	incidents map[string]*crashIncident
	silences  map[string]*crashSilence
	held      map[uint64]string // by event: the silence in whose time it came to pass
	acked     map[uint64]bool   // by event: somebody had the incident in hand
	places    map[string]uint64 // of transitions, by incident and number
	ends      map[string]int    // of deliveries
	notices   []headwatch.Notice
}

// crashIncident is one as the journal has it.
type crashIncident struct {
	circuit   string
	level     headwatch.Level
	acked     bool
	over      bool
	beneath   bool
	decisions []headwatch.Transition
	told      map[string]uint64 // by channel: the event by which it first heard of it
	orders    []headwatch.Action
	hushed    bool // a rung was reached in the time of a silence
}

type crashSilence struct {
	headwatch.Silence
	since  uint64 // the event that began it
	lifted bool
}

func newCrashRecord(v *crashVerdict) *crashRecord {
	return &crashRecord{
		v: v, incidents: map[string]*crashIncident{}, silences: map[string]*crashSilence{}, held: map[uint64]string{},
		acked: map[uint64]bool{}, places: map[string]uint64{}, ends: map[string]int{},
	}
}

func (r *crashRecord) apply(e headwatch.Event) {
	switch {
	case e.Transition != nil:
		r.decided(e.Seq, *e.Transition)
	case e.Action != nil:
		r.ordered(e.Seq, *e.Action)
	case e.Escalation != nil:
		i := r.incidents[e.Escalation.Incident]
		if i == nil {
			r.v.fault("%s escalates before it is decided", e.Escalation.Incident)
			return
		}
		r.acked[e.Seq] = i.acked
		r.held[e.Seq] = r.silent(i.circuit, e.Escalation.At)
		if e.Escalation.Kind == headwatch.StepUnack {
			i.acked = false
		}
	case e.Notice != nil:
		r.noticed(*e.Notice)
	case e.Delivery != nil:
		d := e.Delivery
		r.ends[fmt.Sprint(d.Incident, d.Step, d.Channel)]++
		if d.Outcome != headwatch.Delivered {
			r.v.fault("the %s of %s to %s ended as %s: %s", d.Kind, d.Incident, d.Channel, d.Outcome, d.Detail)
		}
	}
}

func (r *crashRecord) decided(seq uint64, t headwatch.Transition) {
	i := r.incidents[t.Incident]
	if i == nil {
		i = &crashIncident{circuit: t.Circuit, told: map[string]uint64{}}
		r.incidents[t.Incident] = i
		r.v.incidents++
		if t.Circuit == headwatch.Watchdog {
			r.v.restarts++
		}
	}
	if i.over {
		r.v.fault("%s goes on after its end", t.Incident)
	}
	relapse := t.From == headwatch.HalfOpen && t.To == headwatch.Open
	if t.Level > i.level || relapse {
		i.acked = false
	}
	if relapse {
		r.v.relapses++
	}
	i.level, i.over = t.Level, t.Level == headwatch.LevelNone
	i.decisions = append(i.decisions, t)
	r.places[fmt.Sprint(t.Incident, t.Seq)] = seq
	if silence := r.silent(t.Circuit, t.At); silence != "" {
		r.held[seq] = silence
		i.hushed = i.hushed || t.From == t.To && t.Level > headwatch.LevelNone
	}
}

// silent gives the silence that a circuit is under. All are of chain two.
func (r *crashRecord) silent(circuit string, at time.Time) string {
	for id, s := range r.silences {
		if circuit == "two" && !at.Before(s.Starts) && at.Before(s.Ends) {
			return id
		}
	}
	return ""
}

func (r *crashRecord) ordered(seq uint64, a headwatch.Action) {
	if i := r.incidents[a.Incident]; i != nil {
		i.orders = append(i.orders, a)
		i.acked = i.acked || a.Kind == headwatch.ActionAck && !i.over
	}
	switch a.Kind {
	case headwatch.ActionSilence:
		r.silences[a.Silence.ID] = &crashSilence{Silence: *a.Silence, since: seq}
	case headwatch.ActionUnsilence:
		s := r.silences[a.Silence.ID]
		s.Ends, s.lifted = a.At, true
	}
}

// noticed judges what is to be told when it is to be told.
func (r *crashRecord) noticed(n headwatch.Notice) {
	i := r.incidents[n.Incident]
	if i == nil {
		r.v.fault("%s is told of %s before it is decided", n.Channel, n.Incident)
		return
	}
	if n.DedupKey != n.Incident {
		r.v.fault("%s is told of %s under the key %s", n.Channel, n.Incident, n.DedupKey)
	}
	from, decision := r.places[fmt.Sprint(n.Incident, n.Step)]
	if !decision {
		from = n.Step &^ (1 << 40)
	}
	silence, first := r.held[from], i.told[n.Channel] == 0
	switch {
	case n.Channel == "pause":
	case n.Kind.Opens() && first && silence != "" && r.silences[silence].since < from:
		r.v.fault("%s is told of the %s of %s in spite of silence %s", n.Channel, n.Kind, n.Incident, silence)
	case !n.Kind.Opens() && first:
		r.v.fault("the first that %s hears of %s is a %s", n.Channel, n.Incident, n.Kind)
	case n.Kind == headwatch.StepEscalate && r.acked[from]:
		r.v.fault("%s is rung for %s, which somebody has in hand", n.Channel, n.Incident)
	}
	if first {
		i.told[n.Channel] = from
	}
	if n.Dependant != nil {
		if d := r.incidents[n.Dependant.Incident]; d != nil {
			d.beneath = true
		}
	}
	r.notices = append(r.notices, n)
}

// listeners are told of every decision of a circuit from a rung on.
func listeners(circuit string) map[string]headwatch.Level {
	all := map[string]headwatch.Level{"chat": headwatch.LevelWarn, "desk": headwatch.LevelWarn}
	if circuit != "two" {
		all["pager"] = headwatch.LevelPage
	}
	if circuit == headwatch.Watchdog {
		all["backup"] = headwatch.LevelPage
	}
	return all
}

// end judges the whole.
func (r *crashRecord) end(reports map[string]*postmortem.Draft) {
	told := map[string]bool{}
	for _, n := range r.notices {
		told[fmt.Sprint(n.Incident, n.Step, n.Channel)] = true
		if ends := r.ends[fmt.Sprint(n.Incident, n.Step, n.Channel)]; ends != 1 {
			r.v.fault("the delivery of the %s of %s to %s has %d ends", n.Kind, n.Incident, n.Channel, ends)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(r.incidents)) {
		i := r.incidents[id]
		if !i.over {
			r.v.fault("%s has no end", id)
		}
		fired := false
		for _, t := range i.decisions {
			seq := r.places[fmt.Sprint(id, t.Seq)]
			trip := t.From != t.To && t.To == headwatch.Open
			rung := t.From == t.To && t.Actor == headwatch.Watchdog && t.Level > headwatch.LevelNone || trip && t.From == headwatch.Closed
			for channel, from := range listeners(i.circuit) {
				knows := i.told[channel] != 0 && i.told[channel] < seq
				must := knows || rung && t.Level >= from && r.held[seq] == "" && !i.beneath
				if must && !told[fmt.Sprint(id, t.Seq, channel)] {
					r.v.fault("%s is not told of decision %d of %s, to level %s", channel, t.Seq, id, t.Level)
				}
			}
			if fired = fired || trip; fired && i.circuit != headwatch.Watchdog && t.From != t.To && !told[fmt.Sprint(id, t.Seq, "pause")] {
				r.v.fault("the hook is not told of decision %d of %s, to %s", t.Seq, id, t.To)
			}
		}
		r.reported(id, i, reports[id])
	}
}

// reported holds the review of an incident against the journal.
func (r *crashRecord) reported(id string, i *crashIncident, d *postmortem.Draft) {
	if d == nil {
		r.v.fault("there is no report of %s", id)
		return
	}
	listed := map[string]int{}
	for _, c := range d.Channels {
		for _, x := range c.Deliveries {
			listed[fmt.Sprint(id, x.Step, c.Name)]++
		}
	}
	for _, n := range r.notices {
		if key := fmt.Sprint(n.Incident, n.Step, n.Channel); n.Incident == id && listed[key] != 1 {
			r.v.fault("the report of %s lists the %s to %s %d times", id, n.Kind, n.Channel, listed[key])
		}
	}
	for _, a := range i.orders {
		if !slices.ContainsFunc(d.Orders, func(o postmortem.Order) bool {
			return o.Kind == string(a.Kind) && o.At.Equal(a.At) && o.By == a.Actor && o.Reason == a.Reason
		}) {
			r.v.fault("the report of %s does not list the %s of %s", id, a.Kind, a.Actor)
		}
	}
	if len(d.Pending) > 0 || d.Summary.Resolved.IsZero() {
		r.v.fault("by its report %s is not over: %+v", id, d.Pending)
	}
	if i.hushed && !slices.ContainsFunc(d.Silences, func(s postmortem.Silence) bool {
		known := r.silences[s.ID]
		return known != nil && s.Silence != nil && (s.EndedBy != "" || !known.lifted)
	}) {
		r.v.fault("the report of %s does not say which silence held it back and who ended that: %+v", id, d.Silences)
	}
}
