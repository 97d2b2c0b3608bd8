package alert

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"headwatch"
	"headwatch/config"
	"headwatch/delivery"
)

const (
	pagerDutyURL = "https://events.pagerduty.com"

	maxSummary  = 1024 // runes
	maxDedupKey = 255
)

// pagerDuty speaks PagerDuty's Events API v2. The events of an incident carry one key until it must ring anew, so a trip overwrites
// the summary of its page, and a repeat changes nothing.
type pagerDuty struct {
	name    string
	write   writer
	from    headwatch.Level
	to      delivery.Route
	client  *http.Client
	inbound config.Secret // signs what comes back
	keys    keyring
}

func newPagerDuty(c config.Alert, d Deps) (delivery.Sender, error) {
	base := c.URL
	if base.IsZero() {
		base = config.NewSecret(pagerDutyURL)
	}
	p := &pagerDuty{
		name: c.Name, inbound: c.Inbound, write: writer{d, c.Link}, from: c.From, client: delivery.Client(c.Timeout.D()),
		to: delivery.Route{Kind: c.Kind, URL: enqueue(base), Key: c.RoutingKey},
	}
	if c.RoutingKey.IsZero() {
		return nil, errors.New("routing_key: missing")
	}
	return p, p.to.Check()
}

// enqueue is the address for events under a base URL. A base that is no URL stays as it is, for Check to refuse.
func enqueue(base config.Secret) config.Secret {
	u, err := url.Parse(base.Reveal())
	if err != nil {
		return base
	}
	return config.NewSecret(u.JoinPath("v2", "enqueue").String())
}

// Route implements delivery.Sender.
func (p *pagerDuty) Route() json.RawMessage { return p.to.Freeze() }

// Send implements delivery.Sender.
func (p *pagerDuty) Send(ctx context.Context, route json.RawMessage, n headwatch.Notice) (string, error) {
	to := p.to.Thaw(route)
	detail := delivery.NotTold
	for _, e := range errands(n, p.from) {
		if e.action == remark { // it would only be in the details of the alert
			continue
		}
		body, err := json.Marshal(p.event(e, to.Key.Reveal(), n))
		if err != nil {
			return "", fmt.Errorf("encode the event: %w", err)
		}
		resp, err := delivery.Post(ctx, p.client, to, http.Header{}, body)
		if err != nil {
			return "", err
		}
		if resp.Status != http.StatusAccepted || isPage(resp) {
			return "", resp.BadAnswer()
		}
		detail = resp.Detail()
	}
	return detail, nil
}

// Coalesced implements delivery.Coalescer: nobody is rung for what is over, but an attempt whose answer was lost may
// have opened an alert. A resolve of none is ignored there.
func (p *pagerDuty) Coalesced(ctx context.Context, route json.RawMessage, _, resolve headwatch.Notice) (string, error) {
	return p.Send(ctx, route, resolve)
}

type pagerDutyEvent struct {
	RoutingKey  string            `json:"routing_key"`
	EventAction action            `json:"event_action"`
	DedupKey    string            `json:"dedup_key"`
	Payload     *pagerDutyPayload `json:"payload,omitempty"`
	Links       []pagerDutyLink   `json:"links,omitempty"`
	Client      string            `json:"client,omitempty"`
}

type pagerDutyPayload struct {
	Summary       string            `json:"summary"`
	Source        string            `json:"source"`
	Severity      string            `json:"severity"`
	Timestamp     string            `json:"timestamp"`
	Component     string            `json:"component,omitempty"`
	Group         string            `json:"group,omitempty"`
	Class         string            `json:"class,omitempty"`
	CustomDetails map[string]string `json:"custom_details"`
}

type pagerDutyLink struct {
	Href string `json:"href"`
	Text string `json:"text"`
}

func (p *pagerDuty) event(to errand, key string, n headwatch.Notice) pagerDutyEvent {
	e := pagerDutyEvent{RoutingKey: key, EventAction: to.action, DedupKey: dedupKey(to.key)}
	if to.action != trigger {
		return e
	}
	m, t := p.write.message(n), n.Transition
	e.Payload = &pagerDutyPayload{
		Summary:  delivery.Cut(m.headline, maxSummary),
		Source:   "headwatch: " + t.Cause.Chain,
		Severity: severity(n), Timestamp: t.At.UTC().Format(time.RFC3339),
		Component: t.Circuit, Group: t.Cause.Chain, CustomDetails: map[string]string{},
	}
	if cause := delivery.Cause(n); cause != nil {
		e.Payload.Class = string(cause.Condition)
	}
	for _, f := range m.facts {
		e.Payload.CustomDetails[f.label] = f.text
	}
	if p.write.link != "" {
		e.Links = []pagerDutyLink{{Href: p.write.link, Text: "runbook"}}
	}
	if p.write.deps.Page != nil {
		if page := p.write.deps.Page(n.Incident); page != "" {
			e.Links = append(e.Links, pagerDutyLink{Href: page, Text: "incident"})
		}
	}
	e.Client = "headwatch"
	return e
}

func severity(n headwatch.Notice) string {
	level := n.Transition.Level
	if n.Dependant != nil {
		level = max(level, n.Dependant.Level)
	}
	switch {
	case level == headwatch.LevelTrip, n.Kind == headwatch.StepHook:
		return "critical"
	case level == headwatch.LevelPage:
		return "error"
	}
	return "warning"
}

// dedupKey keeps to the length that PagerDuty takes: a key that is refused would lose the page.
func dedupKey(k string) string {
	if len(k) <= maxDedupKey {
		return k
	}
	sum := sha256.Sum256([]byte(k))
	return hex.EncodeToString(sum[:])
}
