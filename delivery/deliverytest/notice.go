package deliverytest

import (
	"time"

	"headwatch"
)

// Start is when the stall of every test notice began.
var Start = time.Date(2026, time.March, 1, 10, 0, 0, 0, time.UTC)

// Notice gives a notice as a stall of two minutes would make it: two of three endpoints stale, one silent.
func Notice(kind headwatch.StepKind, channel string) headwatch.Notice {
	n := headwatch.Notice{
		Incident: "base-lending-7", Step: 3, Kind: kind, Channel: channel, DedupKey: "headwatch/base-lending-7",
		Opened: Start.Add(30 * time.Second), Since: Start, Peak: headwatch.LevelTrip,
		Transition: headwatch.Transition{
			Circuit: "base-lending", Seq: 12, From: headwatch.Closed, To: headwatch.Open, At: Start.Add(2 * time.Minute),
			Level: headwatch.LevelTrip, Actor: headwatch.Watchdog, Incident: "base-lending-7", Since: Start.Add(2 * time.Minute),
			Cause: stall(),
		},
	}
	t := &n.Transition
	switch kind {
	case headwatch.StepWarn:
		n.Step, t.Seq, t.To, t.Level, n.Peak, t.At = 1, 10, headwatch.Closed, headwatch.LevelWarn, headwatch.LevelWarn, Start.Add(30*time.Second)
	case headwatch.StepPage:
		n.Step, t.Seq, t.To, t.Level, n.Peak, t.At = 2, 11, headwatch.Closed, headwatch.LevelPage, headwatch.LevelPage, Start.Add(time.Minute)
	case headwatch.StepRecover:
		n.Step, t.Seq, t.From, t.To, t.At = 4, 13, headwatch.Open, headwatch.HalfOpen, Start.Add(30*time.Minute)
		t.Cause = live(t.At)
	case headwatch.StepRelapse:
		n.Step, t.Seq, t.From = 5, 14, headwatch.HalfOpen
	case headwatch.StepResolve:
		n.Step, t.Seq, t.From, t.To, t.Level = 6, 15, headwatch.HalfOpen, headwatch.Closed, headwatch.LevelNone
		t.At = Start.Add(35*time.Minute + 10*time.Second)
		t.Since, t.Cause = t.At, live(t.At)
	case headwatch.StepAck:
		n.Step, t.Actor, t.Reason = 7, "alice", "restarting the batcher"
	case headwatch.StepHold:
		n.Step, t.Actor, t.Reason, t.HeldUntil = 8, "alice", "maintenance", Start.Add(time.Hour)
	}
	clocked(&n)
	return n
}

func stall() headwatch.Assessment {
	head := uint64(1234)
	at := Start.Add(2 * time.Minute)
	age := 2*time.Minute + 5*time.Second
	return headwatch.Assessment{
		Chain: "base", At: at, Phase: headwatch.Stalled, Hint: headwatch.HintUnsafe, Advanced: Start,
		Findings: []headwatch.Finding{
			{
				Condition: headwatch.EndpointUnreachable, Since: Start.Add(-time.Hour), Endpoint: "c",
				Value: time.Hour, Limit: time.Minute, Detail: "timeout",
			},
			{
				Condition: headwatch.UnsafeHeadStalled, Since: Start, Value: 2 * time.Minute, Limit: 30 * time.Second, Detail: "l1 advances",
				Votes: []headwatch.Vote{
					{Endpoint: "a", Verdict: headwatch.VoteStale, Number: &head, Age: age, Heard: at},
					{Endpoint: "b", Verdict: headwatch.VoteStale, Number: &head, Age: age, Heard: at},
					{Endpoint: "c", Verdict: headwatch.NoVote, Reason: "silent: timeout"},
				},
			},
		},
	}
}

func live(at time.Time) headwatch.Assessment {
	return headwatch.Assessment{
		Chain: "base", At: at, Phase: headwatch.Live, Advanced: at,
		Head: &headwatch.Head{Number: 2345, Hash: "0x02", Time: at.Add(-time.Second)},
	}
}
