package alert

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"path"
	"unicode/utf8"

	"headwatch"
	"headwatch/config"
	"headwatch/delivery"
)

// Limits of a message, in bytes: a longer one becomes a file that nobody reads at night.
const (
	maxNtfyMessage = 4000 // 4,096 are taken
	maxNtfyTitle   = 500
	maxNtfyKey     = 64
)

// ntfy publishes to a topic as JSON: https://docs.ntfy.sh/publish/#publish-as-json. Messages of one sequence replace each other,
// but what replaces a message that is still shown makes no sound (NotificationService.kt of ntfy's Android app). So a sequence
// is only the retries of one notice: a page must ring although the warning before it was never swiped away.
type ntfy struct{ pager }

type ntfyUrgency struct {
	priority int // 1 to 5; 5 vibrates long and pops up, 2 makes no sound
	tag      string
}

func newNtfy(c config.Alert, d Deps) (delivery.Sender, error) {
	p, err := newPager(c, d)
	if err == nil {
		if _, topic := ntfyTopic(c.URL.Reveal()); topic == "" {
			err = errors.New("url: want a topic after the host")
		}
	}
	return &ntfy{p}, err
}

// ntfyTopic takes the address of a topic apart: a document goes to the server and names the topic.
func ntfyTopic(address string) (server, topic string) {
	u, err := url.Parse(address)
	if err != nil {
		return address, ""
	}
	if topic = path.Base(u.Path); topic == "/" || topic == "." {
		return address, ""
	}
	u.Path, u.RawPath = path.Dir(path.Clean(u.Path)), ""
	return u.String(), topic
}

type ntfyMessage struct {
	Topic    string       `json:"topic"`
	Title    string       `json:"title"`
	Message  string       `json:"message"`
	Priority int          `json:"priority"`
	Tags     []string     `json:"tags"`
	Click    string       `json:"click,omitempty"`
	Actions  []ntfyAction `json:"actions,omitempty"`
	Sequence string       `json:"sequence_id"`
}

type ntfyAction struct {
	Action string `json:"action"`
	Label  string `json:"label"`
	URL    string `json:"url"`
}

// Send implements delivery.Sender.
func (t *ntfy) Send(ctx context.Context, route json.RawMessage, n headwatch.Notice) (string, error) {
	return t.publish(ctx, route, n, t.write.message(n))
}

// Coalesced implements delivery.Coalescer.
func (t *ntfy) Coalesced(ctx context.Context, route json.RawMessage, trigger, resolve headwatch.Notice) (string, error) {
	return t.publish(ctx, route, resolve, t.write.coalesced(trigger, resolve))
}

func (t *ntfy) publish(ctx context.Context, route json.RawMessage, n headwatch.Notice, m message) (string, error) {
	to, header := t.to.Thaw(route), http.Header{}
	server, topic := ntfyTopic(to.URL.Reveal())
	if !to.Key.IsZero() {
		header.Set("Authorization", "Bearer "+to.Key.Reveal())
	}
	return t.post(ctx, to.At(server), header, t.document(topic, n, m), http.StatusOK)
}

func (t *ntfy) document(topic string, n headwatch.Notice, m message) ntfyMessage {
	u := urgency(n, t.from)
	d := ntfyMessage{
		Topic: topic, Title: cutBytes(m.headline, maxNtfyTitle), Message: cutBytes(m.lines(), maxNtfyMessage),
		Priority: u.priority, Tags: []string{u.tag}, Click: t.write.page(n),
		Sequence: plainKey(fmt.Sprintf("%s-%d", n.DedupKey, n.Step), maxNtfyKey),
	}
	if link := t.write.ackLink(n, act(n, t.from)); link != "" {
		d.Actions = []ntfyAction{{"view", "Acknowledge", link}}
	}
	return d
}

// urgency says how loud a notice is.
func urgency(n headwatch.Notice, from headwatch.Level) ntfyUrgency {
	switch act(n, from) {
	case trigger:
		if severity(n) == "warning" {
			return ntfyUrgency{3, "warning"}
		}
		return ntfyUrgency{5, "rotating_light"}
	case resolve:
		return ntfyUrgency{3, "white_check_mark"}
	}
	return ntfyUrgency{2, "information_source"}
}

// cutBytes shortens a text to at most limit bytes, between two runes.
func cutBytes(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	for limit -= len("…"); limit > 0 && !utf8.RuneStart(s[limit]); limit-- {
	}
	return s[:limit] + "…"
}
