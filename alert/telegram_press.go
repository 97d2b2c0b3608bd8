package alert

import (
	"context"
	"strconv"
	"strings"
	"time"

	"go.uber.org/zap"

	"headwatch"
	"headwatch/delivery"
)

const (
	maxWait  = 10 * time.Second // whoever presses is told soon
	maxToast = 200              // characters of what they are told
)

// telegramPress is a press of a button (https://core.telegram.org/bots/api#callbackquery).
type telegramPress struct {
	ID   string `json:"id"`
	From struct {
		ID    int64  `json:"id"`
		Name  string `json:"username"`
		First string `json:"first_name"`
	} `json:"from"`
	Message telegramMessage `json:"message"`
	Data    string          `json:"data"`
}

// press does what was pressed and tells whoever pressed it. An answer that does not arrive is of no consequence: what was pressed is
// told in the chat.
func (p *poller) press(ctx context.Context, press telegramPress, late bool) {
	ctx, cancel := context.WithTimeout(ctx, maxWait)
	defer cancel()
	text, done := p.acknowledge(ctx, press, late)
	answer := struct {
		ID    string `json:"callback_query_id"`
		Text  string `json:"text"`
		Alert bool   `json:"show_alert"` // to be closed by hand
	}{press.ID, delivery.Cut(text, maxToast), !done}
	var shown bool
	if _, err := telegramCall(ctx, p.client, p.bot, "answerCallbackQuery", answer, &shown); err != nil {
		p.log().Debug("a press was not answered", zap.Error(err))
	}
}

// acknowledge gives what to tell, and whether it is on record. Whoever is in a configured chat may acknowledge.
func (p *poller) acknowledge(ctx context.Context, press telegramPress, late bool) (text string, done bool) {
	channel := p.channel(press.Message.Chat)
	wanted, ok := strings.CutPrefix(press.Data, ackData)
	switch {
	case channel == "" || !ok:
		return "Nothing was done: this chat is none of headwatch's.", false
	case late:
		return "Nothing was done: headwatch was not listening when you pressed it. Press again.", false
	}
	incident := p.open(func(i headwatch.Incident) bool { return digest(i.ID) == wanted })
	if incident == nil {
		return "Nothing to acknowledge: the incident is over.", false
	}
	who := person("telegram", press.From.Name, press.From.First, strconv.FormatInt(press.From.ID, 10))
	order := acknowledgement(p.deps, channel, incident.ID, who, "Telegram", time.Now())
	if err := p.deps.Act(ctx, order); err != nil {
		p.log().Warn("an acknowledgement was not taken", zap.String("incident", incident.ID), zap.String("actor", who), zap.Error(err))
		return "NOT acknowledged: headwatch could not put it on record. Its log says why.", false
	}
	if until := p.until(ctx, order); !until.IsZero() {
		return "Acknowledged until " + clock(until) + ".", true
	}
	return "Acknowledged.", true
}

// until gives when an acknowledgement expires that was just given: as soon as it is folded in, which takes a moment.
func (p *poller) until(ctx context.Context, order headwatch.Action) time.Time {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	for {
		i := p.open(func(i headwatch.Incident) bool { return i.ID == order.Incident })
		switch {
		case i == nil:
			return time.Time{}
		case i.AckedBy == order.Actor && !i.AckedAt.Before(order.At):
			return i.AckedUntil
		}
		select {
		case <-ctx.Done():
			return time.Time{}
		case <-time.After(20 * time.Millisecond):
		}
	}
}

func (p *poller) open(is func(headwatch.Incident) bool) *headwatch.Incident {
	if p.deps.Incidents == nil {
		return nil
	}
	for _, i := range p.deps.Incidents() {
		if i.Resolved.IsZero() && is(i) {
			return &i
		}
	}
	return nil
}

// channel gives the channel that tells a chat; "" for a chat that none tells.
func (p *poller) channel(chat telegramChat) string {
	for _, c := range p.chats {
		if c.chat == strconv.FormatInt(chat.ID, 10) || chat.Name != "" && strings.EqualFold(c.chat, "@"+chat.Name) {
			return c.name
		}
	}
	return ""
}
