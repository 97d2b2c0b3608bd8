package devnet

import (
	"testing"
	"time"
)

func TestPaceIsTheScheduleUnlessTheChainIsBehind(t *testing.T) {
	const timestamp = 1000
	schedule := time.Unix(timestamp, 0)
	for name, tc := range map[string]struct {
		pace pace
		want time.Time
	}{
		"on schedule":             {pace{sealed: schedule.Add(-time.Second)}, schedule},
		"stopped":                 {pace{stopped: true}, time.Time{}},
		"behind, at full speed":   {pace{sealed: schedule.Add(time.Hour)}, schedule.Add(time.Hour)},
		"behind, at ten a second": {pace{sealed: schedule.Add(time.Hour), gap: 100 * time.Millisecond}, schedule.Add(time.Hour + 100*time.Millisecond)},
		"ahead of a slow period":  {pace{sealed: schedule.Add(-time.Second), gap: time.Millisecond}, schedule},
		"held by a slow period":   {pace{sealed: schedule.Add(-time.Second), gap: 3 * time.Second}, schedule.Add(2 * time.Second)},
	} {
		if got := tc.pace.due(timestamp); !got.Equal(tc.want) {
			t.Errorf("%s: due %v, want %v", name, got, tc.want)
		}
	}
}
