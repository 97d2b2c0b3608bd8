package alert

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"

	"headwatch"
	"headwatch/config"
	"headwatch/delivery"
)

// Limits of https://discord.com/developers/docs/resources/message (embed limits) and .../webhook, in characters; a field that is too
// long is refused with the whole message.
const (
	maxContent = 2000
	maxField   = 1024
	maxEmbed   = 5800 // of 6,000 in all; the rest is for labels
)

// suppressNotifications is the message flag that lets nobody's phone ring.
const suppressNotifications = 1 << 12

// discord posts to a webhook: the headline as the text of the push notification, the facts as an embed in the colour of the level.
// Every notice is a message of its own, because a webhook can answer no message and an edit rings for nobody. Discord has nothing
// that makes a repeat harmless here: a lost answer leaves a message twice.
type discord struct {
	write  writer
	to     delivery.Route
	client *http.Client
}

func newDiscord(c config.Alert, d Deps) (delivery.Sender, error) {
	s := &discord{write: writer{d, c.Link}, to: delivery.Route{Kind: c.Kind, URL: waited(c.URL)}, client: delivery.Client(c.Timeout.D())}
	return s, s.to.Check()
}

// waited asks for an answer that says whether the message is there: without it Discord tells of none that it dropped. What the address
// says beside that, such as a thread_id, stays.
func waited(address config.Secret) config.Secret {
	u, err := url.Parse(address.Reveal())
	if err != nil {
		return address
	}
	q := u.Query()
	q.Set("wait", "true")
	u.RawQuery = q.Encode()
	return config.NewSecret(u.String())
}

// Route implements delivery.Sender.
func (s *discord) Route() json.RawMessage { return s.to.Freeze() }

// Send implements delivery.Sender.
func (s *discord) Send(ctx context.Context, route json.RawMessage, n headwatch.Notice) (string, error) {
	return s.post(ctx, route, n, s.write.message(n))
}

// Coalesced implements delivery.Coalescer.
func (s *discord) Coalesced(ctx context.Context, route json.RawMessage, trigger, resolve headwatch.Notice) (string, error) {
	return s.post(ctx, route, resolve, s.write.coalesced(trigger, resolve))
}

func (s *discord) post(ctx context.Context, route json.RawMessage, n headwatch.Notice, m message) (string, error) {
	body, err := json.Marshal(discordBody(n, m))
	if err != nil {
		return "", fmt.Errorf("encode the message: %w", err)
	}
	resp, err := delivery.Post(ctx, s.client, s.to.Thaw(route), http.Header{}, body)
	if err != nil {
		return "", throttled(err)
	}
	var posted struct {
		ID string `json:"id"`
	}
	if json.Unmarshal(resp.Raw(), &posted) != nil || resp.Status != http.StatusOK || posted.ID == "" {
		return "", resp.BadAnswer()
	}
	return delivery.Clean("message "+posted.ID, maxReceipt), nil
}

type discordMessage struct {
	Content  string          `json:"content"`
	Embeds   []discordEmbed  `json:"embeds"`
	Mentions discordMentions `json:"allowed_mentions"`
	Flags    int             `json:"flags,omitempty"`
}

// discordMentions with an empty list lets a message mention nobody, whatever is in it.
type discordMentions struct {
	Parse []string `json:"parse"`
}

type discordEmbed struct {
	Color  int            `json:"color"`
	Fields []discordField `json:"fields"`
}

type discordField struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

func discordBody(n headwatch.Notice, m message) discordMessage {
	body := discordMessage{Content: moodOf(n).sign + " **" + fit(m.headline, maxContent/2, discordRune) + "**", Mentions: discordMentions{[]string{}}}
	embed := discordEmbed{Color: moodOf(n).color, Fields: []discordField{}}
	limit := min(maxField, maxEmbed/max(1, len(m.facts))-maxFactLabel)
	for _, f := range m.facts {
		put := discordRune
		if f.links() {
			put = same
		}
		embed.Fields = append(embed.Fields, discordField{f.label, fit(f.text, limit, put)})
	}
	body.Embeds = []discordEmbed{embed}
	if !rings(n) && n.Kind != headwatch.StepWarn {
		body.Flags = suppressNotifications
	}
	return body
}

// maxFactLabel is more than the longest label of a fact.
const maxFactLabel = 30

// discordRune takes from a character what it does in Discord's markdown, mentions and links.
func discordRune(r rune) string {
	switch r {
	case '\\', '*', '_', '~', '`', '|', '<', '>', '[', ']', '#':
		return `\` + string(r)
	case '@', '/':
		return string(r) + joiner
	}
	return string(r)
}
