package delivery_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"headwatch"
	"headwatch/config"
	"headwatch/delivery"
	"headwatch/delivery/deliverytest"
)

func whsec(fill byte) string {
	return "whsec_" + base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{fill}, 32))
}

func secrets(values ...string) []config.Secret {
	var s []config.Secret
	for _, v := range values {
		s = append(s, config.NewSecret(v))
	}
	return s
}

func eventOf(n headwatch.Notice) string {
	if n.Kind == headwatch.StepAck {
		return ""
	}
	return "test." + string(n.Kind)
}

func newWebhook(t *testing.T, url string, keys ...string) *delivery.Webhook {
	t.Helper()
	w, err := delivery.NewWebhook(config.NewSecret(url), secrets(keys...), 10*time.Second, eventOf)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

type request struct {
	header http.Header
	body   []byte
}

// record serves 204 and keeps what came.
func record(t *testing.T) (url string, got *[]request) {
	t.Helper()
	got = &[]request{}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		*got = append(*got, request{r.Header, body})
		w.WriteHeader(http.StatusNoContent)
	}))
	t.Cleanup(s.Close)
	return s.URL, got
}

func TestEverySecretSignsAndTheProjectsOwnVerifierAgrees(t *testing.T) {
	url, got := record(t)
	w := newWebhook(t, url, whsec(1), whsec(2))
	detail, err := w.Send(t.Context(), w.Route(), deliverytest.Notice(headwatch.StepTrip, "bot"))
	if err != nil || detail != "204 from "+strings.TrimPrefix(url, "http://") {
		t.Fatalf("got %q, %v", detail, err)
	}
	r := (*got)[0]
	for fill, want := range map[byte]bool{1: true, 2: true, 3: false} {
		v, err := standardwebhooks.NewWebhook(whsec(fill))
		if err != nil {
			t.Fatal(err)
		}
		if err := v.Verify(r.body, r.header); (err == nil) != want {
			t.Errorf("secret %d: %v", fill, err)
		}
		if v.Verify(append(r.body, ' '), r.header) == nil {
			t.Errorf("secret %d: a changed body verifies", fill)
		}
	}
	if got := r.header.Get("Content-Type"); got != "application/json" {
		t.Errorf("content type %q", got)
	}
}

func TestTheIDStaysAndTheTimestampMovesOverAttempts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var got []http.Header
		w := newWebhook(t, "http://example.org", whsec(1))
		w.Intercept(func(r *http.Request) { got = append(got, r.Header) })
		n := deliverytest.Notice(headwatch.StepTrip, "bot")
		for range 2 {
			if _, err := w.Send(t.Context(), nil, n); err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Minute)
		}
		if got[0].Get("webhook-id") != got[1].Get("webhook-id") {
			t.Error("the id changed between attempts")
		}
		if got[0].Get("webhook-timestamp") == got[1].Get("webhook-timestamp") {
			t.Error("the timestamp is not that of the attempt")
		}
	})
}

func TestANoticeGoesToItsFrozenURL(t *testing.T) {
	oldURL, gotOld := record(t)
	newURL, gotNew := record(t)
	n := deliverytest.Notice(headwatch.StepResolve, "bot")
	w := newWebhook(t, newURL, whsec(1))
	if _, err := w.Send(t.Context(), newWebhook(t, oldURL, whsec(2)).Route(), n); err != nil {
		t.Fatal(err)
	}
	if len(*gotOld) != 1 || len(*gotNew) != 0 {
		t.Fatalf("%d requests to the frozen URL, %d to the new one", len(*gotOld), len(*gotNew))
	}
	v, err := standardwebhooks.NewWebhook(whsec(1))
	if err != nil {
		t.Fatal(err)
	}
	if err := v.Verify((*gotOld)[0].body, (*gotOld)[0].header); err != nil {
		t.Errorf("not signed with the secret in force: %v", err)
	}
}

func TestANoticeWithoutAnEventIsDeliveredByTellingNothing(t *testing.T) {
	url, got := record(t)
	w := newWebhook(t, url, whsec(1))
	n := deliverytest.Notice(headwatch.StepAck, "bot")
	if detail, err := w.Send(t.Context(), w.Route(), n); err != nil || detail != delivery.NotTold {
		t.Errorf("got %q, %v", detail, err)
	}
	if detail, err := w.Coalesced(t.Context(), w.Route(), n, n); err != nil || detail != delivery.NotTold {
		t.Errorf("got %q, %v", detail, err)
	}
	if got := w.Preview(n); got != delivery.NotTold {
		t.Errorf("preview %q", got)
	}
	if len(*got) != 0 {
		t.Error("something was sent")
	}
}

func TestACoalescedResolveSaysSo(t *testing.T) {
	url, got := record(t)
	w := newWebhook(t, url, whsec(1))
	if _, err := w.Coalesced(t.Context(), w.Route(), deliverytest.Notice(headwatch.StepTrip, "bot"), deliverytest.Notice(headwatch.StepResolve, "bot")); err != nil {
		t.Fatal(err)
	}
	var d delivery.Document
	if err := json.Unmarshal((*got)[0].body, &d); err != nil {
		t.Fatal(err)
	}
	if d.Type != "test.resolve" || !d.Data.Coalesced {
		t.Errorf("got %+v", d)
	}
}

func TestAPreviewShowsMethodHostAndBody(t *testing.T) {
	w := newWebhook(t, "https://user:planted@example.org/planted?planted", whsec(1))
	n := deliverytest.Notice(headwatch.StepTrip, "bot")
	body, err := delivery.NewDocument("test.trip", n).JSON()
	if err != nil {
		t.Fatal(err)
	}
	if got, want := w.Preview(n), "POST example.org\n"+string(body); got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
}

func TestAWebhookWithoutASecretCanBePreviewedAndNotSent(t *testing.T) {
	w, err := delivery.NewWebhook(config.NewSecret("http://127.0.0.1:1"), nil, time.Second, eventOf)
	if err != nil {
		t.Fatal(err)
	}
	n := deliverytest.Notice(headwatch.StepTrip, "bot")
	if got := w.Preview(n); !strings.Contains(got, "POST 127.0.0.1:1") {
		t.Errorf("preview %q", got)
	}
	_, err = w.Send(t.Context(), w.Route(), n)
	if e, ok := errors.AsType[*delivery.Error](err); !ok || !e.Permanent {
		t.Errorf("sent unsigned: %v", err)
	}
}

func TestUnusableSecretsAreRefusedWithoutShowingThem(t *testing.T) {
	for name, keys := range map[string][]string{
		"no prefix":  {strings.TrimPrefix(whsec(1), "whsec_")},
		"not base64": {"whsec_planted!planted!planted!planted!"},
		"too short":  {"whsec_" + base64.StdEncoding.EncodeToString(make([]byte, 23))},
		"too long":   {"whsec_" + base64.StdEncoding.EncodeToString(make([]byte, 65))},
		"second":     {whsec(1), "whsec_planted"},
	} {
		_, err := delivery.NewWebhook(config.NewSecret("https://example.org"), secrets(keys...), time.Second, eventOf)
		if err == nil {
			t.Errorf("%s: taken", name)
		} else if strings.Contains(err.Error(), "planted") {
			t.Errorf("%s: the error shows the secret: %v", name, err)
		}
	}
}

func TestTheWebhookHoldsAgainstEveryAnswer(t *testing.T) {
	key := whsec(7)
	deliverytest.Test(t, deliverytest.Channel{
		New: func(url config.Secret) (delivery.Sender, error) {
			return delivery.NewWebhook(url, secrets(key), 10*time.Second, eventOf)
		},
		Notice:  deliverytest.Notice(headwatch.StepTrip, "bot"),
		Accepts: func(status int) bool { return status/100 == 2 },
		Secrets: []string{key, strings.TrimPrefix(key, "whsec_")},
	})
}
