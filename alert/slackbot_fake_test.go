package alert

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"unicode/utf16"

	slackgo "github.com/slack-go/slack"
)

const (
	slackToken  = "xoxb-planted-token"
	slackRoom   = "C0123456789"
	slackSecret = "8f742231b10e8888abcd99yyyzzz85a5"
)

// fakeSlack is as strict as Slack's Web API is: it knows its messages, and refuses what is too long. It reads with slack-go's structs.
type fakeSlack struct {
	server *httptest.Server
	heeds  bool // client_msg_id
	token  string

	mu       sync.Mutex
	messages []*fakeMessage
	byID     map[string]*fakeMessage
	calls    []string
	trouble  func(call string, r slackgo.Msg) (status int, answer string, done bool) // "" to go on; done: it is carried out all the same
	retry    string                                                                  // Retry-After of trouble
}

type fakeMessage struct {
	slackgo.Msg
	thread    string
	broadcast bool
	deleted   bool
}

func newFakeSlack(t testing.TB) *fakeSlack {
	f := &fakeSlack{heeds: true, token: slackToken, byID: map[string]*fakeMessage{}}
	f.server = httptest.NewServer(http.HandlerFunc(f.serve))
	t.Cleanup(f.server.Close)
	return f
}

func (f *fakeSlack) serve(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	body, err := io.ReadAll(r.Body)
	call := strings.TrimPrefix(r.URL.Path, "/api/")
	var msg slackgo.Msg
	var more struct {
		Broadcast bool `json:"reply_broadcast"`
	}
	switch {
	case err != nil || r.Method != http.MethodPost || r.Header.Get("Content-Type") != "application/json; charset=utf-8":
		f.say(w, 200, "invalid_post_type")
		return
	case r.Header.Get("Authorization") != "Bearer "+f.token:
		f.say(w, 200, "invalid_auth")
		return
	case json.Unmarshal(body, &msg) != nil || json.Unmarshal(body, &more) != nil:
		f.say(w, 200, "invalid_json")
		return
	}
	f.calls = append(f.calls, call)
	if f.trouble != nil {
		if status, answer, done := f.trouble(call, msg); answer != "" {
			if done {
				f.do(call, msg, more.Broadcast)
			}
			if answer == "lost" {
				panic(http.ErrAbortHandler)
			}
			if f.retry != "" {
				w.Header().Set("Retry-After", f.retry)
			}
			f.say(w, status, answer)
			return
		}
	}
	m, wrong := f.do(call, msg, more.Broadcast)
	if wrong != "" {
		f.say(w, 200, wrong)
		return
	}
	fmt.Fprintf(w, `{"ok":true,"channel":%q,"ts":%q,"message":{"text":"..."}}`, m.Channel, m.Timestamp)
}

func (f *fakeSlack) say(w http.ResponseWriter, status int, wrong string) {
	w.WriteHeader(status)
	fmt.Fprintf(w, `{"ok":false,"error":%q}`, wrong)
}

func (f *fakeSlack) do(call string, msg slackgo.Msg, broadcast bool) (m *fakeMessage, wrong string) {
	if wrong := tooMuch(msg); wrong != "" {
		return nil, wrong
	}
	if msg.Channel != slackRoom {
		return nil, "channel_not_found"
	}
	switch call {
	case "chat.postMessage":
		if before := f.byID[msg.ClientMsgID]; before != nil && f.heeds {
			if before.deleted {
				return nil, "duplicate_message_not_found"
			}
			return before, ""
		}
		if msg.ThreadTimestamp != "" && f.find(msg.ThreadTimestamp) == nil {
			return nil, "thread_not_found"
		}
		m = &fakeMessage{Msg: msg, thread: msg.ThreadTimestamp, broadcast: broadcast}
		m.Timestamp = fmt.Sprintf("1503435956.%06d", len(f.messages)+1)
		f.messages = append(f.messages, m)
		if msg.ClientMsgID != "" {
			f.byID[msg.ClientMsgID] = m
		}
	case "chat.update":
		if m = f.find(msg.Timestamp); m == nil {
			return nil, "message_not_found"
		}
		m.Text, m.Blocks = msg.Text, msg.Blocks
	default:
		return nil, "unknown_method"
	}
	return m, ""
}

func (f *fakeSlack) find(ts string) *fakeMessage {
	for _, m := range f.messages {
		if m.Timestamp == ts && !m.deleted {
			return m
		}
	}
	return nil
}

// roots are the messages in the channel, and replies those in a thread, as people see them now.
func (f *fakeSlack) shown(inThread bool) (all []*fakeMessage) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, m := range f.messages {
		if !m.deleted && (m.thread != "") == inThread {
			all = append(all, m)
		}
	}
	return all
}

// tooMuch holds a message to the limits of Block Kit, in UTF-16 units.
func tooMuch(msg slackgo.Msg) string {
	length := func(s string) int { return len(utf16.Encode([]rune(s))) }
	total := 0
	for _, b := range msg.Blocks.BlockSet {
		switch b := b.(type) {
		case *slackgo.SectionBlock:
			total += length(b.Text.Text)
			if length(b.Text.Text) > 3000 || b.Text.Validate() != nil || strings.ContainsAny(b.Text.Text, "<>") {
				return "invalid_blocks"
			}
		case *slackgo.ContextBlock:
			text, ok := b.ContextElements.Elements[0].(*slackgo.TextBlockObject)
			if !ok || len(b.ContextElements.Elements) > 10 || length(text.Text) > 3000 || strings.ContainsAny(text.Text, "<>") {
				return "invalid_blocks"
			}
			total += length(text.Text)
		case *slackgo.ActionBlock:
			for _, e := range b.Elements.ElementSet {
				button, ok := e.(*slackgo.ButtonBlockElement)
				if !ok || button.Text.Type != "plain_text" || length(button.Text.Text) > 75 || length(button.Value) > 2000 || length(button.URL) > 3000 || length(button.ActionID) > 255 {
					return "invalid_blocks"
				}
			}
		default:
			return "invalid_blocks"
		}
	}
	switch {
	case len(msg.Blocks.BlockSet) > 50:
		return "invalid_blocks"
	case total > 13_000:
		return "msg_blocks_too_long"
	case msg.Text == "":
		return "no_text"
	case length(msg.Text) > 4000:
		return "msg_too_long"
	}
	return ""
}

// buttons are the action ids of a message.
func buttons(m *fakeMessage) (all []string) {
	for _, b := range m.Blocks.BlockSet {
		if a, ok := b.(*slackgo.ActionBlock); ok {
			for _, e := range a.Elements.ElementSet {
				all = append(all, e.(*slackgo.ButtonBlockElement).ActionID)
			}
		}
	}
	return all
}
