package alert

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"headwatch/config"
	"headwatch/delivery"
)

// slackRequest is what the two methods take. Blocks that are empty and not nil take away those that were there.
type slackRequest struct {
	slackMessage
	Channel   string `json:"channel"`
	TS        string `json:"ts,omitempty"`
	Thread    string `json:"thread_ts,omitempty"`
	Broadcast bool   `json:"reply_broadcast,omitempty"`
	ID        string `json:"client_msg_id,omitempty"`
	Links     *bool  `json:"unfurl_links,omitempty"`
	Media     *bool  `json:"unfurl_media,omitempty"`
}

// maxSlackText is what Slack advises for a text (https://docs.slack.dev/reference/methods/chat.postMessage, truncating content).
const maxSlackText = 4000

// slackAnswer comes under a status of 200 for success and for failure.
type slackAnswer struct {
	OK      bool   `json:"ok"`
	Error   string `json:"error"`
	Channel string `json:"channel"`
	TS      string `json:"ts"`
}

// errTwice says that there was a message under this client_msg_id before.
var errTwice = errors.New("told before")

// slackError is an answer that is not ok.
type slackError struct {
	said  string
	cause *delivery.Error
}

func (e *slackError) Error() string { return e.cause.Error() }
func (e *slackError) Unwrap() error { return e.cause }

// slackSaid is the code of an answer that is not ok; "" for any other error and for none.
func slackSaid(err error) string {
	if e, ok := errors.AsType[*slackError](err); ok {
		return e.said
	}
	return ""
}

// What Slack says of a message that it takes in no channel and at no time. Everything else may be mended while the page waits: a
// token, a scope, a channel that the bot is not in.
var slackUnfit = []string{
	"msg_too_long", "msg_blocks_too_long", "invalid_blocks", "invalid_blocks_format", "no_text", "invalid_arguments", "too_many_attachments",
}

// What it says of a message that is not there for this bot.
var slackGone = []string{"message_not_found", "thread_not_found", "cant_update_message", "cannot_reply_to_message"}

// call makes one request. A message whose blocks are refused is sent once more as text alone: its looks must not cost a page.
func (b *slackBot) call(ctx context.Context, to delivery.Route, method string, r slackRequest) (slackAnswer, error) {
	answer, err := b.request(ctx, to, method, r)
	if slices.Contains(slackUnfit, slackSaid(err)) && len(r.Blocks) > 0 {
		var all []string
		for _, b := range r.Blocks {
			if b.Text.Text != "" {
				all = append(all, b.Text.Text)
			}
		}
		r.Text, r.Blocks = delivery.Cut(strings.Join(all, "\n"), maxSlackText), []slackBlock{}
		answer, err = b.request(ctx, to, method, r)
	}
	return answer, err
}

func (b *slackBot) request(ctx context.Context, to delivery.Route, method string, r slackRequest) (slackAnswer, error) {
	body, err := json.Marshal(r)
	if err != nil {
		return slackAnswer{}, fmt.Errorf("encode the message: %w", err)
	}
	header := http.Header{"Content-Type": {"application/json; charset=utf-8"}, "Authorization": {"Bearer " + to.Key.Reveal()}}
	resp, err := delivery.Post(ctx, b.client, under(to, method), header, body)
	if err != nil {
		return slackAnswer{}, err
	}
	var answer slackAnswer
	if json.Unmarshal(resp.Raw(), &answer) != nil || resp.Status != http.StatusOK || answer.OK && (answer.TS == "" || answer.Channel == "") {
		return slackAnswer{}, resp.BadAnswer()
	}
	if answer.OK {
		return answer, nil
	}
	refused, _ := errors.AsType[*delivery.Error](resp.BadAnswer())
	switch {
	case slices.Contains(slackGone, answer.Error):
		return slackAnswer{}, errGone
	case strings.HasPrefix(answer.Error, "duplicate_message"):
		return slackAnswer{}, errTwice
	case strings.Contains(answer.Error, "ratelimited"), answer.Error == "rate_limited":
		refused.Reason = delivery.ReasonRateLimited
	}
	refused.Permanent = slices.Contains(slackUnfit, answer.Error)
	return slackAnswer{}, &slackError{answer.Error, refused}
}

// under is a route to what is below its address. An address that is none stays as it is, for the request to fail.
func under(to delivery.Route, path ...string) delivery.Route {
	if u, err := url.Parse(to.URL.Reveal()); err == nil {
		to.URL = config.NewSecret(u.JoinPath(path...).String())
	}
	return to
}
