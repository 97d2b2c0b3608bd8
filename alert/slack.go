package alert

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"headwatch"
	"headwatch/config"
	"headwatch/delivery"
)

// Slack takes 3,000 characters a section and refuses blocks of more than some 13,000 in all (github.com/slackapi/bolt-js, issue
// 2509); escaping counts.
const (
	maxSection = 1200
	maxBlocks  = 11_000
)

// slack posts to an incoming webhook: the headline as the text of the push notification, and all of it as blocks. Such a
// webhook cannot change what it posted, so every notice is a message of its own.
type slack struct {
	write  writer
	to     delivery.Route
	client *http.Client
}

func newSlack(c config.Alert, d Deps) (delivery.Sender, error) {
	if !c.Token.IsZero() {
		return newSlackBot(c, d)
	}
	s := &slack{write: writer{d, c.Link}, to: delivery.Route{Kind: c.Kind, URL: c.URL}, client: delivery.Client(c.Timeout.D())}
	return s, s.to.Check()
}

// Route implements delivery.Sender.
func (s *slack) Route() json.RawMessage { return s.to.Freeze() }

// Send implements delivery.Sender.
func (s *slack) Send(ctx context.Context, route json.RawMessage, n headwatch.Notice) (string, error) {
	return s.post(ctx, route, s.write.message(n))
}

// Coalesced implements delivery.Coalescer.
func (s *slack) Coalesced(ctx context.Context, route json.RawMessage, trigger, resolve headwatch.Notice) (string, error) {
	return s.post(ctx, route, s.write.coalesced(trigger, resolve))
}

func (s *slack) post(ctx context.Context, route json.RawMessage, m message) (string, error) {
	body, err := json.Marshal(slackBody(m))
	if err != nil {
		return "", fmt.Errorf("encode the message: %w", err)
	}
	resp, err := delivery.Post(ctx, s.client, s.to.Thaw(route), http.Header{}, body)
	if err != nil {
		if e, ok := errors.AsType[*delivery.Error](err); ok && e.Status == http.StatusGone {
			e.Permanent = false // the channel is archived, which somebody can take back
		}
		return "", err
	}
	if resp.Status != http.StatusOK || resp.Body != "ok" {
		return "", resp.BadAnswer() // a login page of a proxy is also a 200
	}
	return resp.Detail(), nil
}

type slackMessage struct {
	Text   string       `json:"text"`
	Blocks []slackBlock `json:"blocks"`
}

type slackBlock struct {
	Type     string    `json:"type"`
	Text     slackText `json:"text,omitzero"`
	Elements []any     `json:"elements,omitempty"`
}

// slackText that is verbatim gets no links or mentions by itself.
type slackText struct {
	Type     string `json:"type"`
	Text     string `json:"text"`
	Verbatim bool   `json:"verbatim"`
}

func slackBody(m message) slackMessage {
	section := func(text string, verbatim bool) slackBlock {
		return slackBlock{Type: "section", Text: slackText{"mrkdwn", text, verbatim}}
	}
	limit := min(maxSection, maxBlocks/(len(m.facts)+1))
	head := escape(m.headline, limit)
	body := slackMessage{Text: head, Blocks: []slackBlock{section("*"+head+"*", true)}}
	for _, f := range m.facts {
		body.Blocks = append(body.Blocks, section(fmt.Sprintf("*%s* %s", f.label, escape(f.text, limit)), !f.links()))
	}
	return body
}

// escape writes text as Slack wants it.
func escape(s string, limit int) string {
	return fit(s, limit, func(r rune) string {
		switch r {
		case '&':
			return "&amp;"
		case '<':
			return "&lt;"
		case '>':
			return "&gt;"
		}
		return string(r)
	})
}
