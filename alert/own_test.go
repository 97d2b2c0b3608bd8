package alert

import (
	"strings"
	"testing"
	"time"

	"headwatch"
)

// What headwatch says of itself names it once, speaks of no circuit that is open or closed, and of no hook.
func TestWhatHeadwatchSaysOfItself(t *testing.T) {
	now := time.Date(2026, 3, 1, 10, 2, 0, 0, time.UTC)
	since := now.Add(-2 * time.Minute)
	channel := headwatch.Finding{
		Condition: headwatch.ChannelFailing, Endpoint: "chat", Since: since, Detail: "its oldest undelivered notice was decided at 2026-03-01T10:00:00Z; also: peer silent other",
	}
	restart := headwatch.Finding{Condition: headwatch.Restarted, Since: since, Detail: "nobody watched for 1m58s until 2026-03-01 10:01:58Z"}
	for _, c := range []struct {
		kind     headwatch.StepKind
		level    headwatch.Level
		finding  headwatch.Finding
		headline string
	}{
		{headwatch.StepPage, headwatch.LevelPage, channel, "PAGE headwatch: channel failing at chat for 2m"},
		{headwatch.StepResolve, headwatch.LevelNone, channel, "RESOLVED headwatch: channel failing at chat is over after 2m, peak page"},
		{headwatch.StepWarn, headwatch.LevelWarn, restart, "WARN headwatch: restarted after 2m in which nobody watched"},
		{headwatch.StepResolve, headwatch.LevelNone, restart, "RESOLVED headwatch: watching again after 2m, peak page"},
	} {
		n := headwatch.Notice{
			Incident: "headwatch-20260301T100030Z", Kind: c.kind, Since: since, Peak: headwatch.LevelPage,
			Trigger: &headwatch.Trigger{Condition: c.finding.Condition, Endpoint: c.finding.Endpoint},
			Transition: headwatch.Transition{
				Circuit: headwatch.Watchdog, From: headwatch.Closed, To: headwatch.Closed, Level: c.level, At: now, Actor: headwatch.Watchdog, Told: true,
				Cause: headwatch.Assessment{Chain: headwatch.Watchdog, At: now, Phase: headwatch.Live},
			},
		}
		if c.kind != headwatch.StepResolve {
			n.Transition.Cause.Findings = []headwatch.Finding{c.finding}
		}
		got := testWriter.message(n).plain()
		if headline, _, _ := strings.Cut(got, "\n"); headline != c.headline {
			t.Errorf("got  %s\nwant %s", headline, c.headline)
		}
		if strings.Contains(got, "Done:") || strings.Contains(got, "hook") {
			t.Errorf("it speaks of what it never does:\n%s", got)
		}
		if c.kind != headwatch.StepResolve && !strings.Contains(got, "Evidence: "+c.finding.Detail+"\n") {
			t.Errorf("it does not say what is known:\n%s", got)
		}
	}
}
