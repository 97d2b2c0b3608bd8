package alert

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"headwatch/delivery"
)

// telegramRequest is what sendMessage and editMessageText take. An edit without a keyboard takes the keyboard away.
type telegramRequest struct {
	Chat     string           `json:"chat_id"`
	Topic    int              `json:"message_thread_id,omitempty"`
	Message  int64            `json:"message_id,omitempty"`
	Text     string           `json:"text"`
	Entities []telegramEntity `json:"entities,omitempty"`
	Preview  struct {
		Disabled bool `json:"is_disabled"`
	} `json:"link_preview_options"`
	Silent   bool              `json:"disable_notification,omitempty"`
	Reply    *telegramReply    `json:"reply_parameters,omitempty"`
	Keyboard *telegramKeyboard `json:"reply_markup,omitempty"`
}

// telegramEntity is measured in UTF-16 units.
type telegramEntity struct {
	Type   string `json:"type"`
	Offset int    `json:"offset"`
	Length int    `json:"length"`
}

type telegramReply struct {
	Message int64 `json:"message_id"`
	Anyway  bool  `json:"allow_sending_without_reply"`
}

type telegramKeyboard struct {
	Rows [][]telegramButton `json:"inline_keyboard"`
}

type telegramButton struct {
	Text string `json:"text"`
	Data string `json:"callback_data,omitempty"`
	URL  string `json:"url,omitempty"`
}

type telegramMessage struct {
	ID   int64        `json:"message_id"`
	Chat telegramChat `json:"chat"`
}

type telegramChat struct {
	ID   int64  `json:"id"`
	Name string `json:"username"`
}

type telegramAnswer struct {
	OK          bool            `json:"ok"`
	Result      json.RawMessage `json:"result"`
	Description string          `json:"description"`
	Parameters  struct {
		MovedTo int64 `json:"migrate_to_chat_id"`
	} `json:"parameters"`
}

// telegramSay sends or edits a message. One that is refused for its looks is sent once more without keyboard and entities.
func telegramSay(ctx context.Context, client *http.Client, to delivery.Route, method string, r telegramRequest) (telegramMessage, error) {
	var m telegramMessage
	resp, err := telegramCall(ctx, client, to, method, r, &m)
	if said := telegramSaid(err); strings.Contains(said, "BUTTON_") || strings.Contains(said, "button") || strings.Contains(said, "entit") {
		r.Keyboard, r.Entities = nil, nil
		resp, err = telegramCall(ctx, client, to, method, r, &m)
	}
	if err == nil && (m.ID == 0 || m.Chat.ID == 0) {
		err = resp.BadAnswer()
	}
	return m, err
}

// telegramCall calls a method and reads its result. The token is part of the address: it is a secret of the route as well, so no
// error shows it.
func telegramCall(ctx context.Context, client *http.Client, to delivery.Route, method string, r, result any) (*delivery.Response, error) {
	body, err := json.Marshal(r)
	if err != nil {
		return nil, fmt.Errorf("encode the request: %w", err)
	}
	resp, err := delivery.Post(ctx, client, under(to, "bot"+to.Key.Reveal(), method), http.Header{}, body)
	if err != nil {
		return nil, telegramRefused(throttled(err))
	}
	var answer telegramAnswer
	if json.Unmarshal(resp.Raw(), &answer) != nil || resp.Status != http.StatusOK || !answer.OK || json.Unmarshal(answer.Result, result) != nil {
		return nil, resp.BadAnswer()
	}
	return resp, nil
}

// telegramRefused reads what a refusal says. Telegram says 400 of a chat that is not there too, which somebody may mend while the
// page waits; of a group that became a supergroup it says the new id, which the configuration should have.
func telegramRefused(err error) error {
	e, ok := errors.AsType[*delivery.Error](err)
	if !ok {
		return err
	}
	var answer telegramAnswer
	if json.Unmarshal(e.Raw(), &answer) == nil && telegramMendable(answer.Description) {
		e.Permanent = false
		if id := answer.Parameters.MovedTo; id != 0 {
			e.Detail += fmt.Sprintf("; the chat's id is %d now", id)
		}
	}
	return err
}

// telegramSaid is why Telegram refused; "" for any other error and for none.
func telegramSaid(err error) string {
	var answer telegramAnswer
	if e, ok := errors.AsType[*delivery.Error](err); !ok || json.Unmarshal(e.Raw(), &answer) != nil {
		return ""
	}
	return answer.Description
}

// telegramMendable says whether what is wrong is the chat and not the message.
func telegramMendable(said string) bool {
	for _, chat := range []string{
		"chat not found", "thread not found", "TOPIC_", "not enough rights", "have no rights", "CHAT_", "upgraded to a supergroup", "bot was ", "bot is not ",
		"administrator rights", "deactivated", "PEER_ID_INVALID", "CHANNEL_",
	} {
		if strings.Contains(said, chat) {
			return true
		}
	}
	return false
}
