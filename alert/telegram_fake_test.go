package alert

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"unicode/utf16"

	"headwatch/config"
)

const (
	telegramToken = "123456789:planted-AAEhBOweik6ad9r_QXMENQjcrGbqCr4K"
	telegramRoom  = "-1001234567890"
)

// fakeTelegram is as strict as the Bot API is: it knows its messages, and refuses what is too long or points nowhere.
type fakeTelegram struct {
	server *httptest.Server
	token  string

	mu        sync.Mutex
	messages  []*toldMessage
	requests  map[string][]string // bodies by method
	updates   []string            // that wait for getUpdates
	confirmed int64
	trouble   func(method string) (status int, answer string)
	called    chan string // methods, while somebody listens
}

type toldMessage struct {
	telegramRequest
	id      int64
	deleted bool
}

func newFakeTelegram(t testing.TB) *fakeTelegram {
	f := &fakeTelegram{token: telegramToken, requests: map[string][]string{}, called: make(chan string, 1000)}
	f.server = httptest.NewServer(http.HandlerFunc(f.serve))
	t.Cleanup(f.server.Close)
	return f
}

func (f *fakeTelegram) serve(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	method, ok := strings.CutPrefix(r.URL.Path, "/bot"+f.token+"/")
	body, err := io.ReadAll(r.Body)
	if !ok || err != nil || r.Method != http.MethodPost || !json.Valid(body) {
		f.refuse(w, 404, "Not Found")
		return
	}
	f.requests[method] = append(f.requests[method], string(body))
	select {
	case f.called <- method:
	default:
	}
	if f.trouble != nil {
		if status, answer := f.trouble(method); answer != "" {
			w.WriteHeader(status)
			io.WriteString(w, answer)
			return
		}
	}
	var m telegramRequest
	if err := json.Unmarshal(body, &m); err != nil {
		f.refuse(w, 400, "Bad Request: can't parse")
		return
	}
	switch method {
	case "getUpdates":
		var ask pollRequest
		if json.Unmarshal(body, &ask) != nil || ask.Limit < 1 || !slices.Equal(ask.Allowed, []string{"callback_query"}) {
			f.refuse(w, 400, "Bad Request: limit")
			return
		}
		f.confirmed = max(f.confirmed, ask.Offset)
		var due []string
		for _, u := range f.updates {
			var id struct {
				ID int64 `json:"update_id"`
			}
			// An update that nobody can read has its id in front.
			if json.Unmarshal([]byte(u), &id) != nil {
				fmt.Sscanf(u, `{"update_id":%d`, &id.ID)
			}
			if id.ID >= f.confirmed && len(due) < ask.Limit {
				due = append(due, u)
			}
		}
		fmt.Fprintf(w, `{"ok":true,"result":[%s]}`, strings.Join(due, ","))
	case "answerCallbackQuery":
		io.WriteString(w, `{"ok":true,"result":true}`)
	case "sendMessage", "editMessageText":
		if wrong := f.wrong(m); wrong != "" {
			f.refuse(w, 400, "Bad Request: "+wrong)
			return
		}
		told := &toldMessage{m, int64(len(f.messages) + 1), false}
		if method == "editMessageText" {
			i := slices.IndexFunc(f.messages, func(t *toldMessage) bool { return t.id == m.Message && !t.deleted })
			switch {
			case i < 0:
				f.refuse(w, 400, "Bad Request: message to edit not found")
				return
			case f.messages[i].Text == m.Text && (f.messages[i].Keyboard == nil) == (m.Keyboard == nil):
				f.refuse(w, 400, "Bad Request: message is not modified: specified new message content and reply markup are exactly the same")
				return
			}
			f.messages[i].Text, f.messages[i].Keyboard = m.Text, m.Keyboard
			told = f.messages[i]
		} else {
			f.messages = append(f.messages, told)
		}
		fmt.Fprintf(w, `{"ok":true,"result":{"message_id":%d,"chat":{"id":%s}}}`, told.id, telegramRoom)
	default:
		f.refuse(w, 404, "Not Found")
	}
}

func (f *fakeTelegram) refuse(w http.ResponseWriter, status int, why string) {
	w.WriteHeader(status)
	fmt.Fprintf(w, `{"ok":false,"error_code":%d,"description":%q}`, status, why)
}

// wrong is what the Bot API would say of a message, "" for nothing; https://core.telegram.org/bots/api#sendmessage.
func (f *fakeTelegram) wrong(m telegramRequest) string {
	length := len(utf16.Encode([]rune(m.Text)))
	switch {
	case m.Chat != telegramRoom:
		return "chat not found"
	case length == 0:
		return "message text is empty"
	case length > 4096:
		return "message is too long"
	case m.Topic == 1:
		return "message thread not found"
	case !m.Preview.Disabled:
		return "a preview"
	}
	for _, e := range m.Entities {
		if e.Offset < 0 || e.Length < 1 || e.Offset+e.Length > length {
			return "entity out of the text"
		}
	}
	if m.Keyboard != nil {
		for _, b := range slices.Concat(m.Keyboard.Rows...) {
			if len(b.Data) > 64 {
				return "BUTTON_DATA_INVALID"
			}
			if (b.Data == "") == (b.URL == "") || b.Text == "" {
				return "inline keyboard button"
			}
		}
	}
	return ""
}

func (f *fakeTelegram) conf() config.Alert {
	return conf(config.AlertTelegram, config.NewSecret(f.server.URL))
}
