package incident

import (
	"cmp"
	"maps"
	"slices"

	"headwatch"
)

// reported folds in what a hook reports of itself, also after the incident was over: a transaction that went through L1 may
// land, or fail, when the chain has long been back. Those who were told of the incident are told, and of what needs a person
// everybody who is paged for the circuit, silence or not; of an incident that the book no longer has, nobody.
func (b *Book) reported(report headwatch.Report, p pass) []headwatch.Notice {
	r := b.known(report.Incident)
	if r == nil {
		return nil
	}
	if report.Kind.Urgent() && (r.AckedBy != "" || !r.Resolved.IsZero()) {
		r.Rings++ // whoever has it in hand, or had, took something else
	}
	t := r.beside(report.At, cmp.Or(report.Actor, headwatch.Watchdog), "")
	r.add(headwatch.Step{
		At: report.At, Kind: headwatch.StepHook, Level: r.Level, Actor: t.Actor, Reason: report.Detail, Report: &report,
	})
	if report.Kind.Urgent() && p.tell {
		for _, c := range b.plan(r.Circuit).listening(headwatch.LevelPage) {
			r.alerts[c] = true
		}
	}
	notices := r.to(slices.Sorted(maps.Keys(r.alerts)), t, besides|p.seq, headwatch.StepHook, p)
	for i := range notices {
		notices[i].Report = &report
	}
	return notices
}
