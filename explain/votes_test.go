package explain

import (
	"fmt"
	"testing"
	"time"

	"headwatch"
)

func TestEvidence(t *testing.T) {
	num := func(n uint64) *uint64 { return &n }
	stale := func(name string, n *uint64, age time.Duration) headwatch.Vote {
		return headwatch.Vote{Endpoint: name, Verdict: headwatch.VoteStale, Number: n, Age: age}
	}
	var crowd []headwatch.Vote
	for i := range 12 {
		crowd = append(crowd, headwatch.Vote{Endpoint: fmt.Sprint(i)})
	}
	for name, tc := range map[string]struct {
		votes  []headwatch.Vote
		detail string
		want   string
	}{
		"nothing known":   {nil, "", ""},
		"a detail only":   {nil, "l1 advances", "l1 advances"},
		"one head":        {[]headwatch.Vote{stale("a", num(7), time.Minute), stale("b", num(7), 2*time.Minute)}, "", "2 of 2 endpoints hold head 7 of age 1m"},
		"several heads":   {[]headwatch.Vote{stale("a", num(9), time.Minute), stale("b", num(7), 2*time.Minute)}, "", "2 of 2 endpoints hold heads 7 to 9 of age 1m"},
		"the first block": {[]headwatch.Vote{stale("a", num(0), time.Minute), stale("b", num(3), time.Minute)}, "", "2 of 2 endpoints hold heads 0 to 3 of age 1m"},
		"never heard":     {[]headwatch.Vote{stale("a", nil, 0)}, "", "1 of 1 endpoints hold no head"},
		"all sorts": {
			[]headwatch.Vote{
				stale("a", num(7), time.Minute),
				{Endpoint: "b", Verdict: headwatch.VoteLive, Reason: "minority fork"},
				{Endpoint: "c", Reason: "syncing"},
				{Endpoint: "d"},
			},
			"l1 advances",
			"1 of 4 endpoints hold head 7 of age 1m; l1 advances; b: live (minority fork); c: no vote (syncing); d: no vote",
		},
		"a crowd": {crowd, "", "0: no vote; 1: no vote; 2: no vote; 3: no vote; 4: no vote; 5: no vote; 6: no vote; 7: no vote; and 4 more"},
	} {
		f := headwatch.Finding{Condition: headwatch.UnsafeHeadStalled, Votes: tc.votes, Detail: tc.detail}
		if got := Evidence(&headwatch.Assessment{}, &f); got != tc.want {
			t.Errorf("%s: got %q, want %q", name, got, tc.want)
		}
	}
}

func TestEvidenceBeginsWithTheHint(t *testing.T) {
	a := headwatch.Assessment{Hint: headwatch.HintUnsafe}
	if got, want := Evidence(&a, &headwatch.Finding{Detail: "l1 advances"}), hints[a.Hint]+"; l1 advances"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	at := time.Date(2026, 11, 21, 15, 46, 41, 0, time.UTC)
	a = headwatch.Assessment{At: at, Head: &headwatch.Head{Number: 7, Time: at.Add(-3 * time.Second)}}
	if got, want := Evidence(&a, nil), "head 7 of age 3s"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestAnOperatorCountsOnce(t *testing.T) {
	const stale, live, none = headwatch.VoteStale, headwatch.VoteLive, headwatch.NoVote
	for _, test := range []struct {
		votes       []headwatch.Verdict // of one endpoint of a, two of b, one of c
		stale, live int
		text        string
	}{
		{[]headwatch.Verdict{stale, stale, stale, none}, 2, 0, "2 of 3 operators say that it stands still, quorum 2"},
		{[]headwatch.Verdict{none, stale, stale, none}, 1, 0, "1 of 3 operators say that it stands still, quorum 2; only 1 can vote: a standstill could not be proved"},
		{[]headwatch.Verdict{stale, stale, live, none}, 1, 1, "1 of 3 operators say that it stands still, quorum 2"},
		{[]headwatch.Verdict{stale, live, stale, none}, 1, 1, "1 of 3 operators say that it stands still, quorum 2"},
		{[]headwatch.Verdict{live, none, live, live}, 0, 3, "3 of 3 operators say that it moves; 2 would have to say that it stands still"},
		{[]headwatch.Verdict{none, none, none, none}, 0, 0, "none of 3 operators has a vote, quorum 2: a standstill could not be proved"},
	} {
		var all []Endpoint
		for i, v := range test.votes {
			all = append(all, Endpoint{Operator: []string{"a", "b", "b", "c"}[i], Verdict: v})
		}
		c := count(all, 2)
		if c.Operators != 3 || c.Stale != test.stale || c.Live != test.live || c.text() != test.text {
			t.Errorf("%v: got %+v: %s", test.votes, *c, c.text())
		}
	}
	if count(nil, 2) != nil {
		t.Error("nobody was counted")
	}
}
