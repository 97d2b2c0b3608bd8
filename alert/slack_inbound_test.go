package alert

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"testing"
	"time"

	slackgo "github.com/slack-go/slack"

	"headwatch"
	"headwatch/config"
)

// Of https://docs.slack.dev/authentication/verifying-requests-from-slack.
const (
	slackExampleBody      = `token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c`
	slackExampleSignature = "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"
	slackExampleTime      = 1531420618
)

func slackInbound(t testing.TB, d Deps) Inbound {
	s, err := New(slackBotConf("https://slack.com/api"), d)
	if err != nil {
		t.Fatal(err)
	}
	return s.(Inbound)
}

func slackSigned(body string, at time.Time, secret string) http.Header {
	stamp := fmt.Sprint(at.Unix())
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte("v0:" + stamp + ":" + body))
	h := http.Header{}
	h.Set("X-Slack-Request-Timestamp", stamp)
	h.Set("X-Slack-Signature", "v0="+hex.EncodeToString(mac.Sum(nil)))
	return h
}

func TestSlacksExampleOfASignature(t *testing.T) {
	at := time.Unix(slackExampleTime, 0)
	b := slackInbound(t, Deps{}).(*slackBot)
	h := http.Header{}
	h.Set("X-Slack-Request-Timestamp", fmt.Sprint(slackExampleTime))
	h.Set("X-Slack-Signature", slackExampleSignature)
	for name, c := range map[string]struct {
		body string
		now  time.Time
		want bool
	}{
		"as it is":          {slackExampleBody, at, true},
		"at the very last":  {slackExampleBody, at.Add(5 * time.Minute), true},
		"too late":          {slackExampleBody, at.Add(5*time.Minute + time.Second), false},
		"from the future":   {slackExampleBody, at.Add(-6 * time.Minute), false},
		"another body":      {slackExampleBody + "&", at, false},
		"without its first": {slackExampleBody[1:], at, false},
	} {
		if got := b.signed(h, []byte(c.body), c.now); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
	for _, missing := range []string{"X-Slack-Request-Timestamp", "X-Slack-Signature"} {
		without := h.Clone()
		without.Del(missing)
		if b.signed(without, []byte(slackExampleBody), at) {
			t.Errorf("without %s it is taken", missing)
		}
	}
}

// interaction is a press as slack-go writes it.
func interaction(t testing.TB, kind slackgo.InteractionType, action, value string) string {
	b, err := json.Marshal(&slackgo.InteractionCallback{
		Type: kind, User: slackgo.User{ID: "U1", Name: "alice\u202e\n"}, Team: slackgo.Team{ID: "T1"}, Message: slackgo.Message{Msg: slackgo.Msg{Timestamp: "1.2"}},
		ActionCallback: slackgo.ActionCallbacks{BlockActions: []*slackgo.BlockAction{{ActionID: action, Value: value, Type: "button"}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return url.Values{"payload": {string(b)}}.Encode()
}

func TestAPressInSlackAcknowledges(t *testing.T) {
	now := time.Now()
	in := slackInbound(t, Deps{Incidents: func() []headwatch.Incident {
		return []headwatch.Incident{{ID: "base-lending-7", Circuit: "base-lending"}}
	}})
	body := interaction(t, slackgo.InteractionTypeBlockActions, ackAction, "base-lending-7")
	header := slackSigned(body, now, slackSecret)

	witness, err := slackgo.NewSecretsVerifier(header, slackSecret)
	if err == nil {
		_, _ = witness.Write([]byte(body))
		err = witness.Ensure()
	}
	if err != nil {
		t.Errorf("slack-go does not take it: %v", err)
	}
	got, err := in.Receive(header, []byte(body), now)
	want := headwatch.Action{
		Kind: headwatch.ActionAck, Circuit: "base-lending", Incident: "base-lending-7", Actor: "alice (slack)", Reason: "acknowledged in Slack", Via: "ops", At: now,
	}
	if err != nil || len(got) != 1 || got[0] != want {
		t.Errorf("got %+v, %v", got, err)
	}
	for name, body := range map[string]string{
		"the link":        interaction(t, slackgo.InteractionTypeBlockActions, pageAction, ""),
		"another app":     interaction(t, slackgo.InteractionTypeBlockActions, "other", "base-lending-7"),
		"a dialog":        interaction(t, slackgo.InteractionTypeViewSubmission, ackAction, "base-lending-7"),
		"nothing pressed": url.Values{"payload": {`{"type":"block_actions"}`}}.Encode(),
	} {
		if got, err := in.Receive(slackSigned(body, now, slackSecret), []byte(body), now); err != nil || got != nil {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}

// A request that is sent again is the same order again, so that it does not acknowledge what got worse in between.
func TestAPressInSlackIsOfWhenItWasPressed(t *testing.T) {
	now := time.Unix(1548426418, 0)
	in := slackInbound(t, Deps{})
	for stamp, want := range map[string]time.Time{
		"1548426417.840180": time.Unix(1548426417, 840_180_000), "1548426417": time.Unix(1548426417, 0), "1548426417.84": time.Unix(1548426417, 840_000_000),
		"1548426419.000001": now, "": now, "0.0": now, "-5": now, "1548426417.-5": now, "x.y": now, "99999999999999999999": now,
	} {
		body := url.Values{"payload": {`{"type":"block_actions","user":{"id":"U1"},"actions":[{"action_id":"headwatch-ack","value":"base-lending-7","action_ts":"` + stamp + `"}]}`}}.Encode()
		for _, later := range []time.Duration{0, time.Minute} {
			if want.Equal(now) && later > 0 {
				continue
			}
			got, err := in.Receive(slackSigned(body, now, slackSecret), []byte(body), now.Add(later))
			if err != nil || len(got) != 1 || !got[0].At.Equal(want) {
				t.Errorf("%q: %+v, %v", stamp, got, err)
			}
		}
	}
}

func TestWhatSlackDidNotSignIsRefused(t *testing.T) {
	now := time.Now()
	body := interaction(t, slackgo.InteractionTypeBlockActions, ackAction, "base-lending-7")
	in := slackInbound(t, Deps{})
	refused := func(name string, in Inbound, h http.Header, body string, want int) {
		t.Helper()
		got, err := in.Receive(h, []byte(body), now)
		if r, ok := errors.AsType[*Rejection](err); got != nil || !ok || r.Status != want {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
	refused("nothing", in, http.Header{}, body, http.StatusForbidden)
	refused("another secret", in, slackSigned(body, now, slackSecret+"x"), body, http.StatusForbidden)
	refused("an old one", in, slackSigned(body, now.Add(-time.Hour), slackSecret), body, http.StatusForbidden)
	refused("no form", in, slackSigned("%zz", now, slackSecret), "%zz", http.StatusBadRequest)
	refused("no payload", in, slackSigned("a=b", now, slackSecret), "a=b", http.StatusBadRequest)

	c := slackBotConf("https://slack.com/api")
	c.Inbound = config.Secret{}
	deaf, err := New(c, Deps{})
	if err != nil {
		t.Fatal(err)
	}
	refused("no secret", deaf.(Inbound), slackSigned(body, now, ""), body, http.StatusNotFound)
	if got := deaf.(*slackBot).buttons(story()[0]); got != nil {
		t.Errorf("without a secret there are buttons: %v", got)
	}
}

func FuzzSlackInteraction(f *testing.F) {
	f.Add(interaction(f, slackgo.InteractionTypeBlockActions, ackAction, "base-lending-7"))
	f.Add(slackExampleBody)
	in, now := slackInbound(f, Deps{}), time.Unix(slackExampleTime, 0)
	f.Fuzz(func(t *testing.T, body string) {
		orders, err := in.Receive(slackSigned(body, now, slackSecret), []byte(body), now)
		if err != nil && orders != nil {
			t.Errorf("orders of what was refused: %+v", orders)
		}
		for _, o := range orders {
			if o.Kind != headwatch.ActionAck || o.Incident == "" || o.Actor == "" || o.Reason == "" || o.Via != "ops" || len([]rune(o.Actor)) > maxPerson+10 {
				t.Errorf("got %+v", o)
			}
		}
	})
}
