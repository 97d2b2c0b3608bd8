package breaker

import (
	"testing"
	"time"

	"headwatch"
	"headwatch/config"
)

// A process that paged, and died before the incident was on record, must find the name again under which it paged.
func TestAnIncidentHasTheSameNameForWhoeverFindsTheStall(t *testing.T) {
	cfg := config.Circuit{
		Name: "lending", Chain: "l2", On: []headwatch.Condition{headwatch.UnsafeHeadStalled},
		WarnAfter: config.Duration(30 * time.Second), PageAfter: config.Duration(time.Minute), TripAfter: config.Duration(2 * time.Minute),
		RecoverAfter: config.Duration(5 * time.Minute), Rearm: config.RearmAuto,
	}
	sealed := time.Date(2025, 8, 5, 6, 19, 15, 0, time.UTC)
	find := func(after time.Duration) string {
		c, err := New(cfg, nil)
		if err != nil {
			t.Fatal(err)
		}
		decided := c.Feed(headwatch.Assessment{
			Chain: "l2", At: sealed.Add(after), Phase: headwatch.Stalled, Head: &headwatch.Head{Number: 33792704, Time: sealed},
			Findings: []headwatch.Finding{{Condition: headwatch.UnsafeHeadStalled, Since: sealed}},
		})
		return decided[0].Incident
	}
	if first, second := find(31*time.Second), find(70*time.Second); first != "lending-20250805T061915Z" || second != first {
		t.Errorf("named %s and then %s", first, second)
	}
}
