package web

import (
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"

	"headwatch/config"
)

func TestWhenCalendarsWereReadIsAMetric(t *testing.T) {
	m := NewMetrics(&config.Config{})
	m.Calendars(func() map[string]time.Time {
		return map[string]time.Time{"rota.first-line": time.Unix(1790000000, 0), "maintenance.upgrades": {}}
	})
	const want = `
# HELP headwatch_calendar_last_good_timestamp_seconds When the calendar of the rota or window was last read and good; 0 for never.
# TYPE headwatch_calendar_last_good_timestamp_seconds gauge
headwatch_calendar_last_good_timestamp_seconds{calendar="maintenance.upgrades"} 0
headwatch_calendar_last_good_timestamp_seconds{calendar="rota.first-line"} 1.79e+09
`
	if err := testutil.GatherAndCompare(m.registry, strings.NewReader(want), "headwatch_calendar_last_good_timestamp_seconds"); err != nil {
		t.Error(err)
	}
	if problems, err := testutil.GatherAndLint(m.registry, "headwatch_calendar_last_good_timestamp_seconds"); err != nil || len(problems) > 0 {
		t.Errorf("%v, %v", problems, err)
	}
}
