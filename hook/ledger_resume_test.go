package hook

import (
	"testing"
	"time"

	"headwatch"
)

func TestOrdersToResumeAreKeptOnceAndNotWithoutEnd(t *testing.T) {
	l := NewLedger()
	begin := time.Now()
	for i := range 2 * maxResumes {
		a := headwatch.Action{Kind: headwatch.ActionResume, Hook: "pause", Incident: "i", At: begin.Add(time.Duration(i))}
		l.Apply(headwatch.Event{Action: &a})
		l.Apply(headwatch.Event{Action: &a}) // the journal shows what the desk has applied
	}
	all := l.Resumes("pause")
	if len(all) != maxResumes || !all[0].At.Equal(begin.Add(maxResumes)) || len(l.Resumes("other")) != 0 {
		t.Errorf("%d orders, the first at %s", len(all), all[0].At)
	}
	if s := l.standing("i", "pause", "lending"); s.veto != nil || s.approval != nil || len(s.reports) != 0 {
		t.Errorf("an order to resume is one on what a trip made it do: %+v", s)
	}
	l.Apply(headwatch.Event{Report: &headwatch.Report{Kind: headwatch.ReportSent, What: "resume", Hook: "pause", Incident: "i", At: begin}})
	if s := l.standing("i", "pause", "lending"); len(s.reports) != 0 {
		t.Errorf("a report on a resume is one on the pause: %+v", s)
	}
}
