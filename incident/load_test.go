package incident

import (
	"fmt"
	"testing"
	"time"

	"headwatch"
)

// The clock is asked after every event, and whoever folds the next one in waits for the answer. With a hundred open incidents and the
// windows of a day that come every hour it must be there before anybody would miss it.
func BenchmarkWhatIsDueInAStorm(b *testing.B) {
	book := NewBook(func(string) Plan {
		return Plan{
			On: []headwatch.Condition{headwatch.UnsafeHeadStalled}, Alerts: []Channel{{"chat", headwatch.LevelWarn}},
			Policy: &Policy{Name: "p", Steps: []PolicyStep{{Tell: []string{"pager"}, From: headwatch.LevelWarn, After: time.Minute, Every: time.Minute}}},
		}
	})
	var seq uint64
	apply := func(e headwatch.Event) {
		seq++
		e.Seq = seq
		book.Apply(e)
	}
	for n := range 200 {
		apply(headwatch.Event{Action: &headwatch.Action{Kind: headwatch.ActionSilence, At: start, Silence: &headwatch.Silence{
			ID: fmt.Sprint(n), Matchers: []headwatch.Matcher{{Name: "circuit", Value: "test-.*", IsRegex: true, IsEqual: true}},
			Starts: start.Add(time.Duration(n+1) * time.Hour), Ends: start.Add(time.Duration(n+1)*time.Hour + time.Minute),
		}}})
	}
	for n := range 100 {
		name := fmt.Sprintf("lending-%d", n)
		apply(headwatch.Event{Transition: &headwatch.Transition{
			Circuit: name, Seq: 1, From: headwatch.Closed, To: headwatch.Open, At: start, Level: headwatch.LevelTrip, Incident: name + "-1", Actor: headwatch.Watchdog,
		}})
	}
	for b.Loop() {
		if due := book.Due(start.Add(2 * time.Minute)); len(due) != 100 {
			b.Fatal(len(due))
		}
	}
}
