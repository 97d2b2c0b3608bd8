package alert

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"pgregory.net/rapid"

	"headwatch"
	"headwatch/config"
	"headwatch/delivery"
	"headwatch/delivery/deliverytest"
)

// tested is a kind of channel as the tests of all kinds see it. A kind without an entry in channels fails them.
type tested struct {
	complete  func(*config.Alert)  // sets what a configuration of the kind needs beside its URL; nil for nothing
	channel   deliverytest.Channel // Accepts at least; New, and Notice if absent, are filled in
	elsewhere string               // set instead of channel for what is not told over HTTP: where it is tested

	limit  int                              // bytes that the receiver takes in one request
	within func(t *rapid.T, request []byte) // checks the receiver's other limits in a request; nil without any
}

// channels is every kind of channel.
var channels = map[string]tested{
	config.AlertConsole: {elsewhere: "console_test.go"},
	config.AlertEmail: {
		complete: func(c *config.Alert) {
			c.URL, c.Sender, c.To = config.NewSecret("smtp://"+mailHost), "headwatch@example.org", []string{"alice@example.org"}
		},
		elsewhere: "email_test.go",
	},
	config.AlertPagerDuty: {
		complete: func(c *config.Alert) { c.From, c.RoutingKey = headwatch.LevelPage, config.NewSecret(routingKey) },
		channel: deliverytest.Channel{
			Accepts: func(status int) bool { return status == http.StatusAccepted }, Secrets: []string{routingKey},
		},
		limit: 512 << 10,
		within: func(t *rapid.T, request []byte) {
			var e pagerDutyEvent
			if err := json.Unmarshal(request, &e); err != nil {
				t.Fatal(err)
			}
			if e.Payload != nil && utf8.RuneCountInString(e.Payload.Summary) > maxSummary || len(e.DedupKey) > maxDedupKey {
				t.Fatalf("summary %q, key %q", e.Payload.Summary, e.DedupKey)
			}
		},
	},
	config.AlertJSM: {
		complete: func(c *config.Alert) {
			c.From, c.Token, c.To = headwatch.LevelPage, config.NewSecret("planted-genie-key"), []string{"4513b7ea-3b91-438f-b7e4-e3e54af9147c"}
			c.Labels = map[string]string{"team": "protocol", "env": "prod"}
		},
		channel: deliverytest.Channel{Accepts: func(status int) bool { return status == http.StatusAccepted }, Secrets: []string{"planted-genie-key"}},
		limit:   64 << 10,
		within:  withinJSM,
	},
	config.AlertGrafanaIRM: {
		channel: deliverytest.Channel{Accepts: func(status int) bool { return status/100 == 2 }},
		limit:   64 << 10,
	},
	config.AlertIncidentIO: {
		complete: func(c *config.Alert) { c.Token = config.NewSecret("planted-source-token") },
		channel: deliverytest.Channel{
			Accepts: func(status int) bool { return status == http.StatusAccepted }, Secrets: []string{"planted-source-token"},
		},
		limit: 512 << 10,
	},
	config.AlertAlertmanager: {
		complete: func(c *config.Alert) {
			c.URLs, c.Token, c.Labels = []config.Secret{c.URL}, config.NewSecret("planted-bearer"), map[string]string{"team": "protocol"}
		},
		channel: deliverytest.Channel{Accepts: func(status int) bool { return status == http.StatusOK }, Secrets: []string{"planted-bearer"}, Current: true},
		limit:   256 << 10,
		within:  withinAlertmanager,
	},
	config.AlertTwilio: {
		complete: func(c *config.Alert) {
			c.Account, c.Token = "AC0123456789abcdef0123456789abcdef", config.NewSecret("planted-auth-token")
			c.Sender, c.To, c.Voice = "+15005550006", []string{"+15005550009"}, true
		},
		channel: deliverytest.Channel{
			Accepts: func(status int) bool { return status == http.StatusCreated }, Current: true,
			Secrets: []string{"planted-auth-token", base64.StdEncoding.EncodeToString([]byte("AC0123456789abcdef0123456789abcdef:planted-auth-token"))},
		},
		limit:  16 << 10,
		within: withinTwilio,
	},
	config.AlertNtfy: {
		complete: func(c *config.Alert) {
			c.Token = config.NewSecret("planted-access-token")
			if u, err := url.Parse(c.URL.Reveal()); err == nil && u.Path == "" {
				c.URL = config.NewSecret(c.URL.Reveal() + "/planted-topic")
			}
		},
		channel: deliverytest.Channel{Accepts: func(status int) bool { return status == http.StatusOK }, Secrets: []string{"planted-access-token"}},
		limit:   32 << 10,
		within:  withinNtfy,
	},
	config.AlertSlack: {
		channel: deliverytest.Channel{
			Accepts: func(status int) bool { return status == http.StatusOK }, Answer: "ok",
			Statuses: map[int]deliverytest.Want{http.StatusGone: {End: deliverytest.Again, Reason: delivery.ReasonHTTP4xx}}, // channel_is_archived
		},
		limit: 64 << 10,
		within: func(t *rapid.T, request []byte) {
			var body slackMessage
			if err := json.Unmarshal(request, &body); err != nil {
				t.Fatal(err)
			}
			total := 0
			for _, b := range body.Blocks {
				n := utf8.RuneCountInString(b.Text.Text)
				total += n
				if n > 3000 || strings.Contains(b.Text.Text, "<") {
					t.Fatalf("a section of %d characters: %q", n, b.Text.Text)
				}
			}
			if total > 13_000 || len(body.Blocks) > 50 {
				t.Fatalf("%d blocks with %d characters", len(body.Blocks), total)
			}
		},
	},
	config.AlertDiscord: {
		channel: deliverytest.Channel{
			Accepts: func(status int) bool { return status == http.StatusOK }, Answer: `{"id":"1090000000000000000"}`,
			Answers: map[string]deliverytest.Want{
				`{}`: {End: deliverytest.Again, Reason: delivery.ReasonBadAnswer},
				`ok`: {End: deliverytest.Again, Reason: delivery.ReasonBadAnswer},
			},
			Throttles: discordThrottles,
		},
		limit:  64 << 10,
		within: discordWithin,
	},
	config.AlertTelegram: {
		complete: func(c *config.Alert) {
			c.Token, c.To = config.NewSecret(telegramToken), []string{telegramRoom}
		},
		channel: deliverytest.Channel{
			Accepts: func(status int) bool { return status == http.StatusOK }, Answer: `{"ok":true,"result":{"message_id":7,"chat":{"id":-1001234567890}}}`,
			Answers: map[string]deliverytest.Want{
				`{"ok":true,"result":true}`: {End: deliverytest.Again, Reason: delivery.ReasonBadAnswer},
				`{"ok":true,"result":{}}`:   {End: deliverytest.Again, Reason: delivery.ReasonBadAnswer},
				`{"ok":false}`:              {End: deliverytest.Again, Reason: delivery.ReasonBadAnswer},
			},
			Throttles: telegramThrottles, Current: true,
			Secrets: []string{telegramToken, telegramToken[10:]},
		},
		limit:  64 << 10,
		within: telegramWithin,
	},
	config.AlertWebhook: {
		complete: func(c *config.Alert) { c.Secrets = []config.Secret{config.NewSecret(whsec)} },
		channel: deliverytest.Channel{
			Accepts: func(status int) bool { return status/100 == 2 }, Secrets: []string{whsec, strings.TrimPrefix(whsec, "whsec_")},
		},
		limit: 1 << 20,
	},
}

// conf is a complete configuration of a kind.
func conf(kind string, url config.Secret) config.Alert {
	c := config.Alert{
		Name: "ops", Kind: kind, From: headwatch.LevelWarn, URL: url,
		Timeout: config.Duration(10 * time.Second), Link: "https://runbooks.example.org/base",
	}
	if complete := channels[kind].complete; complete != nil {
		complete(&c)
	}
	return c
}

// overHTTP runs a test for each kind that is told over HTTP, and fails for a kind that the table does not know.
func overHTTP(t *testing.T, test func(t *testing.T, kind string, entry tested)) {
	t.Helper()
	for kind := range kinds {
		entry, known := channels[kind]
		switch {
		case !known:
			t.Errorf("%s has no entry in the table of this test", kind)
		case entry.elsewhere == "":
			t.Run(kind, func(t *testing.T) { test(t, kind, entry) })
		}
	}
}

func TestEveryChannelHoldsAgainstEveryAnswer(t *testing.T) {
	overHTTP(t, func(t *testing.T, kind string, entry tested) {
		c := entry.channel
		c.New = func(url config.Secret) (delivery.Sender, error) { return New(conf(kind, url), deps) }
		if c.Notice.Kind == "" {
			c.Notice = deliverytest.Notice(headwatch.StepTrip, "ops")
		}
		deliverytest.Test(t, c)
	})
}

// What is told may hold anything: the request is valid all the same, and within what the receiver takes.
func TestEveryChannelKeepsToTheLimitsWhateverItTells(t *testing.T) {
	overHTTP(t, func(t *testing.T, kind string, entry tested) {
		var request []byte
		receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			var err error
			if request, err = io.ReadAll(r.Body); err != nil {
				t.Error(err)
			}
			w.WriteHeader(entry.channel.Good())
			_, _ = io.WriteString(w, entry.channel.Answer)
		}))
		defer receiver.Close()
		s, err := New(conf(kind, config.NewSecret(receiver.URL)), deps)
		if err != nil {
			t.Fatal(err)
		}
		rapid.Check(t, func(t *rapid.T) {
			n := hostile(t)
			n.DedupKey = rapid.StringN(0, 400, -1).Draw(t, "key")
			request = nil
			send := s.Send
			if rapid.Bool().Draw(t, "coalesced") {
				send = func(ctx context.Context, route json.RawMessage, n headwatch.Notice) (string, error) {
					return s.(delivery.Coalescer).Coalesced(ctx, route, n, n)
				}
			}
			detail, err := send(t.Context(), s.Route(), n)
			if err != nil {
				t.Fatal(err)
			}
			switch {
			case request == nil && detail != delivery.NotTold:
				t.Fatalf("nothing was sent: %q", detail)
			case len(request) > entry.limit || !utf8.Valid(request):
				t.Fatalf("%d bytes: %q", len(request), request)
			case request != nil && entry.within != nil:
				entry.within(t, request)
			}
		})
	})
}

func TestEveryKindTellsALateIncidentInOneMessage(t *testing.T) {
	for kind := range kinds {
		s, err := New(conf(kind, config.NewSecret("https://example.org")), deps)
		if err != nil {
			t.Fatal(err)
		}
		if _, ok := s.(delivery.Coalescer); !ok {
			t.Errorf("%s does not", kind)
		}
	}
}

// A captive portal and a proxy that wants a login answer 200 with a page.
func TestALoginPageIsNotTheReceiversWord(t *testing.T) {
	overHTTP(t, func(t *testing.T, kind string, entry tested) {
		if kind == config.AlertWebhook {
			t.Skip("only the status counts")
		}
		_, err := answered(t, kind, entry.channel.Good(), "<!DOCTYPE html>\n<html><title>Log in</title></html>")
		if e, ok := errors.AsType[*delivery.Error](err); !ok || e.Permanent || e.Reason != delivery.ReasonBadAnswer {
			t.Errorf("%v", err)
		}
	})
}

// answered sends a page to a receiver that gives one answer.
func answered(t *testing.T, kind string, status int, answer string) (string, error) {
	t.Helper()
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(status)
		_, _ = io.WriteString(w, answer)
	}))
	defer receiver.Close()
	s, err := New(conf(kind, config.NewSecret(receiver.URL)), deps)
	if err != nil {
		t.Fatal(err)
	}
	return s.Send(t.Context(), s.Route(), deliverytest.Notice(headwatch.StepTrip, "ops"))
}
