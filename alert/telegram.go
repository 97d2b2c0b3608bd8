package alert

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"headwatch"
	"headwatch/config"
	"headwatch/delivery"
)

const (
	telegramURL = "https://api.telegram.org"

	maxTelegram = 4000 // of 4,096 characters of a message
	ackData     = "ack:"
	general     = 1 // the topic that every forum has; Telegram wants it left out
)

// telegram is a bot of https://core.telegram.org/bots/api: one message an incident, which shows how it stands, and an answer to it for
// every further step. Texts are plain, with entities beside them that are counted after the text is cut: nothing in them can be markup.
// Telegram has nothing that makes a repeat harmless: a lost answer leaves a message twice.
type telegram struct {
	threads
	to     string // chat
	topic  int
	client *http.Client
}

func newTelegram(c config.Alert, d Deps) (delivery.Sender, error) {
	if c.Token.IsZero() {
		return nil, errors.New("token: missing")
	}
	if len(c.To) != 1 || c.To[0] == "" {
		return nil, errors.New("to: want one chat")
	}
	t := &telegram{to: c.To[0], topic: c.Thread, client: delivery.Client(c.Timeout.D())}
	t.threads = threads{room: t, name: c.Name, write: writer{d, c.Link}, api: telegramRoute(c)}
	t.by, _, _ = strings.Cut(c.Token.Reveal(), ":")
	return t, t.api.Check()
}

func telegramRoute(c config.Alert) delivery.Route {
	base := c.URL
	if base.IsZero() {
		base = config.NewSecret(telegramURL)
	}
	return delivery.Route{Kind: c.Kind, URL: base, Key: c.Token}
}

func (t *telegram) post(ctx context.Context, to delivery.Route, n headwatch.Notice, m message) (place, error) {
	r := t.text(n, m, standing(n))
	r.Chat, r.Silent, r.Keyboard = t.to, !rings(n) && n.Kind != headwatch.StepWarn, t.keyboard(n)
	if t.topic != general {
		r.Topic = t.topic
	}
	posted, err := telegramSay(ctx, t.client, to, "sendMessage", r)
	return place{To: t.to, Chat: strconv.FormatInt(posted.Chat.ID, 10), ID: strconv.FormatInt(posted.ID, 10), Step: n.Step}, err
}

func (t *telegram) reply(ctx context.Context, to delivery.Route, at place, n headwatch.Notice, m message) error {
	id, err := strconv.ParseInt(at.ID, 10, 64)
	if err != nil {
		return errGone
	}
	r := t.text(n, m, "")
	r.Chat, r.Silent, r.Reply = at.Chat, !rings(n), &telegramReply{id, true}
	if t.topic != general {
		r.Topic = t.topic
	}
	_, err = telegramSay(ctx, t.client, to, "sendMessage", r)
	return t.moved(at, err)
}

func (t *telegram) change(ctx context.Context, to delivery.Route, at place, n headwatch.Notice, m message) error {
	id, err := strconv.ParseInt(at.ID, 10, 64)
	if err != nil {
		return errGone
	}
	r := t.text(n, m, standing(n))
	r.Chat, r.Message, r.Keyboard = at.Chat, id, t.keyboard(n)
	_, err = telegramSay(ctx, t.client, to, "editMessageText", r)
	switch said := telegramSaid(err); {
	case strings.Contains(said, "message is not modified"):
		return nil
	case strings.Contains(said, "message to edit not found"), strings.Contains(said, "message can't be edited"), strings.Contains(said, "MESSAGE_ID_INVALID"):
		return errGone
	}
	return t.moved(at, err)
}

// moved takes a message for gone when its chat is no longer there for the bot and the configuration names another one by now.
func (t *telegram) moved(at place, err error) error {
	if at.To != t.to && telegramMendable(telegramSaid(err)) {
		return errGone
	}
	return err
}

// text is a message with its headline in bold. Facts that may be a stranger's words give nothing to press on.
func (t *telegram) text(n headwatch.Notice, m message, last string) telegramRequest {
	sign := moodOf(n).sign + " "
	room, share := maxTelegram, 2 // links are whole, the rest shares what they leave
	for _, f := range m.facts {
		if f.links() {
			room -= units(f.text) + maxFactLabel
		} else {
			share++
		}
	}
	limit := room / share
	head := fit(m.headline, limit, telegramRune)
	var b strings.Builder
	b.WriteString(sign + head + "\n")
	for _, f := range m.facts {
		text := f.text
		if !f.links() {
			text = fit(text, limit-maxFactLabel, telegramRune)
		}
		b.WriteString("\n" + f.label + ": " + text)
	}
	if last != "" {
		b.WriteString("\n\n" + fit(last, limit, telegramRune))
	}
	r := telegramRequest{Text: b.String(), Entities: []telegramEntity{{"bold", units(sign), units(head)}}}
	r.Preview.Disabled = true
	return r
}

// telegramRune keeps a character from making a link, a mention, a command or a hashtag, which Telegram finds in any text.
func telegramRune(r rune) string {
	switch r {
	case '@', '/', '.', '#':
		return string(r) + joiner
	}
	return string(r)
}

// keyboard is there while the incident lasts.
func (t *telegram) keyboard(n headwatch.Notice) *telegramKeyboard {
	if over(n) {
		return nil
	}
	var row []telegramButton
	if t.write.deps.Act != nil && n.Mark != headwatch.MarkTest {
		row = append(row, telegramButton{Text: "Acknowledge", Data: ackData + digest(n.Incident)})
	}
	if t.write.deps.Page != nil {
		if page := t.write.deps.Page(n.Incident); page != "" {
			row = append(row, telegramButton{Text: "Incident", URL: page})
		}
	}
	if len(row) == 0 {
		return nil
	}
	return &telegramKeyboard{[][]telegramButton{row}}
}

// digest stands for an incident where its id would be too long: a button carries 64 bytes.
func digest(incident string) string {
	sum := sha256.Sum256([]byte(incident))
	return hex.EncodeToString(sum[:12])
}
