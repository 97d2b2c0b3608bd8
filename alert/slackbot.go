package alert

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"strings"

	"headwatch"
	"headwatch/config"
	"headwatch/delivery"
)

const (
	slackURL = "https://slack.com/api"

	ackAction  = "headwatch-ack"
	pageAction = "headwatch-page"
)

// slackBot speaks Slack's Web API: one message an incident by chat.postMessage, brought up to date by chat.update, and its timeline
// in the thread (https://docs.slack.dev/reference/methods/chat.postMessage, .../chat.update).
//
// A repeat after a lost answer has the same client_msg_id. Slack's documentation names errors of it and does not list it among the
// arguments: where it is not heeded, a lost answer leaves a message twice.
type slackBot struct {
	threads
	to      string // channel
	inbound config.Secret
	client  *http.Client
}

func newSlackBot(c config.Alert, d Deps) (delivery.Sender, error) {
	if len(c.To) != 1 || c.To[0] == "" {
		return nil, errors.New("to: want one channel")
	}
	base := c.URL
	if base.IsZero() {
		base = config.NewSecret(slackURL)
	}
	b := &slackBot{to: c.To[0], inbound: c.Inbound, client: delivery.Client(c.Timeout.D())}
	b.threads = threads{room: b, name: c.Name, write: writer{d, c.Link}, api: delivery.Route{Kind: c.Kind + "-bot", URL: base, Key: c.Token}}
	return b, b.api.Check()
}

func (b *slackBot) post(ctx context.Context, to delivery.Route, n headwatch.Notice, m message) (place, error) {
	r := b.whole(n, m)
	r.Channel, r.ID, r.Links, r.Media = b.to, clientID("post", n), new(false), new(false)
	answer, err := b.call(ctx, to, "chat.postMessage", r)
	if errors.Is(err, errTwice) { // and it is gone, or its place would have been the answer
		r.ID = ""
		answer, err = b.call(ctx, to, "chat.postMessage", r)
	}
	return place{To: b.to, Chat: answer.Channel, ID: answer.TS, Step: n.Step}, err
}

// reply adds a step to the thread. What rings, and the end, is shown in the channel too.
func (b *slackBot) reply(ctx context.Context, to delivery.Route, at place, n headwatch.Notice, m message) error {
	r := slackRequest{slackMessage: slackBody(m), Channel: at.Chat, Thread: at.ID, ID: clientID("reply", n), Links: new(false), Media: new(false)}
	r.Broadcast = rings(n) || n.Kind == headwatch.StepResolve
	_, err := b.call(ctx, to, "chat.postMessage", r)
	if errors.Is(err, errTwice) {
		return nil // told before
	}
	return b.moved(at, err)
}

func (b *slackBot) change(ctx context.Context, to delivery.Route, at place, n headwatch.Notice, m message) error {
	r := b.whole(n, m)
	r.Channel, r.TS = at.Chat, at.ID
	_, err := b.call(ctx, to, "chat.update", r)
	if slackSaid(err) == "edit_window_closed" { // the workspace lets nobody change messages: the thread has it all
		return nil
	}
	return b.moved(at, err)
}

// moved takes a message for gone when its channel is no longer there for the bot and the configuration names another one by now.
func (b *slackBot) moved(at place, err error) error {
	switch slackSaid(err) {
	case "channel_not_found", "not_in_channel", "is_archived":
		if at.To != b.to {
			return errGone
		}
	}
	return err
}

// whole is the message of an incident: how it stands, and what a person can do from here.
func (b *slackBot) whole(n headwatch.Notice, m message) slackRequest {
	body := slackBody(m)
	body.Text = moodOf(n).code + " " + body.Text
	body.Blocks[0].Text.Text = moodOf(n).code + " " + body.Blocks[0].Text.Text
	body.Blocks = append(body.Blocks, slackBlock{Type: "context", Elements: []any{slackText{"mrkdwn", escape(standing(n), maxSection), true}}})
	if buttons := b.buttons(n); len(buttons) > 0 {
		body.Blocks = append(body.Blocks, slackBlock{Type: "actions", Elements: buttons})
	}
	return slackRequest{slackMessage: body}
}

type slackButton struct {
	Type  string          `json:"type"`
	Text  slackButtonText `json:"text"`
	ID    string          `json:"action_id"`
	Value string          `json:"value,omitempty"`
	URL   string          `json:"url,omitempty"`
	Style string          `json:"style,omitempty"`
}

type slackButtonText struct {
	Type string `json:"type"`
	Text string `json:"text"`
}

// buttons are there while the incident lasts. One that acknowledges is there when what it sends back can be told from a stranger's.
func (b *slackBot) buttons(n headwatch.Notice) []any {
	var all []any
	if over(n) {
		return nil
	}
	label := func(text string) slackButtonText { return slackButtonText{"plain_text", text} }
	if !b.inbound.IsZero() && n.Mark != headwatch.MarkTest && len(n.Incident) <= maxButtonValue {
		button := slackButton{Type: "button", Text: label("Acknowledge"), ID: ackAction, Value: n.Incident}
		if n.AckedBy == "" {
			button.Style = "primary"
		}
		all = append(all, button)
	}
	if b.write.deps.Page != nil {
		if page := b.write.deps.Page(n.Incident); page != "" && len(page) <= maxButtonURL {
			all = append(all, slackButton{Type: "button", Text: label("Incident"), ID: pageAction, URL: page})
		}
	}
	return all
}

// Limits of a button (https://docs.slack.dev/reference/block-kit/block-elements/button-element).
const (
	maxButtonURL   = 3000
	maxButtonValue = 2000
)

// clientID is the same for every attempt to do the same with a notice: a UUID (RFC 9562, version 8). After a crash what was a reply
// may have to be posted.
func clientID(what string, n headwatch.Notice) string {
	sum := sha256.Sum256([]byte(what + " " + delivery.ID(n)))
	sum[6], sum[8] = sum[6]&0x0F|0x80, sum[8]&0x3F|0x80
	x := hex.EncodeToString(sum[:16])
	return strings.Join([]string{x[:8], x[8:12], x[12:16], x[16:20], x[20:]}, "-")
}
