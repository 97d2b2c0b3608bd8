package explain

import (
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"headwatch"
)

// Text is the explanation for people, in the order in which they need it. It ends with a newline.
func (e *Explanation) Text() string {
	p := page{at: e.At}
	if p.at.IsZero() {
		p.at = e.Asked
	}
	p.wrap("", e.Circuit+" at "+Stamp(p.at), 0)
	p.wrap("", e.Verdict, 0)
	e.trust(&p)
	e.evidence(&p)
	e.circuit(&p)
	p.line("People", "%s", e.People)
	e.future(&p)
	p.line("Do", "%s", e.Advice)
	for i := range e.Followed {
		t := &e.Followed[i]
		p.line(label("Then", i), "%s (%s later)  %s", p.clock(t.At), Span(t.At.Sub(e.At)), Decided(t))
	}
	if len(e.Followed) == MaxFollowed {
		p.line("", "and more: `headwatch events` shows all")
	}
	return p.String()
}

// trust says what a verdict that is not of this moment is worth.
func (e *Explanation) trust(p *page) {
	if d := e.Decision; d != nil {
		p.line("Decided", "%s  %s; the newest decision up to %s, %s earlier", p.clock(d.At), Decided(d), Stamp(e.Asked), Span(e.Asked.Sub(d.At)))
		if len(e.Followed) == 0 {
			p.line("", "no decision has come after it")
		}
		return
	}
	if e.late() {
		p.line("WARNING", "nothing has been assessed for %s: headwatch does not watch this chain now", Span(e.Asked.Sub(e.At)))
	}
	if !e.Lease.IsZero() && !e.Asked.Before(e.Lease) {
		p.line("WARNING", "the lease on the circuit's state ran out at %s: apply your own rule", p.clock(e.Lease))
	}
}

// evidence is what holds, who said what, and who bears witness.
func (e *Explanation) evidence(p *page) {
	for i, h := range e.Holds {
		p.line(label("Holds", i), "%s", p.holding(&h))
	}
	switch {
	case len(e.Holds) > 0 || e.At.IsZero():
	case e.Phase == headwatch.Live:
		p.line("Holds", "nothing is wrong")
	default:
		p.line("Holds", "nothing that was looked for, yet")
	}
	if len(e.Endpoints) > 0 {
		p.endpoints(e.Endpoints)
	}
	if e.Count != nil {
		p.line("Count", "%s", e.Count.text())
	}
	if e.Witness != nil {
		p.line("Witness", "%s", e.Witness.text(p.at))
	}
}

func (p *page) holding(h *Holding) string {
	text := Words(h.Condition) + Place(h.Endpoint, h.Hook) + " since " + p.clock(h.Since)
	switch {
	case h.Value != 0 && h.Limit != 0:
		text += fmt.Sprintf(": %s, limit %s", Span(h.Value), Span(h.Limit))
	case h.Value != 0:
		text += ": " + Span(h.Value)
	}
	if h.Detail != "" {
		text += "; " + h.Detail
	}
	switch h.Does {
	case Tells:
		text += " (is told, never trips)"
	case Nothing:
		text += " (does nothing to this circuit)"
	}
	return text
}

// endpoints is a table, and below each endpoint that has something to add a line of its own.
func (p *page) endpoints(all []Endpoint) {
	var rows strings.Builder
	table := tabwriter.NewWriter(&rows, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "ENDPOINT\tOPERATOR\tVOTE\tHEAD\tAGE\tHEARD\tTOOK")
	for i := range all {
		e := &all[i]
		head, age, heard, took := "-", "-", "never", "-"
		if e.Number != nil {
			head, age = fmt.Sprint(*e.Number), Span(e.Age)
		}
		if !e.Heard.IsZero() {
			heard = Span(p.at.Sub(e.Heard)) + " ago"
			if e.Latency > 0 {
				took = max(time.Millisecond, e.Latency.Round(time.Millisecond)).String()
			}
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", e.Name, e.Operator, verdicts[e.Verdict], head, age, heard, took)
	}
	_ = table.Flush() // into memory
	i := -1           // the first row is the head of the table
	for row := range strings.Lines(rows.String()) {
		p.row(label("Said", i+1), strings.TrimRight(row, " \n"))
		if i >= 0 {
			p.line("", "%s", all[i].remark())
		}
		i++
	}
}

// remark is why an endpoint has no vote or what its last answer was short of; "" when there is nothing to say.
func (e *Endpoint) remark() string {
	var said []string
	if e.Reason != "" {
		said = append(said, e.Reason)
	}
	if e.Fault != "" && !strings.Contains(e.Reason, string(e.Fault)) {
		said = append(said, "last answer: "+string(e.Fault))
	}
	if len(said) == 0 {
		return ""
	}
	if e.Host != "" && (e.Verdict == headwatch.NoVote || e.Fault != "") {
		said = append(said, e.Host)
	}
	return "  " + e.Name + ": " + strings.Join(said, "; ")
}

func (e *Explanation) circuit(p *page) {
	if e.State == headwatch.StateUnknown {
		p.line("Circuit", "its state is unknown until the chain has been assessed")
		return
	}
	text := fmt.Sprintf("%s since %s", Words(e.State), p.clock(e.Since))
	if e.Since.IsZero() {
		text = Words(e.State)
	}
	if e.Level == headwatch.LevelNone {
		text += ", no incident is open"
	} else {
		text += fmt.Sprintf(", level %s, incident %s", e.Level, e.Incident)
	}
	p.line("Circuit", "%s", text)
	if e.Aside != nil {
		p.line("", "beside it, of what is only told: level %s, incident %s", e.Aside.Level, e.Aside.Incident)
	}
	if e.Latched {
		p.line("", "latched: it stays open until somebody resets it")
	}
	if e.HeldUntil.After(p.at) {
		p.line("", "held until %s (for %s): no automatic change of state before; warnings and pages go on",
			p.clock(e.HeldUntil), Span(e.HeldUntil.Sub(p.at)))
	}
}

// future says which step comes when, and what ends the incident.
func (e *Explanation) future(p *page) {
	does := map[headwatch.Level]string{headwatch.LevelWarn: "warns", headwatch.LevelPage: "pages", headwatch.LevelTrip: "trips"}
	if e.State == headwatch.HalfOpen {
		does[headwatch.LevelTrip] = "opens again"
	}
	var steps []string
	for _, rung := range e.Next {
		when := "now"
		if rung.At.After(p.at) {
			when = fmt.Sprintf("at %s (in %s)", p.clock(rung.At), Span(rung.At.Sub(p.at)))
		}
		steps = append(steps, does[rung.Level]+" "+when)
	}
	if len(steps) > 0 {
		p.line("Next", "if %s: %s", e.If, strings.Join(steps, ", "))
	}
	if e.Recovery != nil {
		p.line("Ends", "%s", e.Recovery.text(p, e.State))
	}
}

// text says what has to happen before the incident ends.
func (r *Recovery) text(p *page, s headwatch.State) string {
	ends, done := "the incident ends", ""
	if s != headwatch.Closed {
		ends = "the circuit closes"
	}
	if !r.Well.IsZero() {
		done = fmt.Sprintf(", %s of it done", Span(min(p.at.Sub(r.Well), r.Needs)))
	}
	text := fmt.Sprintf("%s when the chain has been live for %s without a break%s", ends, Span(r.Needs), done)
	if r.Person {
		text = "a person closes it, once the chain is live: `headwatch reset`"
	}
	if r.At.After(p.at) {
		text += fmt.Sprintf(": at %s (in %s) if it stays so", p.clock(r.At), Span(r.At.Sub(p.at)))
	}
	var wants []string
	if !r.Live {
		wants = append(wants, "the chain is not live")
	}
	for _, c := range r.InWay {
		wants = append(wants, Words(c)+" holds")
	}
	if len(wants) > 0 {
		text += "; now " + strings.Join(wants, " and ")
	}
	return text
}
