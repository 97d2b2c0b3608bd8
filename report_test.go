package headwatch

import (
	"slices"
	"testing"
	"time"
)

func TestTheNewestReportOfEachHook(t *testing.T) {
	i := Incident{Steps: []Step{
		{Kind: StepTrip},
		{Report: &Report{Hook: "a", Kind: ReportFired}},
		{Report: &Report{Hook: "b", Kind: ReportAnnounced}},
		{Report: &Report{Hook: "a", Kind: ReportEffective}},
		{Report: &Report{Hook: "a", Kind: ReportSent, What: "resume 03:12:00"}},
	}}
	var got []string
	for _, r := range i.Newest() {
		got = append(got, r.Hook+" "+r.What+" "+string(r.Kind))
	}
	if want := []string{"a  effective", "b  announced", "a resume 03:12:00 sent"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestWhichHooksWait(t *testing.T) {
	for name, c := range map[string]struct {
		reports []string
		over    bool
		want    []string
	}{
		"nothing was reported":        {},
		"one is announced":            {reports: []string{"a announced"}, want: []string{"a announced"}},
		"two wait":                    {reports: []string{"b announced", "a withheld"}, want: []string{"b announced", "a withheld"}},
		"announced, then withheld":    {reports: []string{"b announced", "a announced", "b withheld"}, want: []string{"b withheld", "a announced"}},
		"it fired":                    {reports: []string{"a announced", "b announced", "a fired"}, want: []string{"b announced"}},
		"it was vetoed":               {reports: []string{"a withheld", "a vetoed"}},
		"it fired without waiting":    {reports: []string{"a fired", "a sent"}},
		"the incident is over":        {reports: []string{"a announced"}, over: true},
		"it fires again":              {reports: []string{"a announced", "a needless", "a undone"}, want: []string{"a undone"}},
		"it was undone":               {reports: []string{"a announced", "a needless", "a undone"}},
		"one goes on after it waited": {reports: []string{"a announced", "a fired", "a unconfirmed"}},
	} {
		i := Incident{Steps: []Step{{Kind: StepTrip}}}
		if c.over {
			i.Resolved = time.Unix(1, 0)
		}
		for _, r := range c.reports {
			i.Steps = append(i.Steps, Step{Kind: StepHook, Report: &Report{Hook: r[:1], Kind: ReportKind(r[2:])}})
		}
		if name == "it fires again" {
			i.Steps[len(i.Steps)-1].Report.Until = time.Unix(1, 0)
		}
		var got []string
		for _, r := range i.Waits() {
			got = append(got, r.Hook+" "+string(r.Kind))
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}
