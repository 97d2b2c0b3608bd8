package alert

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"headwatch"
	"headwatch/config"
)

// clerk takes orders and knows incidents.
type clerk struct {
	mu        sync.Mutex
	orders    []headwatch.Action
	incidents []headwatch.Incident
	err       error
}

func (c *clerk) act(_ context.Context, a headwatch.Action) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.err != nil {
		return c.err
	}
	c.orders = append(c.orders, a)
	for i := range c.incidents {
		if c.incidents[i].ID == a.Incident {
			c.incidents[i].AckedBy, c.incidents[i].AckedAt, c.incidents[i].AckedUntil = a.Actor, a.At, time.Date(2026, 3, 1, 15, 4, 0, 0, time.UTC)
		}
	}
	return nil
}

func (c *clerk) all() []headwatch.Incident {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]headwatch.Incident(nil), c.incidents...)
}

func pressed(update int64, chat, from, data string) string {
	return fmt.Sprintf(`{"update_id":%d,"callback_query":{"id":"q%d","from":%s,"message":{"message_id":5,"date":1,"chat":{"id":%s,"type":"supergroup"},"text":"x"},"chat_instance":"1","data":%q}}`,
		update, update, from, chat, data)
}

const alice = `{"id":42,"is_bot":false,"first_name":"Alice","username":"alice"}`

func pollerOf(t *testing.T, f *fakeTelegram, c *clerk, log *zap.Logger) *poller {
	all := Pollers([]config.Alert{f.conf()}, Deps{Act: c.act, Incidents: c.all, Log: log})
	if len(all) != 1 {
		t.Fatalf("%d pollers", len(all))
	}
	return all[0].(*poller)
}

// rounds makes some rounds and gives what the people were told.
func rounds(t *testing.T, f *fakeTelegram, p *poller, count int) (told []string) {
	t.Helper()
	for range count {
		if err := p.round(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	for _, body := range f.requests["answerCallbackQuery"] {
		var a struct {
			ID    string `json:"callback_query_id"`
			Text  string `json:"text"`
			Alert bool   `json:"show_alert"`
		}
		if err := json.Unmarshal([]byte(body), &a); err != nil || len(a.Text) > maxToast {
			t.Errorf("%s: %v", body, err)
		}
		told = append(told, fmt.Sprintf("%s %v %s", a.ID, a.Alert, a.Text))
	}
	return told
}

func TestAPressInTelegramAcknowledges(t *testing.T) {
	f := newFakeTelegram(t)
	c := &clerk{incidents: []headwatch.Incident{
		{ID: "base-lending-7", Circuit: "base-lending"}, {ID: "base-lending-6", Circuit: "base-lending", Resolved: time.Now()},
	}}
	p := pollerOf(t, f, c, nil)
	rounds(t, f, p, 1) // nothing waits
	f.updates = []string{
		pressed(100, telegramRoom, alice, ackData+digest("base-lending-7")),
		pressed(101, "-100666", alice, ackData+digest("base-lending-7")),
		pressed(102, telegramRoom, `{"id":43,"first_name":"Bob\u202e"}`, ackData+digest("base-lending-6")),
		pressed(103, telegramRoom, alice, "other:data"),
		`{"update_id":104}`,
	}
	told := rounds(t, f, p, 6)
	want := []string{
		"q100 false Acknowledged until 15:04 UTC.",
		"q101 true Nothing was done: this chat is none of headwatch's.",
		"q102 true Nothing to acknowledge: the incident is over.",
		"q103 true Nothing was done: this chat is none of headwatch's.",
	}
	if strings.Join(told[:min(4, len(told))], "\n") != strings.Join(want, "\n") {
		t.Errorf("told\n%s", strings.Join(told, "\n"))
	}
	if len(c.orders) != 1 {
		t.Fatalf("orders %+v", c.orders)
	}
	got := c.orders[0]
	got.At = time.Time{}
	if want := (headwatch.Action{Kind: headwatch.ActionAck, Circuit: "base-lending", Incident: "base-lending-7", Actor: "alice (telegram)", Reason: "acknowledged in Telegram", Via: "ops"}); got != want {
		t.Errorf("got %+v", got)
	}
	if f.confirmed != 105 {
		t.Errorf("confirmed up to %d", f.confirmed)
	}
}

func TestAPressThatIsNotTakenSaysSo(t *testing.T) {
	f := newFakeTelegram(t)
	c := &clerk{incidents: []headwatch.Incident{{ID: "base-lending-7", Circuit: "base-lending"}}, err: errors.New("nats://planted: no quorum")}
	p := pollerOf(t, f, c, nil)
	rounds(t, f, p, 1)
	f.updates = []string{pressed(1, telegramRoom, alice, ackData+digest("base-lending-7"))}
	if told := rounds(t, f, p, 1); len(told) != 1 || !strings.Contains(told[0], "true NOT acknowledged") || strings.Contains(told[0], "planted") {
		t.Errorf("told %q", told)
	}
}

// Who pressed while headwatch was down saw that nothing happened. Hours later the press must not stop an escalation.
func TestWhatWasPressedWhileNobodyListenedIsNotDone(t *testing.T) {
	f := newFakeTelegram(t)
	c := &clerk{incidents: []headwatch.Incident{{ID: "base-lending-7", Circuit: "base-lending"}}}
	f.updates = []string{pressed(1, telegramRoom, alice, ackData+digest("base-lending-7")), pressed(2, telegramRoom, alice, ackData+digest("base-lending-7"))}
	p := pollerOf(t, f, c, nil)
	told := rounds(t, f, p, 3)
	if len(told) != 2 || !strings.Contains(told[1], "Press again.") || len(c.orders) != 0 {
		t.Errorf("told %q, orders %+v", told, c.orders)
	}
	for i, body := range f.requests["getUpdates"] {
		if !strings.Contains(body, `"timeout":0`) {
			t.Errorf("question %d waits: %s", i, body)
		}
	}
	f.updates = append(f.updates, pressed(3, telegramRoom, alice, ackData+digest("base-lending-7")))
	if rounds(t, f, p, 1); len(c.orders) != 1 {
		t.Errorf("orders %+v", c.orders)
	}
}

func TestAnUpdateThatCannotBeReadIsPassed(t *testing.T) {
	f := newFakeTelegram(t)
	c := &clerk{incidents: []headwatch.Incident{{ID: "base-lending-7", Circuit: "base-lending"}}}
	p := pollerOf(t, f, c, nil)
	rounds(t, f, p, 1)
	f.updates = []string{
		`{"update_id":5,"callback_query":{"id":"` + strings.Repeat("x", 100_000) + `"}}`, `{"update_id":6,"callback_query":"none"}`,
		pressed(7, telegramRoom, alice, ackData+digest("base-lending-7")),
	}
	for range 2 {
		if err := p.round(t.Context()); err == nil || strings.Contains(err.Error(), "planted") {
			t.Errorf("it was read: %v", err)
		}
	}
	if rounds(t, f, p, 1); len(c.orders) != 1 {
		t.Errorf("orders %+v", c.orders)
	}
}

// Two programs that ask for one bot's presses take them from each other: it is said once, and pages go out all the same.
func TestAConflictIsNamedOnce(t *testing.T) {
	f := newFakeTelegram(t)
	f.trouble = func(string) (int, string) {
		return 409, `{"ok":false,"error_code":409,"description":"Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"}`
	}
	core, logs := observer.New(zap.WarnLevel)
	p := pollerOf(t, f, &clerk{}, zap.New(core))
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() {
		if err := p.Run(ctx); err != nil {
			t.Error(err)
		}
	})
	for range 2 {
		<-f.called
	}
	cancel()
	running.Wait()
	if logs.Len() != 1 || !strings.Contains(fmt.Sprint(logs.All()[0].ContextMap()), "a bot of its own") || strings.Contains(fmt.Sprint(logs.All()), "planted") {
		t.Errorf("logged %+v", logs.All())
	}
}

func TestOnePollerABotHoweverManyChannels(t *testing.T) {
	f := newFakeTelegram(t)
	first, second, other, chat := f.conf(), f.conf(), f.conf(), conf(config.AlertSlack, config.NewSecret("https://example.org"))
	second.Name, second.To = "directors", []string{"@directors"}
	other.Name, other.Token = "other", config.NewSecret("987654321:AAEhBOweik6ad9r_QXMENQjcrGbqCr4K")
	all := Pollers([]config.Alert{first, second, other, chat}, Deps{Act: (&clerk{}).act})
	if len(all) != 2 {
		t.Fatalf("%d pollers", len(all))
	}
	p := all[0].(*poller)
	if got := p.channel(telegramChat{ID: -100777, Name: "Directors"}) + " " + p.channel(telegramChat{ID: -1001234567890}) + " " + p.channel(telegramChat{ID: 1}); got != "directors ops " {
		t.Errorf("got %q", got)
	}
	if got := Pollers([]config.Alert{first}, Deps{}); len(got) != 0 {
		t.Errorf("%d pollers for presses that nobody takes", len(got))
	}
}
