package alert

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"pgregory.net/rapid"

	"headwatch"
	"headwatch/config"
	"headwatch/delivery"
	"headwatch/delivery/deliverytest"
)

var telegramThrottles = map[string]time.Duration{
	`{"ok":false,"error_code":429,"description":"Too Many Requests: retry after 13","parameters":{"retry_after":13}}`:     13 * time.Second,
	`{"ok":false,"error_code":429,"description":"Too Many Requests: retry after 9999","parameters":{"retry_after":9999}}`: 5 * time.Minute,
	`{"ok":false,"error_code":429,"description":"Too Many Requests"}`:                                                     0,
}

// telegramWithin holds a request to the limits of a message.
func telegramWithin(t *rapid.T, request []byte) {
	var m telegramRequest
	if err := json.Unmarshal(request, &m); err != nil {
		t.Fatal(err)
	}
	if wrong := new(fakeTelegram).wrong(m); wrong != "" && m.Chat == telegramRoom {
		t.Fatalf("%s: %d in %q", wrong, len(utf16.Encode([]rune(m.Text))), m.Text)
	}
	bold := m.Entities[0]
	text := utf16.Encode([]rune(m.Text))
	head, _, _ := strings.Cut(m.Text, "\n")
	if got := string(utf16.Decode(text[bold.Offset : bold.Offset+bold.Length])); !strings.HasSuffix(head, " "+got) {
		t.Fatalf("%q is bold in %q", got, head)
	}
}

func telegramBot(t testing.TB, f *fakeTelegram, k *keeper, topic int) delivery.Sender {
	c := f.conf()
	c.Thread = topic
	d := k.with(deps)
	d.Act = (&clerk{}).act
	s, err := New(c, d)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestAnIncidentIsOneMessageInTelegramAndAnswersToIt(t *testing.T) {
	f, k := newFakeTelegram(t), &keeper{}
	s := telegramBot(t, f, k, 7)
	var silent []string
	for i, n := range story() {
		if i == 4 {
			s = telegramBot(t, f, k, 7) // a restart
		}
		attempts := 2 // as after a crash before the first was recorded
		if n.Kind == headwatch.StepResolve {
			attempts = 1
		}
		for range attempts {
			if err := trySend(t, s, n); err != nil {
				t.Fatal(err)
			}
		}
		root := f.messages[0]
		if len(f.messages) != i+1 || root.Reply != nil || root.Topic != 7 || (root.Keyboard == nil) != (n.Kind == headwatch.StepResolve) {
			t.Fatalf("after %s: %d messages, the first %+v", n.Kind, len(f.messages), root)
		}
		newest := f.messages[i]
		if i > 0 && (newest.Reply.Message != 1 || !newest.Reply.Anyway || newest.Keyboard != nil || newest.Topic != 7) {
			t.Errorf("%s is told in %+v", n.Kind, newest)
		}
		if newest.Silent {
			silent = append(silent, string(n.Kind))
		}
		if n.Kind == headwatch.StepAck && !strings.Contains(root.Text, "alice has it in hand until 11:02 UTC") {
			t.Errorf("the message says %q", root.Text)
		}
	}
	if want := []string{"ack", "recover", "recover", "resolve"}; !slices.Equal(silent, want) {
		t.Errorf("%q are silent, want %q", silent, want)
	}
	if got := f.messages[0].Text; !strings.HasPrefix(got, "✅ RESOLVED base-lending") {
		t.Errorf("in the end it says %q", got)
	}
	if row := f.requests["sendMessage"][0]; !strings.Contains(row, `"callback_data":"ack:`+digest("base-lending-7")+`"`) || !strings.Contains(row, `"url":"https://watch.example.org/incidents/base-lending-7"`) {
		t.Errorf("the buttons are in %s", row)
	}
}

func TestTelegramMessagesAreTheGoldenOnes(t *testing.T) {
	_, body := posted(t, config.AlertTelegram, 200, `{"ok":true,"result":{"message_id":7,"chat":{"id":-100}}}`, func(s delivery.Sender) (string, error) {
		return s.Send(t.Context(), s.Route(), deliverytest.Notice(headwatch.StepTrip, "ops"))
	})
	golden(t, "telegram-trip.json", []byte(body))
}

func TestAMessageInTelegramThatSomebodyDeletedIsPostedAnew(t *testing.T) {
	f := newFakeTelegram(t)
	s := telegramBot(t, f, &keeper{}, 0)
	for i, n := range story()[:4] {
		if i == 2 {
			f.messages[0].deleted = true
		}
		if err := trySend(t, s, n); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(f.messages); n != 5 || f.messages[3].Reply != nil || f.messages[4].Reply.Message != 4 {
		t.Errorf("%d messages", n)
	}
}

func TestWhatTelegramSays(t *testing.T) {
	first := story()[0]
	for said, again := range map[string]bool{
		"Bad Request: chat not found": true, "Bad Request: message thread not found": true, "Bad Request: TOPIC_CLOSED": true,
		"Bad Request: not enough rights to send text messages to the chat": true, "Bad Request: group chat was upgraded to a supergroup chat": true,
		"Bad Request: need administrator rights in the channel chat": true, "Bad Request: group chat was deactivated": true,
		"Bad Request: PEER_ID_INVALID": true, "Bad Request: CHANNEL_PRIVATE": true,
		"Bad Request: message is too long": false, "Bad Request: message text is empty": false, "Bad Request: something new": false,
	} {
		f := newFakeTelegram(t)
		answer, err := json.Marshal(map[string]any{"ok": false, "error_code": 400, "description": said, "parameters": map[string]any{"migrate_to_chat_id": -100999}})
		if err != nil {
			t.Fatal(err)
		}
		f.trouble = func(string) (int, string) { return 400, string(answer) }
		e, ok := errors.AsType[*delivery.Error](trySend(t, telegramBot(t, f, &keeper{}, 0), first))
		if !ok || e.Permanent == again || e.Reason != delivery.ReasonHTTP4xx || strings.Contains(e.Error(), "planted") || again && !strings.Contains(e.Error(), "-100999 now") {
			t.Errorf("%s: %v", said, e)
		}
	}
}

// A button that Telegram does not like must not cost a page: it takes no address that is not public.
func TestAKeyboardThatTelegramRefusesIsLeftOut(t *testing.T) {
	f := newFakeTelegram(t)
	refused := false
	f.trouble = func(string) (int, string) {
		if refused = !refused; refused {
			return 400, `{"ok":false,"error_code":400,"description":"Bad Request: inline keyboard button URL 'http://localhost/' is invalid: Wrong HTTP URL"}`
		}
		return 0, ""
	}
	if err := trySend(t, telegramBot(t, f, &keeper{}, 0), story()[0]); err != nil || len(f.messages) != 1 || f.messages[0].Keyboard != nil {
		t.Errorf("%d messages, %v", len(f.messages), err)
	}
}

func TestTheGeneralTopicIsLeftOut(t *testing.T) {
	f := newFakeTelegram(t)
	s := telegramBot(t, f, &keeper{}, general)
	for _, n := range story()[:2] {
		if err := trySend(t, s, n); err != nil {
			t.Fatal(err)
		}
	}
}

func TestWhatAStrangerWritesGivesNothingToPressOnInTelegram(t *testing.T) {
	if got := fit("@alice /stop #tag evil.test https://x", 100, telegramRune); strings.ReplaceAll(got, joiner, "|") != "@|alice /|stop #|tag evil.|test https:/|/|x" {
		t.Errorf("got %q", got)
	}
}

// After a restart a step is added to the thread once, however often the message cannot be brought up to date.
func TestAnAnswerIsNotRepeatedWhileTheMessageCannotBeChanged(t *testing.T) {
	f, k := newFakeTelegram(t), &keeper{}
	if err := trySend(t, telegramBot(t, f, k, 0), story()[0]); err != nil {
		t.Fatal(err)
	}
	s := telegramBot(t, f, k, 0) // a restart
	f.trouble = func(method string) (int, string) {
		if method == "editMessageText" {
			return 500, `{"ok":false}`
		}
		return 0, ""
	}
	for range 3 {
		if err := trySend(t, s, story()[1]); err == nil {
			t.Fatal("no error")
		}
	}
	f.trouble = nil
	if err := trySend(t, s, story()[1]); err != nil {
		t.Fatal(err)
	}
	if n := len(f.messages); n != 2 {
		t.Errorf("%d messages", n)
	}
}

// A link that is cut leads nowhere: facts that may be long leave it its room.
func TestALinkIsNeverCutInTelegram(t *testing.T) {
	n, link := deliverytest.Notice(headwatch.StepEscalate, "ops"), "https://headwatch.example.org/ack/"+strings.Repeat("A", 300)
	n.Escalation = &headwatch.Escalation{Kind: headwatch.StepEscalate, Policy: "all", Why: strings.Repeat("y", 900)}
	n.Mark, n.Unjournaled, n.Transition.Actor, n.Transition.Reason = headwatch.MarkDrill, true, "alice", strings.Repeat("r", 500)
	n.Dependant = &headwatch.Dependant{Circuit: "base-dex", Incident: "base-dex-7"}
	d := (&keeper{}).with(deps)
	d.AckLink = func(headwatch.Notice) string { return link }
	bot := &telegram{threads: threads{write: writer{d, ""}}}
	r := bot.text(n, bot.write.message(n), standing(n))
	if !strings.Contains(r.Text, link+" or headwatch ack base-lending") || units(r.Text) > 4096 {
		t.Errorf("%d units:\n%s", units(r.Text), r.Text)
	}
}
