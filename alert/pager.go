package alert

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"headwatch"
	"headwatch/config"
	"headwatch/delivery"
)

// action is what a notice does to the alert that an incident has on a pager.
type action string

const (
	trigger     action = "trigger" // it rings, and opens an alert where none is open
	acknowledge action = "acknowledge"
	resolve     action = "resolve"
	remark      action = "remark" // it goes on, and nobody needs to be rung for it
	nothing     action = ""
)

// act says what a notice does to the alert of a pager that is told from a rung on.
func act(n headwatch.Notice, from headwatch.Level) action {
	switch n.Kind {
	case headwatch.StepWarn, headwatch.StepPage, headwatch.StepTrip:
		if n.Transition.Level >= from {
			return trigger
		}
	case headwatch.StepEscalate, headwatch.StepUnack, headwatch.StepRelease, headwatch.StepJoin:
		return trigger
	case headwatch.StepHook:
		if n.Report != nil && n.Report.Kind.Urgent() {
			return trigger // the page says it now, and there is one again when it was closed
		}
		return remark
	case headwatch.StepAck:
		return acknowledge
	case headwatch.StepResolve:
		return resolve // whatever its level: one too many is ignored there, one too few leaves somebody paged
	case headwatch.StepRecover, headwatch.StepRelapse, headwatch.StepHold, headwatch.StepLeave:
		return remark
	}
	return nothing
}

// pager is what the channels share that open an alert over HTTP and close it again.
type pager struct {
	write  writer
	from   headwatch.Level
	to     delivery.Route
	client *http.Client
}

func newPager(c config.Alert, d Deps) (pager, error) {
	p := pager{
		write: writer{d, c.Link}, from: c.From, client: delivery.Client(c.Timeout.D()),
		to: delivery.Route{Kind: c.Kind, URL: c.URL, Key: c.Token, Rotates: true},
	}
	return p, p.to.Check()
}

// Route implements delivery.Sender.
func (p *pager) Route() json.RawMessage { return p.to.Freeze() }

// post hands a document to a route, and takes one status for the receiver's word that it has it; 0 for any 2xx.
func (p *pager) post(ctx context.Context, to delivery.Route, header http.Header, document any, taken int) (string, error) {
	body, err := json.Marshal(document)
	if err != nil {
		return "", fmt.Errorf("encode the message: %w", err)
	}
	return p.send(ctx, to, header, body, taken)
}

func (p *pager) send(ctx context.Context, to delivery.Route, header http.Header, body []byte, taken int) (string, error) {
	resp, err := delivery.Post(ctx, p.client, to, header, body)
	if err != nil {
		return "", err
	}
	if taken != 0 && resp.Status != taken || isPage(resp) {
		return "", resp.BadAnswer()
	}
	return resp.Detail(), nil
}

// isPage says whether an answer is a web page: a proxy's login or a captive portal, whose status says 200 as well. No receiver of
// alerts answers with one.
func isPage(resp *delivery.Response) bool {
	return bytes.HasPrefix(bytes.TrimLeft(resp.Raw(), "\ufeff \t\r\n"), []byte("<"))
}

// toggle tells a receiver whose alerts fire or do not, and know nothing between.
func (p *pager) toggle(
	ctx context.Context, to delivery.Route, header http.Header, n headwatch.Notice, document func(key string, firing bool) any, taken int,
) (detail string, err error) {
	detail = delivery.NotTold
	for _, e := range errands(n, p.from) {
		if e.action != trigger && e.action != resolve {
			continue
		}
		if detail, err = p.post(ctx, to, header, document(dedupKey(e.key), e.action == trigger), taken); err != nil {
			return "", err
		}
	}
	return detail, nil
}

// join is an address under a base URL. A base that is no URL stays as it is: Check has refused it.
func join(base config.Secret, elements ...string) string {
	u, err := url.Parse(base.Reveal())
	if err != nil {
		return base.Reveal()
	}
	return u.JoinPath(elements...).String()
}

// withQuery adds a parameter to an address.
func withQuery(address, name, value string) string {
	u, err := url.Parse(address)
	if err != nil {
		return address
	}
	q := u.Query()
	q.Set(name, value)
	u.RawQuery = q.Encode()
	return u.String()
}

// incident is an incident as it is now, or nil.
func (w writer) incident(id string) *headwatch.Incident {
	if w.deps.Incidents == nil {
		return nil
	}
	all := w.deps.Incidents()
	at := slices.IndexFunc(all, func(i headwatch.Incident) bool { return i.ID == id })
	if at < 0 {
		return nil
	}
	return &all[at]
}

// toldBefore reports whether the newest alert of a notice's incident may be there already.
func (w writer) toldBefore(n headwatch.Notice, from headwatch.Level) bool {
	i := w.incident(n.Incident)
	if i == nil {
		return false
	}
	steps := i.Steps
	for at, s := range slices.Backward(steps) {
		if s.Kind == headwatch.StepUnack { // with it began another
			steps = steps[at:]
			break
		}
	}
	return slices.ContainsFunc(steps, func(s headwatch.Step) bool {
		return s.Kind.Opens() && s.Level >= from && s.At.Before(n.Transition.At)
	})
}

// page is where a message links to: the incident's page, or else the runbook.
func (w writer) page(n headwatch.Notice) string {
	if w.deps.Page != nil {
		if page := w.deps.Page(n.Incident); page != "" {
			return page
		}
	}
	return w.link
}

// ackLink is where a person who is rung says that the incident is in hand; "" for a notice that rings nobody who could.
func (w writer) ackLink(n headwatch.Notice, a action) string {
	if a != trigger || n.AckedBy != "" || n.Mark == headwatch.MarkTest || w.deps.AckLink == nil {
		return ""
	}
	return w.deps.AckLink(n)
}

// details are the facts of a message by their labels, and what a rule on the other side may go by.
func (m message) details(n headwatch.Notice) map[string]string {
	all := map[string]string{"circuit": n.Transition.Circuit, "chain": n.Transition.Cause.Chain, "incident": n.Incident, "severity": severity(n)}
	if cause := delivery.Cause(n); cause != nil {
		all["condition"] = string(cause.Condition)
	}
	for k, v := range all {
		all[k] = delivery.Clean(v, maxFact)
	}
	for _, f := range m.facts {
		all[f.label] = f.text
	}
	return all
}

// lines are the facts of a message, one a line.
func (m message) lines() string {
	var b strings.Builder
	for _, f := range m.facts {
		fmt.Fprintf(&b, "%s: %s\n", f.label, f.text)
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// inert is the message without markup. Links stay as they are.
func (m message) inert() message {
	calm := message{headline: inert(m.headline)}
	for _, f := range m.facts {
		if !f.links() {
			f.text = inert(f.text)
		}
		calm.facts = append(calm.facts, f)
	}
	return calm
}

// inert takes the meaning out of what HTML, Markdown and Slack's markup give one, for receivers that show a text in several
// places and by the rules of each.
func inert(s string) string {
	return strings.NewReplacer("<", "‹", ">", "›", "&", "＆", "[", "(", "]", ")", "*", "∗", "`", "'", "|", "¦", "\\", "/", "@", "＠").Replace(s)
}

var plain = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]*$`)

// plainKey is a key as it can stand in an address: itself, or else a hash of it.
func plainKey(k string, longest int) string {
	if len(k) <= longest && plain.MatchString(k) {
		return k
	}
	sum := sha256.Sum256([]byte(k))
	return hex.EncodeToString(sum[:])[:min(longest, 2*len(sum))]
}
