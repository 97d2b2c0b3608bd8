package explain

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"headwatch"
	"headwatch/breaker"
	"headwatch/config"
)

// What is announced is what happens: whatever a circuit has been through, its next decision comes at the second that the
// explanation names, with the level that it names, as long as the chain stays as it is; and none that is not named comes.
func TestTheCircuitDoesWhatWasAnnounced(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cfg := circuit()
		second := func(from, to int, what string) config.Duration {
			return seconds(rapid.IntRange(from, to).Draw(t, what))
		}
		cfg.WarnAfter = second(1, 20, "warn")
		cfg.PageAfter = cfg.WarnAfter + second(0, 20, "page")
		cfg.TripAfter = cfg.PageAfter + second(0, 20, "trip")
		cfg.RecoverAfter = second(1, 60, "recover")
		cfg.Rearm = rapid.SampledFrom([]string{config.RearmAuto, config.RearmManual}).Draw(t, "rearm")
		c, err := breaker.New(cfg, nil)
		if err != nil {
			t.Fatal(err)
		}
		now := began
		var a headwatch.Assessment
		feed := func() []headwatch.Transition {
			a.At = now
			decided := c.Feed(a)
			now = now.Add(time.Second)
			return decided
		}
		for range rapid.IntRange(1, 6).Draw(t, "episodes") {
			a = weather(t, now)
			for range rapid.IntRange(1, 70).Draw(t, "seconds") {
				feed()
			}
		}

		told := New(Facts{Circuit: cfg, Chain: config.Chain{Name: "base"}, Assessment: a, Signal: c.Signal(time.Minute), Asked: a.At})
		if told.If == "something begins now" {
			told.Next = nil // nothing will
		}
		for range 200 {
			for _, d := range feed() {
				switch {
				case d.Level == headwatch.LevelNone && d.Incident != told.Incident:
					continue // what is only told ended beside it
				case d.Level == headwatch.LevelNone:
					if told.Recovery == nil || !told.Recovery.At.Equal(d.At) {
						t.Fatalf("ended at %v, announced %+v", d.At, told.Recovery)
					}
					return
				case d.From == headwatch.Open && d.To == headwatch.HalfOpen:
					t.Fatalf("half-open without a change of the weather: %+v", d)
				case len(told.Next) == 0:
					t.Fatalf("not announced: %s at %v; %s", d.Level, d.At, told.Text())
				case told.Next[0].Level != d.Level || !told.Next[0].At.Equal(d.At):
					t.Fatalf("%s at %v, announced %+v", d.Level, d.At, told.Next)
				}
				told.Next = told.Next[1:]
				if d.To != d.From {
					return // what is announced next is of the new state
				}
			}
		}
		if len(told.Next) > 0 || told.Recovery != nil && !told.Recovery.At.IsZero() {
			t.Fatalf("announced and never done: %+v %+v", told.Next, told.Recovery)
		}
	})
}

// weather is how a chain is from an instant on.
func weather(t *rapid.T, now time.Time) headwatch.Assessment {
	a := headwatch.Assessment{Chain: "base", Phase: rapid.SampledFrom([]headwatch.Phase{
		headwatch.Live, headwatch.Live, headwatch.Stalled, headwatch.Unknown, headwatch.CatchingUp,
	}).Draw(t, "phase")}
	begin := func(c headwatch.Condition) {
		ago := time.Duration(rapid.IntRange(0, 30).Draw(t, "ago")) * time.Second
		a.Findings = append(a.Findings, headwatch.Finding{Condition: c, Since: now.Add(-ago)})
	}
	if a.Phase == headwatch.Stalled {
		begin(headwatch.UnsafeHeadStalled)
	}
	for _, c := range []headwatch.Condition{headwatch.SafeHeadStalled, headwatch.Blind} {
		if rapid.IntRange(0, 3).Draw(t, string(c)) == 0 {
			begin(c)
		}
	}
	return a
}
