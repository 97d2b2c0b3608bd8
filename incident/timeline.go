package incident

import (
	"slices"

	"headwatch"
)

// Bounds of the timeline of one incident in memory: its beginning and its newest lines stay. The journal has all of them.
const (
	maxSteps   = 500
	firstSteps = 100
)

// add adds a line to the timeline.
func (r *record) add(s headwatch.Step) {
	r.Steps = append(r.Steps, s)
	if len(r.Steps) > maxSteps {
		r.Steps = slices.Delete(r.Steps, firstSteps, firstSteps+1)
	}
}

// addClocked adds what the clock brought about. Of the repeats of a step of a policy the newest stays, which says how many there were:
// a week of them is one line.
func (r *record) addClocked(e *headwatch.Escalation) {
	if e.Kind == headwatch.StepEscalate && e.Round > 1 {
		r.Steps = slices.DeleteFunc(r.Steps, func(s headwatch.Step) bool {
			before := s.Escalation
			return before != nil && before.Kind == e.Kind && before.Policy == e.Policy && before.Step == e.Step && before.Round == e.Round-1 && !before.At.Before(r.anew)
		})
	}
	r.add(headwatch.Step{At: e.At, Kind: e.Kind, Level: r.Level, Actor: headwatch.Watchdog, Reason: e.Why, Escalation: e})
}
