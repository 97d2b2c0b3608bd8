package breaker

import (
	"encoding/json"
	"testing"
	"time"

	"headwatch"
)

func TestACauseIsNotTouchedByWhoeverMadeTheAssessment(t *testing.T) {
	number, txs := uint64(7), 3
	a := headwatch.Assessment{
		Chain: "base", At: began.Add(warnAfter), Phase: headwatch.Stalled, Advanced: began,
		Findings: []headwatch.Finding{{
			Condition: headwatch.UnsafeHeadStalled, Since: began, Value: warnAfter, Limit: time.Second,
			Votes: []headwatch.Vote{{Endpoint: "one", Verdict: headwatch.VoteStale, Number: &number}},
		}},
		Head: &headwatch.Head{Number: 7, UserTxs: &txs},
	}
	want, err := json.Marshal(a)
	if err != nil {
		t.Fatal(err)
	}
	decided := quiet(t).Feed(a)
	if len(decided) != 1 {
		t.Fatalf("decided %+v", decided)
	}

	number, txs, a.Head.Number = 8, 4, 8
	a.Findings[0].Votes[0].Endpoint = "two"
	a.Findings[0].Value = time.Hour

	if got, _ := json.Marshal(decided[0].Cause); string(got) != string(want) {
		t.Errorf("\nwant %s\n got %s", want, got)
	}
}
