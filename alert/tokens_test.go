package alert

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"headwatch"
	"headwatch/config"
)

// A token that became known is changed while an incident lasts: the rest of it goes out with the new one, and nothing waits for
// ever for the old one to be good again.
func TestATokenThatIsChangedHoldsUpNoIncident(t *testing.T) {
	for _, kind := range []string{config.AlertJSM, config.AlertIncidentIO, config.AlertNtfy, config.AlertTwilio, config.AlertAlertmanager} {
		var authorizations []string
		receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			authorizations = append(authorizations, r.Header.Get("Authorization"))
			w.WriteHeader(channels[kind].channel.Good())
		}))
		defer receiver.Close()
		c := conf(kind, config.NewSecret(receiver.URL))
		old, err := New(c, deps)
		if err != nil {
			t.Fatal(err)
		}
		frozen := old.Route()
		c.Token = config.NewSecret("the-new-token")
		now, err := New(c, deps)
		if err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if _, err := now.Send(t.Context(), frozen, lately(headwatch.StepResolve)); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := now.Send(t.Context(), now.Route(), lately(headwatch.StepResolve)); err != nil {
			t.Fatal(err)
		}
		if len(authorizations) != 3 || authorizations[0] != authorizations[2] {
			t.Errorf("%s: signed on by %q", kind, authorizations)
		}
		if _, err := old.Send(t.Context(), frozen, lately(headwatch.StepResolve)); err != nil || authorizations[3] == authorizations[2] {
			t.Errorf("%s: the token is not in it: %v", kind, err)
		}
	}
}

func TestASlackTokenThatIsChangedHoldsUpNoIncident(t *testing.T) {
	f, k := newFakeSlack(t), &keeper{}
	old := bot(t, f, k)
	frozen := old.Route()
	if err := trySend(t, old, story()[1]); err != nil {
		t.Fatal(err)
	}
	f.token = "xoxb-the-new-token"
	c := slackBotConf(f.server.URL + "/api")
	c.Token = config.NewSecret(f.token)
	now, err := New(c, k.with(deps))
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range story()[2:] {
		if _, err := now.Send(t.Context(), frozen, n); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(f.shown(false)); n != 1 {
		t.Errorf("%d messages in the channel", n)
	}
}

// The messages of a bot in Telegram are its own: with another token of the same bot they are brought up to date; what another bot has
// under the same number is something else.
func TestATelegramTokenThatIsChangedHoldsUpNoIncident(t *testing.T) {
	for token, want := range map[string]int{
		"123456789:the-new-token": 2, // the message, and an answer
		"987654321:the-new-token": 2, // the message, and that of the other bot
	} {
		f, k := newFakeTelegram(t), &keeper{}
		old := telegramBot(t, f, k, 0)
		frozen := old.Route()
		if err := trySend(t, old, story()[1]); err != nil {
			t.Fatal(err)
		}
		f.token = token
		c := f.conf()
		c.Token = config.NewSecret(token)
		now, err := New(c, k.with(deps))
		if err != nil {
			t.Fatal(err)
		}
		for range 2 { // the answer to the first attempt was lost
			if _, err := now.Send(t.Context(), frozen, story()[2]); err != nil {
				t.Fatal(err)
			}
		}
		answered := len(f.messages) == want && f.messages[1].Reply != nil
		if same := token[:9] == telegramToken[:9]; len(f.messages) != want || answered != same {
			t.Errorf("%s: %d messages, one an answer: %t", token[:9], len(f.messages), answered)
		}
	}
}
