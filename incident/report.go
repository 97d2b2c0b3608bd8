package incident

import "headwatch"

// reported folds in what a hook reports of itself, also after the incident was over: a transaction that went through L1 may
// land, or fail, when the chain has long been back. Those who were told of the incident are told, and of what needs a person
// everybody who is paged for the circuit; of an incident that the book no longer has, nobody.
func (b *Book) reported(seq uint64, p headwatch.Report, plan Plan) []headwatch.Notice {
	r := b.known(p.Incident)
	if r == nil {
		return nil
	}
	t := r.last
	t.From, t.At, t.Actor, t.Reason = t.To, p.At, headwatch.Watchdog, ""
	if p.Actor != "" {
		t.Actor = p.Actor
	}
	r.Steps = append(r.Steps, headwatch.Step{
		At: p.At, Kind: headwatch.StepHook, Level: r.Level, Actor: t.Actor, Reason: p.Detail, Report: &p,
	})
	if p.Kind.Urgent() {
		for _, c := range plan.Alerts {
			if c.From <= headwatch.LevelPage {
				r.alerts[c.Name] = true
			}
		}
	}
	notices := r.notices(t, besides|seq, headwatch.StepHook, Plan{})
	for i := range notices {
		notices[i].Report = &p
	}
	return notices
}
