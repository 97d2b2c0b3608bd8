package alert

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"headwatch"
	"headwatch/config"
)

// Of the tests of go-pagerduty's webhookv3: a body, the secret of its subscription, and the signature.
const (
	officialSecret    = "lDQHScfUeXUKaQRNF+8XIiDKZ7XX3itBAYzwU0TARw8lJqRnkKl2iB1anSb0Z+IK"
	officialSignature = "v1=0c0b9495b893a39e70d1fea2fe11fbe0a825f88b9f67846f6cc07dd2bc5476cd"
	otherSignature    = "v1=7020c8a7ec668a9b7012bc3dd82e483394b038f4230acc6785efbf2a7d8bcaf5"
)

func officialWebhook(t testing.TB) []byte {
	body, err := os.ReadFile("testdata/pagerduty-webhook.json")
	if err != nil {
		t.Fatal(err)
	}
	return body
}

func inboundPagerDuty(t testing.TB, secret string) Inbound {
	s, err := New(config.Alert{
		Name: "on-call", Kind: config.AlertPagerDuty, RoutingKey: config.NewSecret(strings.Repeat("k", 32)), Inbound: config.NewSecret(secret),
		Timeout: config.Duration(time.Second),
	}, Deps{})
	if err != nil {
		t.Fatal(err)
	}
	return s.(Inbound)
}

func sign(body []byte, secret string) http.Header {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write(body)
	return http.Header{signatureHeaderCanonical: {"v1=" + hex.EncodeToString(mac.Sum(nil))}}
}

var signatureHeaderCanonical = http.CanonicalHeaderKey(signatureHeader)

func TestPagerDutysSignatures(t *testing.T) {
	body := officialWebhook(t)
	for name, c := range map[string]struct {
		secret     string
		signatures []string
		body       []byte
		want       int
	}{
		"the official one":               {officialSecret, []string{officialSignature}, body, 0},
		"while the secret is changed":    {officialSecret, []string{otherSignature + "," + officialSignature}, body, 0},
		"with a space":                   {officialSecret, []string{otherSignature + ", " + officialSignature}, body, 0},
		"of a later version as well":     {officialSecret, []string{"v2=00," + officialSignature}, body, 0},
		"as two headers":                 {officialSecret, []string{otherSignature, officialSignature}, body, 0},
		"another":                        {officialSecret, []string{otherSignature}, body, http.StatusForbidden},
		"none":                           {officialSecret, nil, body, http.StatusForbidden},
		"an empty one":                   {officialSecret, []string{"v1="}, body, http.StatusForbidden},
		"a part of it":                   {officialSecret, []string{officialSignature[:20]}, body, http.StatusForbidden},
		"no hexadecimal":                 {officialSecret, []string{"v1=zz"}, body, http.StatusForbidden},
		"of a later version alone":       {officialSecret, []string{"v2" + officialSignature[2:]}, body, http.StatusForbidden},
		"after too many others":          {officialSecret, []string{strings.Repeat(otherSignature+",", maxSignatures) + officialSignature}, body, http.StatusForbidden},
		"of another secret":              {officialSecret + "x", []string{officialSignature}, body, http.StatusForbidden},
		"of another body":                {officialSecret, []string{officialSignature}, append([]byte(" "), body...), http.StatusForbidden},
		"of no secret, which anyone has": {"", []string{sign(body, "")[signatureHeaderCanonical][0]}, body, http.StatusNotFound},
	} {
		actions, err := inboundPagerDuty(t, c.secret).Receive(http.Header{signatureHeaderCanonical: c.signatures}, c.body, time.Now())
		rejection, ok := errors.AsType[*Rejection](err)
		if ok != (c.want != 0) || ok && rejection.Status != c.want || len(actions) != 0 {
			t.Errorf("%s: %+v, %v; want %d", name, actions, err, c.want)
		}
	}
}

// A webhook as the documentation shows it: an event of an incident, or of a note on one.
func webhook(event, agent, data string) []byte {
	return fmt.Appendf(nil, `{"event":{"id":"e","event_type":%q,"resource_type":"incident","occurred_at":"2026-11-21T03:10:00.5Z","agent":%s,"client":{"name":"PagerDuty"},"data":%s}}`,
		event, agent, data)
}

const (
	engineer = `{"html_url":"https://acme.pagerduty.com/users/PLH1HKV","id":"PLH1HKV","summary":"Tenex\u202e Engineer","type":"user_reference"}`
	program  = `{"id":"PAM4FGS","summary":"headwatch","type":"events_api_v2_inbound_integration_reference"}`
	there    = `{"id":"PGR0VU2","type":"incident","number":2,"status":"acknowledged","incident_key":"lending-1","title":"PAGE lending"}`
	note     = `{"incident":{"id":"PGR0VU2","summary":"PAGE lending","type":"incident_reference"},"id":"P2LA89X","content":"the vendor\nsays an hour","trimmed":false,"type":"incident_note"}`
)

func TestWhatPeopleDoInPagerDutyIsAnOrderHere(t *testing.T) {
	at := time.Date(2026, 11, 21, 3, 10, 0, 500_000_000, time.UTC)
	for name, c := range map[string]struct {
		event, agent, data string
		kind               headwatch.ActionKind
		reason             string
	}{
		"acknowledged":                 {"incident.acknowledged", engineer, there, headwatch.ActionAck, "acknowledged in PagerDuty"},
		"no longer":                    {"incident.unacknowledged", engineer, there, headwatch.ActionNote, "the acknowledgement in PagerDuty was taken back or has expired there"},
		"resolved, which it is not":    {"incident.resolved", engineer, there, headwatch.ActionNote, "resolved in PagerDuty by hand, which ends nothing here"},
		"a note":                       {"incident.annotated", engineer, note, headwatch.ActionNote, "in PagerDuty: the vendor says an hour"},
		"our own acknowledgement":      {"incident.acknowledged", program, there, "", ""},
		"our own resolve":              {"incident.resolved", program, there, "", ""},
		"of nobody":                    {"incident.acknowledged", "null", there, "", ""},
		"of a engineer without a name": {"incident.acknowledged", `{"type":"user_reference"}`, there, "", ""},
		"what is new there":            {"incident.triggered", engineer, there, "", ""},
		"what nobody knows":            {"incident.enchanted", engineer, there, "", ""},
		"without a key":                {"incident.acknowledged", engineer, `{"id":"PX","type":"incident"}`, "", ""},
		"of a note on what is not known": {
			"incident.annotated", engineer, strings.Replace(note, "PGR0VU2", "PX", 1), "", "",
		},
	} {
		p := inboundPagerDuty(t, officialSecret)
		first := webhook("incident.triggered", program, there)
		if actions, err := p.Receive(sign(first, officialSecret), first, at); err != nil || actions != nil {
			t.Errorf("%s: the trigger gave %+v, %v", name, actions, err)
		}
		body := webhook(c.event, c.agent, c.data)
		actions, err := p.Receive(sign(body, officialSecret), body, at.Add(time.Minute))
		var want []headwatch.Action
		if c.kind != "" {
			want = []headwatch.Action{{Kind: c.kind, Incident: "lending-1", Actor: "Tenex Engineer", Reason: c.reason, Via: "on-call", At: at}}
		}
		if err != nil || len(actions) != len(want) || len(want) > 0 && actions[0] != want[0] {
			t.Errorf("%s: %+v, %v; want %+v", name, actions, err, want)
		}
		if again, _ := p.Receive(sign(body, officialSecret), body, at.Add(time.Hour)); len(again) > 0 && again[0] != actions[0] {
			t.Errorf("%s: sent again it is another order: %+v", name, again)
		}
	}
}

// A clock there that is fast must not make an acknowledgement that holds for longer.
func TestNoOrderIsOfTheFuture(t *testing.T) {
	p, body := inboundPagerDuty(t, officialSecret), webhook("incident.acknowledged", engineer, there)
	now := time.Date(2026, 11, 21, 3, 9, 0, 0, time.UTC)
	if actions, err := p.Receive(sign(body, officialSecret), body, now); err != nil || !actions[0].At.Equal(now) {
		t.Errorf("%+v, %v", actions, err)
	}
}

func TestTheKeyOfAnIncidentIsFoundAgain(t *testing.T) {
	long := strings.Repeat("x", maxDedupKey+1)
	p := inboundPagerDuty(t, officialSecret).(*pagerDuty)
	p.write.deps.Incidents = func() []headwatch.Incident {
		return []headwatch.Incident{{ID: "lending-1", Rings: 3}, {ID: long, Rings: 1}}
	}
	for key, want := range map[string]string{
		"lending-1": "lending-1", "lending-1_1": "lending-1", "lending-1_3": "lending-1", "lending-1_4": "lending-1_4",
		dedupKey(long): long, dedupKey(long + "_1"): long, "of another program": "of another program",
	} {
		if got := p.incident(key); got != want {
			t.Errorf("%s: %s", key, got)
		}
	}
	var k keyring
	for i := range maxRemembered + 1 {
		k.of(fmt.Sprint("P", i), fmt.Sprint("lending-", i))
	}
	if k.of("P0", "") != "" || k.of("P1", "") != "lending-1" || len(k.keys) != maxRemembered || len(k.order) != maxRemembered {
		t.Errorf("%d keys, %d in order", len(k.keys), len(k.order))
	}
}

func FuzzPagerDutyWebhook(f *testing.F) {
	f.Add(officialWebhook(f))
	f.Add(webhook("incident.acknowledged", engineer, there))
	f.Add(webhook("incident.annotated", engineer, note))
	f.Add([]byte(`{"event":{"data":{"incident":null}}}`))
	now := time.Date(2026, 11, 21, 3, 9, 0, 0, time.UTC)
	p := inboundPagerDuty(f, officialSecret)
	f.Fuzz(func(t *testing.T, body []byte) {
		actions, err := p.Receive(sign(body, officialSecret), body, now)
		if err != nil && actions != nil {
			t.Errorf("%v with %+v", err, actions)
		}
		for _, a := range actions {
			if a.Kind != headwatch.ActionAck && a.Kind != headwatch.ActionNote || a.Incident == "" || a.Reason == "" || a.Via == "" || a.At.After(now) || a.At.IsZero() {
				t.Errorf("%+v", a)
			}
		}
	})
}

// Whoever may open an incident in a PagerDuty chooses its key: that lets nobody have a say in what was told elsewhere.
func TestNobodyInPagerDutyHasASayInWhatWasToldElsewhere(t *testing.T) {
	in := inboundPagerDuty(t, officialSecret).(*pagerDuty)
	for channel, want := range map[string]int{"on-call": 1, "another-team": 0} {
		in.write.deps.Incidents = func() []headwatch.Incident { return []headwatch.Incident{{ID: "lending-1", Told: []string{channel}}} }
		for _, event := range []string{"incident.acknowledged", "incident.resolved"} {
			body := webhook(event, engineer, there)
			if got, err := in.Receive(sign(body, officialSecret), body, time.Now()); err != nil || len(got) != want {
				t.Errorf("%s, told on %s: %+v, %v", event, channel, got, err)
			}
		}
	}
}

// Who is called like the program, or like nothing that can be shown, is a person all the same.
func TestAPersonInPagerDutyIsNotTakenForTheProgram(t *testing.T) {
	for name, want := range map[string]string{"Headwatch": "Headwatch (PagerDuty)", "headwatch\u202e": "headwatch (PagerDuty)", "\u202e\u200b": "somebody (PagerDuty)"} {
		agent := fmt.Sprintf(`{"id":"P1","summary":%q,"type":"user_reference"}`, name)
		body := webhook("incident.acknowledged", agent, there)
		got, err := inboundPagerDuty(t, officialSecret).Receive(sign(body, officialSecret), body, time.Now())
		if err != nil || len(got) != 1 || got[0].Actor != want {
			t.Errorf("%q: %+v, %v", name, got, err)
		}
	}
}
