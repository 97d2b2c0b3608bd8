package evm

import (
	"slices"
	"testing"
	"time"

	"headwatch"
)

func TestWhatIsTold(t *testing.T) {
	begin := time.Unix(1_700_000_000, 0)
	yes, no, silent := verdict{3, []uint64{20, 20, 20}, nil}, verdict{3, nil, []uint64{20, 20, 20}}, verdict{3, nil, nil}
	waits := way{Name: "l2", Begun: true, Why: "waits"}
	landed := way{Name: "l2", Begun: true, Seen: true, Executed: true, OK: true, Block: 19}
	shallow := way{Name: "l2", Begun: true, Seen: true, Block: 19}
	reverted := way{Name: "l2", Begun: true, Seen: true, Executed: true, Block: 19}
	failed := way{Name: "l2", Begun: true, Failed: "lost"}
	idle := way{Name: "l2"}
	deposited := way{Name: "l1-deposit", Begun: true, Deposited: true, Why: "deposited"}
	back := deposited
	back.Since = begin
	const (
		effective, foreign, bad = headwatch.ReportEffective, headwatch.ReportForeign, headwatch.ReportFailed
		late, onL1              = headwatch.ReportUnconfirmed, headwatch.ReportDeposited
	)
	for name, tc := range map[string]struct {
		after   time.Duration
		verdict verdict
		ways    []way
		want    []headwatch.ReportKind
		ending  ending
	}{
		"under way":                              {0, no, []way{waits}, nil, notYet},
		"late":                                   {time.Hour, no, []way{waits}, []headwatch.ReportKind{late}, notYet},
		"landed and read back":                   {0, yes, []way{landed}, []headwatch.ReportKind{effective}, well},
		"read back without confirmations":        {0, yes, []way{shallow}, nil, notYet},
		"landed, and nobody can read it":         {0, silent, []way{landed}, nil, notYet},
		"and nobody can for long":                {time.Hour, silent, []way{landed}, []headwatch.ReportKind{late}, notYet},
		"landed without effect":                  {0, no, []way{landed}, []headwatch.ReportKind{bad}, badly},
		"reverted":                               {0, no, []way{reverted}, []headwatch.ReportKind{bad}, badly},
		"reverted because somebody was first":    {0, yes, []way{reverted}, []headwatch.ReportKind{foreign}, well},
		"somebody is first":                      {0, yes, []way{waits}, []headwatch.ReportKind{foreign}, notYet},
		"lost":                                   {0, no, []way{failed}, []headwatch.ReportKind{bad}, badly},
		"one way lost, the other waits":          {0, no, []way{failed, waits}, nil, notYet},
		"one way lost, the other late":           {time.Hour, no, []way{failed, waits}, []headwatch.ReportKind{late}, notYet},
		"nothing could be sent":                  {time.Hour, silent, []way{idle}, []headwatch.ReportKind{late}, notYet},
		"deposited while L2 is down":             {time.Hour, no, []way{deposited}, []headwatch.ReportKind{onL1}, notYet},
		"deposited, and the direct way waits":    {time.Hour, no, []way{waits, deposited}, []headwatch.ReportKind{onL1}, notYet},
		"deposited, and L2 has been back":        {time.Hour, no, []way{back}, []headwatch.ReportKind{onL1, late}, notYet},
		"effective, and the other way waits":     {0, yes, []way{landed, waits}, []headwatch.ReportKind{effective}, notYet},
		"effective, and the deposit still to do": {0, yes, []way{landed, deposited}, []headwatch.ReportKind{effective}, well},
	} {
		s := scene{Now: begin.Add(tc.after), Decided: begin, Limit: 5 * time.Minute, Verdict: tc.verdict, Ways: tc.ways}.tell()
		var got []headwatch.ReportKind
		for _, l := range s.Lines {
			got = append(got, l.Kind)
		}
		if !slices.Equal(got, tc.want) || s.Ending != tc.ending {
			t.Errorf("%s: told %v, ends %d", name, got, s.Ending)
		}
	}
}
