package alert

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"slices"

	"headwatch"
	"headwatch/config"
	"headwatch/delivery"
)

// Limits of an alert, in runes.
const (
	maxJSMMessage     = 130
	maxJSMDescription = 15_000
	maxJSMAlias       = 255 // 512 are taken
	maxJSMTag         = 50
	maxJSMDetails     = 8000 // names and values together
)

// jsm speaks the integration events API of Jira Service Management Operations:
// https://developer.atlassian.com/cloud/jira/service-desk-ops/rest/v1/api-group-integration-events/. It is that of Opsgenie, whose
// address it takes, too. Everything is answered with 202 and done later. A create with the alias of an open alert only counts it
// up: nothing of the alert changes and nobody is rung, so what people should know of its course goes into its notes.
type jsm struct {
	pager
	team []jsmResponder
	tags []string
}

func newJSM(c config.Alert, d Deps) (delivery.Sender, error) {
	p, err := newPager(c, d)
	if err != nil {
		return nil, err
	}
	if c.Token.IsZero() {
		return nil, errors.New("token: missing")
	}
	j := &jsm{pager: p}
	for _, id := range c.To {
		j.team = append(j.team, jsmResponder{ID: id, Type: "team"})
	}
	for _, k := range slices.Sorted(maps.Keys(c.Labels)) {
		j.tags = append(j.tags, delivery.Cut(k+":"+c.Labels[k], maxJSMTag))
	}
	return j, nil
}

// Send implements delivery.Sender.
func (j *jsm) Send(ctx context.Context, route json.RawMessage, n headwatch.Notice) (detail string, err error) {
	to := j.to.Thaw(route)
	detail = delivery.NotTold
	for _, e := range errands(n, j.from) {
		switch e.action {
		case trigger:
			detail, err = j.ask(ctx, to, j.alert(e.key, n), "v2", "alerts")
			if err == nil && j.write.toldBefore(n, j.from) {
				detail, err = j.change(ctx, to, e.key, "notes", j.said(n)) // the alert is open already: this is all that can be seen of it
			}
		case acknowledge:
			detail, err = j.change(ctx, to, e.key, "acknowledge", j.said(n))
		case remark:
			detail, err = j.change(ctx, to, e.key, "notes", j.said(n))
		case resolve:
			detail, err = j.change(ctx, to, e.key, "close", j.said(n))
		}
		if err != nil {
			return "", err
		}
	}
	return detail, nil
}

// Coalesced implements delivery.Coalescer: an attempt whose answer was lost may have opened an alert.
func (j *jsm) Coalesced(ctx context.Context, route json.RawMessage, _, resolve headwatch.Notice) (string, error) {
	return j.Send(ctx, route, resolve)
}

func (j *jsm) change(ctx context.Context, to delivery.Route, key, what string, document any) (string, error) {
	return j.ask(ctx, to, document, "v2", "alerts", plainKey(key, maxJSMAlias), what)
}

func (j *jsm) ask(ctx context.Context, to delivery.Route, document any, path ...string) (string, error) {
	address := join(to.URL, path...)
	if len(path) > 2 {
		address = withQuery(address, "identifierType", "alias")
	}
	header := http.Header{"Authorization": {"GenieKey " + to.Key.Reveal()}}
	return j.post(ctx, to.At(address), header, document, http.StatusAccepted)
}

type jsmAlert struct {
	Message     string            `json:"message"`
	Alias       string            `json:"alias"`
	Description string            `json:"description"`
	Responders  []jsmResponder    `json:"responders,omitempty"`
	Tags        []string          `json:"tags,omitempty"`
	Details     map[string]string `json:"details"`
	Entity      string            `json:"entity"`
	Source      string            `json:"source"`
	Priority    string            `json:"priority"`
}

type jsmResponder struct {
	ID   string `json:"id"`
	Type string `json:"type"`
}

// jsmRemark is what is said with an acknowledgement, a note and a close.
type jsmRemark struct {
	User   string `json:"user"`
	Source string `json:"source"`
	Note   string `json:"note"`
}

func (j *jsm) alert(key string, n headwatch.Notice) jsmAlert {
	calm := j.write.message(n).inert() // HTML is heeded in the message, too
	return jsmAlert{
		Message: delivery.Cut(calm.headline, maxJSMMessage), Alias: plainKey(key, maxJSMAlias),
		Description: delivery.Cut(calm.headline+"\n\n"+calm.lines(), maxJSMDescription),
		Responders:  j.team, Tags: j.tags, Details: shared(calm.details(n), maxJSMDetails),
		Entity: delivery.Clean(n.Transition.Circuit, 100), Source: "headwatch", Priority: priorities[severity(n)],
	}
}

// shared cuts values so that all of them, with their names, stay within a limit.
func shared(details map[string]string, limit int) map[string]string {
	for name, value := range details {
		details[name] = fit(value, limit/len(details)-units(name), same)
	}
	return details
}

func (j *jsm) said(n headwatch.Notice) jsmRemark {
	m := j.write.message(n).inert()
	return jsmRemark{User: delivery.Clean(n.Transition.Actor, 100), Source: "headwatch", Note: m.headline + "\n\n" + m.lines()}
}

var priorities = map[string]string{"critical": "P1", "error": "P2", "warning": "P3"}
