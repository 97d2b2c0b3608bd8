package postmortem

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"headwatch"
	"headwatch/explain"
)

// minBlocks is how many blocks a measure of the chain's pace takes.
const minBlocks = 5

// draft puts together what was collected. It is called once.
func (f *fold) draft() *Draft {
	d := &f.made
	first, last := &f.decisions[0], &f.decisions[len(f.decisions)-1]
	d.Circuit, d.AsOf = first.Circuit, f.asOf
	d.Chain = cmp.Or(first.Cause.Chain, last.Cause.Chain)
	kinds := map[uint64]headwatch.StepKind{}
	inc := headwatch.Incident{}
	for _, i := range f.book.Incidents() {
		if i.ID == f.id {
			inc = i
		}
	}
	for _, s := range inc.Steps {
		if s.Seq != 0 {
			kinds[s.Seq] = s.Kind
		}
	}
	trigger := f.trigger()
	d.Summary = f.summary(trigger, inc)
	f.lines(trigger, kinds)
	d.Impact = f.impact(trigger, kinds)
	slices.SortStableFunc(d.Timeline, func(a, b Entry) int { return a.At.Compare(b.At) })
	slices.SortStableFunc(d.Orders, func(a, b Order) int { return a.At.Compare(b.At) })

	for i := range d.Silences {
		s := &d.Silences[i]
		if known, ok := f.silences[s.ID]; ok {
			s.Silence = &known
		}
		if a, ok := f.lifted[s.ID]; ok && a.At.After(s.Held) {
			s.EndedBy = a.Actor
		}
	}
	delete(f.joined, f.id)
	for _, id := range slices.Sorted(maps.Keys(f.joined)) {
		d.Dependants = append(d.Dependants, f.joined[id])
	}
	d.Beneath = append(d.Beneath, slices.Sorted(maps.Keys(f.beneath))...)
	for _, name := range slices.Sorted(maps.Keys(f.channels)) {
		d.Channels = append(d.Channels, *f.channels[name])
	}
	for key, n := range f.notices {
		d.Pending = append(d.Pending, Pending{Step: key.step, Kind: n.Kind, Channel: key.channel, Decided: n.Transition.At})
	}
	slices.SortFunc(d.Pending, func(a, b Pending) int {
		return cmp.Or(a.Decided.Compare(b.Decided), cmp.Compare(a.Step, b.Step), cmp.Compare(a.Channel, b.Channel))
	})
	return d
}

// trigger is what the incident began with: as people were told, or, when nobody was, the oldest finding of the whole chain. Nil
// when a person began it.
func (f *fold) trigger() *headwatch.Trigger {
	first := &f.decisions[0]
	switch {
	case f.newest != nil:
		return f.newest.Trigger
	case first.Actor != headwatch.Watchdog:
		return nil
	}
	var lead *headwatch.Finding
	for i := range first.Cause.Findings {
		if c := &first.Cause.Findings[i]; c.OfChain() && (lead == nil || c.Since.Before(lead.Since)) {
			lead = c
		}
	}
	if lead == nil {
		return nil
	}
	return &headwatch.Trigger{Condition: lead.Condition}
}

// lead gives the finding of a decision that the incident is about, or nil.
func lead(t *headwatch.Transition, trigger *headwatch.Trigger) *headwatch.Finding {
	if trigger == nil {
		return nil
	}
	for i := range t.Cause.Findings {
		if c := &t.Cause.Findings[i]; c.Condition == trigger.Condition && c.Endpoint == trigger.Endpoint && c.Hook == trigger.Hook {
			return c
		}
	}
	return nil
}

func (f *fold) summary(trigger *headwatch.Trigger, inc headwatch.Incident) Summary {
	first, last := &f.decisions[0], &f.decisions[len(f.decisions)-1]
	s := Summary{Opened: first.At.UTC(), Began: first.At.UTC(), Hint: first.Cause.Hint, Peak: inc.Peak, Relapses: inc.Relapses, OnlyTold: first.Told}
	if c := lead(first, trigger); c != nil {
		s.Began = c.Since.UTC()
	}
	if f.newest != nil && !f.newest.Since.IsZero() {
		s.Began = f.newest.Since.UTC()
	}
	if trigger != nil {
		s.Condition, s.Endpoint, s.Hook = trigger.Condition, trigger.Endpoint, trigger.Hook
		s.Hint = cmp.Or(trigger.Hint, s.Hint)
	}
	s.What = began(first, trigger)
	s.Detected = s.Opened.Sub(s.Began)
	for i := range f.decisions {
		t := &f.decisions[i]
		after := new(t.At.Sub(s.Began))
		for level, at := range map[headwatch.Level]**time.Duration{
			headwatch.LevelWarn: &s.Warned, headwatch.LevelPage: &s.Paged, headwatch.LevelTrip: &s.Tripped,
		} {
			if *at == nil && t.Level >= level {
				*at = after
			}
		}
		if t.From != t.To && t.To == headwatch.HalfOpen {
			s.Back = t.At.UTC()
		}
	}
	end := f.asOf
	if last.Level == headwatch.LevelNone {
		s.Resolved, s.ResolvedBy, end = last.At.UTC(), last.Actor, last.At
		f.letGo(s.Resolved, "resolved")
	}
	s.Lasted = end.Sub(s.Began)
	if len(f.made.InHand) > 0 {
		h := &f.made.InHand[0]
		s.Taken, s.TakenBy = new(h.At.Sub(s.Began)), h.By
	}
	return s
}

// lines adds the decisions to the timeline, with the votes where an endpoint votes otherwise than it did.
func (f *fold) lines(trigger *headwatch.Trigger, kinds map[uint64]headwatch.StepKind) {
	var shown map[string]headwatch.Verdict
	others := f.made.Timeline
	f.made.Timeline = []Entry{} // decisions come before what they brought about in the same instant
	defer func() { f.made.Timeline = append(f.made.Timeline, others...) }()
	for i := range f.decisions {
		t := &f.decisions[i]
		kind, c := kinds[t.Seq], lead(t, trigger)
		e := Entry{At: t.At.UTC(), Kind: string(kind), By: t.Actor, Text: decided(kind, t, trigger), Evidence: explain.Evidence(&t.Cause, c)}
		if c != nil && len(c.Votes) > 0 {
			votes := map[string]headwatch.Verdict{}
			for _, v := range c.Votes {
				votes[v.Endpoint] = v.Verdict
			}
			if !maps.Equal(votes, shown) {
				shown, e.Votes = votes, inUTC(c.Votes)
			}
		}
		f.line(e)
		if t.Actor != headwatch.Watchdog {
			f.ordered(Order{At: e.At, Kind: orders[kind], By: t.Actor, Reason: t.Reason, For: heldFor(t)})
		}
	}
}

func heldFor(t *headwatch.Transition) time.Duration { return max(t.HeldUntil.Sub(t.At), 0) }

func inUTC(votes []headwatch.Vote) []headwatch.Vote {
	votes = slices.Clone(votes)
	for i := range votes {
		votes[i].Heard = votes[i].Heard.UTC()
	}
	return votes
}

// impact says how long the head stood and, where the pace of the chain can be measured, how many blocks that was.
func (f *fold) impact(trigger *headwatch.Trigger, kinds map[uint64]headwatch.StepKind) *Impact {
	if trigger == nil || trigger.Condition != headwatch.UnsafeHeadStalled && trigger.Condition != headwatch.L1HeadStalled {
		return nil
	}
	var i Impact
	var live *headwatch.Head // of the newest recovery
	for n := range f.decisions {
		t := &f.decisions[n]
		switch kinds[t.Seq] {
		case headwatch.StepRecover:
			live = t.Cause.Head
		case headwatch.StepResolve:
			i.BlockTime = pace(live, t.Cause.Head)
		case headwatch.StepRelapse:
			live = nil
		}
		if h := t.Cause.Head; h != nil {
			if i.To = new(h.Number); i.From == nil {
				i.From = i.To
			}
		}
	}
	i.Stood = f.stood(trigger, kinds)
	if i.BlockTime != nil {
		i.Missed = new(uint64(i.Stood / *i.BlockTime))
	}
	return &i
}

// stood adds up the times from where the head stood to the verdict that it was back.
func (f *fold) stood(trigger *headwatch.Trigger, kinds map[uint64]headwatch.StepKind) (all time.Duration) {
	since, standing := f.made.Summary.Began, true
	for n := range f.decisions {
		t := &f.decisions[n]
		switch kind := kinds[t.Seq]; {
		case standing && (kind == headwatch.StepRecover || kind == headwatch.StepResolve):
			all, standing = all+t.At.Sub(since), false
			since = t.At
		case !standing && kind == headwatch.StepRelapse:
			if c := lead(t, trigger); c != nil && c.Since.After(since) {
				since = c.Since
			} else {
				since = t.At
			}
			standing = true
		}
	}
	if standing {
		all += f.asOf.Sub(since)
	}
	return all
}

// pace is the time from block to block between two heads of a living chain, or nil when there are too few between them.
func pace(from, to *headwatch.Head) *time.Duration {
	if from == nil || to == nil || to.Number < from.Number+minBlocks || !to.Time.After(from.Time) {
		return nil
	}
	return new(to.Time.Sub(from.Time) / time.Duration(to.Number-from.Number))
}
