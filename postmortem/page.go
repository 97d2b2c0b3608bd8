package postmortem

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"headwatch"
	"headwatch/explain"
)

// page is a draft as people read it, before it is Markdown or HTML. Its texts are raw: who writes them escapes them.
type page struct {
	Title    string
	Lead     string
	Sections []section
}

// section has what its parts say, in this order; an empty part is left out.
type section struct {
	Title   string
	Deep    bool // belongs to the one before
	Text    string
	Facts   [][2]string
	Head    []string
	Rows    [][]string
	Bullets []string
}

// questions are for the people: the journal does not know.
var questions = []string{
	"What caused it?", "Who was hurt, and how much?", "What went well?", "What went badly, and where were we lucky?",
	"What changes, who does it, and until when?",
}

func (d *Draft) page() page {
	p := page{
		Title: "Incident " + d.Incident,
		Lead:  fmt.Sprintf("Draft from the journal as of %s. All times are UTC.", explain.Stamp(d.AsOf)),
	}
	p.Sections = append(p.Sections, section{Title: "Summary", Facts: d.facts()})
	p.add(d.impact())
	p.add(d.related())
	p.add(d.timeline())
	p.Sections = append(p.Sections, d.evidence()...)
	p.add(d.inHand())
	p.add(d.escalations())
	p.add(d.silences())
	p.add(d.orders("What people did", d.Orders))
	p.add(d.orders("Notes", d.Notes))
	p.add(d.hooks())
	p.Sections = append(p.Sections, d.deliveries()...)
	p.add(d.pending())
	p.Sections = append(p.Sections, section{Title: "Open questions", Bullets: questions})
	return p
}

// add appends a section unless it is empty.
func (p *page) add(s section) {
	if s.Text != "" || len(s.Facts)+len(s.Rows)+len(s.Bullets) > 0 {
		p.Sections = append(p.Sections, s)
	}
}

// clock writes an instant to the second: the time alone on the day on which it began.
func (d *Draft) clock(t time.Time) string {
	switch {
	case t.IsZero():
		return "-"
	case t.Format(time.DateOnly) == d.Summary.Began.Format(time.DateOnly):
		return t.Format("15:04:05")
	}
	return t.Format(time.DateTime)
}

func (d *Draft) facts() [][2]string {
	s := &d.Summary
	after := func(t *time.Duration) string {
		if t == nil {
			return "never"
		}
		return "after " + explain.Span(*t)
	}
	what := s.What
	if s.OnlyTold {
		what += " (only told: the circuit does not trip on it)"
	}
	all := [][2]string{
		{"What", what},
		{"Circuit", d.Circuit + " of " + d.Chain},
		{"Began", s.Began.Format(time.DateTime) + ", by the evidence"},
		{"Detected", after(&s.Detected) + ", at " + d.clock(s.Opened)},
		{"Paged", after(s.Paged)},
		{"Tripped", after(s.Tripped)},
		{"In hand", after(s.Taken)},
	}
	if s.Taken != nil {
		all[len(all)-1][1] += ", " + s.TakenBy
	}
	if s.Hint != "" {
		all = append(all, [2]string{"Likely cause", explain.Cause(s.Hint)})
	}
	if !s.Back.IsZero() {
		all = append(all, [2]string{"Chain back", "at " + d.clock(s.Back)})
	}
	end := "STILL OPEN, for " + explain.Span(s.Lasted) + " so far"
	if !s.Resolved.IsZero() {
		end = fmt.Sprintf("at %s, after %s", d.clock(s.Resolved), explain.Span(s.Lasted))
		if s.ResolvedBy != headwatch.Watchdog {
			end += ", by " + s.ResolvedBy
		}
	}
	return append(all, [2]string{"Resolved", end}, [2]string{"Peak", s.Peak.String()}, [2]string{"Relapses", fmt.Sprint(s.Relapses)})
}

func (d *Draft) impact() section {
	s := section{Title: "Impact"}
	i := d.Impact
	if i == nil {
		return s
	}
	stood := "for " + explain.Span(i.Stood)
	if d.Summary.Resolved.IsZero() && d.Summary.Back.IsZero() {
		stood += " so far"
	} else {
		stood += ", until a verdict said that it was back"
	}
	s.Facts = append(s.Facts, [2]string{"Head stood", stood})
	if i.From != nil && i.To != nil {
		s.Facts = append(s.Facts, [2]string{"Agreed head", fmt.Sprintf("%d at the first decision, %d at the newest", *i.From, *i.To)})
	}
	if i.Missed != nil && i.BlockTime != nil {
		s.Facts = append(s.Facts, [2]string{"Blocks", fmt.Sprintf("about %d did not come when they were due, at one every %s; a chain may have filled them in later", *i.Missed, i.BlockTime.Round(time.Millisecond))})
	}
	return s
}

func (d *Draft) related() section {
	s := section{Title: "Related incidents", Head: []string{"Incident", "Circuit", "Chain", "Is"}}
	for _, id := range d.Beneath {
		s.Rows = append(s.Rows, []string{id, "", "", "the cause, as people were told"})
	}
	for _, x := range d.Dependants {
		s.Rows = append(s.Rows, []string{x.Incident, x.Circuit, x.Chain, "a consequence, at level " + x.Level.String()})
	}
	return s
}

func (d *Draft) timeline() section {
	s := section{Title: "Timeline", Head: []string{"Time", "After", "What", "By"}}
	for _, e := range d.Timeline {
		s.Rows = append(s.Rows, []string{d.clock(e.At), explain.Span(e.At.Sub(d.Summary.Began)), e.Text, e.By})
	}
	return s
}

// evidence is what the decisions rested on: all of the first one, and of the later ones what differs.
func (d *Draft) evidence() []section {
	all := []section{{Title: "Evidence", Text: "What each decision rested on. Votes are shown where an endpoint votes otherwise than before."}}
	before := ""
	for _, e := range d.Timeline {
		if e.Evidence == before && e.Votes == nil || e.Evidence == "" {
			continue
		}
		before = e.Evidence
		s := section{Deep: true, Title: d.clock(e.At) + " " + e.Kind, Text: e.Evidence}
		if e.Votes != nil {
			s.Head = []string{"Endpoint", "Vote", "Head", "Age", "Heard", "Why"}
		}
		for _, v := range e.Votes {
			number, age := "-", "-"
			if v.Number != nil {
				number, age = fmt.Sprint(*v.Number), explain.Span(v.Age)
			}
			s.Rows = append(s.Rows, []string{v.Endpoint, explain.Vote(v.Verdict), number, age, d.clock(v.Heard), v.Reason})
		}
		all = append(all, s)
	}
	if len(all) == 1 {
		return nil
	}
	return all
}

func (d *Draft) inHand() section {
	s := section{Title: "Who had it in hand", Head: []string{"From", "Until", "Who", "Said", "Ended"}}
	for _, h := range d.InHand {
		until, ended := d.clock(h.Until), "still holds"
		if !h.Ended.IsZero() {
			ended = d.clock(h.Ended) + ": " + h.Why
		}
		who := h.By
		if h.Via != "" {
			who += " via " + h.Via
		}
		s.Rows = append(s.Rows, []string{d.clock(h.At), until, who, h.Reason, ended})
	}
	return s
}

func (d *Draft) escalations() section {
	s := section{Title: "Escalation", Head: []string{"Time", "What", "Policy", "Told", "On call", "Why"}}
	for _, e := range d.Escalation {
		policy := e.Policy
		if e.Kind == headwatch.StepEscalate {
			policy = fmt.Sprintf("%s, step %d", e.Policy, e.Step+1)
			if e.Round > 0 {
				policy += fmt.Sprintf(", time %d", e.Round+1)
			}
		}
		s.Rows = append(s.Rows, []string{d.clock(e.At), string(e.Kind), policy, strings.Join(e.Channels, ", "), strings.Join(e.OnCall, ", "), e.Why})
	}
	return s
}

func (d *Draft) silences() section {
	s := section{Title: "Silences", Head: []string{"Silence", "Held back", "Told after all", "Matches", "By", "Reason"}}
	for _, x := range d.Silences {
		row := []string{x.ID, d.clock(x.Held), d.clock(x.Released), "-", "-", "no longer in the journal"}
		if x.Silence != nil {
			row[3], row[4], row[5] = matches(x.Silence.Matchers), x.Silence.Author, x.Silence.Reason
			if x.Silence.HoldHooks {
				row[5] += " (hooks held, too)"
			}
		}
		if x.EndedBy != "" {
			row[4] += ", ended by " + x.EndedBy
		}
		s.Rows = append(s.Rows, row)
	}
	return s
}

// matches writes matchers as people type them.
func matches(all []headwatch.Matcher) string {
	var said []string
	for _, m := range all {
		op := map[[2]bool]string{{false, true}: "=", {false, false}: "!=", {true, true}: "=~", {true, false}: "!~"}[[2]bool{m.IsRegex, m.IsEqual}]
		said = append(said, m.Name+op+m.Value)
	}
	return strings.Join(said, " ")
}

func (d *Draft) orders(title string, all []Order) section {
	s := section{Title: title, Head: []string{"Time", "Who", "What", "Why"}}
	for _, o := range all {
		what := o
		what.Reason = ""
		s.Rows = append(s.Rows, []string{d.clock(o.At), o.By, strings.TrimSuffix(what.text(), ": "), o.Reason})
	}
	return s
}

func (d *Draft) hooks() section {
	s := section{Title: "What hooks did", Head: []string{"Time", "Hook", "Report", "Transaction", "Detail"}}
	for _, r := range d.Hooks {
		s.Rows = append(s.Rows, []string{d.clock(r.At), r.Hook, strings.TrimSpace(r.What + " " + string(r.Kind)), cmp.Or(r.Tx, "-"), r.Detail})
	}
	return s
}

func (d *Draft) deliveries() []section {
	sum := section{
		Title: "Deliveries", Text: "Dwell is the time from the decision to the receiver's word that it has it.",
		Head: []string{"Channel", "Ended", "Slowest", "Refused", "Without an end"},
	}
	var all []section
	waits := map[string]int{}
	for _, p := range d.Pending {
		waits[p.Channel]++
	}
	for _, c := range d.Channels {
		sum.Rows = append(sum.Rows, []string{c.Name, fmt.Sprint(len(c.Deliveries)), dwell(c.Slowest), fmt.Sprint(c.Failed), fmt.Sprint(waits[c.Name])})
		s := section{Deep: true, Title: c.Name, Head: []string{"Decided", "Told", "Outcome", "Dwell", "Attempts", "Answer"}}
		for _, x := range c.Deliveries {
			s.Rows = append(s.Rows, []string{d.clock(x.Decided), string(x.Kind), string(x.Outcome), dwell(x.Dwell), fmt.Sprint(x.Attempts), x.Detail})
		}
		all = append(all, s)
	}
	if all == nil {
		return nil
	}
	return append([]section{sum}, all...)
}

func dwell(d time.Duration) string { return d.Round(time.Millisecond).String() }

func (d *Draft) pending() section {
	s := section{
		Title: "Gaps", Head: []string{"Decided", "Channel", "Not known to have arrived"},
	}
	for _, p := range d.Pending {
		s.Rows = append(s.Rows, []string{d.clock(p.Decided), p.Channel, string(p.Kind)})
	}
	return s
}
