package explain

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"headwatch"
	"headwatch/config"
)

// maxVotes is how many endpoints a page names: somebody reads it on a telephone.
const maxVotes = 8

// Endpoint is what one endpoint said last, and its vote.
type Endpoint struct {
	Name     string              `json:"name"`
	Operator string              `json:"operator"`
	Host     string              `json:"host,omitempty"` // unknown from the journal
	Verdict  headwatch.Verdict   `json:"vote"`
	Reason   string              `json:"reason,omitempty"` // why it has none, or what is remarkable
	Number   *uint64             `json:"number,omitempty"`
	Age      time.Duration       `json:"age_ns,omitempty"`
	Heard    time.Time           `json:"heard,omitzero"`
	Latency  time.Duration       `json:"latency_ns,omitempty"`
	Fault    headwatch.FaultKind `json:"fault,omitempty"`
}

// endpoints describes every endpoint as it is now, or, when that was not kept, as it voted on the finding.
func endpoints(f *Facts, lead *headwatch.Finding) []Endpoint {
	all := []Endpoint{}
	for i := range f.Endpoints {
		s := &f.Endpoints[i]
		e := voter(&f.Chain, s.Vote)
		e.Host, e.Latency, e.Fault = s.Host, s.Latency, s.Fault
		all = append(all, e)
	}
	if f.Endpoints == nil && lead != nil {
		for _, v := range lead.Votes {
			all = append(all, voter(&f.Chain, v))
		}
	}
	return all
}

func voter(c *config.Chain, v headwatch.Vote) Endpoint {
	e := Endpoint{
		Name: v.Endpoint, Operator: v.Endpoint, Verdict: v.Verdict, Reason: v.Reason, Number: v.Number, Age: v.Age, Heard: v.Heard,
	}
	i := slices.IndexFunc(c.Endpoints, func(e config.Endpoint) bool { return e.Name == v.Endpoint })
	if i >= 0 && c.Endpoints[i].Operator != "" {
		e.Operator = c.Endpoints[i].Operator
	}
	return e
}

// Count is how the operators of the endpoints vote. One that shows life anywhere does not say that the head stands still.
type Count struct {
	Operators int `json:"operators"`
	Stale     int `json:"stale"`  // operators that say that the head stands still
	Live      int `json:"live"`   // operators that say that it moves
	Quorum    int `json:"quorum"` // as configured now
}

func count(all []Endpoint, quorum int) *Count {
	if len(all) == 0 {
		return nil
	}
	says := map[string]headwatch.Verdict{}
	for _, e := range all {
		said := says[e.Operator]
		if said == headwatch.NoVote || e.Verdict == headwatch.VoteLive {
			said = e.Verdict
		}
		says[e.Operator] = said
	}
	c := &Count{Operators: len(says), Quorum: quorum}
	for _, said := range says {
		switch said {
		case headwatch.VoteStale:
			c.Stale++
		case headwatch.VoteLive:
			c.Live++
		}
	}
	return c
}

func (c *Count) text() string {
	text := fmt.Sprintf("%d of %d operators say that it stands still, quorum %d", c.Stale, c.Operators, c.Quorum)
	switch able := c.Stale + c.Live; {
	case able == 0:
		return fmt.Sprintf("none of %d operators has a vote, quorum %d: a standstill could not be proved", c.Operators, c.Quorum)
	case able < c.Quorum:
		text += fmt.Sprintf("; only %d can vote: a standstill could not be proved", able)
	case c.Stale == 0:
		text = fmt.Sprintf("%d of %d operators say that it moves; %d would have to say that it stands still", c.Live, c.Operators, c.Quorum)
	}
	return text
}

// Evidence says in a clause or a few, for a page, how sure we are of a finding: where its cause lies, who holds which head,
// what else speaks for it, who does not say that it stands still. Without a finding it says where the chain is.
func Evidence(a *headwatch.Assessment, cause *headwatch.Finding) string {
	said := []string{hints[a.Hint]}
	if cause == nil {
		said = append(said, agreed(a))
	} else {
		said = append(said, holders(cause.Votes), cause.Detail)
		said = append(said, dissenters(cause.Votes)...)
	}
	return strings.Join(slices.DeleteFunc(said, func(s string) bool { return s == "" }), "; ")
}

// holders sums up the votes that say that the head stands still; "" when there is none.
func holders(votes []headwatch.Vote) string {
	var count int
	var numbers []uint64
	var ages []time.Duration
	for _, v := range votes {
		if v.Verdict != headwatch.VoteStale {
			continue
		}
		count++
		if v.Number != nil {
			numbers, ages = append(numbers, *v.Number), append(ages, v.Age)
		}
	}
	if count == 0 {
		return ""
	}
	text := fmt.Sprintf("%d of %d endpoints hold ", count, len(votes))
	if len(numbers) == 0 {
		return text + "no head"
	}
	if low, high := slices.Min(numbers), slices.Max(numbers); low != high {
		text += fmt.Sprintf("heads %d to %d", low, high)
	} else {
		text += fmt.Sprintf("head %d", low)
	}
	return text + " of age " + Span(slices.Min(ages)) // the youngest is the weakest evidence, so it counts
}

// dissenters names the endpoints that do not say that the head stands still.
func dissenters(votes []headwatch.Vote) []string {
	var said []string
	for _, v := range votes {
		if v.Verdict == headwatch.VoteStale {
			continue
		}
		text := v.Endpoint + ": " + verdicts[v.Verdict]
		if v.Reason != "" {
			text += " (" + v.Reason + ")"
		}
		said = append(said, text)
	}
	if more := len(said) - maxVotes; more > 0 {
		said = append(said[:maxVotes], fmt.Sprintf("and %d more", more))
	}
	return said
}

// verdicts is what an endpoint says, for people.
var verdicts = map[headwatch.Verdict]string{
	headwatch.NoVote:    "no vote",
	headwatch.VoteLive:  "live",
	headwatch.VoteStale: "stands still",
}
